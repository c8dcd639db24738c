"""Every write about sightings."""

import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.dispatch import Signal
from django.utils import timezone as clock

from accounts.models import User
from species import access, clocks, stored_files
from species.actions import edits, listing, places, surroundings, tallies, times, visibility, words
from species.models import (
    ImportBatch,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    PlaceSource,
    Privacy,
    Shown,
    State,
    Surroundings,
    TimePrecision,
    Trip,
)
from species.places import geoprivacy

# How long a discarded draft or photo can be had back. The page offers it for 8 s; without scripts one is slower.
GRACE = timedelta(seconds=20)
# Sent with `observation`, which the sender holds: it has just become public.
published = Signal()

SENT = "This sighting is published. Delete it, or take photos out of it, on its own page."


DESCRIBED = frozenset(
    {
        "observed_at",
        "utc_offset",
        "local_date",
        "time_source",
        "zone_kept",
        "latitude",
        "longitude",
        "uncertainty_m",
        "place_source",
        "place",
        "place_name",
        "privacy",
        "time_precision",
        "surroundings",
        "trip",
        "note",
    }
)


def start(
    *,
    by: User,
    id: UUID | None = None,
    observer: User | None = None,
    batch: ImportBatch | None = None,
    **fields: Any,
) -> Observation:
    """A new draft of `by`, described by `fields` (see `describe`).

    With an `id` that the person used before, their sighting of that id is answered as it is: a retried
    request is not a second sighting. `observer` is for imports: a source account of `batch`.
    Raises NotYours when the id is somebody else's, ValidationError when a field cannot be.
    """
    owner = observer or by
    if owner != by and (batch is None or batch.operator_id != by.pk or not owner.is_source):
        raise PermissionDenied("Nobody can share a sighting in somebody else's name.")
    found = _own(id, owner)
    if found is not None:
        return found
    try:
        return _create(id=id, owner=owner, by=by, batch=batch, fields=fields)
    except IntegrityError:
        # Two requests with one id at the same moment: the other one was first.
        found = _own(id, owner)
        if found is None:
            raise
        return found


def _own(id: UUID | None, owner: User) -> Observation | None:
    found = Observation.objects.filter(pk=id).first() if id else None
    if found is not None and found.observer_id != owner.pk:
        raise access.NotYours("No such sighting.")
    return found


@transaction.atomic
def _create(
    *, id: UUID | None, owner: User, by: User, batch: ImportBatch | None, fields: dict[str, Any]
) -> Observation:
    observation = Observation(
        observer=owner,
        batch=batch,
        privacy=owner.privacy,
        time_precision=owner.time_precision,
        surroundings=owner.surroundings,
        **({"id": id} if id else {}),
    )
    _apply(observation, fields)
    _fill_public(observation, floors={})
    observation.save(force_insert=True)
    if observation.note:
        words.settle(observation)
    return observation


@transaction.atomic
def describe(*, observation: Observation, by: User, **fields: Any) -> Observation:
    """Say when and where it was; only the named `fields` change, and the public place follows.

    `observed_at` may be aware (an instant; with an offset, or with `Z` where no zone is known yet, that is its
    zone), naive (the clock on the wall, at `utc_offset` minutes east of UTC, or at an unknown offset, where it is
    kept as if it were UTC) or a date: a day without a time, like `local_date` alone. `time_source` goes with a
    time that changes, and is "said" by default; `zone_kept` answers a doubt about the zone. `place_source` goes
    with a place; None takes a value away.
    `time_precision` is how much of the time others are told where they do not see the place as it is, `surroundings`
    how much of the photos they see there.
    Raises PermissionDenied, or ValidationError by field; then nothing has changed.
    """
    locked = lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner changes a sighting.")
    before, note, trip = _values(locked), locked.note, locked.trip_id
    with edits.act(locked, by):
        _apply(locked, fields)
        _fill_public(locked, floors=_floors(locked))
        if _values(locked) != before:
            locked.updated = clock.now()
            locked.version += 1
            locked.save()
            if locked.note != note:
                words.settle(locked)
            tallies.settle(locked)
            surroundings.settle(locked)
            touch_trip(trip, locked.trip_id)
    return _refresh(observation, locked)


