import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.serving.roll_up import answer
from species.taxonomy.tree import Tree

# kingdom > class > family > (two genera > species), and a hybrid between the species of two genera
TREE = Tree(
    [
        ("root", None, None, "class", None),
        ("family", "root", None, "family", None),
        ("salmo", "family", None, "genus", None),
        ("brown", "salmo", None, "species", None),
        ("atlantic", "salmo", None, "species", None),
        ("onco", "family", None, "genus", None),
        ("rainbow", "onco", None, "species", None),
        ("carps", "root", None, "family", None),
        ("chub", "carps", None, "species", None),
        ("cross", "brown", "rainbow", "hybrid", None),
    ]
)
TAXA = {name: name for name in ("brown", "atlantic", "rainbow", "chub", "cross")}


def said(*ranked, threshold=0.6):
    return answer(ranked, threshold=threshold, tree=TREE, taxa=TAXA)


def test_a_sure_answer_is_its_label():
    given_ = said(("brown", 0.7), ("chub", 0.3))
    assert (given_.taxon, given_.rolled_up) == ("brown", False)


def test_two_of_a_genus_roll_up_to_it():
    given_ = said(("brown", 0.4), ("atlantic", 0.35), ("chub", 0.25))
    assert (given_.taxon, given_.rolled_up) == ("salmo", True)


def test_two_genera_roll_up_to_the_family():
    given_ = said(("brown", 0.45), ("rainbow", 0.35), ("chub", 0.2))
    assert given_.taxon == "family"


def test_coarser_than_a_family_is_none_of_these():
    given_ = said(("brown", 0.5), ("chub", 0.5))
    assert (given_.taxon, given_.rolled_up) == (None, True)


def test_a_hybrid_counts_for_what_its_parents_share():
    given_ = said(("cross", 0.4), ("brown", 0.35), ("chub", 0.25))
    assert given_.taxon == "family"


def test_a_label_the_tree_does_not_know_stands_for_itself_alone():
    assert said(("unheard_of", 0.9), ("brown", 0.1)).taxon is None
    assert said(("unheard_of", 0.5), ("brown", 0.5)).taxon is None


def test_what_is_strange_is_none_of_these_however_sure_the_probabilities_are():
    given_ = answer([("brown", 1.0), ("chub", 0.0)], threshold=0.6, tree=TREE, taxa=TAXA, strange=True)
    assert (given_.taxon, given_.rolled_up, given_.uncertainty) == (None, True, 1)
    assert given_.classes[0]["probability"] == 1.0, "what the model said is kept"


@pytest.mark.parametrize("probability", [0.0, 1e-12, 0.5, 1.0])
def test_an_uncertainty_of_one_says_strange_and_nothing_else(probability):
    assert 0 <= said(("brown", probability)).uncertainty < 1


@given(
    st.lists(st.floats(0.01, 1), min_size=5, max_size=5),
    st.floats(0.05, 0.99),
)
def test_what_is_answered_reaches_the_threshold(weights, threshold):
    total = sum(weights)
    ranked = sorted(
        ((name, weight / total) for name, weight in zip(TAXA, weights, strict=True)),
        key=lambda pair: -pair[1],
    )
    given_ = answer(ranked, threshold=threshold, tree=TREE, taxa=TAXA)
    if given_.taxon is None:
        assert given_.rolled_up
        return
    under = sum(
        probability
        for name, probability in ranked
        if name == given_.taxon or given_.taxon in TREE.ancestors(name)
    )
    assert under >= threshold - 1e-9 or pytest.fail(str(given_))
