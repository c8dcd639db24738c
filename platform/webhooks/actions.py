"""What people do with their endpoints, and what other floors tell them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.actions import notify
from outgoing import addresses
from webhooks import queries, signing
from webhooks.events import EVENTS, PING
from webhooks.models import Delivery, Endpoint, Message

# How long a resolver may take while somebody waits for a page.
LOOK_UP_SECONDS = 5.0
# How long the former key signs beside a new one.
OVERLAP = timedelta(hours=24)
BY_HAND = "You switched it off."
OFF = "It is switched off, so nothing is sent. Switch it on first."


def tell(event: str, *, data: Mapping[str, Any], whose: Iterable[UUID] = ()) -> None:
    """Tell every program that listens, in the transaction of what happened: who rolls that back has told nobody.

    `data`: ids and addresses, nothing that anybody might not know. `whose`: ids of the people whose it is, for those
    who want to hear of their own alone. One query where nobody listens; nothing is sent before the transaction ends.
    """
    if event not in EVENTS:
        raise ValueError(f"Nobody can listen to {event!r}; there are {', '.join(EVENTS)}.")
    hearing = queries.hearing(event, whose)
    if hearing:
        _send(event, data, hearing)


def _send(event: str, data: Mapping[str, Any], endpoints: Iterable[UUID]) -> list[Delivery]:
    now = timezone.now()
    payload = {"type": event, "timestamp": now.isoformat(), "data": dict(data)}
    message = Message.objects.create(type=event, payload=payload, created=now)
    return Delivery.objects.bulk_create(
        [Delivery(endpoint_id=endpoint, message=message, next_at=now, created=now) for endpoint in endpoints],
        batch_size=500,
    )


def add(
    *, by: User, url: str, events: Iterable[str], description: str = "", only_mine: bool = False
) -> Endpoint:
    """A new endpoint; its `secret` is for its owner's eyes, now and never again.

    The name in the address is looked up, outside of any transaction. Raises PermissionDenied, ValidationError by
    field, or of the whole where they have as many as one may.
    """
    if not by.is_active or by.is_source:
        raise PermissionDenied("Sign in first.")
    _few(by)
    said = _said(url=url, events=events, description=description, only_mine=only_mine)
    with transaction.atomic():
        # Held, so that of two that are added at once the second counts the first.
        User.objects.select_for_update().get(pk=by.pk)
        _few(by)
        return Endpoint.objects.create(user=by, secret=signing.make(), **said)


def change(*, endpoint: Endpoint, by: User, **fields: Any) -> Endpoint:
    """Say it otherwise: of url, events, description, only_mine and active those that are named.

    Raises PermissionDenied, ValidationError by field; then nothing has changed.
    """
    active = fields.pop("active", None)
    said = _said(**fields)
    with transaction.atomic():
        locked = _lock(endpoint, by)
        for name, value in said.items():
            setattr(locked, name, value)
        if "url" in said and locked.url != endpoint.url:
            _forgive(locked)
        if active is not None and active != locked.active:
            if active:
                locked.active, locked.disabled_at, locked.disabled_reason = True, None, ""
                _forgive(locked)
            else:
                _switch_off(locked, BY_HAND)
        locked.save()
        return locked


@transaction.atomic
def rotate(*, endpoint: Endpoint, by: User) -> Endpoint:
    """A new secret; for a day the former one signs as well. Raises PermissionDenied."""
    locked = _lock(endpoint, by)
    locked.former_secret, locked.former_until = locked.secret, timezone.now() + OVERLAP
    locked.secret = signing.make()
    locked.save(update_fields=["secret", "former_secret", "former_until"])
    return locked


@transaction.atomic
def delete(*, endpoint: Endpoint, by: User) -> None:
    """Nothing is sent there any more, and what was sent is forgotten. Raises PermissionDenied."""
    _lock(endpoint, by).delete()


@transaction.atomic
def ping(*, endpoint: Endpoint, by: User) -> Delivery:
    """Send it a message to try it; one that is on its way already is the same.

    Raises PermissionDenied, ValidationError.
    """
    locked = _lock(endpoint, by)
    if not locked.active:
        raise ValidationError(OFF)
    waiting = locked.deliveries.filter(message__type=PING, next_at__isnull=False).first()
    if waiting is not None:
        return waiting
    [delivery] = _send(PING, {"webhook": str(locked.pk)}, [locked.pk])
    return delivery


@transaction.atomic
def replay(*, delivery: Delivery, by: User) -> Delivery:
    """Send it again, at once and with all its attempts, under its id. Raises PermissionDenied, ValidationError."""
    locked = _lock(delivery.endpoint, by)
    if not locked.active:
        raise ValidationError(OFF)
    row = Delivery.objects.select_for_update(of=("self",)).select_related("message").get(pk=delivery.pk)
    row.endpoint = locked
    row.attempts, row.next_at, row.delivered_at, row.failed_at = 0, timezone.now(), None, None
    row.save(update_fields=["attempts", "next_at", "delivered_at", "failed_at"])
    # Who asks for it has mended something: let it be tried now.
    Endpoint.objects.filter(pk=locked.pk).update(rests_until=None)
    return row


@transaction.atomic
def give_up(*, endpoint: Endpoint, reason: str) -> None:
    """The site sends nothing there any more, and tells its owner why: `reason`, a sentence."""
    locked = Endpoint.objects.select_for_update().filter(pk=endpoint.pk, active=True).first()
    if locked is None:
        return
    _switch_off(locked, reason)
    locked.save(update_fields=["active", "disabled_at", "disabled_reason"])
    notify(
        user=locked.user,
        kind="webhook",
        text=f"Nothing is sent to your webhook {locked} any more. {reason}",
        url=reverse("webhook", args=[locked.pk]),
        about=f"webhook:{locked.pk}",
    )


def _switch_off(locked: Endpoint, reason: str) -> None:
    """What waits for it has failed: it can be sent again, one by one, when it is on."""
    now = timezone.now()
    locked.active, locked.disabled_at, locked.disabled_reason = False, now, reason
    locked.deliveries.filter(next_at__isnull=False).update(next_at=None, failed_at=now, last_error=reason)


def _forgive(locked: Endpoint) -> None:
    locked.failures, locked.failing_since, locked.rests_until = 0, None, None


def _lock(endpoint: Endpoint, by: User) -> Endpoint:
    locked = Endpoint.objects.select_for_update().filter(pk=endpoint.pk, user=by).first()
    if locked is None:
        raise PermissionDenied("No such webhook of yours.")
    return locked


def _few(by: User) -> None:
    if Endpoint.objects.of(by).count() >= Endpoint.MOST:
        raise ValidationError(f"You have {Endpoint.MOST}, the most there can be. Delete one first.")


def _said(**fields: Any) -> dict[str, Any]:
    """As it is kept. Raises ValidationError by field."""
    if "url" in fields:
        fields["url"] = fields["url"].strip()
        try:
            addresses.vet(fields["url"], LOOK_UP_SECONDS)
        except addresses.Refused as refusal:
            raise ValidationError({"url": str(refusal)}) from refusal
    if "events" in fields:
        chosen = set(fields["events"])
        if not chosen or not chosen <= EVENTS.keys():
            raise ValidationError({"events": f"Choose of these, at least one: {', '.join(EVENTS)}."})
        fields["events"] = [event for event in EVENTS if event in chosen]
    if "description" in fields:
        fields["description"] = " ".join(fields["description"].split())
        if len(fields["description"]) > Endpoint.NAME_LENGTH:
            raise ValidationError({"description": f"At most {Endpoint.NAME_LENGTH} characters."})
    return fields
