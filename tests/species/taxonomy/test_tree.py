import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species.taxonomy.tree import (
    RANKS,
    TaxonRow,
    Tree,
    TreeError,
    UnknownTaxon,
    rank_order,
)

# A busy machine is slow, not wrong.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

ROWS = [
    TaxonRow("fishes", rank="class"),
    TaxonRow("salmonids", "fishes", rank="family"),
    TaxonRow("salmo", "salmonids", rank="genus"),
    TaxonRow("trutta", "salmo", rank="species"),
    TaxonRow("fario", "trutta", rank="form"),
    TaxonRow("salvelinus", "salmonids", rank="genus"),
    TaxonRow("fontinalis", "salvelinus", rank="species"),
    TaxonRow("namaycush", "salvelinus", rank="species"),
    TaxonRow("oncorhynchus", "salmonids", rank="genus"),
    TaxonRow("mykiss", "oncorhynchus", rank="species"),
    TaxonRow("irideus", "mykiss", rank="subspecies"),
    TaxonRow("gairdneri", "mykiss", rank="subspecies"),
    TaxonRow("clarkii", "oncorhynchus", rank="species"),
    TaxonRow("cutbow", "clarkii", "mykiss", "hybrid"),
    TaxonRow("tiger", "trutta", "fontinalis", "hybrid"),
    TaxonRow("splake", "fontinalis", "namaycush", "hybrid"),
    TaxonRow("tank cross", "irideus", "fontinalis", "hybrid"),
    TaxonRow("backcross", "tiger", "trutta", "hybrid"),
    TaxonRow("gairdnerii", "salmo", rank="species", synonym_of_id="old rainbow"),
    TaxonRow("old rainbow", None, rank="species", synonym_of_id="mykiss"),
    TaxonRow("lake form", "trutta"),
    TaxonRow("lost clade", "salmo"),
]
TREE = Tree(ROWS)


def test_lineage_runs_from_the_taxon_to_its_root():
    assert TREE.lineage("fario") == ("fario", "trutta", "salmo", "salmonids", "fishes")
    assert TREE.ancestors("fario") == ("trutta", "salmo", "salmonids", "fishes")
    assert TREE.ancestors("fishes") == ()


@pytest.mark.parametrize(
    ("hybrid", "common", "one_sided"),
    [
        ("cutbow", ("oncorhynchus", "salmonids", "fishes"), set()),
        ("tiger", ("salmonids", "fishes"), {"salmo", "salvelinus"}),
        ("splake", ("salvelinus", "salmonids", "fishes"), set()),
        # mykiss is an ancestor of one parent only, but a species: it must not come out neutral.
        ("tank cross", ("salmonids", "fishes"), {"oncorhynchus", "salvelinus"}),
        # Its parents are a hybrid and one of that hybrid's own parents.
        ("backcross", ("salmonids", "fishes"), {"salmo", "salvelinus"}),
    ],
)
def test_a_hybrid_descends_from_what_its_parents_share(hybrid, common, one_sided):
    assert TREE.ancestors(hybrid) == common
    assert TREE.one_sided(hybrid) == one_sided
    assert not any(TREE.is_ancestor_or_self(parent, hybrid) for parent in TREE.parents(hybrid))


def test_an_intergrade_of_two_subspecies_is_still_that_species():
    tree = Tree([*ROWS, TaxonRow("intergrade", "irideus", "gairdneri", "hybrid")])
    assert tree.is_ancestor_or_self("mykiss", "intergrade")


def test_a_hybrid_of_a_species_with_its_own_subspecies_is_not_that_species():
    tree = Tree([*ROWS, TaxonRow("odd cross", "mykiss", "irideus", "hybrid")])
    assert tree.ancestors("odd cross") == ("oncorhynchus", "salmonids", "fishes")
    assert tree.one_sided("odd cross") == frozenset()


def test_plain_taxa_have_no_side():
    assert TREE.one_sided("trutta") == frozenset()


def test_is_ancestor_or_self():
    assert TREE.is_ancestor_or_self("salmo", "fario")
    assert TREE.is_ancestor_or_self("fario", "fario")
    assert not TREE.is_ancestor_or_self("fario", "salmo")
    assert not TREE.is_ancestor_or_self("oncorhynchus", "fario")


def test_descendants_hold_hybrids_only_where_both_parents_are_inside():
    assert TREE.descendants("oncorhynchus") == {"mykiss", "irideus", "gairdneri", "clarkii", "cutbow"}
    assert TREE.descendants("mykiss") == {"irideus", "gairdneri"}
    assert "tiger" in TREE.descendants("salmonids")
    assert "tiger" not in TREE.descendants("salmo")
    assert TREE.descendants("fario") == frozenset()
    assert TREE.is_hybrid("tiger")
    assert not TREE.is_hybrid("trutta")


