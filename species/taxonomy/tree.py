"""The tree of taxa as a value: who descends from whom, hybrids and synonyms included.

Pure Python. Built from rows of any hashable ids (the database's UUIDs, or plain words in a test), it never
changes afterwards; ``version`` names its content, so that a verdict can say which tree it was reached on.

A hybrid is a taxon with two parents. Its ancestors are the *proper ancestors its parents share*: a tiger
trout (*Salmo trutta* x *Salvelinus fontinalis*) is a salmonid, but neither a *Salmo* nor a brown trout. The
ancestors of one parent only are kept apart, in ``one_sided``: they neither hold nor exclude the hybrid.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

TaxonId = Hashable

# Coarse to fine: the part of GBIF's rank vocabulary that animals, plants and fungi use, with the hybrid next
# to the species, which it is as fine as.
RANKS: tuple[str, ...] = (
    "domain", "kingdom", "subkingdom", "superphylum", "phylum", "subphylum", "infraphylum",
    "superclass", "class", "subclass", "infraclass", "cohort",
    "superorder", "order", "suborder", "infraorder", "superfamily", "family", "subfamily",
    "supertribe", "tribe", "subtribe", "genus", "subgenus", "section", "subsection", "series", "complex",
    "species", "hybrid", "subspecies", "variety", "form",
)  # fmt: skip
UNRANKED = "unranked"

_LEVEL = {rank: level for level, rank in enumerate(RANKS)}
_SPECIES = _LEVEL["species"]


class TreeError(ValueError):
    """The rows are not a tree: a cycle, a missing parent, a rank nobody knows. The text names the taxon."""


class UnknownTaxon(LookupError):
    """A taxon was asked for that this tree does not hold."""


class TaxonRow(NamedTuple):
    """One taxon; ``second_parent_id`` makes it a hybrid, ``synonym_of_id`` another name for some taxon."""

    id: TaxonId
    parent_id: TaxonId | None = None
    second_parent_id: TaxonId | None = None
    rank: str = UNRANKED
    synonym_of_id: TaxonId | None = None


def rank_order(rank: str) -> int:
    """Position of ``rank`` in ``RANKS``, greater is finer. Raises TreeError for a rank that has none."""
    try:
        return _LEVEL[rank]
    except KeyError:
        raise TreeError(f"No such rank: {rank!r}. Known ranks: {', '.join(RANKS)}, {UNRANKED}.") from None


class Tree:
    """Taxa and their descent, fixed once built.

    ``rows``: TaxonRow or plain tuples in its order (a queryset's ``values_list``), in any order.
    Every method takes synonyms and answers with accepted ids.
    Raises TreeError when the rows contradict themselves, UnknownTaxon when asked for what is not there.
    `broken` says why links were left out before it was built (`taxonomy.faults.sound`); empty for a whole tree.
    """

    broken = ""

    def __init__(self, rows: Iterable[TaxonRow | tuple[TaxonId | None, ...]]) -> None:
        self._rows = _by_id(rows)
        self._accepted = {taxon: self._resolve(taxon) for taxon in self._rows}
        self._parents = {
            taxon: self._parents_of(row) for taxon, row in self._rows.items() if row.synonym_of_id is None
        }
        self._level: dict[TaxonId, int] = {}
        self._lineage: dict[TaxonId, tuple[TaxonId, ...]] = {}
        self._one_sided: dict[TaxonId, frozenset[TaxonId]] = {}
        for taxon in self._parents_first():
            self._place(taxon)
        self.version = _version(self._rows.values())

    def __contains__(self, taxon: object) -> bool:
        return taxon in self._rows

    def __len__(self) -> int:
        return len(self._parents)

    def __iter__(self) -> Iterator[TaxonId]:
        """Accepted taxa, parents before their children."""
        return iter(self._lineage)

    def accepted(self, taxon: TaxonId) -> TaxonId:
        """The taxon itself, or the accepted one that it is a synonym of."""
        try:
            return self._accepted[taxon]
        except KeyError:
            raise UnknownTaxon(f"The tree {self.version[:12]} holds no taxon {taxon!r}.") from None

    def rank(self, taxon: TaxonId) -> str:
        return self._rows[self.accepted(taxon)].rank

    def level(self, taxon: TaxonId) -> int:
        """Fineness, to compare taxa by: the rank's order; an unranked taxon is as fine as what it is in."""
        return self._level[self.accepted(taxon)]

    def at_or_below_species(self, taxon: TaxonId) -> bool:
        return self.level(taxon) >= _SPECIES

    def parents(self, taxon: TaxonId) -> tuple[TaxonId, ...]:
        """None for a root, one, or a hybrid's two."""
        return self._parents[self.accepted(taxon)]

    def is_hybrid(self, taxon: TaxonId) -> bool:
        return len(self.parents(taxon)) == 2

    def lineage(self, taxon: TaxonId) -> tuple[TaxonId, ...]:
        """The taxon, then its ancestors, nearest first. A hybrid's are the ancestors its parents share."""
        return self._lineage[self.accepted(taxon)]

    def ancestors(self, taxon: TaxonId) -> tuple[TaxonId, ...]:
        """``lineage`` without the taxon itself."""
        return self.lineage(taxon)[1:]

    def one_sided(self, taxon: TaxonId) -> frozenset[TaxonId]:
        """Ancestors of one parent only, coarser than species: they neither hold nor exclude the hybrid."""
        return self._one_sided[self.accepted(taxon)]

    def everything_above(self, taxon: TaxonId) -> frozenset[TaxonId]:
        """The taxon and all that it descends from: of a hybrid both parents, with everything above them."""
        found: set[TaxonId] = set()
        left = [self.accepted(taxon)]
        while left:
            each = left.pop()
            if each not in found:
                found.add(each)
                left += self._parents[each]
        return frozenset(found)

    def is_ancestor_or_self(self, ancestor: TaxonId, taxon: TaxonId) -> bool:
        return self.accepted(ancestor) in self.lineage(taxon)

    def descendants(self, taxon: TaxonId) -> frozenset[TaxonId]:
        """Every accepted taxon that this one is an ancestor of; a species does not hold its hybrids."""
        return self._descendants.get(self.accepted(taxon), frozenset())

    @cached_property
    def _descendants(self) -> dict[TaxonId, frozenset[TaxonId]]:
        below: defaultdict[TaxonId, set[TaxonId]] = defaultdict(set)
        for taxon, lineage in self._lineage.items():
            for ancestor in lineage[1:]:
                below[ancestor].add(taxon)
        return {ancestor: frozenset(taxa) for ancestor, taxa in below.items()}

    def synonyms(self, taxon: TaxonId) -> tuple[TaxonId, ...]:
        """Every other name of it, however many mergers ago."""
        return self._synonyms.get(self.accepted(taxon), ())

    @cached_property
    def _synonyms(self) -> dict[TaxonId, tuple[TaxonId, ...]]:
        names: defaultdict[TaxonId, list[TaxonId]] = defaultdict(list)
        for name, taxon in self._accepted.items():
            if name != taxon:
                names[taxon].append(name)
        return {taxon: tuple(found) for taxon, found in names.items()}

    def _resolve(self, taxon: TaxonId) -> TaxonId:
        seen = [taxon]
        while (target := self._rows[seen[-1]].synonym_of_id) is not None:
            if target not in self._rows:
                raise TreeError(f"Taxon {seen[-1]!r} is a synonym of {target!r}, which is missing.")
            if target in seen:
                raise TreeError(f"Synonyms go in a circle: {_path([*seen, target])}.")
            seen.append(target)
        return seen[-1]

    def _parents_of(self, row: TaxonRow) -> tuple[TaxonId, ...]:
        if row.second_parent_id is not None and row.parent_id is None:
            raise TreeError(f"Hybrid {row.id!r} has a second parent but no first.")
        named = [parent for parent in (row.parent_id, row.second_parent_id) if parent is not None]
        for parent in named:
            if parent not in self._rows:
                raise TreeError(f"Taxon {row.id!r} has the parent {parent!r}, which is missing.")
        parents = tuple(self._accepted[parent] for parent in named)
        if len(set(parents)) < len(parents):
            raise TreeError(f"Hybrid {row.id!r} has the same parent twice: {parents[0]!r}.")
        return parents

    def _parents_first(self) -> list[TaxonId]:
        try:
            return list(TopologicalSorter(self._parents).static_order())
        except CycleError as error:
            raise TreeError(f"A taxon is its own ancestor: {_path(error.args[1])}.") from None

    def _place(self, taxon: TaxonId) -> None:
        parents = self._parents[taxon]
        rank = self._rows[taxon].rank
        inherited = min((self._level[parent] for parent in parents), default=-1)
        self._level[taxon] = inherited if rank == UNRANKED else rank_order(rank)
        if len(parents) < 2:
            self._lineage[taxon] = (taxon, *(self._lineage[parents[0]] if parents else ()))
            self._one_sided[taxon] = self._one_sided[parents[0]] if parents else frozenset()
            return
        first, second = (self._lineage[parent][1:] for parent in parents)
        common = tuple(ancestor for ancestor in first if ancestor in second)
        self._lineage[taxon] = (taxon, *common)
        # A hybrid of a subspecies contradicts that species as much as a hybrid of the species itself does,
        # so nothing as fine as a species may be neutral here.
        self._one_sided[taxon] = frozenset(
            ancestor
            for ancestor in {*first, *second, *self._one_sided[parents[0]], *self._one_sided[parents[1]]}
            if ancestor not in common and ancestor not in parents and self._level[ancestor] < _SPECIES
        )


def _by_id(rows: Iterable[TaxonRow | tuple[TaxonId | None, ...]]) -> dict[TaxonId, TaxonRow]:
    found: dict[TaxonId, TaxonRow] = {}
    for given in rows:
        row = TaxonRow(*given)
        row = row._replace(rank=(row.rank or UNRANKED).lower())
        if row.id is None:
            raise TreeError("A taxon has no id.")
        if row.id in found:
            raise TreeError(f"Taxon {row.id!r} appears twice.")
        if row.rank != UNRANKED and row.rank not in _LEVEL:
            raise TreeError(
                f"Taxon {row.id!r} has the rank {row.rank!r}; known: {', '.join(RANKS)}, {UNRANKED}."
            )
        found[row.id] = row
    return found


def _version(rows: Iterable[TaxonRow]) -> str:
    # The type is part of the name: 1 and "1" are different taxa, and would hash alike without it.
    def name(taxon: TaxonId | None) -> str:
        return "" if taxon is None else f"{type(taxon).__name__}:{taxon}"

    lines = sorted(
        json.dumps([
            name(row.id),
            sorted(filter(None, (name(row.parent_id), name(row.second_parent_id)))),
            row.rank,
            name(row.synonym_of_id),
        ])
        for row in rows
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _path(taxa: Iterable[TaxonId]) -> str:
    return " → ".join(repr(taxon) for taxon in taxa)
