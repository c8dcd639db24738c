"""What its owner still does with a published sighting: edits it, orders its photos, undoes an edit, deletes it.

Whatever is done is a row of its history, and `undo` does the opposite, which is another. Photos that leave it:
`species.actions.partings`; photos that come: `species.ingest`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from species import access, clocks, stored_files
from species.actions import edits, listing, observations, occurrences, photos, visibility
from species.actions.partings import hold, remove, settle, take_in
from species.models import Consent, Edit, Measurement, Observation, Photo, Place, State, Trip

LENGTH = Measurement.Kind.TOTAL_LENGTH


@transaction.atomic
def edit(
    *,
    observation: Observation,
    by: User,
    described: Mapping[str, Any],
    licence: str | None = None,
    lengths: Mapping[UUID, float | None] | None = None,
    seen: int | None = None,
) -> Edit | None:
    """Say it otherwise, all of it or nothing; the row of the history, None where nothing changed.

    `described` are fields of `observations.describe`, `licence` that of all its photos, `lengths` millimetres by
    organism, None for unknown. Raises Stale where the sighting is not at the version `seen`, PermissionDenied, or
    ValidationError by field.
    """
    locked = hold(observation, by)
    if seen is not None and seen != locked.version:
        raise edits.Stale
    with edits.act(locked, by) as told:
        observations.describe(observation=locked, by=by, **described)
        for photo in locked.photos.all() if licence else ():
            if photo.licence != licence:
                photos.relicense(photo=photo, licence=licence or "", by=by)
        now = edits.lengths(locked)
        for organism, length in (lengths or {}).items():
            if now.get(str(organism), length) != length:
                _measure(locked, organism, length, by)
    return told.row


def _measure(locked: Observation, organism: UUID, length: float | None, by: User) -> None:
    Measurement.objects.filter(occurrence=organism, occurrence__observation=locked, kind=LENGTH).delete()
    if length is not None:
        occurrence = locked.occurrences.get(pk=organism)
        occurrences.measure(occurrence=occurrence, kind=LENGTH, value=length, by=by)
    listing.touch(locked)


@transaction.atomic
def order(*, observation: Observation, ids: Sequence[UUID], by: User) -> Edit | None:
    """Put its photos in this order; the first is its card's. Raises PermissionDenied, ValidationError."""
    locked = hold(observation, by)
    here = {photo.pk: photo for photo in locked.photos.all()}
    if sorted(ids) != sorted(here):
        raise ValidationError({"photos": "Name each photo of the sighting once."})
    with edits.act(locked, by) as told:
        for position, pk in enumerate(ids):
            if here[pk].position != position:
                here[pk].position = position
                here[pk].save(update_fields=["position"])
    return told.row


@transaction.atomic
def undo(*, edit: Edit, by: User) -> Edit | None:
    """Make what an edit changed as it was before; that is another edit.

    Raises ValidationError where it was changed again since, or a photo is gone for good; PermissionDenied.
    """
    locked = hold(Observation(pk=edit.observation_id), by)
    if "deleted" in edit.after or "split_from" in edit.after:
        raise ValidationError("This cannot be undone.")
    _still_stands(locked, edit)
    before = edit.before
    with edits.act(locked, by) as told:
        if "photos" in before:
            _photos_as_before(locked, edit, by)
        plain = ("privacy", "time_precision", "surroundings", "note")
        described = {name: before[name] for name in plain if name in before}
        described |= _time(before) | _place(before)
        if "trip" in before:
            described["trip"] = Trip.objects.filter(pk=before["trip"]).first()
        observations.describe(observation=locked, by=by, **described)
        for pk, licence in before.get("licence", {}).items():
            photos.relicense(photo=Photo.objects.get(pk=pk), licence=licence, by=by)
        for organism, length in before.get("length_mm", {}).items():
            _measure(locked, UUID(organism), length, by)
        settle(locked)
        if "split_off" in edit.after:
            told.before["split_off"], told.after["split_off"] = edit.after["split_off"], None
    return told.row


def _still_stands(locked: Observation, edit: Edit) -> None:
    now = edits.said(locked)
    for name, after in edit.after.items():
        if name == "place" and after is not None:
            after = {key: after[key] for key in after if key != "level"}
        stands = now.get(name, after)
        if name in edits.EACH:
            stands = {pk: now[name].get(pk) for pk in after}
        if stands != after:
            raise ValidationError("It was changed again since then, so that is not undone. Edit it instead.")


