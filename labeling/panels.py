"""Domain objects as pages show them: the contexts of `templates/parts/`."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.formats import date_format

from labeling import wording
from labeling.models import Verdict
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Privacy, Taxon
from species.plates import plate

NO_NAME = "Not named yet"


def cards(occurrences: Iterable[Occurrence], person=None) -> list[dict]:
    """Contexts of `parts/card.html`, in the order given, with the photos that `person` may see.

    At most four queries, however many there are: the occurrences, their photos, verdicts, and names.
    """
    if hasattr(occurrences, "select_related"):
        occurrences = occurrences.select_related("observation__place", "agreed_taxon")
    occurrences = list(occurrences)
    ids = [each.pk for each in occurrences]
    photos = _photos(ids, person)
    verdicts = Verdict.objects.in_bulk(ids) if ids else {}
    names = _names(verdicts.values(), known=[each.agreed_taxon for each in occurrences])
    return [
        card(each, photos.get(each.pk, []), verdicts.get(each.pk), names) for each in occurrences
    ]


def card(
    occurrence: Occurrence, photos: list[Photo], verdict: Verdict | None, names: dict[UUID, Taxon]
) -> dict:
    observation = occurrence.observation
    explanation = verdict.explanation if verdict else {}
    taxon = occurrence.agreed_taxon or names.get(_id(explanation.get("leading")))
    title = wording.title(taxon) if taxon else NO_NAME
    day = observation.local_date
    return {
        "id": str(occurrence.pk),
        "url": observation.get_absolute_url(),
        "title": title,
        "scientific": taxon.scientific_name if taxon and taxon.common_name else "",
        "photo": plate(photos[0], alt=title) if photos else None,
        "count": len(photos),
        "place": place_name(observation),
        "date": date_format(day, "j M Y") if day else "",
        "datetime": day.isoformat() if day else "",
        "status": occurrence.status,
        "foot": wording.foot(occurrence.status, explanation),
    }


def place_name(observation: Observation, exact: bool = False) -> str:
    """What the place is called, unless the name would say more than the public place does."""
    place = observation.place
    if place is None:
        return ""
    if exact or names_nothing_hidden(observation):
        return place.name
    return ""


def names_nothing_hidden(observation: Observation) -> bool:
    """Shown as it is, or in a place so wide that the square says as much."""
    if observation.privacy == Privacy.PRIVATE or not observation.has_public_place:
        return False
    here = (observation.latitude, observation.longitude)
    if (observation.public_latitude, observation.public_longitude) == here:
        return True
    wide = observation.place.uncertainty_m if observation.place else None
    return wide is not None and wide >= (observation.public_uncertainty_m or 0)


def _photos(occurrences: list[UUID], person) -> dict[UUID, list[Photo]]:
    """Occurrence to those of its photos that `person` may see, in their order. One query."""
    found: dict[UUID, list[Photo]] = {}
    if occurrences:
        links = OccurrencePhoto.objects.filter(
            occurrence__in=occurrences, photo__in=Photo.objects.visible_to(person)
        )
        for link in links.select_related("photo").order_by("photo__position", "photo__created", "photo_id"):
            found.setdefault(link.occurrence_id, []).append(link.photo)
    return found


def _names(verdicts: Iterable[Verdict], known: Iterable[Taxon | None] = ()) -> dict[UUID, Taxon]:
    """Taxa that explanations speak of. One query, or none where all are known."""
    names = {taxon.pk: taxon for taxon in known if taxon is not None}
    missing = {
        id for verdict in verdicts for id in wording.taxa_in(verdict.explanation) if id not in names
    }
    return names | (Taxon.objects.in_bulk(missing) if missing else {})


def _id(text: str | None) -> UUID | None:
    return UUID(str(text)) if text else None


