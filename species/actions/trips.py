"""Every write about trips. Whose it is changes it, and nobody else; who is named on one answers for themselves."""

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone as clock

from accounts.models import Privacy, TimePrecision, User
from notices.actions import notify
from species import clocks
from species.access import NotYours
from species.actions import deletions, listing, observations, places
from species.actions.edits import Stale
from species.models import Deletion, Observation, Taxon, Trip, TripEdit, TripPerson

TEXTS = ("name", "effort", "gear")
TIMES = ("started_at", "ended_at")
PLACE = ("latitude", "longitude", "uncertainty_m")
DESCRIBED = frozenset(
    {*TEXTS, *TIMES, *PLACE, "kind", "place_name", "privacy", "time_precision", "utc_offset"}
    | {"people_count", "nothing_caught", "targets", "people"}
)
LONGEST = 160
MOST_PEOPLE, MOST_TARGETS = 50, 50
FUTURE_SLACK = timedelta(days=1)
HAS_SIGHTINGS = "There are sightings on this trip, so something was."


def start(*, by: User, id: UUID | None = None, **fields: Any) -> Trip:
    """A new trip of `by`, described by `fields` (see `describe`).

    With an `id` that the person used before, their trip of that id is answered as it is. Raises NotYours when the id is
    somebody else's, ValidationError by field.
    """
    found = _own(id, by)
    if found is not None:
        return found
    try:
        return _create(id=id, by=by, fields=fields)
    except IntegrityError:
        found = _own(id, by)
        if found is None:
            raise
        return found


def _own(id: UUID | None, by: User) -> Trip | None:
    found = Trip.objects.filter(pk=id).first() if id else None
    if found is not None and (found.person_id != by.pk or found.discarded_at is not None):
        raise NotYours("No such trip.")
    return found


@transaction.atomic
def _create(*, id: UUID | None, by: User, fields: dict[str, Any]) -> Trip:
    trip = Trip(person=by, privacy=by.privacy, time_precision=by.time_precision, **({"id": id} if id else {}))
    _apply(trip, fields)
    trip.save(force_insert=True)
    _apply_links(trip, fields, by)
    _settle(trip)
    return trip


@transaction.atomic
def describe(*, trip: Trip, by: User, seen: int | None = None, **fields: Any) -> TripEdit | None:
    """Only the named `fields` change; the row of its history, None where nothing did.

    Times are aware, or naive: the clock on the wall at `utc_offset` minutes east of UTC. `targets` are taxa, `people`
    those who were along, each of whom is asked. Raises NotYours, Stale where it is not at the version `seen`,
    ValidationError by field; then nothing has changed.
    """
    locked = hold(trip, by)
    if seen is not None and seen != locked.version:
        raise Stale
    before = said(locked)
    _apply(locked, fields)
    _apply_links(locked, fields, by)
    after = said(locked)
    names = [name for name in after if before[name] != after[name]]
    row = None
    if names:
        locked.version += 1
        row = TripEdit.objects.create(
            trip=locked,
            by=by,
            before={name: before[name] for name in names},
            after={name: after[name] for name in names},
        )
        _settle(locked)
    _refresh(trip, locked)
    return row


@transaction.atomic
def stop(*, trip: Trip, by: User) -> TripEdit | None:
    """It is over now, or was before; then nothing changes. Raises as `describe`."""
    return describe(trip=trip, by=by, **_over(hold(trip, by)))


@transaction.atomic
def nothing_caught(*, trip: Trip, by: User) -> TripEdit | None:
    """Nothing was; what is under way is over with it. Raises as `describe`."""
    return describe(trip=trip, by=by, nothing_caught=True, **_over(hold(trip, by)))


def _over(locked: Trip) -> dict[str, Any]:
    under_way = locked.started_at is not None and locked.ended_at is None
    return {"ended_at": clock.now()} if under_way else {}


@transaction.atomic
def undo(*, edit: TripEdit, by: User) -> TripEdit | None:
    """Make what an edit changed as it was before: another edit. Raises ValidationError where it changed again since."""
    locked = hold(Trip(pk=edit.trip_id), by)
    now = said(locked)
    if any(now[name] != each for name, each in edit.after.items()):
        raise ValidationError("It was changed again since then, so that is not undone. Edit it instead.")
    fields = dict(edit.before)
    for name in TIMES:
        if fields.get(name):
            fields[name] = datetime.fromisoformat(fields[name])
    if "targets" in fields:
        fields["targets"] = list(Taxon.objects.filter(label__in=fields["targets"]))
    if "people" in fields:
        fields["people"] = list(User.objects.filter(pk__in=fields["people"], is_active=True))
    return describe(trip=locked, by=by, **fields)


@transaction.atomic
def gather(*, trip: Trip, sightings: Iterable[UUID], by: User) -> int:
    """These sightings of one's own were made on it; how many came. Raises NotYours, ValidationError."""
    hold(trip, by)
    wanted = Observation.objects.filter(pk__in=list(sightings), observer=by, discarded_at=None)
    rows = list(wanted.exclude(trip=trip).order_by("pk"))
    for each in rows:
        observations.describe(observation=each, by=by, trip=trip)
    return len(rows)


