"""The rules of a tree: what an edit may not break, and what is left of a tree that somebody broke."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.taxonomy.faults import Facts, faults, introduced, sound
from species.taxonomy.tree import RANKS, Tree, TreeError


def facts(name, rank, parent=None, second=None, synonym_of=None, **more) -> Facts:
    """A taxon whose id is its name in small letters."""
    said = {"scientific_name": name, "label": name.lower(), "common_names": {}} | more
    return Facts(
        id=name.lower(), rank=rank, parent=parent, second_parent=second, synonym_of=synonym_of, **said
    )


GOOD = {
    each.id: each
    for each in (
        facts("Pisces", "class"),
        facts("Salmonidae", "family", "pisces"),
        facts("Salmo", "genus", "salmonidae"),
        facts("Trutta", "species", "salmo", common_names={"en": "Brown trout", "zh-hans": "褐鳟"}),
        facts("Salar", "species", "salmo"),
        facts("Fario", "species", "salmo", synonym_of="trutta"),
        facts("Salvelinus", "genus", "salmonidae"),
        facts("Char", "species", "salvelinus"),
        facts("Tiger", "hybrid", "trutta", "char"),
        facts("Cross", "hybrid", "trutta", "salar"),
    )
}
BAD = {
    "its own parent": ("salmo", {"parent": "salmo"}, "Salmo cannot be its own parent."),
    "under its own child": ("salmo", {"parent": "trutta"}, "own ancestor: Salmo → Trutta → Salmo"),
    "far under itself": ("salmonidae", {"parent": "char"}, "its own ancestor"),
    "a synonym of itself": ("trutta", {"synonym_of": "trutta"}, "Trutta cannot be a synonym of itself."),
    "a synonym of a synonym": ("char", {"synonym_of": "fario"}, "Fario is itself a synonym: name Trutta."),
    "synonyms in a circle": ("trutta", {"synonym_of": "fario"}, "a synonym of its own synonym"),
    "a synonym of what is under it": ("salmo", {"synonym_of": "trutta"}, "under its own synonym"),
    "under a synonym": ("char", {"parent": "fario"}, "Fario is itself a synonym"),
    "a hybrid of a synonym": ("tiger", {"parent": "fario"}, "Fario is itself a synonym"),
    "names that are a text": ("trutta", {"common_names": "Brown trout"}, "table of language to name"),
    "names that are a list": ("trutta", {"common_names": ["Brown trout"]}, "table of language to name"),
    "a name that is no text": ("trutta", {"common_names": {"en": 3}}, "table of language to name"),
    "a name that is empty": ("trutta", {"common_names": {"en": " "}}, "table of language to name"),
    "a language that is none": ("trutta", {"common_names": {"": "x"}}, "table of language to name"),
    "half a character": ("trutta", {"common_names": {"en": "\ud83d"}}, "table of language to name"),
    "a rank above its parent's": (
        "trutta",
        {"rank": "family"},
        "Trutta is a family, and cannot stand under Salmo",
    ),
    "its parent's rank": ("trutta", {"rank": "genus"}, "cannot stand under Salmo, a genus"),
    "a rank below its children's": ("salmo", {"rank": "form"}, "cannot stand under"),
    "no rank": ("trutta", {"rank": "kind"}, "No such rank: 'kind'."),
    "no parent any more": ("trutta", {"parent": None}, "Trutta stood under Salmo"),
    "a hybrid of itself": ("tiger", {"parent": "tiger"}, "Tiger cannot be a hybrid of itself."),
    "a hybrid of one": ("tiger", {"second_parent": None}, "say both its parents"),
    "a hybrid of the same twice": ("tiger", {"second_parent": "trutta"}, "a hybrid of Trutta with itself"),
    "a hybrid of a family": ("tiger", {"second_parent": "salmonidae"}, "cannot stand under Salmonidae"),
    "two parents and no hybrid": ("char", {"second_parent": "salmo"}, "Only a hybrid has two parents"),
    "a merger of a hybrid's parents": (
        "salar",
        {"synonym_of": "trutta"},
        "Cross would be a hybrid of Trutta",
    ),
    "another's label": ("char", {"label": "trutta"}, "The label 'trutta' is taken by Trutta."),
    "a label in capitals": ("char", {"label": "Char"}, "not lower-case letters"),
    "a label with a line end": ("char", {"label": "char\n"}, "not lower-case letters"),
    "another's name": (
        "char",
        {"scientific_name": "Trutta"},
        "The scientific name 'Trutta' is taken by Trutta.",
    ),
    "another's name in other letters": ("char", {"scientific_name": "TRÚTTA"}, "is taken by Trutta."),
    "a name of nothing": ("char", {"scientific_name": " "}, "a line of plain text"),
    "a name with a NUL": ("char", {"scientific_name": "Char\0"}, "a line of plain text"),
    "sensitive in some way": (
        "char",
        {"sensitive": "very"},
        "Sensitive is generalized, private, or nothing.",
    ),
    "sensitive as a number": ("char", {"sensitive": 2}, "Sensitive is generalized, private, or nothing."),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_edit_is_a_sentence(what):
    id, edit, says = BAD[what]
    found = introduced(GOOD.values(), (GOOD | {id: GOOD[id]._replace(**edit)}).values())
    assert any(says in fault.text for fault in found), found


@pytest.mark.parametrize(
    ("taxon", "says"),
    [
        (facts("Plantae", "kingdom"), "Say what Plantae stands under; here that begins with Pisces."),
        (facts("Aspius", "species"), "Say what Aspius stands under"),
        (facts("Aspius", "species", "nowhere"), "something that is not here"),
        (facts("Aspius", "species", "salmo", synonym_of="nowhere"), "a synonym of nothing here"),
    ],
)
def test_a_bad_newcomer_is_a_sentence(taxon, says):
    [fault] = introduced(GOOD.values(), [*GOOD.values(), taxon])
    assert says in fault.text and fault.taxon == taxon.id


@pytest.mark.parametrize(
    ("id", "edit"),
    [
        ("char", {"synonym_of": "trutta", "parent": "salmo"}),
        ("salvelinus", {"synonym_of": "salmo"}),
        ("trutta", {"synonym_of": "char"}),
        ("fario", {"synonym_of": None}),
        ("trutta", {"parent": "salvelinus"}),
        ("trutta", {"scientific_name": "Trutta trutta", "label": "other", "common_names": {"en": "x"}}),
        ("char", {"sensitive": "private"}),
    ],
)
def test_synonyms_mergers_renames_and_new_parents_are_edits_like_any(id, edit):
    """Whoever stands under what is merged follows it: a synonym keeps its synonyms, children and hybrids."""
    after = GOOD | {id: GOOD[id]._replace(**edit)}
    found = introduced(GOOD.values(), after.values())
    hybrids = [fault for fault in found if "with itself" in fault.text]
    assert found == hybrids and bool(hybrids) == (
        edit.get("synonym_of") in ("trutta", "char") and id != "fario"
    )


def test_a_sound_tree_has_no_fault_and_a_list_may_be_all_tops():
    assert faults(GOOD.values()) == []
    dishes = [facts("Pizza", "form"), facts("Ramen", "form")]
    assert faults(dishes) == []
    assert faults([*dishes, facts("Soups", "genus"), facts("Borscht", "form", "soups")]) == []
    other = [facts("Bigidae", "family"), facts("Bigus", "genus", "bigidae")]
    assert introduced(GOOD.values(), [*GOOD.values(), *other]) == [], "a second tree, whole"


def test_what_was_broken_before_can_be_mended_step_by_step():
    broken = GOOD | {
        "salmo": GOOD["salmo"]._replace(parent="trutta"),
        "char": GOOD["char"]._replace(common_names="x"),
    }
    half = broken | {"char": GOOD["char"]}
    assert introduced(broken.values(), half.values()) == []
    assert introduced(half.values(), GOOD.values()) == []
    assert introduced(half.values(), (half | {"char": half["char"]._replace(rank="order")}).values())


IDS = st.sampled_from("abcdefg")
ROWS = st.lists(
    st.tuples(
        IDS,
        st.none() | IDS | st.just("gone"),
        st.none() | IDS,
        st.sampled_from([*RANKS[-6:], "nonsense", ""]),
        st.none() | IDS | st.just("gone"),
    ),
    max_size=9,
)


@given(ROWS)
def test_of_any_rows_something_sound_is_left(rows):
    tree = Tree(sound(rows))
    assert {row[0] for row in rows} == {id for id in "abcdefg" if id in tree}


@given(ROWS)
def test_a_sound_tree_is_left_as_it_is(rows):
    try:
        tree = Tree(rows)
    except TreeError:
        return
    left = Tree(sound(rows))
    assert left.version == tree.version
    assert {id: left.lineage(id) for id in left} == {id: tree.lineage(id) for id in tree}


def test_a_broken_branch_leaves_the_others_alone():
    rows = [(each.id, each.parent, each.second_parent, each.rank, each.synonym_of) for each in GOOD.values()]
    whole = Tree(rows)
    rows[2] = ("salmo", "trutta", None, "genus", None)
    broken = Tree(sound(rows))
    assert broken.lineage("char") == whole.lineage("char")
    assert broken.lineage("salmo") == ("salmo",)
