"""What else a list can be narrowed by: each asked by an index where it finds few, and of a row where it finds many."""

from collections.abc import Collection
from math import asin, cos, degrees, pi, radians, sin
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cos, Power, Radians, Sin
from django.db.models.lookups import LessThanOrEqual

from labeling.models import Box, Comment, FieldMark, Identification, ReviewCase
from labeling.queries import ways
from labeling.queries.ways import Way
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Status, in_box

EARTH_M = 6_371_008.8  # its mean radius
HAS = [("boxes", "Boxes"), ("place", "A place"), ("marks", "Field marks"), ("comments", "Comments")]


def of_agreement(least: float | None, most: float | None) -> Q:
    """By the part of those who say what it is that agrees with what is agreed; of nothing that nobody has said."""
    each = Q(agreed_share__gte=least or 0)
    if most is not None:
        each &= Q(agreed_share__lte=most)
    rows = Occurrence.objects.filter(each).order_by()
    return ways.found([Way([rows.values("pk")], [rows], each)])


def named_by(person: UUID) -> Q:
    """By a word of theirs that stands."""
    said = Identification.objects.filter(person=person, withdrawn_at=None).order_by()
    # Said twice: of an equality alone PostgreSQL makes a table of all that is said.
    here = said.filter(occurrence=OuterRef("pk"), occurrence__gte=OuterRef("pk"))
    return ways.found([Way([said.values("occurrence")], [said], Q(Exists(here)))])


def having(what: Collection[str]) -> Q:
    """All of these; by what stands and is shown of it."""
    found = Q()
    for each in sorted(what):
        found &= HAVING[each]()
    return found


def _boxes() -> Q:
    return _said_on(Box.objects.filter(withdrawn_at=None))


def _marks() -> Q:
    return _said_on(FieldMark.objects.filter(withdrawn_at=None))


def _said_on(rows: QuerySet[Box] | QuerySet[FieldMark]) -> Q:
    few = rows.order_by("listed_at", "id")
    return ways.found(
        [Way([few.values("occurrence")], [few], Q(Exists(rows.filter(occurrence=OuterRef("pk")))))]
    )


def _comments() -> Q:
    rows = Comment.objects.filter(withdrawn_at=None, hidden_at=None)
    few = rows.order_by("listed_at", "id")
    here = Q(Exists(rows.filter(observation=OuterRef("observation"))))
    return ways.found([Way([few.values("observation__occurrences")], [few], here)])


def _place() -> Q:
    """That everybody is told something of."""
    sightings = Observation.objects.filter(public_latitude__isnull=False).order_by()
    each = Q(observation__public_latitude__isnull=False)
    return ways.found([Way([Occurrence.objects.filter(each).order_by().values("pk")], [sightings], each)])


HAVING = {"boxes": _boxes, "place": _place, "marks": _marks, "comments": _comments}


def lacking(what: Collection[str]) -> Q:
    """None of these, of what stands and is shown of it. Asked of one row after the other: quick where many lack it, and
    where few do, a walk past those that have it (docs/adr/0067).
    """
    found = Q()
    for each in sorted(what):
        found &= LACKING[each]
    return found


def _none(rows: QuerySet[Box] | QuerySet[FieldMark] | QuerySet[Comment], by: str = "pk") -> Q:
    return Q(~Exists(rows.filter(**{"observation" if by == "observation" else "occurrence": OuterRef(by)})))


LACKING = {
    "boxes": _none(Box.objects.filter(withdrawn_at=None)),
    "place": Q(observation__public_latitude__isnull=True),
    "marks": _none(FieldMark.objects.filter(withdrawn_at=None)),
    "comments": _none(Comment.objects.filter(withdrawn_at=None, hidden_at=None), by="observation"),
}


def known_within(metres: int) -> Q:
    """By what is told of how sure the place is: of a square, how wide that is."""
    sightings = Observation.objects.filter(public_uncertainty_m__lte=metres).order_by()
    each = Q(observation__public_uncertainty_m__lte=metres)
    return ways.found([Way([Occurrence.objects.filter(each).order_by().values("pk")], [sightings], each)])


def around(point: tuple[float, float], metres: int) -> Q:
    """By the public place alone: of a square, its middle. First a box, which an index is read by, then the circle."""
    latitude, longitude = point
    angle = metres / EARTH_M
    south, north = latitude - degrees(angle), latitude + degrees(angle)
    west, east = -180.0, 180.0
    reach = sin(angle) / cos(radians(latitude)) if abs(latitude) < 90 else 1.0
    if south > -90 and north < 90 and reach < 1:
        wide = degrees(asin(reach))
        west, east = _turned(longitude - wide), _turned(longitude + wide)
    box = in_box(west, max(south, -90.0), east, min(north, 90.0), "observation__")
    return box & Q(LessThanOrEqual(_haversine(latitude, longitude), Value(sin(min(angle, pi) / 2) ** 2)))


def _turned(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def _haversine(latitude: float, longitude: float) -> CombinedExpression:
    """The square of half the chord, on a sphere of radius 1."""
    north, east = F("observation__public_latitude"), F("observation__public_longitude")
    number: FloatField[float, float] = FloatField()
    up = Power(Sin(Radians((north - Value(latitude, number)) / Value(2.0, number))), 2)
    along = Power(Sin(Radians((east - Value(longitude, number)) / Value(2.0, number))), 2)
    return up + Cos(Radians(north)) * Value(cos(radians(latitude)), number) * along


def doubted_by_a_model() -> Q:
    """Verified, and a model's last guess is another name: as reviewers are asked to look at it."""
    cases = ReviewCase.objects.filter(queue=ReviewCase.Queue.SUSPECT, closed_at=None).order_by()
    here = cases.filter(occurrence=OuterRef("pk"), taxon=OuterRef("agreed_taxon"))
    stands = cases.filter(occurrence__agreed_taxon=F("taxon"), occurrence__status=Status.VERIFIED)
    each = Q(Exists(here), status=Status.VERIFIED)
    return ways.found([Way([stands.values("occurrence")], [cases], each)])


def on_photos(licences: Collection[str], drawn: bool | None) -> Q:
    """On one photo at least that everybody sees, under one of these licences, drawn or not."""
    wanted: dict[str, Any] = {"shown": True}
    if licences:
        wanted["licence__in"] = list(licences)
    if drawn is not None:
        wanted["drawn"] = drawn
    links = OccurrencePhoto.objects.filter(**{f"photo__{name}": value for name, value in wanted.items()})
    each = Q(Exists(links.filter(occurrence=OuterRef("pk"))))
    return ways.found(
        [Way([links.order_by().values("occurrence")], [Photo.objects.filter(**wanted).order_by()], each)]
    )
