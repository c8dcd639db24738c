"""The tree of names: the file, loading it, and questions about it."""

import io
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from jobs.models import Job
from species.actions import occurrences, taxa
from species.models import Rank, Taxon
from species.queries import taxa as taxon_queries
from species.taxonomy import taxa_file
from species.taxonomy.taxa_file import BadTaxa
from tests import universe

RANKS = frozenset(Rank.values)
HEAD = "source: here\ncitation: A book\ntaxa:\n"


def load(text: str, name: str = "taxa.yaml") -> taxa.Loaded:
    return taxa.load(file=taxa_file.parse(text, name, RANKS))


class TestTheStartingTree:
    @pytest.fixture
    def trout(self, db):
        call_command("load_taxa", "data/taxa/trout.yaml", stdout=io.StringIO())
        return {taxon.label: taxon for taxon in Taxon.objects.select_related("parent", "second_parent")}

    def test_every_species_of_the_fish_passes_and_the_three_hybrids_are_in_it(self, trout):
        for label, name in {
            "brown_trout": "Salmo trutta",
            "rainbow_trout": "Oncorhynchus mykiss",
            "chub": "Squalius cephalus",
            "bream": "Abramis brama",
            "nase": "Chondrostoma nasus",
            "perch": "Perca fluviatilis",
            "burbot": "Lota lota",
            "cutbow": "Oncorhynchus clarkii × Oncorhynchus mykiss",
            "tiger_trout": "Salmo trutta × Salvelinus fontinalis",
            "splake": "Salvelinus namaycush × Salvelinus fontinalis",
        }.items():
            assert trout[label].scientific_name == name
        cutbow = trout["cutbow"]
        assert {cutbow.parent.label, cutbow.second_parent.label} == {"cutthroat_trout", "rainbow_trout"}

    def test_everything_hangs_together_and_says_where_it_is_from(self, trout):
        tree = taxon_queries.tree()
        roots = [taxon for taxon in trout.values() if taxon.parent is None]
        assert [root.label for root in roots] == ["actinopterygii"]
        for taxon in trout.values():
            assert taxon.source and "GBIF" in taxon.source
            if tree.at_or_below_species(str(taxon.pk)):
                assert taxon.common_names.get("en"), taxon
                assert str(trout["actinopterygii"].pk) in tree.lineage(str(taxon.pk))
        keys = [taxon.gbif_key for taxon in trout.values() if taxon.gbif_key]
        assert len(keys) == len(set(keys))

    def test_the_species_of_the_sample_photos_are_known_by_their_scientific_names(self, trout, sample_data):
        table = sample_data / "fishcam" / "observations.csv"
        names = {line.split(",")[3] for line in table.read_text().splitlines()[1:]}
        assert names <= set(Taxon.objects.values_list("scientific_name", flat=True))
        assert len(names) == 7

    def test_loading_it_again_changes_nothing(self, trout, capsys):
        before = list(Taxon.objects.order_by("id").values())
        call_command("load_taxa", "data/taxa/trout.yaml")
        assert f"0 taxa added, 0 changed, {len(trout)} as they were." in capsys.readouterr().out
        assert list(Taxon.objects.order_by("id").values()) == before


