"""Requests that are done once however often they are sent, by a key that their sender chose."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import KeptAnswer, User

KEPT_FOR = timedelta(hours=24)


class OtherRequest(ValueError):
    """The key was used for another request."""


def begin(*, user: User, key: str, asked: str) -> KeptAnswer:
    """In the transaction of what is asked for: a row without a `status`, to be filled by `keep`, or with what the same
    request was answered before. Who comes while it is being answered waits until that transaction ends.

    Raises OtherRequest.
    """
    KeptAnswer.objects.filter(user=user, key=key, created__lt=timezone.now() - KEPT_FOR).delete()
    KeptAnswer.objects.bulk_create([KeptAnswer(user=user, key=key, asked=asked)], ignore_conflicts=True)
    row = KeptAnswer.objects.get(user=user, key=key)
    if row.asked != asked:
        raise OtherRequest(key)
    return row


def keep(*, row: KeptAnswer, status: int, body: str, location: str) -> None:
    row.status, row.body, row.location = status, body, location
    row.save(update_fields=["status", "body", "location"])


def forget_old() -> None:
    old = KeptAnswer.objects.filter(created__lt=timezone.now() - KEPT_FOR)
    # Asked first: on SQLite also a deletion that finds nothing waits for its turn to write.
    if old.exists():
        old.delete()
