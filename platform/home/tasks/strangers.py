"""What the worker does for the pages of this floor."""

import os
import time
from pathlib import Path

from django.conf import settings

import drawings
from accounts import answers, delegations
from home import kept_uploads, takeouts
from jobs.registry import job, watch
from species import uploads
from species.actions import allowances

EVERY = 60.0
DRAWERS = 4
# The server gives up on a request long before (seconds).
LONGEST_UPLOAD = 3600
_looked = float("-inf")


@watch
def forget_strangers_files() -> None:
    """On a site that nobody asks anything, an hour ends too."""
    global _looked
    if time.monotonic() - _looked >= EVERY:
        _looked = time.monotonic()
        kept_uploads.forget_old()
        takeouts.forget_old()
        allowances.forget_old()
        uploads.forget_old()
        answers.forget_old()
        delegations.forget_old()
        for path in uploads_cut_off(LONGEST_UPLOAD):
            path.unlink(missing_ok=True)


def uploads_cut_off(seconds: float) -> list[Path]:
    """Large uploads that a killed process left half-way, not written to for so long."""
    found = []
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        try:
            if path.stat().st_mtime < time.time() - seconds:
                found.append(path)
        except FileNotFoundError:
            continue
    return found


@job("draw", asks="is_admin")
def draw(context) -> None:
    """Draw the library that an empty site begins with into the folder that the next job imports.

    Stopped or killed, it goes on where it was: the same seed draws the same pictures.
    """
    context.check_right()
    said = context.arguments
    drawings.draw(
        Path(said["path"]),
        said["subject"],
        photos=said["photos"],
        seed=said["seed"],
        on_progress=lambda done, photos: context.progress(done, photos, "Drawing"),
        # They read what to draw from a pipe of this process, so they end when it does, however it ends.
        workers=min(DRAWERS, os.cpu_count() or 1),
    )
