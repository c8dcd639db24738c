"""From a model's probabilities to an honest answer: a name, a coarser name, or none of these."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from species.taxonomy.tree import Tree

# Ranks a rolled-up answer may have; anything coarser tells a person nothing they did not see themselves.
TELLING = ("species", "hybrid", "subspecies", "form", "genus", "subfamily", "family")


@dataclass(frozen=True)
class Answer:
    """`taxon` is None when it is none of these; `rolled_up` when it is coarser than the first guess."""

    ranked: Sequence[tuple[str, float]]
    taxon: Hashable | None
    rolled_up: bool

    @property
    def probability(self) -> float:
        return self.ranked[0][1]


def answer(
    ranked: Sequence[tuple[str, float]], *, threshold: float, tree: Tree, taxa: Mapping[str, Hashable]
) -> Answer:
    """The finest taxon whose classes together reach `threshold`.

    `ranked` is (class label, calibrated probability), most probable first; `taxa` maps labels to ids of
    `tree`. A label that the tree does not know can only be answered as itself.
    """
    label, first = ranked[0]
    if first >= threshold:
        return Answer(ranked, taxa.get(label), rolled_up=False)
    weight: dict[Hashable, float] = {}
    for name, probability in ranked:
        if name in taxa:
            for node in {taxa[name], *tree.ancestors(taxa[name])}:
                weight[node] = weight.get(node, 0.0) + probability
    reaching = [node for node, sum_ in weight.items() if sum_ >= threshold and tree.rank(node) in TELLING]
    if not reaching:
        return Answer(ranked, None, rolled_up=True)
    finest = max(reaching, key=lambda node: (len(list(tree.ancestors(node))), -weight[node], str(node)))
    return Answer(ranked, finest, rolled_up=True)