@transaction.atomic
def discard(*, trip: Trip, by: User) -> Trip:
    """Take it away from everybody's sight; for `observations.GRACE` it can be restored, then it goes for good. Its
    sightings stay.
    """
    locked = hold(trip, by)
    locked.discarded_at = clock.now()
    _settle(locked)
    return _refresh(trip, locked)


@transaction.atomic
def restore(*, trip: Trip, by: User) -> Trip:
    """Undo `discard`. Again is no error. Raises NotYours once it is gone."""
    locked = Trip.objects.select_for_update().filter(pk=trip.pk, person=by).first()
    if locked is None:
        raise NotYours("No such trip.")
    locked.discarded_at = None
    _settle(locked)
    return _refresh(trip, locked)


def clear(*, before: datetime, most: int = 20) -> int:
    """Delete what was discarded earlier than `before`, a transaction each; how many."""
    gone = list(Trip.objects.filter(discarded_at__lt=before).order_by("discarded_at")[:most])
    for each in gone:
        with transaction.atomic():
            Trip.objects.filter(pk=each.pk, discarded_at__lt=before).delete()
    return len(gone)


@transaction.atomic
def answer(*, trip: Trip, by: User, agrees: bool) -> TripPerson:
    """Somebody who was named says whether they were along, and may say otherwise later. Raises NotYours."""
    # The trip first, as everywhere.
    locked = Trip.objects.select_for_update().filter(pk=trip.pk, discarded_at=None).first()
    named = TripPerson.objects.filter(trip=trip.pk, person=by).first()
    if locked is None or named is None:
        raise NotYours("No such trip.")
    now = clock.now()
    named.agreed_at, named.declined_at = (now, None) if agrees else (None, now)
    named.save(update_fields=["agreed_at", "declined_at"])
    observations.touch_trip(locked.pk)
    return named


@transaction.atomic
def follow(person: UUID) -> None:
    """Hide the trips of somebody whose account is closed, or show them again. Safe to repeat."""
    for trip in Trip.objects.select_for_update().filter(person=person, discarded_at=None).order_by("pk"):
        _settle(trip)


@transaction.atomic
def forget(person: UUID, *, erase: bool) -> None:
    """An account ends: nobody names them any more, and their trips go where their sightings do."""
    TripPerson.objects.filter(person=person).delete()
    if erase:
        Trip.objects.filter(person=person).delete()


def hold(trip: Trip, by: User) -> Trip:
    """The row as it is now, held until the transaction ends. Raises NotYours."""
    found = Trip.objects.select_for_update().filter(pk=trip.pk, person=by, discarded_at=None).first()
    if found is None or not by.is_active:
        raise NotYours("No such trip.")
    return found


