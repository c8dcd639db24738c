"""Every write about organisms, the verdict columns included."""

import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from look.site import site
from species import access
from species.actions import edits, listing, observations, tallies, visibility
from species.models import Measurement, Observation, Occurrence, OccurrencePhoto, Photo, State, Status
from species.places import protection
from species.places.protection import Grounds, Protected
from species.queries import taxa as taxon_queries

NO_GROUNDS = Grounds()
# Added by one person to a sighting of another: a shoal can be told, and nobody fills it without end.
MOST_BY_ONE = 20
UNITS: dict[str, str] = {Measurement.Kind.TOTAL_LENGTH: "mm", Measurement.Kind.WEIGHT: "g"}


@transaction.atomic
def add(
    *,
    observation: Observation,
    photos: Iterable[Photo],
    by: User,
    id: UUID | None = None,
    organism_id: str = "",
) -> Occurrence:
    """One more organism in a sighting, seen on these of its photos. The same `id` again is the same one.

    Whoever sees the photos may say so. Raises PermissionDenied, NotYours when the id is somebody else's,
    ValidationError when a photo is of another sighting, or where one who doesn't own it has added many.
    """
    locked = observations.lock(observation)
    if not access.can_add_organism(by, locked):
        raise PermissionDenied("You cannot add to what you cannot see. Sign in first.")
    found = Occurrence.objects.filter(pk=id).first() if id else None
    if found is not None:
        if found.observation_id != locked.pk:
            raise access.NotYours("No such occurrence.")
        return found
    photos = list(photos)
    if not photos:
        raise ValidationError({"photos": "Say on which photos it is seen."})
    if any(photo.observation_id != locked.pk for photo in photos):
        raise ValidationError({"photos": "A photo of another sighting cannot show it."})
    if not access.can_edit(by, locked):
        if Photo.objects.visible_to(by).filter(pk__in=[photo.pk for photo in photos]).count() < len(photos):
            raise PermissionDenied("You cannot add to what you cannot see.")
        if locked.occurrences.filter(added_by=by).count() >= MOST_BY_ONE:
            raise ValidationError({"photos": f"You have added {MOST_BY_ONE}. Its owner can add more."})
    occurrence = Occurrence.objects.create(
        **({"id": id} if id else {}), observation=locked, organism_id=organism_id.strip(), added_by=by
    )
    OccurrencePhoto.objects.bulk_create(
        OccurrencePhoto(occurrence=occurrence, photo=photo) for photo in photos
    )
    listing.touch(locked)
    if locked.state == State.PUBLISHED:
        occurrence.listed_at = listing.next_moment()
        occurrence.save(update_fields=["listed_at"])
        visibility.settle(locked)
        occurrence.refresh_from_db(fields=["listed", "shown"])
    return occurrence


@transaction.atomic
def take_back(*, occurrence: Occurrence, by: User) -> None:
    """There is no other one, after all: gone, while nobody has said anything of it. Again is no error.

    Raises PermissionDenied, ValidationError.
    """
    locked = observations.lock(Observation(pk=occurrence.observation_id))
    found = Occurrence.objects.filter(pk=occurrence.pk, observation=locked).first()
    if found is None:
        return
    if found.added_by_id != by.pk or not by.is_active:
        raise PermissionDenied("Only who added it takes it back.")
    if not locked.occurrences.exclude(pk=found.pk).exists():
        raise ValidationError("A sighting is of one at least.")
    OccurrencePhoto.objects.filter(occurrence=found).delete()
    visibility.settle(locked)
    try:
        Occurrence.objects.get(pk=found.pk).delete()
    except ProtectedError as error:
        raise ValidationError("Somebody has said something of it. It stays.") from error
    listing.touch(locked)


def lock(occurrence: Occurrence) -> Occurrence:
    """The organism as it is now, its sighting held until the transaction ends; the caller's instance shows it.

    Two people whose identifications arrive together are so heard one after the other, the second with both in
    sight. Raises NotYours where the sighting was discarded meanwhile.
    """
    rows = Observation.objects.select_for_update(of=("self",)).select_related("observer")
    held = rows.filter(discarded_at=None, occurrences=occurrence.pk).first()
    # Asked only now: what the row said before the sighting was held may be out of date.
    found = Occurrence.objects.filter(pk=occurrence.pk).first() if held else None
    if held is None or found is None:
        raise access.NotYours("No such sighting.")
    for field in Occurrence._meta.concrete_fields:
        setattr(occurrence, field.attname, getattr(found, field.attname))
    # Callers may have made theirs from an id alone.
    occurrence._state.adding, occurrence._state.db = False, found._state.db
    occurrence.observation = held
    return occurrence


