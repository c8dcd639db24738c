"""What waits for a name, and what it probably is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value
from django.utils import timezone

from accounts.models import User
from labeling.models import Box, Flag, Identification, Pass
from labeling.queries import portraits, ways
from labeling.queries.boxes import Sides
from labeling.queries.gallery import gallery
from labeling.queries.sets import unanswered_by
from species.models import Observation, Occurrence, Photo, Taxon
from species.places.cells import parent
from species.queries import tallies

LIKELY = 9
NEAR = 3  # the resolution of the cell around a place: 120 km across
LEFT = 200  # that are counted one by one
REMEMBERED = 50  # of one's names, for those used last


# --- what a person may want to call it --------------------------------------------------------------------


@dataclass(frozen=True)
class Likely:
    """A name that may be meant; a verified photo of it, and where on that the organism is, in fractions of the whole;
    how often it was verified around the place, and how often of that in the same month.
    """

    taxon: Taxon
    photo: Photo | None
    box: Sides | None
    here: int
    then: int


def likely(
    observation: Observation | None = None, used: Sequence[Taxon] = (), limit: int = LIKELY
) -> list[Likely]:
    """Names verified around the same public place, those of the same month first; then those that a person `used`
    last; then what is verified most often anywhere, with a photo each where one is verified.

    What everybody may see of them counts: a number is no way to learn of a hidden sighting. Three queries at most.
    Models have no say in it: it stands beside a covered suggestion.
    """
    cell = parent(observation.public_h3_5, NEAR) if observation else ""
    near = tallies.verified_near(cell, told_month(observation) if observation else None)
    recent = {taxon.pk: number for number, taxon in enumerate(used)}

    def order(taxon: UUID) -> tuple[Any, ...]:
        count = near.get(taxon, tallies.Near())
        return -count.then, -count.here, recent.get(taxon, len(recent)), -count.everywhere, taxon

    most = sorted(near.keys() | recent.keys(), key=order)[:limit]
    found = portraits.of(most)
    known = {taxon.pk: taxon for taxon in used} | {id: each.taxon for id, each in found.items()}
    return [_likely(known[id], found.get(id), near.get(id, tallies.Near())) for id in most if id in known]


def _likely(taxon: Taxon, picture: portraits.Picture | None, near: tallies.Near) -> Likely:
    photo, box = (picture.photo, picture.box) if picture else (None, None)
    return Likely(taxon, photo, box, near.here, near.then)


def told_month(observation: Observation) -> int | None:
    """The month that others are told, if it is one."""
    first, last = observation.public_first_day, observation.public_last_day
    if first is None or last is None or (first.year, first.month) != (last.year, last.month):
        return None
    return int(first.month)


@dataclass(frozen=True)
class Words:
    """What somebody says of an organism now, and what they have ever said it is not; the names that they gave last of
    whatever, the newest first.
    """

    own: Identification | None
    rivals: list[Taxon]
    used: list[Taxon]


def words(occurrence: Occurrence, person: User) -> Words:
    """One query; what others say stays covered."""
    theirs = Identification.objects.filter(person=person).select_related("taxon", "disagrees_with").order_by()
    last = theirs.filter(withdrawn_at=None).order_by("-listed_at", "-id").values("pk")[:REMEMBERED]
    here = theirs.filter(occurrence=occurrence).annotate(here=Value(True))
    rows = list(here.union(theirs.filter(pk__in=last).annotate(here=Value(False)), all=True))
    said = sorted((each for each in rows if each.here), key=lambda each: (each.created, each.pk))
    own = next((each for each in said if each.withdrawn_at is None), None)
    rejected = {each.disagrees_with_id: each.disagrees_with for each in said if each.disagrees_with}
    given = sorted((each for each in rows if not each.here), key=lambda each: (each.listed_at, each.pk))
    used = {each.taxon_id: each.taxon for each in reversed(given)}
    return Words(own, list(rejected.values()), list(used.values())[:LIKELY])


# --- the queue --------------------------------------------------------------------------------------------


def askable(person: User) -> QuerySet[Occurrence]:
    """What `person` may say something of in the labeling room, whether or not it still waits for a name."""
    return gallery(person).exclude(observation__observer=person)


def queue(person: User, found: QuerySet[Occurrence] | None = None) -> QuerySet[Occurrence]:
    """What needs `person`: not theirs, neither named nor passed over by them, nor said to show nothing; what
    models are least sure of first, then what people looked at longest ago. What so many could not see on its photos is
    no more asked about (`labeling.queries.passes`). `found`: out of a set, of what is askable.
    """
    return (
        (askable(person) if found is None else found)
        .filter(waits=True)
        .filter(unanswered_by(person))
        .order_by("-doubt", "last_said", "created", "id")
    )


def progress(
    person: User,
    done: QuerySet[Any, Any],
    found: QuerySet[Occurrence] | None = None,
    most: int | None = None,
) -> tuple[int, tuple[int, bool]]:
    """How many are `done`; how many need `person`, out of a set, and whether there are more than that: nobody counts
    all of a large library. One query.
    """
    most = LEFT if most is None else most
    given, left = ways.counts(done, queue(person, found).values("pk")[: most + 1])
    return given, (min(left, most), left > most)


def skipped(person: User) -> int:
    """How many they would be asked about, had they not skipped them."""
    return Pass.objects.standing().filter(person=person, kind=Pass.Kind.SKIP).count()


def answered(person: User, id: UUID) -> tuple[Occurrence, Identification | Pass | Flag] | None:
    """One that `person` may still say something of, and what they said of it that stands."""
    occurrence = askable(person).select_related("observation__place").filter(pk=id).first()
    if occurrence is None:
        return None
    said = Identification.objects.filter(occurrence=occurrence, person=person, withdrawn_at=None)
    flagged = Flag.objects.filter(
        photo__occurrence_photos__occurrence=occurrence,
        kind=Flag.Kind.NOT_SUBJECT,
        by=person,
        resolved_at=None,
    )
    answer = (
        said.select_related("taxon", "disagrees_with").first()
        or Pass.objects.standing().filter(occurrence=occurrence, person=person).first()
        or flagged.first()
    )
    return (occurrence, answer) if answer else None


def act(person: User, kind: str, id: UUID | None) -> Identification | Pass | Flag | Box | None:
    """Something that `person` did in the labeling room, whether or not they took it back since."""
    if id is None:
        return None
    if kind == "name":
        return (
            Identification.objects.select_related("taxon", "disagrees_with")
            .filter(person=person, pk=id)
            .first()
        )
    if kind == "pass":
        return Pass.objects.filter(person=person, pk=id).first()
    if kind == "flag":
        return Flag.objects.filter(by=person, kind=Flag.Kind.NOT_SUBJECT, pk=id).first()
    if kind == "box":
        return Box.objects.filter(person=person, pk=id).first()
    return None


def named_today(person: User) -> QuerySet[Identification, UUID]:
    """What they have named since midnight UTC."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Identification.objects.filter(person=person, withdrawn_at=None, created__gte=midnight)
    return rows.order_by().values_list("pk", flat=True)
