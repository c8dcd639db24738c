"""Votes and rulings that follow a split, and come back when it is undone.

A merge or a swap needs none of this: a vote for a name counts for what that is a synonym of.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from jobs.worklist import Worklist
from labeling.actions import queue, verdicts
from labeling.actions.listing import place_in_lists
from labeling.models import Identification, Reapplied, Ruling
from labeling.queries import taxon_changes as queries
from notices.actions import notify_each
from species.access import NotYours
from species.actions import occurrences
from species.models import Occurrence, Taxon, TaxonChange
from species.queries import taxa
from species.queries import taxon_changes as changes
from species.taxonomy.tree import Tree

BATCH = 200
Progress = Callable[[int, int], object]


def carry_out(*, change: TaxonChange, progress: Progress) -> None:
    """What people said with a change that is being applied or undone. Safe to repeat, and by several at once."""
    if change.state == TaxonChange.State.UNDOING:
        give_back(change=change, progress=progress)
    elif change.state == TaxonChange.State.APPLYING and change.kind == TaxonChange.Kind.SPLIT:
        follow(change=change, progress=progress)


def follow(*, change: TaxonChange, progress: Progress) -> int:
    """Say anew what a split takes along; how many words that were. Safe to repeat, and to stop at any point.

    Each organism by itself, in a short transaction that settles it as well.
    """
    names = changes.names_of(taxon.pk for taxon in change.old)
    moved, found = 0, 1
    while found:
        found = 0
        _wait_for_who_is_speaking(change)
        waiting = Worklist(queries.to_say_anew(change, names).order_by("pk").values_list("pk", flat=True))
        done = 0
        for batch in waiting.batches(BATCH):
            for pk in _differing(change, names, batch):
                with suppress(NotYours):  # discarded since it was found
                    found += say_anew(change=change, names=names, occurrence=Occurrence(pk=pk))
                progress(done, len(waiting))
            done += len(batch)
            progress(done, len(waiting))
        moved += found
    return moved


@transaction.atomic
def _wait_for_who_is_speaking(change: TaxonChange) -> None:
    """Whoever began to say the old name before it changed is through: who names a taxon holds its row meanwhile."""
    list(Taxon.objects.select_for_update().filter(pk__in=[taxon.pk for taxon in change.old]).order_by("pk"))


def _differing(change: TaxonChange, names: set[UUID], ids: list[UUID]) -> Iterator[UUID]:
    """Those of these that are not where the old name stays as it is."""
    rows = Occurrence.objects.filter(pk__in=ids).order_by("pk").select_related("observation")
    for each in rows.only("observation__public_latitude", "observation__public_longitude"):
        if _goes_to(change, each) not in names:
            yield each.pk


def _goes_to(change: TaxonChange, occurrence: Occurrence) -> UUID:
    sighting = occurrence.observation
    return changes.destination(change, sighting.public_latitude, sighting.public_longitude)


@transaction.atomic
def say_anew(*, change: TaxonChange, names: set[UUID], occurrence: Occurrence) -> int:
    """Of one organism; how many words. What was said since the change began means the new names and stays."""
    locked = occurrences.lock(occurrence)
    goes = _goes_to(change, locked)
    if goes in names:
        return 0
    # Told apart by place, or asked again: then nobody has said that it can't be named more closely.
    apart = goes != change.meeting_id
    tree, said = taxa.tree(), 0
    for each in queries.words(change, names, locked):
        taxon = goes if each.taxon_id in names else each.taxon_id
        rejected = _rejected(change, each, taxon, goes, names, tree)
        if (taxon, rejected) != (each.taxon_id, each.disagrees_with_id):
            _replace(change, locked, each, taxon, rejected, apart)
            said += 1
    for ruling in queries.ruled_so(change, names, locked):
        _rule_anew(change, locked, ruling, goes if apart else None)
        said += 1
    if said:
        _settle(locked)
    return said


def _rejected(
    change: TaxonChange, each: Identification, taxon: UUID, goes: UUID, names: set[UUID], tree: Tree
) -> UUID | None:
    """What the word rejects from now on. Of what no place tells apart only the old name itself, if it stays one."""
    rejected = each.disagrees_with_id
    if rejected in names:
        stays = [one.pk for one in change.old if one in change.new]
        rejected = goes if goes != change.meeting_id else next(iter(stays), None)
    if rejected is not None and tree.is_ancestor_or_self(str(rejected), str(taxon)):
        return None  # nobody rejects the very name they give
    return rejected


def _replace(
    change: TaxonChange,
    locked: Occurrence,
    before: Identification,
    taxon: UUID,
    rejected: UUID | None,
    apart: bool,
) -> None:
    Identification.objects.filter(pk=before.pk).update(withdrawn_at=timezone.now())
    copied = {
        name: getattr(before, name)
        for name in ("person_id", "confidence", "note", "suggestion_on_screen_id", "model_on_screen")
    } | {"others_on_screen": before.others_on_screen}
    anew = Identification.objects.create(
        **_place(locked, before.created),
        **copied,
        occurrence=locked,
        taxon_id=taxon,
        disagrees_with_id=rejected,
        cannot_improve=before.cannot_improve and (apart or taxon == before.taxon_id),
    )
    Reapplied.objects.create(change=change, identification=before, identification_now=anew)


def _rule_anew(change: TaxonChange, locked: Occurrence, before: Ruling, taxon: UUID | None) -> None:
    Ruling.objects.filter(pk=before.pk).update(withdrawn_at=timezone.now())
    anew = None
    if taxon is not None:
        anew = Ruling.objects.create(
            **_place(locked, before.created),
            occurrence=locked,
            taxon_id=taxon,
            reviewer_id=before.reviewer_id,
            reason=before.reason,
        )
    Reapplied.objects.create(change=change, ruling=before, ruling_now=anew)


def _place(locked: Occurrence, created: datetime) -> dict[str, Any]:
    """Said when it was said, and in lists as of now."""
    return place_in_lists(locked) | {"created": created}


def _settle(locked: Occurrence) -> None:
    queue.said(locked)
    verdicts.settle_held(occurrence=locked)


def give_back(*, change: TaxonChange, progress: Progress) -> int:
    """Put back what the split said anew; how many words. Safe to repeat, and to stop at any point.

    Who has said something else since, or taken it back, has the last word: theirs stays, and so does a later ruling.
    """
    organism = Q(identification__occurrence=OuterRef("pk")) | Q(ruling__occurrence=OuterRef("pk"))
    rows = Occurrence.objects.filter(Exists(queries.to_give_back(change).filter(organism)))
    waiting, back = Worklist(rows.order_by("pk").values_list("pk", flat=True)), 0
    done = 0
    for batch in waiting.batches(BATCH):
        for pk in batch:
            with suppress(NotYours):
                back += put_back(change=change, occurrence=Occurrence(pk=pk))
            done += 1
            progress(done, len(waiting))
    return back


@transaction.atomic
def put_back(*, change: TaxonChange, occurrence: Occurrence) -> int:
    locked = occurrences.lock(occurrence)
    now, back = timezone.now(), 0
    of_it = Q(identification__occurrence=locked) | Q(ruling__occurrence=locked)
    for each in queries.to_give_back(change).filter(of_it).order_by("id"):
        if each.identification_id is not None and each.identification_now_id is not None:
            standing = Identification.objects.filter(pk=each.identification_now_id, withdrawn_at=None)
            if standing.update(withdrawn_at=now):
                Identification.objects.filter(pk=each.identification_id).update(
                    withdrawn_at=None, listed_at=_place(locked, now)["listed_at"]
                )
                back += 1
        else:
            back += _put_ruling_back(each, locked, now)
        Reapplied.objects.filter(pk=each.pk).update(given_back_at=now)
    if back:
        _settle(locked)
    return back


def _put_ruling_back(each: Reapplied, locked: Occurrence, now: datetime) -> int:
    if each.ruling_now_id is not None:
        if not Ruling.objects.filter(pk=each.ruling_now_id, withdrawn_at=None).update(withdrawn_at=now):
            return 0
    elif Ruling.objects.filter(occurrence=locked, withdrawn_at=None).exists():
        return 0
    assert each.ruling_id is not None  # or it were of an identification
    return Ruling.objects.filter(pk=each.ruling_id).update(
        withdrawn_at=None, listed_at=_place(locked, now)["listed_at"]
    )


def ask_again(*, change: TaxonChange) -> None:
    """Tell everybody whose words no place told apart, once each: they are asked what it is now. Again is once."""
    if change.meeting is None:
        return
    rows = Reapplied.objects.filter(
        change=change,
        identification_now__taxon=change.meeting,
        identification_now__withdrawn_at=None,
        identification_now__person__is_source=False,
    )
    asked = rows.order_by().values_list("identification_now__person").annotate(count=Count("pk"))
    old = " and ".join(taxon.said for taxon in change.old)
    notify_each(
        texts={
            person: f"{old} was split. {_counted(count)} as {change.meeting.said} until you say which it is."
            for person, count in asked
        },
        kind="taxon_change",
        url=change.get_absolute_url(),
        about=f"taxon_change:{change.pk}",
    )


def _counted(number: int) -> str:
    return "One of your names counts" if number == 1 else f"{number} of your names count"