def settle(
    *,
    occurrence: Occurrence,
    status: str,
    taxon: UUID | None,
    exported: UUID | None = None,
    grounds: Grounds = NO_GROUNDS,
    protected: Protected | None = None,
    spoken: bool = False,
) -> Occurrence:
    """The one door of the verdict columns, of an organism that the caller holds (`lock`), in their transaction.

    What follows from the verdict is written with it: the floor under the place, and the public place by it;
    and who agrees, for grants on taxa. `taxon`: the id of what is agreed, `exported`: of what researchers are given;
    none unless that is said. `protected` spares queries where the caller
    settles many. `spoken`: something was just said of it; when (`last_said`), and whether it waits (`unclear`), the
    caller has set; whoever reads lists is to hear of it.
    """
    if status not in Status.values:
        raise ValueError(f"No such status: {status!r}.")
    protected = protected or taxon_queries.protected()
    before = _settled(occurrence)
    floor_before = (occurrence.place_floor, occurrence.place_floor_rule)
    agreed = None if taxon is None else str(taxon)
    if (status, taxon) != (occurrence.status, occurrence.agreed_taxon_id):
        occurrence.settled_at = None
    occurrence.status, occurrence.agreed_taxon_id, occurrence.exported_taxon_id = status, taxon, exported
    occurrence.settled_at = occurrence.settled_at or timezone.now()
    named = grounds.standing + grounds.withdrawn
    if (
        grounds.owner_speaks
        and agreed is not None
        and status == Status.VERIFIED
        and protection.clears(agreed=agreed, standing=grounds.standing, named=named, protected=protected)
    ):
        occurrence.names_cleared_at, named = timezone.now(), grounds.standing
    floor = protection.floor(agreed=agreed, ruled=grounds.ruled, named=named, protected=protected)
    occurrence.place_floor, occurrence.place_floor_rule = floor.level, floor.rule
    occurrence.agreement, occurrence.agreed_share = agreement(grounds), share(grounds)
    changed = _settled(occurrence) != before
    if changed:
        tallies.count(occurrence, occurrence.observation)
    if changed or spoken:
        # One statement for all that a word changes: whoever says the next waits for this.
        occurrence.save(update_fields=(*SETTLED, "counted", "last_said", "unclear"))
        listing.touch(occurrence.observation)
    if (floor.level, floor.rule) != floor_before:
        observations.generalize_held(occurrence.observation)
    return occurrence


def agreement(grounds: Grounds) -> dict[str, Any]:
    """As it is kept: who agrees and who does not, for grants on taxa."""
    return {
        "ruled": grounds.ruled,
        "ruled_by": grounds.ruled_by,
        "agreeing": sorted(grounds.agreeing),
        "disagreeing": sorted(grounds.disagreeing),
    }


def share(grounds: Grounds) -> float | None:
    """The part of those who say what it is that agrees."""
    said = len(grounds.agreeing) + len(grounds.disagreeing)
    return len(grounds.agreeing) / said if said else None


SETTLED = (
    "status",
    "agreed_taxon",
    "exported_taxon",
    "settled_at",
    "place_floor",
    "place_floor_rule",
    "names_cleared_at",
    "agreement",
    "agreed_share",
)


def _settled(occurrence: Occurrence) -> list[Any]:
    return [
        getattr(occurrence, each.attname) for each in Occurrence._meta.concrete_fields if each.name in SETTLED
    ]


@transaction.atomic
def say_origin(*, occurrence: Occurrence, means: str, by: User) -> Occurrence:
    """How it came to live there (dwc:establishmentMeans), in a word of site.yaml's; empty: not said.

    Raises PermissionDenied, ValidationError; NotYours where the sighting was discarded meanwhile.
    """
    locked = observations.lock(Observation(pk=occurrence.observation_id))
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner adds to a sighting.")
    if means and means not in site()["establishmentMeans"]:
        known = ", ".join(site()["establishmentMeans"]) or "none here"
        raise ValidationError({"establishment_means": f"Choose one of: {known}."})
    if occurrence.establishment_means != means:
        occurrence.establishment_means = means
        occurrence.save(update_fields=["establishment_means"])
        listing.touch(locked)
    return occurrence


@transaction.atomic
def measure(*, occurrence: Occurrence, kind: str, value: float, by: User, method: str = "") -> Measurement:
    """A length in mm (`total_length`) or a weight in g (`weight`). The same said twice is one measurement.

    Raises PermissionDenied, ValidationError; NotYours where the sighting was discarded meanwhile.
    """
    if kind not in Measurement.Kind.values:
        raise ValidationError({"kind": f"Choose one of: {', '.join(Measurement.Kind.values)}."})
    if not (math.isfinite(value) and value > 0):
        raise ValidationError({"value": f"More than 0 {UNITS[kind]}."})
    locked = observations.lock(Observation(pk=occurrence.observation_id))
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner adds to a sighting.")
    with edits.act(locked, by):
        measurement, created = Measurement.objects.get_or_create(
            occurrence=occurrence, kind=kind, value=value, unit=UNITS[kind], method=method.strip(), by=by
        )
        if created:
            listing.touch(locked)
    return measurement
