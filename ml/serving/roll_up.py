"""From a model's probabilities to an honest answer: a name, a coarser name, or none of these."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from species.taxonomy.tree import Tree

EPSILON = 1e-9
# Ranks a rolled-up answer may have; anything coarser tells a person nothing they did not see themselves.
TELLING = ("species", "hybrid", "subspecies", "form", "genus", "subfamily", "family")


@dataclass(frozen=True)
class Answer:
    """`taxon` is None when it is none of these; `rolled_up` when it is coarser than the first guess; `strange` when it
    is none of these whatever the guesses say.

    `ranked` is (name, probability), most probable first. `answer` calls them as the model does; whoever knows how
    the taxa in `named` are called today puts that in its place.
    """

    ranked: Sequence[tuple[str, float]]
    named: Sequence[Hashable | None]
    taxon: Hashable | None
    rolled_up: bool
    tree_version: str = ""
    classes: Sequence[Mapping[str, object]] = ()
    strange: bool = False

    @property
    def probability(self) -> float:
        return self.ranked[0][1]

    @property
    def uncertainty(self) -> float:
        """As suggestions keep it, 0 to 1. It is 1 for what is strange, and for nothing else."""
        return 1.0 if self.strange else min(1.0 - EPSILON, max(0.0, 1.0 - float(self.probability)))


def answer(
    ranked: Sequence[tuple[str, float]],
    *,
    threshold: float,
    tree: Tree,
    taxa: Mapping[str, Hashable],
    strange: bool = False,
) -> Answer:
    """The finest taxon whose classes together reach `threshold`; none where the photo is `strange` to the model.

    `ranked` is (class, calibrated probability), most probable first; `taxa` maps classes to ids of `tree`.
    Classes that have become one taxon are one guess; a class that stands for no taxon can only be answered as
    itself.
    """
    merged: dict[tuple[Hashable | None, str], float] = {}
    called: dict[Hashable, str] = {}
    for name, probability in ranked:
        taxon = tree.accepted(taxa[name]) if name in taxa else None
        key = (taxon, "") if taxon is not None else (None, name)
        called.setdefault(key, name)
        merged[key] = merged.get(key, 0.0) + probability
    guesses = sorted(merged.items(), key=lambda each: -each[1])
    named = [taxon for (taxon, _), _ in guesses]
    names = [(called[key], min(1.0, probability)) for key, probability in guesses]

    def said(taxon: Hashable | None, rolled_up: bool) -> Answer:
        classes = [
            {"label": name, "probability": float(each), "taxon": taxa.get(name)} for name, each in ranked
        ]
        return Answer(names, named, taxon, rolled_up, tree.version, classes, strange)

    if strange:
        return said(None, rolled_up=True)
    if names[0][1] >= threshold:
        return said(named[0], rolled_up=False)
    weight: dict[Hashable, float] = {}
    for taxon, (_, probability) in zip(named, names, strict=True):
        for node in tree.lineage(taxon) if taxon is not None else ():
            weight[node] = weight.get(node, 0.0) + probability
    reaching = [node for node, sum_ in weight.items() if sum_ >= threshold and tree.rank(node) in TELLING]
    if not reaching:
        return said(None, rolled_up=True)
    finest = max(reaching, key=lambda node: (len(list(tree.ancestors(node))), -weight[node], str(node)))
    return said(finest, rolled_up=True)
