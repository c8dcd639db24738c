"""What is said of an occurrence has its place in lists, and is shown, with the sighting that it is on."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from labeling.actions import queue
from labeling.models import Box, Comment, FieldMark, Identification, Ruling
from species.models import Observation, Occurrence

SAID = (Identification, Box, FieldMark, Ruling)


def place_in_lists(occurrence: Occurrence) -> dict[str, Any]:
    """The columns of something that is said now, of an organism that the caller holds."""
    now: datetime = timezone.now()
    return {
        "created": now,
        "listed_at": max(now, occurrence.listed_at),
        "shown": occurrence.observation.shown,
    }


def follow(observation: Observation, **sent: object) -> None:
    """Receives `species.actions.visibility.settled`."""
    queue.suggested(observation.photos.all())
    queue.shown(observation)
    Comment.objects.filter(observation=observation).update(
        shown=observation.shown, listed_at=Greatest(F("created"), observation.listed_at)
    )
    for pk, listed_at in observation.occurrences.values_list("pk", "listed_at"):
        for model in SAID:
            model.objects.filter(occurrence=pk).update(
                shown=observation.shown, listed_at=Greatest(F("created"), listed_at)
            )
