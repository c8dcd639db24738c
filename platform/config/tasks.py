"""What the worker does for the pages of this floor."""

import time

from config import held
from jobs.registry import watch

EVERY = 60.0
_looked = float("-inf")


@watch
def forget_held_photos() -> None:
    """On a site that nobody asks anything, an hour ends too."""
    global _looked
    if time.monotonic() - _looked >= EVERY:
        _looked = time.monotonic()
        held.forget_old()