@transaction.atomic
def touch(observation: Observation) -> Observation:
    """Count a change that is not of the row itself: of its photos, or of what is said about it."""
    locked = lock(observation)
    locked.version += 1
    locked.save(update_fields=["version"])
    return _refresh(observation, locked)


@transaction.atomic
def publish(*, observation: Observation, by: User) -> Observation:
    """Show a draft to others. It needs a photo; an occurrence is made where there is none. Safe to repeat."""
    locked = lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner sends a sighting.")
    if locked.state == State.PUBLISHED:
        return _refresh(observation, locked)
    photos = list(locked.photos.kept().order_by("position", "created", "id"))
    if not photos:
        raise ValidationError("A sighting needs at least one photo before it is sent.")
    _leave_out(locked)
    if not locked.occurrences.exists():
        occurrence = Occurrence.objects.create(observation=locked)
        OccurrencePhoto.objects.bulk_create(
            OccurrencePhoto(occurrence=occurrence, photo=photo) for photo in photos
        )
    locked.state, locked.published_at = State.PUBLISHED, clock.now()
    locked.updated = locked.published_at
    _fill_public(locked, floors=_floors(locked))
    locked.save()
    listing.list_last(locked)
    visibility.settle(locked)
    published.send(sender=Observation, observation=locked)
    return _refresh(observation, locked)


def _leave_out(locked: Observation) -> None:
    """What was taken out of a draft that is sent waits in a discarded one of its own: no other sighting shows it."""
    for photo in locked.photos.exclude(discarded_at=None):
        OccurrencePhoto.objects.filter(photo=photo).delete()
        photo.observation = Observation.objects.create(
            observer=locked.observer, batch=locked.batch, discarded_at=photo.discarded_at
        )
        photo.discarded_at = None
        photo.save(update_fields=["observation", "discarded_at"])


@transaction.atomic
def take_back(*, observation: Observation, by: User) -> Observation:
    """Make a draft of a published sighting again. Whether others have answered is asked by the caller."""
    locked = lock(observation)
    if locked.observer_id != by.pk:
        raise PermissionDenied("Only its owner takes a sighting back.")
    if locked.state == State.PUBLISHED:
        was_public = locked.shown
        locked.state, locked.published_at, locked.shown = State.DRAFT, None, False
        locked.updated = clock.now()
        locked.version += 1
        locked.save()
        visibility.settle(locked, was_public=was_public)
    return _refresh(observation, locked)


@transaction.atomic
def set_aside(*, observation: Observation, by: User) -> Observation:
    """Take a draft away from everybody's sight; for `GRACE` it can be restored, then it is discarded."""
    locked = lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner discards a draft.")
    if locked.state != State.DRAFT:
        raise ValidationError(SENT)
    locked.discarded_at = clock.now()
    locked.save(update_fields=["discarded_at"])
    return _refresh(observation, locked)


@transaction.atomic
def restore(*, observation: Observation, by: User) -> Observation:
    """Undo `set_aside`. Raises NotYours once it is gone."""
    locked = _lock_any(observation)
    if not access.acts_for(by, locked) or locked.state != State.DRAFT and locked.discarded_at is not None:
        raise access.NotYours("No such sighting.")
    locked.discarded_at = None
    locked.save(update_fields=["discarded_at"])
    return _refresh(observation, locked)


@transaction.atomic
def discard(*, observation: Observation, by: User) -> None:
    """Delete a draft with its photos, as if it had never been. Published sightings stay."""
    locked = lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner discards a draft.")
    if locked.state != State.DRAFT:
        raise ValidationError(SENT)
    _delete(locked)


@transaction.atomic
def clear(*, observation: Observation, before: datetime) -> None:
    """Delete what was set aside or withdrawn earlier than `before`, unless it was restored."""
    rows = Observation.objects.select_for_update().exclude(state=State.KEPT)
    found = rows.filter(pk=observation.pk, discarded_at__lt=before).first()
    if found is not None:
        _delete(found)