class TestLoading:
    def test_ids_follow_from_source_and_name(self, db):
        load(HEAD + "  - {scientific_name: Salmo, rank: genus}\n")
        assert Taxon.objects.get().pk == uuid5(NAMESPACE_URL, "taxon:here:Salmo")

    def test_a_changed_entry_changes_its_row_and_no_other(self, db):
        rows = "  - {scientific_name: Salmo, rank: genus}\n  - {scientific_name: Salvelinus, rank: genus}\n"
        first = load(HEAD + rows)
        assert (first.added, first.changed, first.unchanged) == (2, 0, 0)
        id = Taxon.objects.get(label="salmo").pk
        changed = rows.replace("Salmo, rank: genus", 'Salmo, rank: genus, common_names: {en: "Trout"}')
        second = load(HEAD + changed)
        assert (second.added, second.changed, second.unchanged, second.moved) == (0, 1, 1, [])
        assert Taxon.objects.get(pk=id).common_names == {"en": "Trout"}

    def test_a_taxon_that_is_here_already_keeps_its_id_and_others_stay(self, tree):
        ours = tree["brown_trout"]
        load(HEAD + "  - {scientific_name: Actinopterygii, rank: class}\n"
             "  - {scientific_name: Salmoniformes, rank: order, parent: Actinopterygii}\n"
             "  - {scientific_name: Salmonidae, rank: family, parent: Salmoniformes}\n"
             "  - {scientific_name: Salmo, rank: genus, parent: Salmonidae}\n"
             "  - {scientific_name: Salmo trutta, rank: species, parent: Salmo, label: brown_trout,\n"
             "     authorship: 'Linnaeus, 1758'}\n")  # fmt: skip
        ours.refresh_from_db()
        assert ours.authorship == "Linnaeus, 1758"
        assert Taxon.objects.count() == len(tree)

    def test_parents_may_come_after_their_children(self, db):
        load(HEAD + "  - {scientific_name: Salmo trutta, rank: species, parent: Salmo}\n"
             "  - {scientific_name: Salmo, rank: genus}\n")  # fmt: skip
        assert Taxon.objects.get(label="salmo_trutta").parent.label == "salmo"

    def test_what_became_sensitive_is_settled_anew_by_a_job(self, db, tmp_path, alice):
        path = tmp_path / "taxa.yaml"
        rows = (
            "  - {scientific_name: Salmo, rank: genus}\n"
            "  - {scientific_name: Salmo trutta, rank: species, parent: Salmo}\n"
        )
        path.write_text(HEAD + rows)
        call_command("load_taxa", str(path))
        sighting = universe.sighting(alice, latitude=47.26812, longitude=11.39325, privacy="open")
        occurrences.settle(
            occurrence=sighting.occurrences.get(),
            status="verified",
            taxon=Taxon.objects.get(label="salmo_trutta").pk,
        )
        path.write_text(HEAD + rows.replace("rank: genus", "rank: genus, sensitive: private"))
        call_command("load_taxa", str(path))
        assert Job.objects.get().kind == "settle_taxa"
        call_command("load_taxa", str(path))
        assert Job.objects.count() == 1, "nothing changed, so there is nothing to do"


GOOD = "  - {scientific_name: Salmo, rank: genus}\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            GOOD + "  - {scientific_name: Salmo trutta, rank: species, parent: Salmon}\n",
            "line 5 (Salmo trutta)",
        ),
        (GOOD + "  - {scientific_name: Salmo trutta, rank: kind}\n", "no such rank: 'kind'"),
        (GOOD + "  - {rank: species}\n", "no scientific_name"),
        (GOOD + "  - just a word\n", "line 5 (just a word)"),
        (GOOD + GOOD, "its name 'Salmo' is taken by line 4"),
        (
            GOOD + "  - {scientific_name: Salvelinus, rank: genus, label: salmo}\n",
            "its label 'salmo' is taken",
        ),
        (GOOD + "  - {scientific_name: Salvelinus, rank: genus, label: Big One}\n", "'Big One'"),
        (GOOD + "  - {scientific_name: Salvelinus, rank: genus, colour: red}\n", "unknown colour"),
        (GOOD + "  - {scientific_name: Salvelinus, rank: genus, gbif_key: many}\n", "gbif_key"),
        (GOOD + "  - {scientific_name: Salvelinus, rank: genus, common_names: Char}\n", "common_names"),
        (GOOD + "  - {scientific_name: Salvelinus, rank: genus, common_names: {no: R}}\n", "common_names"),
        (GOOD + "  - {scientific_name: Salvelinus, rank: genus, sensitive: very}\n", "sensitive"),
        (GOOD + "  - {scientific_name: 1758, rank: genus}\n", "put it in quotes"),
        (GOOD + "  - {scientific_name: A × B, rank: hybrid, parent: Salmo}\n", "second_parent"),
        (GOOD + "  - {scientific_name: A × B, rank: species, parent: Salmo, second_parent: Salmo}\n", "two"),
        (
            "  - {scientific_name: A, rank: genus, parent: B}\n"
            "  - {scientific_name: B, rank: genus, parent: A}\n",
            "its own ancestor",
        ),
        (
            GOOD + "  - {scientific_name: B, rank: genus, synonym_of: Salmo}\n"
            "  - {scientific_name: C, rank: species, parent: B}\n",
            "itself a synonym; name 'Salmo'",
        ),
    ],
)
def test_a_bad_entry_is_named_with_its_line_and_nothing_is_loaded(db, tmp_path, rows, says):
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + rows)
    with pytest.raises(CommandError) as refusal:
        call_command("load_taxa", str(path))
    assert says in str(refusal.value)
    assert "mine.yaml" in str(refusal.value) and "Nothing was loaded" in str(refusal.value)
    assert not Taxon.objects.exists()


