"""Where people point, on a sighting's photos and as examples of a taxon's field marks."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Viewer
from labeling.models import FieldMark
from species.access import may_see_exact
from species.images import surroundings
from species.models import Photo, Status, photo_visible_to

MOST = 20  # of one person on one photo
EXAMPLES = 200  # of a taxon's marks, the newest, among which the best are looked for


def on_photos(photos: Collection[Photo]) -> list[FieldMark]:
    """What stands on these, in the order in which it was said. One query; none of photos that say (`pointed_at`) that
    nobody points at them.
    """
    photos = [each for each in photos if getattr(each, "pointed_at", True)]
    if not photos:
        return []
    rows = FieldMark.objects.filter(photo__in=[each.pk for each in photos], withdrawn_at=None)
    return list(rows.select_related("person", "taxon").order_by("created", "id"))


def is_pointed_at() -> Exists:
    """Of a photo."""
    return Exists(FieldMark.objects.filter(photo=OuterRef("pk"), withdrawn_at=None))


def seen_by(person: Viewer, rows: QuerySet[FieldMark]) -> QuerySet[FieldMark]:
    """Those on photos that `person` may see."""
    return rows.filter(photo_visible_to(person, "photo__"))


def on_what_is_shown(field_mark: FieldMark, photo: Photo, whole: bool = False) -> tuple[float, float] | None:
    """Where it lies on what is shown of the photo, in fractions of that; None where that does not hold it."""
    return surroundings.point_within((field_mark.x, field_mark.y), None if whole else photo.shown_part)


def told_where(person: Viewer, rows: Iterable[FieldMark]) -> set[UUID]:
    """Ids of those of which `person` is told where they lie: their own, and what lies on what they see of the photo.

    At most four queries. The rows come with their photos' sightings.
    """
    rows = list(rows)
    cropped = [each for each in rows if each.photo.shown_part is not None]
    exact = may_see_exact(person, {each.photo.observation for each in cropped})
    own = person.pk if person is not None else None
    return {
        each.pk
        for each in rows
        if each.person_id == own
        or each.photo.observation_id in exact
        or on_what_is_shown(each, each.photo) is not None
    }


def examples(taxa: Collection[UUID], inside: Collection[UUID]) -> list[FieldMark]:
    """What people pointed at as marks of `taxa`, on photos that anybody may see of organisms verified as one of
    `inside`, where it lies on what others see of them; the newest first. One query.
    """
    rows = FieldMark.objects.filter(
        taxon__in=list(taxa),
        withdrawn_at=None,
        shown=True,
        photo__shown=True,
        occurrence__shown=True,
        occurrence__status=Status.VERIFIED,
        occurrence__agreed_taxon__in=list(inside),
    )
    found = rows.select_related("photo", "occurrence").order_by("-created", "-id")[:EXAMPLES]
    return [each for each in found if on_what_is_shown(each, each.photo) is not None]


def for_export(photos: Collection[UUID]) -> QuerySet[FieldMark]:
    """What stands on these photos and anybody may know of, in the order of its becoming visible; `x` and `y` are
    fractions of the upright image. Whoever writes them asks `on_what_is_shown` first.
    """
    rows = FieldMark.objects.filter(photo__in=list(photos), shown=True, photo__shown=True, withdrawn_at=None)
    return rows.select_related("taxon", "photo").order_by("listed_at", "id")
