"""Verdicts: what the standing identifications and rulings add up to, written where everybody can read it."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from labeling import consensus
from labeling.consensus import Unreadable
from labeling.models import Identification, Ruling, Verdict
from labeling.queries import identifications, reliability, rulings
from labeling.queries.verdicts import of_another_tree
from species.access import NotYours, acts_for
from species.actions import occurrences as occurrence_actions
from species.models import Occurrence, Taxon
from species.places import protection
from species.places.protection import Grounds, Protected
from species.queries import taxa
from species.taxonomy.tree import Tree

# On SQLite one writer keeps out all others; people who wait for a page come first.
TRANSACTION_SECONDS = 0.05
BATCH = 100  # verdicts read between two writes when the tree changed
PASSES = 5  # the tree may change while verdicts follow it; whoever looks next goes on


def settle_held(
    *,
    occurrence: Occurrence,
    by: User | None = None,
    tree: Tree | None = None,
    protected: Protected | None = None,
) -> Verdict:
    """Decide an occurrence from what stands now, and write the verdict with its explanation.

    The caller has locked it: nobody speaks between what is read and written.
    `by` is who has just said or withdrawn a name; `tree` and `protected` are for callers that settle many.
    """
    tree = tree or taxa.tree()
    outcome, ruling = _decide(occurrence, tree)
    taxon = None if outcome.taxon is None else Taxon.objects.get(pk=UUID(str(outcome.taxon)))
    said = identifications.names_that_count([occurrence])[occurrence.pk]
    occurrence_actions.settle(
        occurrence=occurrence,
        status=outcome.status,
        taxon=taxon,
        grounds=Grounds(
            ruled=ruling is not None,
            ruled_by=str(ruling.reviewer) if ruling else "",
            standing=tuple(str(name) for name, stands in said if stands),
            withdrawn=tuple(str(name) for name, stands in said if not stands),
            agreeing=tuple(map(str, outcome.agreeing)),
            disagreeing=tuple(map(str, outcome.disagreeing)),
            owner_speaks=by is not None and acts_for(by, occurrence.observation),
        ),
        protected=protected or taxa.protected(tree),
    )
    verdict, _ = Verdict.objects.update_or_create(
        occurrence=occurrence,
        defaults={
            "status": outcome.status,
            "taxon": taxon,
            "explanation": outcome.explanation.to_json(),
            "tree_version": outcome.tree_version,
            "reliability_version": outcome.reliability_version,
            "computed_at": timezone.now(),
        },
    )
    return verdict


def recompute(*, occurrences: Iterable[UUID], progress: Callable[[int, int], object] | None = None) -> int:
    """Settle many anew, given by id, in transactions of at most about 50 ms; how many there were.

    Not atomic as a whole: each occurrence is right by itself, and doing it again is harmless.
    `progress(done, total)` is called between transactions and may raise to stop.
    """
    left = deque(occurrences)
    total = len(left)
    while left:
        started = time.monotonic()
        with transaction.atomic():
            # Read anew for each transaction: the tree may change while thousands are computed.
            tree = taxa.tree()
            protected = taxa.protected(tree)
            # At least one each time, however long it took to read a large tree.
            while left:
                occurrence = Occurrence.objects.filter(pk=left.popleft()).first()
                if occurrence is not None:
                    with suppress(NotYours):  # discarded since it was found
                        locked = occurrence_actions.lock(occurrence)
                        settle_held(occurrence=locked, tree=tree, protected=protected)
                # Where rows are locked one by one, two of these could come to wait for each other.
                if connection.vendor != "sqlite" or time.monotonic() - started > TRANSACTION_SECONDS:
                    break
        if progress:
            progress(total - len(left), total)
        if left and connection.vendor == "sqlite":
            time.sleep(time.monotonic() - started)
    return total


def follow_tree(*, progress: Callable[[int, int], object] | None = None) -> int:
    """Settle anew what was reached on another tree than the present one; how many verdicts changed.

    What the change of the tree does not touch only gets its new version, so that naming one species more does
    not write to a million sightings. Safe to repeat, and to stop by an exception of `progress`. A broken tree is
    not followed: it will be mended.
    """
    changed = 0
    for _ in range(PASSES):
        tree = taxa.tree()
        waiting = of_another_tree(Verdict.objects.all(), tree)
        total = waiting.count()
        if tree.broken or not total:
            break
        done, last = 0, None
        while batch := list(_after(waiting, last)[:BATCH]):
            last = batch[-1].pk
            changed += recompute(occurrences=_renew(batch, tree))
            done += len(batch)
            if progress:
                progress(done, max(done, total))
    return changed


def settle_named(*, changed: Iterable[Taxon], progress: Callable[[int, int], object] | None = None) -> int:
    """Settle anew whatever was ever named as one of these taxa or as something under one; how many there were.

    After what protects them changed, or what they descend from. Safe to repeat.
    """
    named = identifications.occurrences_named(taxa.touched_by(changed)).order_by("created", "id")
    return recompute(occurrences=named.values_list("pk", flat=True), progress=progress)


def _after(waiting: QuerySet[Verdict], last: UUID | None) -> QuerySet[Verdict]:
    rows = waiting.select_related("occurrence__observation").order_by("pk")
    return rows if last is None else rows.filter(pk__gt=last)


def _renew(verdicts: list[Verdict], tree: Tree) -> list[UUID]:
    """Give those that come out the same the version of this tree; the ids of the others."""
    same, touched, protected = {}, [], taxa.protected(tree)
    occurrences = [verdict.occurrence for verdict in verdicts]
    names = identifications.names_that_count(occurrences)
    for verdict, (outcome, ruling) in zip(verdicts, _decide_all(occurrences, tree), strict=True):
        named = names[verdict.occurrence_id]
        if _says(verdict, outcome) and _floor_agrees(verdict.occurrence, outcome, ruling, named, protected):
            same[verdict.pk] = (verdict.computed_at, outcome.explanation.to_json())
        else:
            touched.append(verdict.pk)
    with transaction.atomic():
        rows = Verdict.objects.select_for_update(of=("self",)).filter(pk__in=same).order_by("pk")
        # Whoever has spoken since it was read has settled it, on this tree or another.
        renewed = [row for row in rows if row.computed_at == same[row.pk][0]]
        for row in renewed:
            row.tree_version, row.explanation = tree.version, same[row.pk][1]
        Verdict.objects.bulk_update(renewed, ["tree_version", "explanation"])
    return touched


def differing() -> Iterator[Occurrence]:
    """Occurrences whose verdict, or the floor under whose place, is not what was said adds up to. Computes all."""
    protected = taxa.protected()
    for occurrence in Occurrence.objects.select_related("observation").order_by("created", "id").iterator():
        if not _agrees(occurrence, protected) and not _agrees_now(occurrence):
            yield occurrence


@transaction.atomic
def _agrees_now(occurrence: Occurrence) -> bool:
    """Once more with the row held: somebody may just have spoken, or taken the sighting back."""
    try:
        return _agrees(occurrence_actions.lock(occurrence), taxa.protected())
    except NotYours:
        return True


def _agrees(occurrence: Occurrence, protected: Protected) -> bool:
    outcome, ruling = _decide(occurrence, protected.tree)
    taxon = None if outcome.taxon is None else UUID(str(outcome.taxon))
    if (occurrence.status, occurrence.agreed_taxon_id) != (outcome.status, taxon):
        return False
    named = identifications.names_that_count([occurrence])[occurrence.pk]
    if not _floor_agrees(occurrence, outcome, ruling, named, protected):
        return False
    written = Verdict.objects.filter(occurrence=occurrence).first()
    return written is None or _says(written, outcome)


def _says(written: Verdict, outcome: consensus.Outcome) -> bool:
    """Whether a verdict comes out the same, on whatever tree it was reached."""
    try:
        explained = written.explained()
    except Unreadable:
        return False
    # Most changes of the tree are elsewhere, and every count and name is compared anyway.
    fresh = replace(outcome.explanation, tree_version=explained.tree_version)
    taxon = None if outcome.taxon is None else UUID(str(outcome.taxon))
    return (written.status, written.taxon_id) == (outcome.status, taxon) and explained == fresh


def _floor_agrees(
    occurrence: Occurrence,
    outcome: consensus.Outcome,
    ruling: consensus.Ruling | None,
    named: list[tuple[UUID, bool]],
    protected: Protected,
) -> bool:
    floor = protection.floor(
        agreed=None if outcome.taxon is None else str(outcome.taxon),
        ruled=ruling is not None,
        named=[str(taxon) for taxon, _ in named],
        protected=protected,
    )
    return (occurrence.place_floor, occurrence.place_floor_rule) == (floor.level, floor.rule)


# An outcome, and the ruling or trust that made it.
Decided = tuple[consensus.Outcome, consensus.Ruling | None]


def _decide(occurrence: Occurrence, tree: Tree) -> Decided:
    return next(_decide_all([occurrence], tree))


def _decide_all(occurrences: list[Occurrence], tree: Tree) -> Iterator[Decided]:
    """In their order. Two queries, and one each where reliability is measured."""
    said = identifications.standing_identifications(occurrences)
    everybody = {row.person_id for rows in said.values() for row in rows}
    standing = rulings.standing_rulings(occurrences, everybody)
    for occurrence in occurrences:
        yield _outcome(occurrence, said[occurrence.pk], standing, tree)


def _outcome(
    occurrence: Occurrence, rows: list[Identification], standing: list[Ruling], tree: Tree
) -> Decided:
    """`standing` may hold rulings on others, too."""
    uploader = occurrence.observation.observer_id
    votes = [
        consensus.Vote(
            person=str(row.person_id),
            taxon=str(row.taxon_id),
            is_uploader=row.person_id == uploader,
            disagrees_with=None if row.disagrees_with_id is None else str(row.disagrees_with_id),
            cannot_improve=row.cannot_improve,
        )
        for row in rows
    ]
    people = [row.person_id for row in rows]
    about_it = [each for each in standing if each.occurrence_id == occurrence.pk or each.source_id in people]
    own, trusts = _rulings(about_it, uploader)
    ruling = own or _by_trust(trusts, {row.person_id: str(row.taxon_id) for row in rows}, tree)
    return consensus.decide(votes, tree, reliability.table(people, tree), ruling), ruling


def _rulings(standing: list[Ruling], uploader: UUID) -> tuple[consensus.Ruling | None, list[Ruling]]:
    """The ruling on the occurrence itself, and the trusts; none of them by the uploader."""
    standing = [ruling for ruling in standing if ruling.reviewer_id != uploader]
    own = next((ruling for ruling in standing if ruling.occurrence_id is not None), None)
    trusts = [ruling for ruling in standing if ruling.source_id is not None]
    if own is None:
        return None, trusts
    taxon = None if own.taxon_id is None else str(own.taxon_id)
    return consensus.Ruling(taxon, str(own.reviewer_id), own.reason), trusts


def _by_trust(trusts: list[Ruling], said: dict[UUID | None, str], tree: Tree) -> consensus.Ruling | None:
    """What trusted sources say counts as ruled; where two of them differ, neither does."""
    names = {tree.accepted(said[trust.source_id]) for trust in trusts}
    if len(names) != 1:
        return None
    first = min(trusts, key=lambda trust: (trust.created, trust.pk))
    return consensus.Ruling(names.pop(), str(first.reviewer_id), first.reason, trust=True)
