"""Whose sighting it is hears what others say of it: one notice per sighting that grows, of nobody's own acts."""

from accounts.models import User
from labeling.models import Identification, Ruling
from notices.actions import notify
from species.models import Occurrence, Status

VERDICTS = {
    Status.DISPUTED: "; people disagree",
    Status.UNRESOLVABLE: "; it can’t be settled",
}


def tell_observer(*, occurrence: Occurrence, by: User, news: str = "") -> None:
    """Tell what stands on their sighting, after `by` has said or taken back something and it was settled.

    `news` is a sentence that what stands does not show. The caller holds the occurrence.
    """
    observation = occurrence.observation
    observer = observation.observer
    if observer.pk == by.pk or observer.is_source or not observer.is_active:
        return
    text = " ".join(filter(None, [news, _said(occurrence, observer), _ruled(occurrence, observer)]))
    notify(
        user=observer,
        kind="sighting",
        text=text or f"{by} took back what they said of your sighting.",
        url=observation.get_absolute_url(),  # type: ignore[attr-defined]  # ABSOLUTE_URL_OVERRIDES
        about=f"observation:{observation.pk}",
    )


def _said(occurrence: Occurrence, observer: User) -> str:
    """Such as: 3 people named your sighting, now verified as brown trout."""
    standing = list(
        Identification.objects.filter(occurrence__observation=occurrence.observation_id, withdrawn_at=None)
        .exclude(person=observer)
        .select_related("person", "taxon")
        .order_by("created", "id")
    )
    people = {each.person_id for each in standing}
    if not people:
        return ""
    who = f"{len(people)} people" if len(people) > 1 else str(standing[0].person)
    name = f" {standing[0].taxon.said}" if len(standing) == 1 else ""
    said = f"{who} named your sighting{name}"
    if occurrence.status == Status.VERIFIED and occurrence.agreed_taxon:
        return f"{said}, now verified as {occurrence.agreed_taxon.said}."
    return f"{said}{VERDICTS.get(Status(occurrence.status), '')}."


def _ruled(occurrence: Occurrence, observer: User) -> str:
    standing = Ruling.objects.filter(occurrence=occurrence, withdrawn_at=None).exclude(reviewer=observer)
    ruling = standing.select_related("reviewer", "taxon").first()
    if ruling is None:
        return ""
    name = ruling.taxon.said if ruling.taxon else "it can’t be settled"
    return f"{ruling.reviewer} ruled on your sighting: {name}. {ruling.reason}"
