"""What a change does to a tree, without a database."""

import pytest

from species.taxonomy.changes import Impossible, plan
from species.taxonomy.tree import Tree

TREE = Tree([
    ("fishes", None, None, "class"),
    ("salmo", "fishes", None, "genus"),
    ("trutta", "salmo", None, "species"),
    ("fario", "trutta", None, "subspecies"),
    ("lacustris", "trutta", None, "subspecies"),
    ("salar", "salmo", None, "species"),
    ("old", "salmo", None, "species", "trutta"),
    ("chub", "fishes", None, "species"),
])  # fmt: skip


def test_a_merge_makes_synonyms():
    assert plan("merge", ["salar", "chub"], ["trutta"], TREE) == ({"salar": "trutta", "chub": "trutta"}, None)


def test_a_swap_turns_a_synonym_round_or_takes_another_name():
    assert plan("swap", ["trutta"], ["old"], TREE) == ({"old": None, "trutta": "old"}, None)
    assert plan("swap", ["trutta"], ["salar"], TREE) == ({"trutta": "salar"}, None)


def test_a_split_meets_above_all_of_the_new_names():
    assert plan("split", ["trutta"], ["fario", "lacustris"], TREE) == ({"trutta": "salmo"}, "salmo")
    assert plan("split", ["trutta"], ["trutta", "salar"], TREE) == ({}, "salmo")
    assert plan("split", ["trutta"], ["salar", "chub"], TREE) == ({"trutta": "fishes"}, "fishes")


@pytest.mark.parametrize(
    ("kind", "old", "new", "field"),
    [
        ("merge", [], ["salar"], "old"),
        ("merge", ["salar", "salar"], ["chub"], "old"),
        ("merge", ["salar"], ["trutta", "chub"], "new"),
        ("merge", ["old"], ["chub"], "old"),
        ("swap", ["trutta"], ["trutta"], "new"),
        ("swap", ["salar"], ["old"], "new"),
        ("split", ["trutta"], ["salar", "salar"], "new"),
        ("split", ["trutta"], ["fishes", "chub"], "new"),
        ("split", ["fishes"], ["salmo", "chub"], "new"),
    ],
)
def test_what_cannot_be_says_what_would_have_to_be_said_otherwise(kind, old, new, field):
    with pytest.raises(Impossible) as refusal:
        plan(kind, old, new, TREE)
    assert refusal.value.field == field
