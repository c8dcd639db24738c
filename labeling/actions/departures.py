"""What becomes of what somebody said here when their account ends: taken back piece by piece, or left without a name.

A row that is taken back stays, without words: names protect places, whoever said them (docs/access.md). Each piece is
a transaction of its own, and done already is done.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from labeling.actions import boxes, queue, verdicts
from labeling.models import AllBoxed, Box, Comment, CommentReport, FieldMark, Flag, Identification, Pass
from species.access import NotYours
from species.actions import listing, occurrences
from species.models import Occurrence


def spoken(person: User) -> list[models.QuerySet[Any]]:
    """What they said and did not take back, kind by kind. A ruling is the site's, and stays."""
    stands = {"person": person, "withdrawn_at": None}
    words = ~Q(note="")
    return [
        Identification.objects.filter(Q(withdrawn_at=None) | words, person=person),
        *(model.objects.filter(**stands) for model in (Box, FieldMark, Comment, Pass, AllBoxed)),
        Flag.objects.filter(by=person).exclude(reason=""),
        CommentReport.objects.filter(by=person).exclude(reason=""),
    ]


def take_back(person: User) -> Iterator[int]:
    """Take back all of that, and settle anew what rests on it; says how many pieces are done, after each."""
    done = 0
    for rows in spoken(person):
        for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
            _take_back(rows.model, pk)
            done += 1
            yield done


@transaction.atomic
def _take_back(model: type[models.Model], pk: Any) -> None:
    rows = model._default_manager.filter(pk=pk)
    if model in (Flag, CommentReport):
        rows.update(reason="")
    elif model is AllBoxed:
        rows.update(withdrawn_at=timezone.now())
    elif model is Comment:
        now = timezone.now()
        rows.update(text="", names_taxon=False, withdrawn_at=now, updated=now)
    else:
        _of_an_organism(model, rows)


def _of_an_organism(model: type[models.Model], rows: models.QuerySet[Any]) -> None:
    found = rows.first()
    if found is None:
        return
    try:
        locked = occurrences.lock(Occurrence(pk=found.occurrence_id))
    except NotYours:
        locked = None  # its sighting is deleted, or waits for that: nothing is settled there
    taken = rows.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    if model is Identification:
        rows.update(note="")
    if locked is None or not taken:
        return
    if model is Identification:
        queue.said(locked)
        verdicts.settle_held(occurrence=locked)
    elif model is Box:
        listing.touch(locked.observation)
        boxes.settle_held(locked, found.photo)
    elif model is Pass:
        queue.passed(locked)
    else:
        listing.touch(locked.observation)