@pytest.mark.parametrize("text", ["", "[]", "taxa: [", "taxa: []", "source: a\ncitation: b\ntaxa: {}", "\t"])
def test_a_file_that_is_no_list_of_taxa_is_refused(text):
    with pytest.raises(BadTaxa):
        taxa_file.parse(text)


def test_a_file_that_is_not_there_is_refused(db):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_taxa", "data/taxa/nowhere.yaml")


def test_a_label_that_is_taken_here_is_refused_and_nothing_is_loaded(tree):
    before = list(Taxon.objects.order_by("id").values())
    with pytest.raises(BadTaxa, match="'chub' is taken by Squalius cephalus"):
        load(HEAD + "  - {scientific_name: Actinopterygii, rank: class, authorship: new}\n"
             "  - {scientific_name: Other, rank: genus, parent: Actinopterygii, label: chub}\n")  # fmt: skip
    assert list(Taxon.objects.order_by("id").values()) == before


class TestQuestions:
    def test_the_tree_is_read_once_until_it_changes(self, tree, django_assert_num_queries):
        with django_assert_num_queries(2):
            taxon_queries.tree()
        with django_assert_num_queries(1):
            whole = taxon_queries.tree()
        assert str(tree["salmo"].pk) in whole.lineage(str(tree["brown_trout"].pk))
        assert len(whole) == len(tree) - 1, "a synonym is not a taxon of its own"

    def test_descendants_hold_the_taxon_its_hybrids_and_synonyms(self, tree, django_assert_num_queries):
        taxon_queries.tree()
        with django_assert_num_queries(1):
            below = set(taxon_queries.descendants(tree["salmonidae"]))
        labels = {taxon.label for taxon in tree.values() if taxon.pk in below}
        assert {"salmonidae", "brown_trout", "river_trout", "cutbow", "tiger_trout", "salmo_fario"} <= labels
        assert not labels & {"chub", "salmoniformes", "actinopterygii"}
        assert all(isinstance(id, UUID) for id in below)
        salmo = set(taxon_queries.descendants(tree["salmo"]))
        assert tree["tiger_trout"].pk not in salmo, "half of it is a char"

    def test_by_label(self, tree):
        assert taxon_queries.by_label("brown_trout") == tree["brown_trout"]
        assert taxon_queries.by_label("salmo_fario") == tree["brown_trout"]
        assert taxon_queries.by_label("unicorn") is None

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("brown trout", "brown_trout"),
            ("BROWN", "brown_trout"),
            ("forelle", "brown_trout"),
            ("褐鳟", "brown_trout"),
            ("Salmo trutta", "brown_trout"),
            ("salmo fario", "brown_trout"),
            ("mykiss", "rainbow_trout"),
            ("regenbogen", "rainbow_trout"),
            ("cutbow", "cutbow"),
        ],
    )
    def test_search_in_any_language(self, tree, text, first):
        assert taxon_queries.search(text)[0] == tree[first]

    def test_search_finds_each_once_best_first_in_two_queries(self, tree, django_assert_num_queries):
        taxon_queries.search("anything")
        with django_assert_num_queries(2):
            found = taxon_queries.search("trout")
        assert len(found) == len({taxon.pk for taxon in found})
        assert tree["brown_trout"] in found and tree["chub"] not in found
        assert taxon_queries.search("  ") == [] and taxon_queries.search("unicorn") == []
        assert len(taxon_queries.search("trout", limit=2)) == 2


def test_names_follow_the_language_of_the_page(tree):
    trout = tree["brown_trout"]
    assert trout.name == "Brown trout"
    with translation.override("zh-hans"):
        assert trout.name == "褐鳟"
        assert tree["chub"].name == "Chub", "English where the language has no name"
    assert tree["squalius"].name == "Squalius"
    assert trout.get_absolute_url() == reverse("taxon", args=["brown_trout"])