def test_synonyms_resolve_through_a_chain_and_are_no_taxa_of_their_own():
    assert TREE.accepted("gairdnerii") == "mykiss"
    assert TREE.lineage("gairdnerii") == TREE.lineage("mykiss")
    assert "gairdnerii" in TREE
    assert "gairdnerii" not in set(TREE)
    assert len(TREE) == len(ROWS) - 2
    assert TREE.synonyms("mykiss") == ("gairdnerii", "old rainbow") == TREE.synonyms("old rainbow")
    assert TREE.synonyms("trutta") == ()
    # The parent that a synonym's row still names is no longer anybody's business.
    assert "gairdnerii" not in TREE.descendants("salmo")


def test_a_child_of_a_synonym_belongs_to_the_accepted_taxon():
    tree = Tree([*ROWS, TaxonRow("stray", "gairdnerii", rank="subspecies")])
    assert tree.ancestors("stray")[0] == "mykiss"


def test_parents_come_before_children():
    seen = set()
    for taxon in TREE:
        assert seen.issuperset(TREE.parents(taxon))
        seen.add(taxon)


def test_ranks_from_kingdom_to_form():
    chain = ["kingdom", "phylum", "class", "order", "family", "subfamily", "genus", "species"]
    chain += ["hybrid", "subspecies", "form"]
    assert sorted(chain, key=rank_order) == chain
    assert len(set(RANKS)) == len(RANKS)
    with pytest.raises(TreeError, match="'tier'"):
        rank_order("tier")


def test_an_unranked_taxon_is_as_fine_as_what_it_is_in():
    assert TREE.at_or_below_species("lake form")
    assert not TREE.at_or_below_species("lost clade")
    assert TREE.at_or_below_species("cutbow")
    assert TREE.level("lost clade") == TREE.level("salmo")
    assert TREE.rank("lake form") == "unranked"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("a", "b"), ("b", "a")], "own ancestor"),
        ([("a", "a")], "own ancestor"),
        ([("a", "nowhere")], "'a' has the parent 'nowhere', which is missing"),
        ([("a",), ("h", "a", "nowhere", "hybrid")], "'nowhere', which is missing"),
        ([("a",), ("h", None, "a", "hybrid")], "no first"),
        ([("a",), ("h", "a", "a", "hybrid")], "same parent twice"),
        ([("a",), ("b", None, None, "", "a"), ("h", "a", "b", "hybrid")], "same parent twice"),
        ([("a", None, None, "", "nowhere")], "synonym of 'nowhere', which is missing"),
        ([("a", None, None, "", "b"), ("b", None, None, "", "a")], "circle: 'a' → 'b' → 'a'"),
        ([("a", None, None, "", "a")], "circle"),
        ([("p", "c"), ("c", "s"), ("s", None, None, "", "p")], "own ancestor"),
        ([("a",), ("a",)], "twice"),
        ([(None,)], "no id"),
        ([("a", None, None, "tier")], "'a' has the rank 'tier'"),
    ],
)
def test_rows_that_are_no_tree_say_why(rows, says):
    with pytest.raises(TreeError, match=says):
        Tree(rows)


def test_an_unknown_taxon_says_which():
    for ask in (TREE.accepted, TREE.lineage, TREE.rank, TREE.descendants, TREE.parents, TREE.level):
        with pytest.raises(UnknownTaxon, match="'sturgeon'"):
            ask("sturgeon")


def test_a_chain_of_thousands_does_not_exhaust_the_stack():
    tree = Tree([("t0",)] + [(f"t{n}", f"t{n - 1}") for n in range(1, 3000)])
    assert tree.ancestors("t2999")[-1] == "t0"


@given(st.permutations(ROWS))
def test_the_order_of_rows_changes_nothing(rows):
    tree = Tree(rows)
    assert tree.version == TREE.version
    assert {taxon: tree.lineage(taxon) for taxon in tree} == {taxon: TREE.lineage(taxon) for taxon in TREE}


@pytest.mark.parametrize(
    "changed",
    [
        [row for row in ROWS if row.id != "fario"],
        [row._replace(rank="subspecies") if row.id == "fario" else row for row in ROWS],
        [row._replace(parent_id="mykiss") if row.id == "fario" else row for row in ROWS],
        [row._replace(second_parent_id="clarkii") if row.id == "tiger" else row for row in ROWS],
        [row._replace(synonym_of_id="trutta") if row.id == "fario" else row for row in ROWS],
        [*ROWS, TaxonRow("marmoratus", "salmo", rank="species")],
    ],
    ids=["taken out", "rank", "parent", "second parent", "synonym", "added"],
)
def test_the_version_names_the_content(changed):
    assert Tree(changed).version != TREE.version


def test_the_version_tells_types_of_id_apart_and_takes_either_order_of_parents():
    assert Tree([(1,)]).version != Tree([("1",)]).version
    one = uuid.uuid4()
    assert Tree([(one,)]).version == Tree([(one, None, None, "UNRANKED")]).version
    pair = [("a",), ("b",)]
    assert Tree([*pair, ("h", "a", "b")]).version == Tree([*pair, ("h", "b", "a")]).version
