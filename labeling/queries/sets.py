"""What a set to work on is made of besides the filters of lists, and how far somebody is with one."""

import hashlib
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from labeling.models import Flag, Identification, SetAnswer
from labeling.queries import ways
from labeling.queries.passes import kept_from
from labeling.queries.ways import Way
from species.models import NEVER, Occurrence, Status

WAITING = (Status.NEEDS_ID, Status.DISPUTED)
# From here on a model is more likely wrong than right; 1 says that none was asked.
UNSURE = 0.5
COUNTED = 1000


class Difficulty(models.TextChoices):
    UNNAMED = "unnamed", "Nobody has named it yet"
    DISPUTED = "disputed", "People disagree"
    UNSURE = "unsure", "Models are least sure"


OF_DIFFICULTY = {
    Difficulty.UNNAMED: Q(waits=True, last_said=NEVER),
    Difficulty.DISPUTED: Q(waits=True, status=Status.DISPUTED),
    Difficulty.UNSURE: Q(waits=True, doubt__gte=UNSURE, doubt__lt=1.0),
}


def of_difficulty(difficulty: str) -> Q:
    """Of what waits for a name. One query."""
    each = OF_DIFFICULTY[Difficulty(difficulty)]
    rows = Occurrence.objects.filter(each).order_by()
    return ways.found([Way([rows.values("pk")], [rows], each)])


def unanswered_by(person: User) -> Q:
    """Neither named nor passed over by `person`, nor said by them to show nothing."""
    said, passed, flagged = _answers(person, "pk")
    return Q(~Exists(said), ~Exists(passed), ~Exists(flagged))


def answered_by(person: User, path: str) -> Q:
    """The opposite, of rows that lead to an organism by `path`."""
    said, passed, flagged = _answers(person, path)
    return Q(Exists(said)) | Q(Exists(passed)) | Q(Exists(flagged))


def _answers(person: User, path: str) -> tuple[QuerySet[Any, Any], ...]:
    said = Identification.objects.filter(occurrence=OuterRef(path), person=person, withdrawn_at=None)
    passed = kept_from(person, path)
    # A reviewer who found the flag mistaken does not make its person look again.
    flagged = Flag.objects.filter(
        Q(resolved_at=None) | ~Q(resolved_by=person),
        photo__occurrence_photos__occurrence=OuterRef(path),
        kind=Flag.Kind.NOT_SUBJECT,
        by=person,
    )
    return said, passed, flagged


def key_of(query: str) -> str:
    """What a set's answers are found by."""
    return hashlib.sha256(query.encode()).hexdigest()[:32]


def done(person: User, query: str) -> QuerySet[SetAnswer, int]:
    """Those of their answers in a set that stand, no more than `COUNTED`."""
    rows = SetAnswer.objects.filter(person=person, key=key_of(query)).filter(
        answered_by(person, "occurrence")
    )
    return rows.order_by().values_list("pk", flat=True)[:COUNTED]
