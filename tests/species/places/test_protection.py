"""What protects a place: every name, whatever is above it in the tree, and what lifts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.places.geoprivacy import PRIVACIES, REASONS, reason, rule
from species.places.protection import Floor, Protected, clears, floor
from species.taxonomy.tree import Tree

ROWS = [
    ("salmonids", None, None, "family", None),
    ("salmo", "salmonids", None, "genus", None),
    ("brown", "salmo", None, "species", None),
    ("river", "brown", None, "subspecies", None),
    ("char", "salmonids", None, "genus", None),
    ("brook", "char", None, "species", None),
    ("bull", "char", None, "species", None),
    ("bull_form", "bull", None, "form", None),
    ("old_bull", "char", None, "species", "bull"),
    ("tiger", "brown", "brook", "hybrid", None),
    ("brook_bull", "brook", "bull", "hybrid", None),
    ("brown_bull", "brown", "bull", "hybrid", None),
    ("hucho", "salmonids", None, "genus", None),
    ("huchen", "hucho", None, "species", None),
    ("huchen_brown", "huchen", "brown", "hybrid", None),
]
TREE = Tree(ROWS)
PROTECTED = Protected(TREE, {"bull": "generalized", "hucho": "private"})
names = st.sampled_from([row[0] for row in ROWS])
rank = PRIVACIES.index


@pytest.mark.parametrize(
    ("taxon", "level"),
    [
        ("bull", "generalized"),
        ("old_bull", "generalized"),
        ("bull_form", "generalized"),
        ("brook_bull", "generalized"),
        ("brown_bull", "generalized"),
        ("huchen", "private"),
        ("huchen_brown", "private"),
        ("char", "open"),
        ("brook", "open"),
        ("tiger", "open"),
    ],
)
def test_a_taxon_is_protected_by_all_it_descends_from(taxon, level):
    assert PROTECTED.level(taxon) == level


def test_a_protected_synonym_protects_what_it_is_called_now():
    by_old_name = Protected(TREE, {"old_bull": "private", "gone": "private"})
    assert by_old_name.level("bull") == by_old_name.level("old_bull") == "private"


@given(agreed=st.none() | names, ruled=st.booleans(), said=st.lists(names), more=names)
def test_another_name_never_makes_it_finer(agreed, ruled, said, more):
    before = floor(agreed=agreed, ruled=ruled, named=said, protected=PROTECTED)
    after = floor(agreed=agreed, ruled=ruled, named=[*said, more], protected=PROTECTED)
    assert rank(after.level) >= rank(before.level)


@given(agreed=st.none() | names, said=st.lists(names))
def test_without_a_ruling_it_is_as_strict_as_anything_named(agreed, said):
    found = floor(agreed=agreed, ruled=False, named=said, protected=PROTECTED)
    wanted = max((rank(PROTECTED.level(each)) for each in [*said, agreed] if each), default=0)
    assert rank(found.level) == wanted
    assert bool(found.rule) == (found.level != "open")


@given(agreed=names, standing=st.lists(names), withdrawn=st.lists(names))
def test_nothing_is_cleared_while_a_protected_name_stands_or_may_be_right(agreed, standing, withdrawn):
    cleared = clears(agreed=agreed, standing=standing, named=standing + withdrawn, protected=PROTECTED)
    if cleared:
        assert not any(PROTECTED.holds(each) for each in [agreed, *standing])
        assert not any(PROTECTED.holds(each) and TREE.is_ancestor_or_self(agreed, each) for each in withdrawn)


def test_a_ruling_lifts_what_it_contradicts_and_nothing_else():
    def ruled(taxon, *said):
        return floor(agreed=taxon, ruled=True, named=said, protected=PROTECTED)

    assert ruled("brown", "bull", "huchen") == Floor()
    assert ruled("char", "bull", "huchen") == Floor("generalized", "named"), "a char it may be"
    assert ruled("char", "brown_bull").level == "generalized", "a char on one side"
    assert ruled("bull", "brown") == Floor("generalized", "agreed")
    assert floor(agreed=None, ruled=True, named=["bull"], protected=PROTECTED).level == "generalized"


def test_a_verdict_clears_what_was_withdrawn():
    def cleared(agreed, standing, withdrawn):
        named = [*standing, *withdrawn]
        return clears(agreed=agreed, standing=standing, named=named, protected=PROTECTED)

    assert cleared("brown", ["brown", "river"], ["bull"])
    assert not cleared("brown", ["brown", "bull"], [])
    assert not cleared("brown", ["brown"], ["brook"]), "nothing was protected"
    assert not cleared("bull", ["bull"], ["huchen"])
    river = Protected(TREE, {"river": "private"})
    assert not clears(agreed="brown", standing=["brown"], named=["brown", "river"], protected=river)


@given(
    privacy=st.sampled_from(PRIVACIES), agreed=st.sampled_from(PRIVACIES), named=st.sampled_from(PRIVACIES)
)
def test_the_observers_choice_is_named_wherever_it_is_enough(privacy, agreed, named):
    floors = {"agreed": agreed, "named": named}
    found = rule(privacy, floors)
    strictest = max(privacy, agreed, named, key=rank)
    assert (floors | {"observer": privacy})[found] == strictest
    assert (found == "observer") == (privacy == strictest)


def test_the_sentence_names_the_rule():
    assert reason("exact", "observer") == ""
    assert {reason(shown, why) for shown in ("generalized", "withheld") for why in REASONS} >= {
        "The place is the middle of a square of 0.1°, because somebody named a protected species here.",
        "The place is hidden, because what lives here is protected.",
    }