def _delete(locked: Observation) -> None:
    photos = list(locked.photos.all())
    try:
        with transaction.atomic():
            locked.occurrences.all().delete()
            Photo.objects.filter(observation=locked).delete()
            locked.delete()
    except ProtectedError as error:
        raise ValidationError("Somebody has said what this shows, so it is kept. Hide its photos.") from error
    transaction.on_commit(lambda: stored_files.remove(photos))


@transaction.atomic
def mend(observation: Observation) -> None:
    """Settle what is shown of a sighting anew. For `fsck`, which found it to be wrong."""
    visibility.settle(generalize_held(lock(observation)))


def beside(locked: Observation, *, privacy: str) -> Observation:
    """A new published sighting that says when and where as this one does; organisms and photos come after it."""
    new = Observation(state=State.PUBLISHED, published_at=clock.now(), privacy=privacy)
    for name in ("observer", "batch", *(DESCRIBED - {"privacy", "note", "place_name"})):
        setattr(new, name, getattr(locked, name))
    _fill_public(new, floors={})
    new.save(force_insert=True)
    return new


def generalize_held(locked: Observation) -> Observation:
    """Write anew what others may see of place and time, of a row that the caller has locked."""
    before = _public(locked)
    _fill_public(locked, floors=_floors(locked))
    if _public(locked) != before:
        locked.save(update_fields=[*PUBLIC, *PUBLIC_AS_CHOSEN])
        tallies.settle(locked)
        listing.touch(locked)
        surroundings.settle(locked)
        touch_trip(locked.trip_id)
    return locked


def lock(observation: Observation, *, kept: bool = False) -> Observation:
    """The row as it is now, held until the transaction ends. Raises NotYours where it was discarded meanwhile;
    with `kept`, not where it was deleted and stays for a dataset.

    Whatever is written about a sighting, its photos or its organisms holds this row first, and takes other
    locks after it: so no two of them ever wait for each other.
    """
    found = _lock_any(observation)
    if found.discarded_at is not None and not (kept and found.state == State.KEPT):
        raise access.NotYours("No such sighting.")
    return found


def _lock_any(observation: Observation) -> Observation:
    """Also what is set aside."""
    found = Observation.objects.select_for_update().filter(pk=observation.pk).first()
    if found is None:
        raise access.NotYours("No such sighting.")
    return found


PUBLIC = (
    "public_latitude",
    "public_longitude",
    "public_uncertainty_m",
    "public_h3_3",
    "public_h3_5",
    "place_shown",
    "place_rule",
)
PUBLIC_AS_CHOSEN = ("surroundings_shown", "time_shown", "public_first_day", "public_last_day")


def _public(observation: Observation) -> tuple[Any, ...]:
    return tuple(getattr(observation, name) for name in (*PUBLIC, *PUBLIC_AS_CHOSEN))


def _values(observation: Observation) -> list[Any]:
    return [getattr(observation, field.attname) for field in Observation._meta.concrete_fields]


def _refresh(given: Observation, locked: Observation) -> Observation:
    """The caller's instance shows what was written."""
    for field in Observation._meta.concrete_fields:
        setattr(given, field.attname, getattr(locked, field.attname))
    return given


def _fill_public(observation: Observation, *, floors: dict[str, str]) -> None:
    level = geoprivacy.strictest(observation.privacy, *floors.values())
    place = geoprivacy.public_place(
        observation.latitude, observation.longitude, observation.uncertainty_m, level
    )
    shown = rule = ""
    if observation.latitude is not None:
        rule = geoprivacy.rule(observation.privacy, floors)
        shown = Shown.WITHHELD
    values: tuple[Any, ...] = (None, None, None, "", "")
    if place is not None:
        cells = geoprivacy.h3_cells(place.latitude, place.longitude, (3, 5))
        values = (place.latitude, place.longitude, place.uncertainty_m, cells[3], cells[5])
        shown = Shown.GENERALIZED if place.generalized else Shown.EXACT
    told = level == Privacy.OPEN
    precision = TimePrecision.EXACT if told else observation.time_precision
    photos = Surroundings.WHOLE if told else observation.surroundings
    days = clocks.span(observation.local_date, precision)
    for name, value in zip(PUBLIC, (*values, shown, rule), strict=True):
        setattr(observation, name, value)
    for name, value in zip(PUBLIC_AS_CHOSEN, (photos, precision, *days), strict=True):
        setattr(observation, name, value)


