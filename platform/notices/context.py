from functools import cached_property

from notices.models import Notification


class Unread:
    """How many notifications somebody has not read, asked only when a template prints it."""

    def __init__(self, user) -> None:
        self.user = user

    @cached_property
    def count(self) -> int:
        return Notification.objects.of(self.user).unread().count()

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        return str(self.count)


def notices(request) -> dict:
    """Template context processor: `unread`, a count for the bell."""
    user = getattr(request, "user", None)
    return {"unread": Unread(user) if user and user.is_authenticated else 0}
