"""What a merge, a split or a swap does to the tree: which taxon becomes a synonym of which. Pure Python.

Votes are never rewritten by a merge or a swap: a vote for a name counts for what that name is a synonym of. A split
takes votes along one by one (`labeling.actions.reapplied`); what cannot be told apart by place is named as the
nearest taxon above all of the new ones (`meeting`), so that people are asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from species.taxonomy.tree import TaxonId, Tree

MERGE, SPLIT, SWAP = "merge", "split", "swap"
KINDS = (MERGE, SPLIT, SWAP)


class Impossible(ValueError):
    """The change cannot be made; `field` is what would have to be said otherwise."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Plan(NamedTuple):
    """`links`: taxon to what it is a synonym of from now on, None for a name of its own. `meeting`: of a split."""

    links: dict[TaxonId, TaxonId | None]
    meeting: TaxonId | None = None


def plan(kind: str, old: Sequence[TaxonId], new: Sequence[TaxonId], tree: Tree) -> Plan:
    """What the change does on this tree. Raises Impossible."""
    if len(set(old)) < len(old):
        raise Impossible("old", "One name is written twice.")
    if len(set(new)) < len(new):
        raise Impossible("new", "One name is written twice.")
    if any(tree.accepted(each) != each for each in old):
        raise Impossible("old", "One of these is a synonym already. Write what it is called now.")
    if kind == MERGE:
        return _merge(old, new, tree)
    if len(old) != 1:
        raise Impossible("old", f"A {kind} is of one name.")
    return _swap(old[0], new, tree) if kind == SWAP else _split(old[0], new, tree)


def _merge(old: Sequence[TaxonId], new: Sequence[TaxonId], tree: Tree) -> Plan:
    if not old:
        raise Impossible("old", "Write which names are merged.")
    if len(new) != 1:
        raise Impossible("new", "Names are merged into one.")
    [target] = new
    if target in old:
        raise Impossible("old", "A name is not merged into itself. Leave the one that stays out here.")
    if tree.accepted(target) != target:
        raise Impossible("new", "That is a synonym. Write what it is called now.")
    return Plan(dict.fromkeys(old, target))


def _swap(old: TaxonId, new: Sequence[TaxonId], tree: Tree) -> Plan:
    if len(new) != 1:
        raise Impossible("new", "A name is replaced by one other.")
    [target] = new
    if target == old:
        raise Impossible("new", "That is the name it has.")
    if tree.accepted(target) == old:
        return Plan({target: None, old: target})  # a synonym becomes the name, and the name its synonym
    if tree.accepted(target) != target:
        raise Impossible("new", "That is a synonym of something else. Write what it is called now.")
    return Plan({old: target})


def _split(old: TaxonId, new: Sequence[TaxonId], tree: Tree) -> Plan:
    if len(new) < 2:
        raise Impossible("new", "A split is into two names at least. The old one may be among them.")
    for each in new:
        if tree.accepted(each) != each:
            raise Impossible("new", "One of these is a synonym. Write what it is called now.")
        if each != old and each in tree.lineage(old):
            raise Impossible("new", "One of these holds the old name. A split is into finer names.")
    common = [each for each in tree.ancestors(old) if all(each in tree.lineage(one) for one in new)]
    if not common:
        raise Impossible("new", "Nothing here stands above all of these.")
    return Plan({} if old in new else {old: common[0]}, common[0])
