"""Changes of the tree: which there are, whom they overlap with, and what one would touch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.dispatch import Signal

from species.models import ChangedTaxon, Occurrence, Taxon, TaxonChange, TaxonEdit
from species.places import areas
from species.queries import taxa as taxon_queries
from species.taxonomy import changes as rules
from species.taxonomy.tree import Tree

# Nothing is counted further: a preview says "10,000 or more".
MOST = 10_000


@dataclass(frozen=True)
class Touched:
    """How many of what (`many`, in words) a change touches; `more`: only so far was counted. `pages`: title and
    address of a few of them.
    """

    many: str
    count: int
    more: bool = False
    pages: tuple[tuple[str, str], ...] = ()


# Sent with `taxa`, ids of the old names with every synonym; each receiver answers a list of `Touched`. Higher floors
# cannot be imported from here: they connect when they are installed.
asked = Signal()


def changes() -> QuerySet[TaxonChange]:
    """With what a list of them shows."""
    rows = TaxonChange.objects.select_related("by", "applied_by", "undone_by", "meeting", "job")
    return rows.prefetch_related("taxa__taxon")


def under_way() -> QuerySet[TaxonChange]:
    """Those that votes do not follow yet, the oldest first."""
    running = [TaxonChange.State.APPLYING, TaxonChange.State.UNDOING]
    return changes().filter(state__in=running).order_by("begun_at", "id")


def of(taxon: Taxon) -> QuerySet[TaxonChange]:
    """Those that were applied and had this taxon on a side, undone ones too; the newest first."""
    here = ChangedTaxon.objects.filter(change=OuterRef("pk"), taxon=taxon)
    begun = changes().exclude(state=TaxonChange.State.DRAFT)
    return begun.filter(Exists(here)).order_by("-begun_at", "-id")


def edits(taxon: Taxon) -> QuerySet[TaxonEdit]:
    """What was changed of this name, the oldest first."""
    rows = TaxonEdit.objects.filter(taxon=taxon).select_related("by")
    return rows.prefetch_related("change__taxa__taxon").order_by("created", "id")


def with_history(taxa: QuerySet[Taxon]) -> QuerySet[Taxon]:
    """`has_changes`, `has_edits`: whether `of` and `edits` would find any."""
    here = {"taxon": OuterRef("pk")}
    return taxa.annotate(
        has_changes=Exists(ChangedTaxon.objects.filter(**here)),
        has_edits=Exists(TaxonEdit.objects.filter(**here)),
    )


def by_labels(labels: Iterable[str]) -> QuerySet[Taxon]:
    return Taxon.objects.filter(label__in=list(labels))


def plan(change: TaxonChange, tree: Tree) -> rules.Plan:
    """What it does on this tree. Raises rules.Impossible."""
    old, new = ([str(each.pk) for each in side] for side in (change.old, change.new))
    return rules.plan(change.kind, old, new, tree)


def names_of(taxa: Iterable[UUID]) -> set[UUID]:
    """These, and whatever is a synonym of one, however many mergers ago. One query."""
    found = set(taxa)
    links = list(Taxon.objects.exclude(synonym_of=None).order_by().values_list("pk", "synonym_of"))
    while more := {pk for pk, of in links if of in found} - found:
        found |= more
    return found


def in_the_way(change: TaxonChange) -> TaxonChange | None:
    """One that is being applied or undone now, and has a name in common with this, by whatever synonym."""
    own = _reach(change)
    return next((each for each in under_way().exclude(pk=change.pk) if own & _reach(each)), None)


def later(change: TaxonChange) -> TaxonChange | None:
    """One that was applied after this, stands, and has a name in common: it is undone first."""
    states = [TaxonChange.State.APPLYING, TaxonChange.State.APPLIED, TaxonChange.State.UNDOING]
    since = changes().filter(state__in=states, begun_at__gt=change.begun_at).exclude(pk=change.pk)
    own = {taxon.pk for taxon in (*change.old, *change.new)}
    touching = ChangedTaxon.objects.filter(change=OuterRef("pk"), taxon__in=own)
    return since.filter(Exists(touching)).order_by("-begun_at", "-id").first()


def _reach(change: TaxonChange) -> set[UUID]:
    return names_of(taxon.pk for taxon in (*change.old, *change.new))


def destination(change: TaxonChange, latitude: float | None, longitude: float | None) -> UUID:
    """As what a split counts a vote for the old name at this public place; degrees, or None where no place is public.

    The public place, which for a protected one is the middle of its square: so that nobody learns from a name more of
    where it is than everybody is told.
    """
    assert change.meeting_id is not None  # a split that has begun
    if latitude is None or longitude is None:
        return change.meeting_id
    for each in change.taxa.all():
        if each.side == ChangedTaxon.Side.NEW and areas.holds(each.areas, latitude, longitude):
            return each.taxon_id
    return change.meeting_id


def preview(change: TaxonChange) -> list[Touched]:
    """What it touches, or touched, on every floor: a few counts, each of at most `MOST` rows."""
    old = names_of(taxon.pk for taxon in change.old)
    found = [counted("sightings named so by everybody", Occurrence.objects.filter(agreed_taxon__in=old))]
    below = set(taxon_queries.inside(change.old)) - old
    if below:
        found.append(Touched("names under it", len(below)))
    for _, answer in asked.send(sender=TaxonChange, taxa=old):
        found += cast("list[Touched]", answer)
    return found


def counted(many: str, rows: QuerySet[Any, Any]) -> Touched:
    count = rows.order_by().values("pk")[: MOST + 1].count()
    return Touched(many, min(count, MOST), count > MOST)