def said(trip: Trip) -> dict[str, Any]:
    """All that an edit can change of it, as JSON."""
    plain = {name: getattr(trip, name) for name in (*TEXTS, *PLACE, "kind", "privacy", "time_precision")}
    people = trip.people.order_by("person").values_list("person", flat=True)
    return plain | {
        "utc_offset": trip.utc_offset,
        "people_count": trip.people_count,
        "nothing_caught": trip.nothing_caught,
        "place_name": trip.place.name if trip.place else "",
        "targets": sorted(trip.targets.values_list("label", flat=True)),
        "people": [str(each) for each in people],
        **{name: _text(getattr(trip, name)) for name in TIMES},
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _apply(trip: Trip, fields: dict[str, Any]) -> None:
    unknown = fields.keys() - DESCRIBED
    if unknown:
        raise TypeError(f"A trip has no {', '.join(sorted(unknown))} to describe.")
    for name in TEXTS:
        if name in fields:
            text = " ".join((fields[name] or "").split())
            if len(text) > LONGEST:
                raise ValidationError({name: f"At most {LONGEST} letters."})
            setattr(trip, name, text)
    for name, known in (("kind", Trip.Kind), ("privacy", Privacy), ("time_precision", TimePrecision)):
        if name in fields:
            if fields[name] not in known.values:
                raise ValidationError({name: f"Choose one of: {', '.join(known.values)}."})
            setattr(trip, name, fields[name])
    _apply_times(trip, fields)
    _apply_place(trip, fields)
    if "people_count" in fields:
        count = fields["people_count"]
        if count is not None and not 1 <= count <= 10_000:
            raise ValidationError({"people_count": "From 1 to 10,000 people, yourself included."})
        trip.people_count = count
    if "nothing_caught" in fields:
        trip.nothing_caught = bool(fields["nothing_caught"])
    if trip.nothing_caught:
        if trip.started_at is None:
            raise ValidationError({"nothing_caught": "Say first when the trip began."})
        if "nothing_caught" in fields and trip.observations.filter(discarded_at=None).exists():
            raise ValidationError({"nothing_caught": HAS_SIGHTINGS})


def _apply_times(trip: Trip, fields: dict[str, Any]) -> None:
    offset = fields.get("utc_offset", trip.utc_offset)
    for name in TIMES:
        moment = fields.get(name)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            raise ValidationError({name: "Say the hour, too."})
        ahead = moment.utcoffset() if "utc_offset" not in fields and moment is not None else None
        if ahead is not None:
            own = int(ahead.total_seconds() // 60)
            offset = own if own or offset is None else offset
    if offset is not None and not -14 * 60 <= offset <= 14 * 60:
        raise ValidationError({"utc_offset": "No clock is more than 14 hours from UTC."})
    zone = clocks.zone(offset or 0)
    for name in TIMES:
        if name in fields:
            moment = fields[name]
            instant = moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment
            if instant is not None and instant.year < clocks.EARLIEST_YEAR:
                raise ValidationError({name: "Nobody was there that long ago."})
            if instant is not None and instant > clock.now() + FUTURE_SLACK:
                raise ValidationError({name: "This time has not come yet."})
            setattr(trip, name, instant and instant.astimezone(UTC))
    trip.utc_offset = offset
    if trip.ended_at is not None and trip.started_at is None:
        raise ValidationError({"started_at": "Say when it began, too."})
    if trip.ended_at is not None and trip.started_at is not None and trip.ended_at < trip.started_at:
        raise ValidationError({"ended_at": "The end lies before the beginning."})


def _apply_place(trip: Trip, fields: dict[str, Any]) -> None:
    if fields.keys() & {*PLACE}:
        latitude = fields.get("latitude", trip.latitude)
        longitude = fields.get("longitude", trip.longitude)
        if (latitude is None) != (longitude is None):
            raise ValidationError({"latitude": "A place needs both latitude and longitude."})
        for name, value, limit in (("latitude", latitude, 90), ("longitude", longitude, 180)):
            if value is not None and not abs(value) <= limit:
                raise ValidationError({name: f"Between −{limit} and {limit} degrees."})
        metres = fields.get("uncertainty_m", trip.uncertainty_m) if latitude is not None else None
        if metres is not None and not (math.isfinite(metres) and metres >= 0):
            raise ValidationError({"uncertainty_m": "Metres, not less than 0."})
        trip.latitude, trip.longitude, trip.uncertainty_m = latitude, longitude, metres
    if "place_name" in fields:
        own = Q(trips__person=trip.person_id) | Q(observations__observer=trip.person_id)
        trip.place = places.named(fields["place_name"] or "", trip.latitude, trip.longitude, own=own)


def _apply_links(trip: Trip, fields: dict[str, Any], by: User) -> None:
    if "targets" in fields:
        if len(fields["targets"]) > MOST_TARGETS:
            raise ValidationError({"targets": f"At most {MOST_TARGETS} names."})
        trip.targets.set(fields["targets"])
    if "people" in fields:
        _name(trip, {each.pk: each for each in fields["people"]}, by)
    if trip.privacy == Privacy.PRIVATE and trip.people.exists():
        raise ValidationError({"people": "A private trip is told to nobody, so nobody is named on it."})


def _name(trip: Trip, people: dict[UUID, User], by: User) -> None:
    people.pop(by.pk, None)
    if len(people) > MOST_PEOPLE:
        raise ValidationError({"people": f"At most {MOST_PEOPLE} people."})
    if any(not each.is_active for each in people.values()):
        raise ValidationError({"people": "There is nobody here of that name."})
    # Who declined stays, unseen, so that taking them out and naming them anew does not ask again.
    TripPerson.objects.filter(trip=trip, declined_at=None).exclude(person__in=list(people)).delete()
    known = set(TripPerson.objects.filter(trip=trip).values_list("person", flat=True))
    for pk, person in people.items():
        if pk not in known:
            TripPerson.objects.create(trip=trip, person=person)
            notify(
                user=person,
                kind="trip",
                text=f"{by} says that you were along on a trip. Agree, or say that you were not.",
                url=trip.get_absolute_url(),  # type: ignore[attr-defined]  # ABSOLUTE_URL_OVERRIDES
                about=f"trip:{trip.pk}",
            )


def _settle(locked: Trip) -> None:
    """Write it, whether others see it, and its place in lists and among what is gone. The caller holds it."""
    before = locked.shown
    over = locked.ended_at is not None and locked.discarded_at is None and locked.person.is_active
    locked.shown = over and locked.privacy != Privacy.PRIVATE
    locked.updated = clock.now()
    if locked.shown != before:
        thing = (Deletion.Kind.TRIP, locked.pk)
        deletions.note(gone=[] if locked.shown else [thing], back=[thing] if locked.shown else [])
    if locked.shown and not before:
        locked.listed_at = listing.next_moment()
    locked.save()


def _refresh(given: Trip, locked: Trip) -> Trip:
    for field in Trip._meta.concrete_fields:
        setattr(given, field.attname, getattr(locked, field.attname))
    return given
