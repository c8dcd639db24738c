"""What each person may see, asked of states, consents and photos in whole: what the columns have to come to."""

import h3
from django.db.models import Exists, OuterRef, Q

from labeling.models import Box, Identification, Ruling
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Purpose, State


def photos_shown():
    return Photo.objects.filter(observation__state=State.PUBLISHED).allowed_for(Purpose.SHOW)


def photos(person):
    if person is None:
        return photos_shown()
    own = Q(owner=person, discarded_at=None, observation__discarded_at=None)
    if person.is_reviewer:
        return Photo.objects.filter(Q(observation__state=State.PUBLISHED) | own)
    return Photo.objects.filter(own | Exists(photos_shown().filter(pk=OuterRef("pk"))))


def observations(person):
    shown = Q(state=State.PUBLISHED) & Exists(photos_shown().filter(observation=OuterRef("pk")))
    if person is None:
        return Observation.objects.filter(shown)
    own = Q(observer=person, discarded_at=None)
    if person.is_reviewer:
        return Observation.objects.filter(Q(state=State.PUBLISHED) | own)
    return Observation.objects.filter(shown | own)


def gallery(person):
    links = OccurrencePhoto.objects.filter(occurrence=OuterRef("pk"), photo__in=photos(person))
    return Occurrence.objects.filter(Exists(links), observation__state=State.PUBLISHED)


def said(model, person):
    on_visible = Q(occurrence__observation__in=observations(person))
    if model is Ruling:
        return Ruling.objects.filter(Q(source__isnull=False) | on_visible)
    if model is Box:
        return Box.objects.filter(on_visible, photo__in=photos(person))
    return Identification.objects.filter(on_visible)


def cells_shown(status="", months=(), taxa=None) -> list[tuple[str, str, int | None]]:
    """The finest cell ("" of none), status and month of each organism that anybody may see."""
    rows = gallery(None).select_related("observation")
    found = []
    for each in rows:
        place, day = each.observation, each.observation.local_date
        if (status and each.status != status) or (months and (day is None or day.month not in months)):
            continue
        if taxa is not None and each.agreed_taxon_id not in taxa:
            continue
        public = place.public_latitude is not None
        cell = h3.latlng_to_cell(place.public_latitude, place.public_longitude, 5) if public else ""
        found.append((cell, each.status, day.month if day else None))
    return found


def hexagons(resolution: int, **asked) -> tuple[dict[str, tuple[int, int]], int]:
    """Cell to how many organisms are in it and how many of them are verified; and how many have no public place."""
    counts: dict[str, list[int]] = {}
    nowhere = 0
    for cell, status, _ in cells_shown(**asked):
        if not cell:
            nowhere += 1
            continue
        both = counts.setdefault(h3.cell_to_parent(cell, resolution), [0, 0])
        both[0] += 1
        both[1] += status == "verified"
    return {cell: tuple(both) for cell, both in counts.items()}, nowhere
