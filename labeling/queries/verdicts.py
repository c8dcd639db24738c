"""Verdicts that do not follow the tree as it is."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from labeling.consensus import PLAIN
from labeling.models import Suggestion, Verdict
from labeling.queries import reliability
from species.queries import taxa
from species.taxonomy.tree import Tree

Row = TypeVar("Row", bound=Model)


def of_another_tree(rows: QuerySet[Row], tree: Tree) -> QuerySet[Row]:
    """Those of some verdicts or suggestions that were reached on another tree than this.

    As two ranges, which an index finds at once where there is none among a million.
    """
    return rows.filter(Q(tree_version__lt=tree.version) | Q(tree_version__gt=tree.version))


def not_followed(tree: Tree) -> "QuerySet[Verdict]":
    """Verdicts that were reached on another tree than this, or with another table of reliability than the current."""
    version = reliability.current() or PLAIN.version
    of_table = Q(reliability_version__lt=version) | Q(reliability_version__gt=version)
    of_tree = Q(tree_version__lt=tree.version) | Q(tree_version__gt=tree.version)
    return Verdict.objects.filter(of_tree | of_table)


def not_following() -> list[str]:
    """A sentence for a broken tree, and for what is still of another one."""
    tree = taxa.tree()
    if tree.broken:
        return [f"The names here are no tree: {tree.broken}"]
    said = []
    for rows, what in ((Verdict.objects.all(), "verdicts"), (Suggestion.objects.all(), "suggestions")):
        if left := of_another_tree(rows, tree).count():
            said.append(f"{left} {what} are of another tree than this; the worker computes them anew.")
    return said
