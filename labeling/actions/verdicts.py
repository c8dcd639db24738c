"""Verdicts: what the standing identifications and rulings add up to, written where everybody can read it."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from jobs.worklist import Worklist
from labeling import consensus
from labeling.consensus import Unreadable
from labeling.models import Verdict
from labeling.queries import identifications, outcomes, rulings
from labeling.queries.verdicts import not_followed
from species.access import NotYours, acts_for
from species.actions import occurrences as occurrence_actions
from species.models import Observation, Occurrence, Status, Taxon
from species.places import protection
from species.places.protection import Grounds, Protected
from species.queries import taxa
from species.taxonomy.tree import Tree
from webhooks.actions import tell

# On SQLite one writer keeps out all others; people who wait for a page come first.
TRANSACTION_SECONDS = 0.05
# Sightings that one who looks through many holds at once: where that keeps out everybody, for less than 50 ms.
HELD = {"sqlite": 40, "postgresql": 200}
BATCH = 500  # read at once by who holds none
PASSES = 5  # the tree may change while verdicts follow it; whoever looks next goes on
# What is read of an occurrence to say whether its verdict stands.
COMPARED = (
    *(
        "status",
        "agreed_taxon",
        "exported_taxon",
        "settled_at",
        "agreement",
        "place_floor",
        "place_floor_rule",
    ),
    *(
        "observation__observer",
        "verdict__status",
        "verdict__taxon",
        "verdict__explanation",
        "verdict__tree_version",
        "verdict__reliability_version",
        "verdict__computed_at",
    ),
)
WRITTEN = ["status", "taxon", "explanation", "tree_version", "reliability_version", "computed_at"]
Said = list[tuple[UUID, bool]]  # names, each with whether anybody's word for it stands


def settle_held(
    *,
    occurrence: Occurrence,
    by: User | None = None,
    tree: Tree | None = None,
    protected: Protected | None = None,
    spoken: bool = True,
) -> Verdict:
    """Decide an occurrence from what stands now, and write the verdict with its explanation.

    The caller has locked it: nobody speaks between what is read and written.
    `by` is who has just said or withdrawn a name; `tree` and `protected` are for callers that settle many, where
    nothing new was `spoken`.
    """
    tree = tree or taxa.tree()
    [(_, outcome, ruling, said)] = _computed([occurrence], tree)
    taxon = _id(outcome.taxon)
    before = (occurrence.status, occurrence.agreed_taxon_id)
    occurrence_actions.settle(
        occurrence=occurrence,
        status=outcome.status,
        taxon=taxon,
        exported=_id(outcome.exported),
        grounds=_grounds(
            outcome, ruling, said, owner_speaks=by is not None and acts_for(by, occurrence.observation)
        ),
        protected=protected or taxa.protected_in(tree),
        spoken=spoken,
    )
    if (occurrence.status, occurrence.agreed_taxon_id) != before:
        _tell(occurrence, before=before[0])
    values = _values(outcome)
    # Nobody else writes it while the sighting is held.
    if not Verdict.objects.filter(occurrence=occurrence).update(**values):
        return Verdict.objects.create(occurrence=occurrence, **values)
    return Verdict(occurrence=occurrence, **values)


def _values(outcome: consensus.Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "taxon_id": _id(outcome.taxon),
        "explanation": outcome.explanation.to_json(),
        "tree_version": outcome.tree_version,
        "reliability_version": outcome.reliability_version,
        "computed_at": timezone.now(),
    }


def _tell(occurrence: Occurrence, *, before: str) -> None:
    """Other programs, of a verdict on what everybody sees. Not what it says: whoever reads that asks for it, and has
    seen then what others say.
    """
    now = Status(occurrence.status)
    # Another name for what people disagree about is nothing new.
    if not occurrence.shown or not (now == Status.VERIFIED or now == Status.DISPUTED != before):
        return
    observation = occurrence.observation
    tell(
        f"occurrence.{now}",
        data={
            "occurrence": str(occurrence.pk),
            "observation": str(observation.pk),
            "api": reverse("api-occurrence-detail", args=[occurrence.pk]),
            "page": f"{observation.get_absolute_url()}#o-{occurrence.pk}",  # type: ignore[attr-defined]
        },
        whose=[observation.observer_id],
    )


def recompute(*, occurrences: Iterable[UUID], progress: Callable[[int, int], object] | None = None) -> int:
    """Settle many anew, given by id, in transactions of at most about 50 ms; how many there were.

    What comes out as it stands is looked at many at a time and not written. Not atomic as a whole: each occurrence is
    right by itself, and doing it again is harmless. `progress(done, total)` is called between transactions and may
    raise to stop.
    """
    left, done = Worklist(occurrences), 0
    for batch in left.batches(HELD[connection.vendor]):
        for settled in _settle_anew(batch):
            if progress:
                progress(done + settled.of, len(left))
        done += len(batch)
    return done


class _Settled(NamedTuple):
    of: int  # how many of the batch are settled by now
    changed: int  # how many of the whole batch did not stand


def _settle_anew(ids: list[UUID]) -> Iterator[_Settled]:
    """Settle so many that one transaction can hold them; a word between transactions."""
    started = time.monotonic()
    found, explained = _confirm(ids)
    differing, changed = deque(found), len(found) + explained
    _make_way(started)
    while differing:
        started = time.monotonic()
        with transaction.atomic():
            # Read anew for each transaction: the tree may change while thousands are computed.
            tree = taxa.tree()
            protected = taxa.protected(tree)
            # At least one each time, however long it took to read a large tree.
            while differing:
                occurrence = Occurrence(pk=differing.popleft())
                with suppress(NotYours):  # discarded since it was found
                    locked = occurrence_actions.lock(occurrence)
                    settle_held(occurrence=locked, tree=tree, protected=protected, spoken=False)
                # Where rows are locked one by one, two of these could come to wait for each other.
                if connection.vendor != "sqlite" or time.monotonic() - started > TRANSACTION_SECONDS:
                    break
        _make_way(started)
        if differing:
            yield _Settled(len(ids) - len(differing), changed)
    yield _Settled(len(ids), changed)


def _make_way(started: float) -> None:
    """On SQLite nobody else wrote since then: let them, for as long."""
    if connection.vendor == "sqlite":
        time.sleep(time.monotonic() - started)


@transaction.atomic
def _confirm(ids: list[UUID]) -> tuple[list[UUID], int]:
    """Those of these occurrences that do not stand as what was said adds up to, in their order.

    Of the others only what the verdict says of how that came about is written, where it says otherwise: of how many,
    but for the versions of the tree and of the table of reliability. All sightings are held meanwhile: somebody who is
    just saying something may still go by a tree, or a trust, that is no more, and what they write is computed anew by
    whoever comes after.
    """
    of_these = Occurrence.objects.filter(pk__in=ids)
    # In one order, so that two who hold many do not wait for each other.
    held = (
        Observation.objects.select_for_update().filter(pk__in=of_these.values("observation")).order_by("pk")
    )
    list(held.values_list("pk"))
    tree = taxa.tree()
    protected = taxa.protected(tree)
    rows = list(of_these.select_related("observation", "verdict").only(*COMPARED))
    standing, written, explained, seen = set(), [], 0, {}
    for occurrence, outcome, ruling, said in _computed(rows, tree):
        if not _stands(occurrence, outcome, ruling, said, protected=protected):
            continue
        standing.add(occurrence.pk)
        verdict, values = occurrence.verdict, _values(outcome)
        says = _says(verdict, outcome)
        versions = (verdict.tree_version, verdict.reliability_version)
        if not says or versions != (outcome.tree_version, outcome.reliability_version):
            computed = {"computed_at": verdict.computed_at} if says else {}
            written.append(Verdict(occurrence_id=occurrence.pk, **values | computed))
            seen[occurrence.pk] = verdict.computed_at
            explained += not says
    # What somebody has said since was settled with it, and stays.
    now = dict(Verdict.objects.filter(pk__in=seen).values_list("pk", "computed_at")) if seen else {}
    written = [each for each in written if now.get(each.pk) == seen[each.pk]]
    Verdict.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["occurrence"], update_fields=WRITTEN
    )
    return [pk for pk in ids if pk not in standing], explained


def follow(*, progress: Callable[[int, int], object] | None = None) -> int:
    """Settle anew what was reached on another tree than the present one, or with another table of reliability; how many
    verdicts changed.

    What neither touches only gets the new versions, so that naming one species more does not write to a million
    sightings. Safe to repeat, and to stop by an exception of `progress`. A broken tree is not followed: it will be
    mended.
    """
    changed = 0
    for _ in range(PASSES):
        tree = taxa.tree()
        waiting = not_followed(tree).order_by("pk").values_list("pk", flat=True)
        total = waiting.count()
        if tree.broken or not total:
            break
        done, last, size = 0, None, HELD[connection.vendor]
        while batch := list((waiting if last is None else waiting.filter(pk__gt=last))[:size]):
            last = batch[-1]
            for settled in _settle_anew(batch):
                if progress:
                    progress(done + settled.of, max(done, total))
            changed += settled.changed
            done += len(batch)
    return changed


def settle_named(*, changed: Iterable[Taxon], progress: Callable[[int, int], object] | None = None) -> int:
    """Settle anew whatever was ever named as one of these taxa or as something under one; how many there were.

    After what protects them changed, or what they descend from. Safe to repeat.
    """
    named = identifications.occurrences_named(taxa.touched_by(changed)).order_by("created", "id")
    return recompute(occurrences=named.values_list("pk", flat=True), progress=progress)


def differing(occurrences: QuerySet[Occurrence] | None = None) -> Iterator[Occurrence]:
    """Those of these occurrences, else of all, whose verdict, or the floor under whose place, is not what was said
    adds up to. Computes each."""
    whole = Occurrence.objects.all() if occurrences is None else occurrences
    rows, last = whole.select_related("observation", "verdict").only(*COMPARED).order_by("pk"), None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        last = batch[-1].pk
        protected = taxa.protected()
        for occurrence, outcome, ruling, said in _computed(batch, protected.tree):
            if not _agrees(occurrence, outcome, ruling, said, protected=protected) and not _agrees_now(
                occurrence
            ):
                yield occurrence


@transaction.atomic
def _agrees_now(occurrence: Occurrence) -> bool:
    """Once more with the row held: somebody may just have spoken, or taken the sighting back."""
    protected = taxa.protected()
    try:
        locked = occurrence_actions.lock(Occurrence(pk=occurrence.pk))
    except NotYours:
        return True
    [(_, outcome, ruling, said)] = _computed([locked], protected.tree)
    return _agrees(locked, outcome, ruling, said, protected=protected)


def _agrees(
    occurrence: Occurrence,
    outcome: consensus.Outcome,
    ruling: consensus.Ruling | None,
    said: Said,
    *,
    protected: Protected,
) -> bool:
    """Whether status, names and floor are what was said adds up to, and so its verdict, if there is one."""
    if not _columns_agree(occurrence, outcome, ruling, said, protected=protected):
        return False
    written = getattr(occurrence, "verdict", None)
    return written is None or _says(written, outcome)


def _columns_agree(
    occurrence: Occurrence,
    outcome: consensus.Outcome,
    ruling: consensus.Ruling | None,
    said: Said,
    *,
    protected: Protected,
) -> bool:
    on_row = (occurrence.status, occurrence.agreed_taxon_id, occurrence.exported_taxon_id)
    if on_row != (outcome.status, _id(outcome.taxon), _id(outcome.exported)):
        return False
    return _floor_agrees(occurrence, outcome, ruling, said, protected)


def _stands(
    occurrence: Occurrence,
    outcome: consensus.Outcome,
    ruling: consensus.Ruling | None,
    said: Said,
    *,
    protected: Protected,
) -> bool:
    """Whether settling it anew would write nothing but how its verdict came about."""
    grounds = _grounds(outcome, ruling, said)
    return (
        hasattr(occurrence, "verdict")
        and occurrence.settled_at is not None
        and occurrence.agreement == occurrence_actions.agreement(grounds)
        and _columns_agree(occurrence, outcome, ruling, said, protected=protected)
    )


def _says(written: Verdict, outcome: consensus.Outcome) -> bool:
    """Whether a verdict comes out the same, on whatever tree and with whatever table it was reached."""
    try:
        explained = written.explained()
    except Unreadable:
        return False
    # Most changes of the tree are elsewhere, and every count and name is compared anyway.
    fresh = replace(
        outcome.explanation,
        tree_version=explained.tree_version,
        reliability_version=explained.reliability_version,
    )
    return (written.status, written.taxon_id) == (outcome.status, _id(outcome.taxon)) and explained == fresh


def _floor_agrees(
    occurrence: Occurrence,
    outcome: consensus.Outcome,
    ruling: consensus.Ruling | None,
    named: Said,
    protected: Protected,
) -> bool:
    floor = protection.floor(
        agreed=None if outcome.taxon is None else str(outcome.taxon),
        ruled=ruling is not None,
        named=[str(taxon) for taxon, _ in named],
        protected=protected,
    )
    return (occurrence.place_floor, occurrence.place_floor_rule) == (floor.level, floor.rule)


# An occurrence, its outcome, the ruling or trust that made it, and the names that protect its place.
Computed = tuple[Occurrence, consensus.Outcome, consensus.Ruling | None, Said]


def _computed(occurrences: list[Occurrence], tree: Tree) -> Iterator[Computed]:
    """In their order. Three queries, and one more where reliability is measured, or where nobody has said anything."""
    said = identifications.standing_identifications(occurrences)
    everybody = {row.person_id for rows in said.values() for row in rows}
    standing = rulings.standing_rulings(occurrences, everybody)
    named = identifications.names_that_count(occurrences)
    table = outcomes.table_for((row for rows in said.values() for row in rows), tree)
    for occurrence in occurrences:
        outcome, ruling = outcomes.outcome(occurrence, said[occurrence.pk], standing, tree, table)
        yield occurrence, outcome, ruling, named[occurrence.pk]


def _id(taxon: object) -> UUID | None:
    return None if taxon is None else UUID(str(taxon))


def _grounds(
    outcome: consensus.Outcome, ruling: consensus.Ruling | None, said: Said, *, owner_speaks: bool = False
) -> Grounds:
    return Grounds(
        ruled=ruling is not None,
        ruled_by=str(ruling.reviewer) if ruling else "",
        standing=tuple(str(name) for name, stands in said if stands),
        withdrawn=tuple(str(name) for name, stands in said if not stands),
        agreeing=tuple(map(str, outcome.agreeing)),
        disagreeing=tuple(map(str, outcome.disagreeing)),
        owner_speaks=owner_speaks,
    )
