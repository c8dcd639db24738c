"""Which function runs which kind of job. No Django in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.context import Context

Handler = Callable[["Context"], object]


@dataclass(frozen=True)
class Kind:
    name: str
    handler: Handler
    queue: str
    max_attempts: int
    asks: str = ""
    result: str = ""

    def may(self, owner) -> bool:
        """Whether a job of this kind may be done for its owner as they are now. The site itself may all."""
        return not self.asks or owner is None or getattr(owner, self.asks)


_kinds: dict[str, Kind] = {}


def job(
    kind: str, *, queue: str = "celery", max_attempts: int = 5, asks: str = "", result: str = ""
) -> Callable[[Handler], Handler]:
    """Make a function the handler of every job of this kind.

    `asks` is the property of an owner (`is_admin`) without which the job is not done: it is asked when the
    job is tried again, and the handler asks it first of all (`Context.check_right`). `result` is the name of the route
    where, by the job's id, its owner finds what came of it.
    The handler takes one `Context`; what it returns is ignored; it may be run more than once for one job.
    Raises ValueError when another function already has the kind.
    """
    if max_attempts < 1:
        raise ValueError(f"A job of kind {kind!r} needs at least one attempt.")

    def register(handler: Handler) -> Handler:
        known = _kinds.get(kind)
        if known and _place(known.handler) != _place(handler):
            raise ValueError(f"{_place(known.handler)} already runs jobs of kind {kind!r}.")
        _kinds[kind] = Kind(kind, handler, queue, max_attempts, asks, result)
        return handler

    return register


_watches: list[Callable[[], object]] = []


def watch(look: Callable[[], object]) -> Callable[[], object]:
    """Have a function called at every sweep of every worker, to enqueue what it finds by query.

    It must be quick, and safe to call from several workers at once: give its jobs a `key`.
    """
    _watches.append(look)
    return look


def watches() -> list[Callable[[], object]]:
    return list(_watches)


def find(kind: str) -> Kind | None:
    return _kinds.get(kind)


def kinds() -> list[str]:
    return sorted(_kinds)


def _place(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
