"""Pictures that are nearly the same, by the hash that near-duplicates share."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from species.images.perceptual import near
from species.models import Observation, Photo

# Every one is compared with every other.
MOST = 400
BEGIN = 4  # hexadecimal digits


def like(photos: Iterable[Photo]) -> Q:
    """Photos that may be nearly the same as one of these, found by an index: near ones begin alike, nearly always,
    because the first bits are of the broadest shapes. Whoever asks compares what is found by `near`.
    """
    found = Q(pk__in=[])
    for start in {each.phash[:BEGIN] for each in photos}:
        found |= Q(
            phash__gte=start, phash__lt=f"{int(start, 16) + 1:0{BEGIN}x}" if start < "f" * BEGIN else "g"
        )
    return found


def among(person: User, drafts: Iterable[Observation], settled: Iterable[str] = ()) -> dict[UUID, Photo]:
    """Photo of these drafts to an earlier one of the same person that it nearly repeats; one query.

    Earlier are those that came before it into the drafts, and what the person has published.
    `settled`: ids of photos of which the person has said that both stay.
    """
    settled = set(settled)
    photos = [photo for draft in drafts for photo in draft.photos.all()]
    photos = sorted(photos, key=lambda each: (each.created, each.pk))[:MOST]
    here = [each.pk for each in photos]
    others = Photo.objects.kept().filter(like(photos), owner=person).exclude(pk__in=here)
    known = list(others.order_by("created", "id")[:MOST]) if photos else []
    found: dict[UUID, Photo] = {}
    for at, photo in enumerate(photos):
        if str(photo.pk) in settled:
            continue
        earlier = next((each for each in photos[:at] if near(each.phash, photo.phash)), None)
        other = earlier or next((each for each in known if near(each.phash, photo.phash)), None)
        if other is not None:
            found[photo.pk] = other
    return found