def _floors(observation: Observation) -> dict[str, str]:
    """Rule to the strictest level that it asks for under any of the organisms."""
    found: dict[str, str] = {}
    protected = observation.occurrences.exclude(place_floor=Privacy.OPEN).order_by("place_floor_rule")
    for rule, level in protected.values_list("place_floor_rule", "place_floor"):
        found[rule] = geoprivacy.strictest(level, found.get(rule, level))
    return found


def _apply(observation: Observation, fields: dict[str, Any]) -> None:
    unknown = fields.keys() - DESCRIBED
    if unknown:
        raise TypeError(f"A sighting has no {', '.join(sorted(unknown))} to describe.")
    zone = observation.utc_offset, observation.longitude
    times.apply(observation, fields)
    _apply_place(observation, fields)
    if (observation.utc_offset, observation.longitude) != zone:
        observation.zone_kept = False
    if "zone_kept" in fields:
        observation.zone_kept = bool(fields["zone_kept"])
    if "privacy" in fields:
        if fields["privacy"] not in Privacy.values:
            raise ValidationError({"privacy": f"Choose one of: {', '.join(Privacy.values)}."})
        observation.privacy = fields["privacy"]
    if "time_precision" in fields:
        if fields["time_precision"] not in TimePrecision.values:
            raise ValidationError({"time_precision": f"Choose one of: {', '.join(TimePrecision.values)}."})
        observation.time_precision = fields["time_precision"]
    if "surroundings" in fields:
        if fields["surroundings"] not in Surroundings.values:
            raise ValidationError({"surroundings": f"Choose one of: {', '.join(Surroundings.values)}."})
        observation.surroundings = fields["surroundings"]
    if "trip" in fields:
        observation.trip = _trip(observation, fields["trip"])
    if "place" in fields:
        observation.place = fields["place"]
    if "place_name" in fields:
        observation.place = places.call(observation, fields["place_name"] or "")
    if "note" in fields:
        observation.note = (fields["note"] or "").strip()


def _trip(observation: Observation, asked: Trip | None) -> Trip | None:
    """Held, so that it is not said meanwhile that nothing was caught on it."""
    if asked is None or asked.pk == observation.trip_id:
        return asked
    rows = Trip.objects.select_for_update().filter(person=observation.observer_id, discarded_at=None)
    trip = rows.filter(pk=asked.pk).first()
    if trip is None:
        raise ValidationError({"trip": "No such trip of yours."})
    if trip.nothing_caught:
        raise ValidationError({"trip": "Nothing was caught on this trip, it says. Change that first."})
    return trip


def touch_trip(*trips: UUID | None) -> None:
    """What others are told of a trip follows from its sightings: where that may be another, its moment moves."""
    found = Trip.objects.filter(pk__in=[each for each in trips if each], shown=True)
    if any(trips):
        found.update(updated=clock.now())


def _apply_place(observation: Observation, fields: dict[str, Any]) -> None:
    if not fields.keys() & {"latitude", "longitude", "uncertainty_m", "place_source"}:
        return
    latitude = fields.get("latitude", observation.latitude)
    longitude = fields.get("longitude", observation.longitude)
    if (latitude is None) != (longitude is None):
        raise ValidationError({"latitude": "A place needs both latitude and longitude."})
    if latitude is None or longitude is None:
        observation.latitude = observation.longitude = observation.uncertainty_m = None
        observation.place_source = ""
        return
    for name, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        # Also refuses NaN, which is what an empty GPS field reads as.
        if not abs(value) <= limit:
            raise ValidationError({name: f"Between −{limit} and {limit} degrees."})
    uncertainty = fields.get("uncertainty_m", observation.uncertainty_m)
    if uncertainty is not None and not (math.isfinite(uncertainty) and uncertainty >= 0):
        raise ValidationError({"uncertainty_m": "Metres, not less than 0."})
    source = fields.get("place_source") or observation.place_source
    if source not in PlaceSource.values:
        raise ValidationError({"place_source": "Say where the place came from, e.g. map_pin."})
    observation.latitude, observation.longitude = float(latitude), float(longitude)
    observation.uncertainty_m, observation.place_source = uncertainty, source
