"""Messages on their way: taken, sent, and written down how it went."""

import json
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from outgoing.addresses import Refused
from outgoing.posting import post
from webhooks import actions, paces, signing
from webhooks.models import REMEMBERED, Delivery, Endpoint, Message

log = logging.getLogger(__name__)

TIMEOUT = 15.0  # seconds
# Sent at once, each to another endpoint: one that is slow keeps the others waiting for its time, not for theirs.
AT_ONCE = 8
GIVEN_UP_AFTER = timedelta(days=5)
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 500
GONE = 410

ENDPOINT_GONE = "It answered that it is gone (410)."
OUR_FAULT = "An error of ours kept it from being sent."
FAILED_FOR_LONG = f"Nothing has arrived there for {GIVEN_UP_AFTER.days} days."


@dataclass(frozen=True)
class Answer:
    """What came of an attempt: a status, or a sentence that says why there is none."""

    status: int | None
    error: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_some() -> list[Answer]:
    """One attempt each for up to `AT_ONCE` endpoints for which something is due; what came of them.

    Not to be called in a transaction: it waits for other sites.
    """
    taken = list(_take(timezone.now()))
    if not taken:
        return []
    with ThreadPoolExecutor(len(taken), thread_name_prefix="webhook") as several:
        answers = list(several.map(send, taken))
    for delivery, answer in zip(taken, answers, strict=True):
        write_down(delivery, answer)
    return answers


def _take(now: datetime) -> Iterable[Delivery]:
    """The oldest due delivery of each endpoint, ours until its lease ends."""
    for endpoint in Endpoint.objects.to_be_asked(now)[:AT_ONCE]:
        found = Delivery.objects.due(now).filter(endpoint=endpoint).select_related("message").first()
        if found is not None and take(found, now):
            found.endpoint = endpoint
            yield found


def take(delivery: Delivery, now: datetime) -> bool:
    """Whether it is ours to send. Of two who find it at once, one update finds the fence as it was."""
    taken = (
        Delivery.objects.due(now)
        .filter(pk=delivery.pk, fence=delivery.fence)
        .order_by()
        .update(leased_until=now + Delivery.LEASE, fence=F("fence") + 1, attempts=F("attempts") + 1)
    )
    if taken:
        delivery.fence += 1
        delivery.attempts += 1
    return bool(taken)


def send(delivery: Delivery) -> Answer:
    """One request, in whatever thread; asks no database."""
    endpoint, id, now = delivery.endpoint, str(delivery.message_id), timezone.now()
    try:
        text = json.dumps(delivery.message.payload, ensure_ascii=False, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "AquaVision/1 (webhooks)",
            "Connection": "close",
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signing.signature(endpoint.keys(now), id=id, at=now, text=text),
        }
        return Answer(post(endpoint.url, text.encode(), headers, TIMEOUT))
    except Refused as refusal:
        return Answer(None, str(refusal))
    except Exception:
        # One that breaks what sends must not keep all others from being told, again and again.
        log.exception("Message %s could not be sent to webhook %s", id, endpoint.pk)
        return Answer(None, OUR_FAULT)


@transaction.atomic
def write_down(delivery: Delivery, answer: Answer) -> None:
    """How an attempt went, unless somebody else has taken it since: that one counts then."""
    # The endpoint first, as everywhere, so that no two of these wait for each other.
    endpoint = Endpoint.objects.select_for_update().filter(pk=delivery.endpoint_id).first()
    row = Delivery.objects.select_for_update().filter(pk=delivery.pk, fence=delivery.fence).first()
    if endpoint is None or row is None:
        return
    now, error = timezone.now(), _sentence(answer)
    row.leased_until, row.last_status, row.last_error = None, answer.status, error
    row.log = [*row.log, {"at": now.isoformat(), "status": answer.status, "error": error}][-REMEMBERED:]
    if answer.arrived:
        row.next_at, row.delivered_at, row.failed_at = None, now, None
    elif row.next_at is not None:  # not where it was switched off meanwhile
        pause = paces.pause(row.attempts)
        row.next_at, row.failed_at = (now + pause, None) if pause else (None, now)
    row.save()
    # One that has another address by now has not failed.
    if endpoint.url == delivery.endpoint.url:
        _judge(endpoint, answer, now)


def _judge(locked: Endpoint, answer: Answer, now: datetime) -> None:
    locked.tried_at = now
    if answer.arrived:
        locked.failures, locked.failing_since, locked.rests_until = 0, None, None
    else:
        locked.failures, locked.failing_since = locked.failures + 1, locked.failing_since or now
        locked.rests_until = now + paces.rest(locked.failures)
    locked.save(update_fields=["tried_at", "failures", "failing_since", "rests_until"])
    if answer.status == GONE:
        actions.give_up(endpoint=locked, reason=ENDPOINT_GONE)
    elif locked.failing_since and now - locked.failing_since >= GIVEN_UP_AFTER:
        actions.give_up(endpoint=locked, reason=FAILED_FOR_LONG)


def _sentence(answer: Answer) -> str:
    if answer.arrived or answer.status is None:
        return answer.error
    if 300 <= answer.status < 400:
        return f"It leads elsewhere ({answer.status}). Redirects are not followed: name the address itself."
    return f"It answered {answer.status}."


def forget() -> int:
    """Delete what is older than `KEPT` and no longer on its way; how many messages."""
    on_its_way = Delivery.objects.filter(
        message=OuterRef("pk"), next_at__isnull=False, endpoint__in=Endpoint.objects.listening()
    )
    old = Message.objects.filter(~Exists(on_its_way), created__lt=timezone.now() - KEPT)
    some = list(old.order_by("created", "id").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    Message.objects.filter(pk__in=some).delete()
    return len(some)
