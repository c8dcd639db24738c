"""What a person does to many of their drafts at once: arrange photos, say the same of several, and undo it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Licence, User
from labeling.actions import drafts
from labeling.models import Box, DraftWords
from species.access import NotYours
from species.actions import observations, photos
from species.models import Consent, Observation, OccurrencePhoto, Photo, PlaceSource, Purpose, State

ELSEWHERE = "It was changed in another window meanwhile. Look at it again."


@dataclass(frozen=True)
class Outcome:
    """What became of one draft: `refused` says why nothing did; `before` is what `put_back` takes."""

    draft: UUID
    refused: str = ""
    before: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def arrange(*, moves: Mapping[UUID, UUID], by: User) -> dict[UUID, UUID]:
    """Put each photo into the draft named beside it; answers where each was, which undoes it.

    An id that no draft has begins one, with the photo's own time and place. A draft that is left without photos
    is set aside with all that was said of it: moving a photo back within `observations.GRACE` restores it.
    Doing it twice changes nothing. Raises NotYours; ValidationError where a sighting is published already or a
    box holds a photo to its sighting; then nothing has changed.
    """
    found = {each.pk: each for each in Photo.objects.filter(pk__in=moves, owner=by, discarded_at=None)}
    if found.keys() != set(moves):
        raise NotYours("No such photo.")
    before = {pk: each.observation_id for pk, each in found.items()}
    moving = {pk: target for pk, target in moves.items() if before[pk] != target}
    held = _hold({*before.values(), *moving.values()}, by)
    if Box.objects.filter(photo__in=moving).exists():
        raise ValidationError("A box is drawn on this photo, so it stays with its sighting.")
    # Locks come first: where the photos are may have changed while one waited for them.
    now = dict(Photo.objects.filter(pk__in=moves).values_list("pk", "observation"))
    if now != before:
        raise ValidationError(ELSEWHERE)
    for pk, target in moving.items():
        if target not in held:
            old = held[before[pk]]
            fields = photos.own_fields(found[pk])
            fields |= {name: getattr(old, name) for name in ("privacy", "time_precision", "surroundings")}
            held[target] = observations.start(by=by, id=target, **fields)
        _move(found[pk], held[target])
    for pk in {before[each] for each in moving} | set(moving.values()):
        _tidy(held[pk])
    return {pk: before[pk] for pk in moving}


def _hold(ids: set[UUID], by: User) -> dict[UUID, Observation]:
    """Those that exist, locked in one order, so that nobody waits in a circle."""
    rows = Observation.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    held = {each.pk: each for each in rows}
    for each in held.values():
        if each.observer_id != by.pk:
            raise NotYours("No such sighting.")
        if each.state != State.DRAFT:
            raise ValidationError(photos.PUBLISHED)
    return held


def _move(photo: Photo, target: Observation) -> None:
    OccurrencePhoto.objects.filter(photo=photo).delete()
    photo.observation = target
    photo.save(update_fields=["observation"])
    first = target.occurrences.order_by("created", "id").first()
    if first is not None:
        OccurrencePhoto.objects.create(occurrence=first, photo=photo)


def _tidy(draft: Observation) -> None:
    """Its photos in the order in which they were taken; an organism is on some; without any it is set aside."""
    kept = sorted(Photo.objects.filter(observation=draft, discarded_at=None), key=photos.taken)
    for position, photo in enumerate(kept):
        if photo.position != position:
            photo.position = position
            photo.save(update_fields=["position"])
    if kept:
        for occurrence in draft.occurrences.filter(photos=None):
            OccurrencePhoto.objects.bulk_create(
                OccurrencePhoto(occurrence=occurrence, photo=photo) for photo in kept
            )
    draft.discarded_at = None if kept else timezone.now()
    draft.version += 1
    draft.save(update_fields=["discarded_at", "version"])
    # What was typed is still about it, whatever it shows by now.
    DraftWords.objects.filter(observation=draft, version=draft.version - 1).update(version=draft.version)


@transaction.atomic
def set_for_many(
    *,
    chosen: Mapping[UUID, int | None],
    by: User,
    day: date | None = None,
    hour: time | None = None,
    utc_offset: int | None = None,
    described: Mapping[str, Any] | None = None,
    licence: str = "",
    consents: Mapping[str, bool] | None = None,
    typed: Mapping[str, list[str]] | None = None,
) -> list[Outcome]:
    """Say the same of several drafts of `by`: only what is given changes, in all of them or in those that take it.

    `chosen`: a draft's id to the version that its owner saw, None: whichever. A day leaves the hour that a draft
    knows as it is. `described` are fields of `observations.describe` but for the time. `typed` is the same as it
    stands in a draft's form, for drafts whose words wait (`drafts.keep`): they say it too, or the older words
    would take it back. A draft that was changed since, is gone or refuses it says so in its outcome.
    """
    held = _hold_own(chosen, by)
    return [
        _one(
            held.get(pk),
            pk,
            seen,
            by,
            lambda each: _say(
                each,
                by,
                _when(each, day, hour, utc_offset) | dict(described or {}),
                {"licence": licence, "consents": consents or {}, "typed": typed or {}},
            ),
        )
        for pk, seen in chosen.items()
    ]


@transaction.atomic
def put_back(*, before: Mapping[UUID, Mapping[str, Any]], by: User) -> list[Outcome]:
    """Undo `set_for_many` by the `before` of its outcomes, but for drafts that were changed since."""
    held = _hold_own(before, by)
    return [
        _one(held.get(pk), pk, said["version"], by, lambda each, said=said: _restore(each, by, said))
        for pk, said in before.items()
    ]


def _hold_own(ids: Mapping[UUID, Any], by: User) -> dict[UUID, Observation]:
    own = Observation.objects.drafts_of(by).select_for_update().filter(pk__in=ids).order_by("pk")
    return {each.pk: each for each in own}


def _one(draft: Observation | None, pk: UUID, seen: int | None, by: User, act: Any) -> Outcome:
    if draft is None:
        return Outcome(pk, "It is no draft any more.")
    if seen is not None and draft.version != seen:
        return Outcome(pk, ELSEWHERE)
    before = _snapshot(draft)
    try:
        with transaction.atomic():
            act(draft)
            observations.touch(draft)
            DraftWords.objects.filter(observation=draft).update(version=draft.version)
    except ValidationError as error:
        return Outcome(pk, " ".join(error.messages))
    return Outcome(pk, before=before | {"version": draft.version})


def _say(draft: Observation, by: User, described: dict[str, Any], said: dict[str, Any]) -> None:
    if described:
        observations.describe(observation=draft, by=by, **described)
    allowed: Mapping[str, bool] = said["consents"]
    for photo in draft.photos.kept():
        if said["licence"] and photo.licence != said["licence"]:
            photos.relicense(photo=photo, licence=said["licence"], by=by)
        for purpose, granted in allowed.items():
            photos.say(photo=photo, purpose=purpose, granted=granted, by=by)
    words = DraftWords.objects.filter(observation=draft).first()
    if words is None:
        return
    granted_now = set(words.typed.get("consents", []))
    granted_now |= {purpose for purpose, granted in allowed.items() if granted}
    granted_now -= {purpose for purpose, granted in allowed.items() if not granted}
    if said["licence"] == Licence.NONE:
        granted_now &= {Purpose.SHOW}
    words.typed = words.typed | dict(said["typed"]) | {"consents": sorted(granted_now)}
    words.refused = {name: why for name, why in words.refused.items() if name not in said["typed"]}
    words.save(update_fields=["typed", "refused"])


def _when(draft: Observation, day: date | None, hour: time | None, utc_offset: int | None) -> dict[str, Any]:
    if day is None and utc_offset is None:
        return {}
    offset = draft.utc_offset if utc_offset is None else utc_offset
    on, local = day or draft.local_date, draft.local_time
    at = hour or (local.time() if local else None)
    if on is None:
        return {"utc_offset": offset}
    if at is None:
        return {"observed_at": None, "utc_offset": offset, "local_date": on}
    return {"observed_at": datetime.combine(on, at), "utc_offset": offset}


COLUMNS = (
    *("utc_offset", "time_source", "zone_kept", "latitude", "longitude", "uncertainty_m", "privacy"),
    *("time_precision", "surroundings"),
)


def _snapshot(draft: Observation) -> dict[str, Any]:
    """All that `_say` can change, in values that JSON has."""
    words = DraftWords.objects.filter(observation=draft).first()
    standing = Consent.objects.filter(photo__observation=draft, superseded_at=None, granted=True)
    allowed: dict[str, list[str]] = {}
    for photo, purpose in standing.values_list("photo", "purpose"):
        allowed.setdefault(str(photo), []).append(purpose)
    return {name: getattr(draft, name) for name in COLUMNS} | {
        "observed_at": draft.observed_at.isoformat() if draft.observed_at else None,
        "local_date": str(draft.local_date or ""),
        "place_source": draft.place_source,
        "place_name": draft.place.name if draft.place else "",
        "rights": {
            str(each.pk): [each.licence, allowed.get(str(each.pk), [])] for each in draft.photos.kept()
        },
        "typed": words and {"typed": words.typed, "refused": words.refused},
    }


def _restore(draft: Observation, by: User, said: Mapping[str, Any]) -> None:
    fields = {name: said[name] for name in COLUMNS}
    fields["place_source"] = said["place_source"] or PlaceSource.MAP_PIN
    moment = datetime.fromisoformat(said["observed_at"]) if said["observed_at"] else None
    if moment is not None and said["utc_offset"] is None:
        moment = moment.replace(tzinfo=None)
    fields["observed_at"] = moment
    if moment is None:
        fields["local_date"] = date.fromisoformat(said["local_date"]) if said["local_date"] else None
    if not fields["time_source"]:
        del fields["time_source"]
    if (draft.place.name if draft.place else "") != said["place_name"]:
        fields["place_name"] = said["place_name"]
    observations.describe(observation=draft, by=by, **fields)
    for photo in draft.photos.kept():
        licence, allowed = said["rights"].get(str(photo.pk), [photo.licence, None])
        if photo.licence != licence:
            photos.relicense(photo=photo, licence=licence, by=by)
        if allowed is not None:
            drafts.allow(photo=photo, consents=allowed, by=by)
    if said["typed"]:
        DraftWords.objects.filter(observation=draft).update(**said["typed"])
