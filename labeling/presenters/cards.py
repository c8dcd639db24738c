"""Occurrences as cards: the contexts of `parts/card.html`."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from labeling.models import Verdict
from labeling.presenters import wording
from labeling.presenters.taxa import NO_NAME, names
from labeling.presenters.verdicts import explained, leading
from species.models import Occurrence, OccurrencePhoto, Photo, Taxon, photo_visible_to
from species.presenters import times
from species.presenters.plates import plate

# What hangs on each occurrence of a list.
NEEDED = ("observation__place", "agreed_taxon", "verdict")


def cards(occurrences: Iterable[Occurrence], person=None) -> list[dict]:
    """Contexts of `parts/card.html`, in the order given, with the photos that `person` may see.

    Two queries for the photos and names of a list, whose occurrences come with what is `NEEDED`; four for a query.
    """
    if isinstance(occurrences, QuerySet):
        ids = list(occurrences.values_list("pk", flat=True))
        rows = Occurrence.objects.select_related(*NEEDED).in_bulk(ids)
        occurrences = [rows[id] for id in ids if id in rows]
    occurrences = list(occurrences)
    photos = seen_photos([each.pk for each in occurrences], person)
    verdicts = {each.pk: each.verdict for each in occurrences if hasattr(each, "verdict")}
    known = names(verdicts.values(), known=[each.agreed_taxon for each in occurrences])
    return [card(each, photos.get(each.pk, []), verdicts.get(each.pk), known) for each in occurrences]


def card(
    occurrence: Occurrence, photos: list[Photo], verdict: Verdict | None, names: dict[UUID, Taxon]
) -> dict:
    observation = occurrence.observation
    explanation = explained(verdict)
    taxon = occurrence.agreed_taxon or leading(explanation, names)
    quarrel = wording.quarrel(explanation, names)
    title = quarrel or (wording.title(taxon) if taxon else NO_NAME)
    return {
        "id": str(occurrence.pk),
        "url": observation.get_absolute_url(),
        "title": title,
        "scientific": taxon.scientific_name if taxon and taxon.common_name and not quarrel else "",
        "photo": plate(photos[0], alt=title) if photos else None,
        "count": len(photos),
        "place": observation.told_locality(exact=False),
        # As everybody is told, like the place: a card is the same for all.
        **times.day(observation.told_time(False)),
        "status": occurrence.status,
        "foot": wording.foot(explanation) if explanation else "",
    }


def seen_photos(occurrences: list[UUID], person) -> dict[UUID, list[Photo]]:
    """Occurrence to those of its photos that `person` may see, in their order. One query."""
    found: dict[UUID, list[Photo]] = {}
    if occurrences:
        links = OccurrencePhoto.objects.filter(
            photo_visible_to(person, "photo__"), occurrence__in=occurrences
        )
        for link in links.select_related("photo").order_by("photo__position", "photo__created", "photo_id"):
            found.setdefault(link.occurrence_id, []).append(link.photo)
    return found