def _time(before: Mapping[str, Any]) -> dict[str, Any]:
    """As `observations.describe` takes it: a time is said with its day and zone, whichever of them changed."""
    fields: dict[str, Any] = {}
    for name, read in (("observed_at", clocks.parse), ("local_date", clocks.parse), ("utc_offset", int)):
        if name in before:
            fields[name] = None if before[name] is None else read(before[name])
    if "time_source" in before:
        fields["time_source"] = before["time_source"]
    return fields


def _place(before: Mapping[str, Any]) -> dict[str, Any]:
    if "place" not in before:
        return {}
    said = before["place"] or {}
    fields = {name: said.get(name) for name in ("latitude", "longitude", "uncertainty_m")}
    fields |= {"place_source": said.get("place_source", "")}
    place = Place.objects.filter(pk=said["place"]).first() if said.get("place") else None
    # Words that nobody used any more are gone, and are said again.
    return fields | ({"place": place} if place or not said.get("name") else {"place_name": said["name"]})


def _photos_as_before(locked: Observation, edit: Edit, by: User) -> None:
    wanted, now = edit.before["photos"], [str(pk) for pk in locked.photos.values_list("pk", flat=True)]
    for pk in wanted:
        if pk not in now:
            take_in(locked, edit, pk)
    for pk in now:
        if pk not in wanted:
            remove(photo=Photo.objects.get(pk=pk), by=by)
    for position, pk in enumerate(wanted):
        Photo.objects.filter(pk=pk).update(position=position)


@transaction.atomic
def withdraw(*, observation: Observation, by: User) -> Observation:
    """Delete a sighting: nobody sees it any more. For `observations.GRACE` it can be restored.

    Then it goes for good (`observations.clear`), but for what published datasets hold (`keep`).
    """
    locked = hold(observation, by)
    with edits.act(locked, by) as told:
        told.before["deleted"], told.after["deleted"] = False, True
    take_away(locked)
    return locked


@transaction.atomic
def take_away(locked: Observation) -> None:
    """Nobody sees any more what the caller holds; without a line in its history, where an account ends with it."""
    was_public = locked.shown
    locked.state, locked.discarded_at, locked.shown = State.WITHDRAWN, timezone.now(), False
    locked.updated = locked.discarded_at
    locked.save(update_fields=["state", "discarded_at", "shown", "updated"])
    visibility.settle(locked, was_public=was_public)


@transaction.atomic
def restore(*, observation: Observation, by: User) -> Observation:
    """Undo `withdraw`, and for a draft `observations.set_aside`. Raises NotYours once it is gone."""
    locked = Observation.objects.select_for_update().filter(pk=observation.pk).first()
    if locked is None or locked.state != State.WITHDRAWN:
        return observations.restore(observation=observation, by=by)
    # A photo that was removed lies in a withdrawn row of its own, which was never a sighting: `undo`.
    if not locked.edits.exists() or not (access.acts_for(by, locked) or by.is_admin):
        raise access.NotYours("No such sighting.")
    locked.state, locked.discarded_at = State.PUBLISHED, None
    locked.save(update_fields=["state", "discarded_at"])
    with edits.act(locked, by) as told:
        told.before["deleted"], told.after["deleted"] = True, False
    listing.list_last(locked)
    visibility.settle(locked)
    return locked


@transaction.atomic
def keep(locked: Observation, *, photos: Collection[UUID]) -> None:
    """Of what was withdrawn, and the caller holds, these `photos` stay for good: published datasets hold them.

    The others go. What the kept ones may be used for is taken back: no model learns from them again. Raises
    ValidationError where something else keeps one of them.
    """
    others = list(locked.photos.exclude(pk__in=photos))
    try:
        with transaction.atomic():
            Photo.objects.filter(pk__in=[each.pk for each in others]).delete()
    except ProtectedError as error:
        raise ValidationError("Something still names a photo of it.") from error
    given = Consent.objects.filter(photo__in=photos, granted=True, superseded_at=None)
    taken = [
        Consent(photo=each.photo, purpose=each.purpose, granted=False, by=locked.observer) for each in given
    ]
    given.update(superseded_at=timezone.now())
    Consent.objects.bulk_create(taken)
    locked.state = State.KEPT
    locked.save(update_fields=["state"])
    transaction.on_commit(lambda: stored_files.remove(others))
