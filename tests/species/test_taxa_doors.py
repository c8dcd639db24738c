"""No door saves a broken tree: the form, the command and the action say why, and nothing is written."""

import json
import threading

import pytest
import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from accounts.models import Role
from labeling.actions import identifications
from species.actions import taxa
from species.models import Taxon
from species.queries import taxa as taxon_queries
from species.taxonomy.taxa_file import BadTaxa, TaxaFile
from tests import universe
from tests.conftest import person

# Label of the taxon, what is said of it (links by label), what the sentence holds.
BAD = {
    "its own parent": ("salmo", {"parent": "salmo"}, "own"),
    "under its own child": ("salmo", {"parent": "brown_trout"}, "own ancestor"),
    "far under itself": ("salmonidae", {"parent": "huchen"}, "own ancestor"),
    "a synonym of itself": ("brown_trout", {"synonym_of": "brown_trout"}, "synonym"),
    "a synonym of a synonym": ("chub", {"synonym_of": "salmo_fario"}, "itself a synonym"),
    "synonyms in a circle": ("brown_trout", {"synonym_of": "salmo_fario"}, "synonym"),
    "under a synonym": ("river_trout", {"parent": "salmo_fario"}, "itself a synonym"),
    "names that are a text": ("chub", {"common_names": "Chub"}, "language to name"),
    "names that are a list": ("chub", {"common_names": ["Chub"]}, "language to name"),
    "a name that is a table": ("chub", {"common_names": {"en": {"a": "b"}}}, "language to name"),
    "a rank above its parent's": ("chub", {"rank": "order"}, "cannot stand under"),
    "a rank below its children's": ("salmo", {"rank": "form"}, "cannot stand under"),
    "no parent any more": ("salmonidae", {"parent": None}, "say what it stands under"),
    "a hybrid of itself": ("cutbow", {"parent": "cutbow"}, "itself"),
    "a hybrid of one": ("cutbow", {"second_parent": None}, "parent"),
    "a hybrid of the same twice": ("cutbow", {"second_parent": "cutthroat_trout"}, "with itself"),
    "a hybrid of a merger": ("rainbow_trout", {"synonym_of": "cutthroat_trout"}, "with itself"),
    "two parents and no hybrid": ("chub", {"second_parent": "salmo"}, "two"),
    "another's label": ("chub", {"label": "bream"}, "taken by"),
    "a label in capitals": ("chub", {"label": "Chub"}, "ower-case letters"),
    "another's name": ("chub", {"scientific_name": "Abramis brama"}, "taken by"),
    "another's name in other letters": ("chub", {"scientific_name": "abramis  brámä"}, "taken by"),
    "sensitive in some way": ("chub", {"sensitive": "very"}, ""),
}
LINKS = ("parent", "second_parent", "synonym_of")


def rows() -> list[dict]:
    return list(Taxon.objects.order_by("id").values())


def said(taxon: Taxon, edit: dict, tree: dict) -> dict:
    """The taxon as a form posts it, with the edit."""
    value = {
        name: getattr(taxon, name)
        for name in ("scientific_name", "rank", "label", "sensitive", "common_names")
    }
    value |= {link: getattr(taxon, link) and getattr(taxon, link).label for link in LINKS} | edit
    return value | {link: tree[value[link]].pk if value[link] else "" for link in LINKS}


@pytest.mark.parametrize("what", BAD)
def test_the_form(client, ada, tree, what):
    label, edit, says = BAD[what]
    client.force_login(ada)
    before = rows()
    posted = said(tree[label], edit, tree)
    posted["common_names"] = json.dumps(posted["common_names"])
    answer = client.post(reverse("admin:species_taxon_change", args=[tree[label].pk]), posted)
    assert answer.status_code == 200
    errors = json.loads(answer.context["adminform"].form.errors.as_json())
    assert errors and (says in str(errors) or "already exists" in str(errors))
    assert rows() == before


@pytest.mark.parametrize("what", BAD)
def test_the_action(ada, tree, what):
    label, edit, says = BAD[what]
    before = rows()
    taxon = Taxon.objects.get(pk=tree[label].pk)
    for name, value in said(taxon, edit, tree).items():
        setattr(taxon, f"{name}_id" if name in LINKS else name, (value or None) if name in LINKS else value)
    with pytest.raises(ValidationError) as refusal:
        taxa.save(taxon=taxon, by=ada)
    assert says in str(refusal.value.messages)
    assert rows() == before


@pytest.mark.parametrize("what", BAD)
def test_the_command(tree, tmp_path, what):
    label, edit, says = BAD[what]
    before = rows()
    names = {taxon.label: taxon.scientific_name for taxon in tree.values()}
    entries = []
    for taxon in tree.values():
        entry = {"scientific_name": taxon.scientific_name, "rank": taxon.rank, "label": taxon.label}
        entry |= {"common_names": taxon.common_names, "sensitive": taxon.sensitive}
        entry |= {link: getattr(taxon, link) and getattr(taxon, link).label for link in LINKS}
        entry |= edit if taxon.label == label else {}
        for link in LINKS:
            entry[link] = names.get(entry[link], "")
        entries.append(entry)
    path = tmp_path / "taxa.yaml"
    path.write_text(
        yaml.safe_dump({"source": "test", "citation": "A book", "taxa": entries}, allow_unicode=True)
    )
    with pytest.raises(CommandError) as refusal:
        call_command("load_taxa", str(path))
    assert "Nothing was loaded" in str(refusal.value)
    assert any(each in str(refusal.value) for each in (says, "is taken", "itself a synonym", "has a parent"))
    assert rows() == before


def test_a_file_that_says_it_bit_by_bit_is_refused_as_a_whole(tree):
    """Each entry is sound by itself; what is here already makes the circle."""
    text = """
source: test
citation: A book
taxa:
  - {scientific_name: Hucho hucho, rank: genus, label: huchen}
  - {scientific_name: Salmonidae, rank: species, parent: Hucho hucho}
"""
    before = rows()
    with pytest.raises(BadTaxa, match="Hucho hucho stood under Hucho|own ancestor|cannot stand"):
        taxa.load(file=universe.taxa_file.parse(text))
    assert rows() == before


def test_an_entry_that_was_never_in_a_file_is_checked_as_well(tree):
    content = universe.taxa_file.parse(universe.TREE)
    for change in ({"common_names": ["x"]}, {"parent": "Nobody"}, {"sensitive": 3}, {"label": "chub\n"}):
        entries = [*content.entries[:-1], content.entries[-1].__class__(**vars(content.entries[-1]) | change)]
        before = rows()
        with pytest.raises(BadTaxa):
            taxa.load(file=TaxaFile(content.source, content.citation, entries))
        assert rows() == before


def test_a_newcomer_without_a_place_is_refused_by_form_and_action(client, ada, tree):
    client.force_login(ada)
    posted = {"scientific_name": "Plantae", "rank": "kingdom", "label": "plantae", "common_names": "{}"}
    answer = client.post(reverse("admin:species_taxon_add"), posted)
    assert "Say what Plantae stands under" in answer.content.decode()
    with pytest.raises(ValidationError, match="Say what Plantae stands under"):
        taxa.save(taxon=Taxon(scientific_name="Plantae", rank="kingdom", label="plantae"), by=ada)
    answer = client.post(
        reverse("admin:species_taxon_add"), posted | {"rank": "order", "parent": tree["actinopterygii"].pk}
    )
    assert answer.status_code == 302 and Taxon.objects.get(label="plantae").parent == tree["actinopterygii"]


def test_an_emptied_table_of_names_is_an_empty_one(client, ada, tree):
    client.force_login(ada)
    posted = said(tree["chub"], {}, tree) | {"common_names": ""}
    assert (
        client.post(reverse("admin:species_taxon_change", args=[tree["chub"].pk]), posted).status_code == 302
    )
    assert Taxon.objects.get(label="chub").common_names == {}


def test_only_an_admin_changes_names(rita, tree):
    with pytest.raises(PermissionDenied):
        taxa.save(taxon=tree["chub"], by=rita)


def test_labels_may_change_places(tree):
    swapped = universe.TREE.replace("common_names: {en: chub}", "label: bream, common_names: {en: chub}")
    swapped = swapped.replace("common_names: {en: bream}", "label: chub, common_names: {en: bream}")
    taxa.load(file=universe.taxa_file.parse(swapped))
    assert Taxon.objects.get(label="bream").pk == tree["chub"].pk


def test_a_taxon_renamed_here_is_known_by_its_id_when_its_file_comes_again(ada, tree):
    chub = tree["chub"]
    chub.scientific_name = "Squalius squalius"
    taxa.save(taxon=chub, by=ada)
    taxa.load(file=universe.taxa_file.parse(universe.TREE))
    assert Taxon.objects.get(label="chub").pk == chub.pk
    assert Taxon.objects.count() == len(tree)


def broken(tree) -> None:
    """As somebody with access to the database leaves it: Cypriniformes and its family hold each other."""
    Taxon.objects.filter(label="cypriniformes").update(parent=tree["leuciscidae"])
    Taxon.objects.filter(label="bream").update(common_names=["Bream"])
    Taxon.objects.filter(label="chub").update(common_names={"en": ["Chub"], "de": None}, sensitive="very")
    Taxon.objects.filter(label="salmo_fario").update(synonym_of=tree["river_trout"])
    Taxon.objects.filter(label="river_trout").update(synonym_of=tree["salmo_fario"])


def test_a_broken_branch_stops_nobody_elsewhere(client, ada, alice, bob, tree):
    sighting = universe.sighting(alice)
    occurrence = sighting.occurrences.get()
    broken(tree)
    for each in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["rainbow_trout"], by=each)
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.agreed_taxon) == ("verified", tree["rainbow_trout"])
    client.force_login(bob)
    for url in (
        reverse("taxa"),
        reverse("taxa") + "?q=bream",
        reverse("home"),
        reverse("gallery"),
        *(
            reverse("taxon", args=[label])
            for label in ("salmo", "bream", "chub", "cypriniformes", "river_trout")
        ),
        sighting.get_absolute_url(),
        reverse("gallery") + "?taxon=salmonidae",
        reverse("gallery") + "?q=trout",
        reverse("label"),
        "/api/v1/taxa?search=bream",
        "/api/v1/taxa",
    ):
        assert client.get(url, follow=True).status_code == 200, url
    # The branch itself can be named, too, and mended by hand.
    identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
    other = universe.sighting(alice, seed="other", latitude=47.1, longitude=11.2, privacy="open")
    identifications.add(occurrence=other.occurrences.get(), taxon=tree["chub"], by=bob)
    other.refresh_from_db()
    assert other.place_shown == "withheld", "what nobody can read opens nothing"
    assert client.get(other.get_absolute_url()).status_code == 200
    client.force_login(ada)
    order = Taxon.objects.get(label="cypriniformes")
    order.parent = tree["actinopterygii"]
    taxa.save(taxon=order, by=ada)
    assert str(tree["actinopterygii"].pk) in taxon_queries.tree().lineage(str(tree["chub"].pk))


@pytest.mark.django_db(transaction=True)
def test_two_edits_that_are_sound_alone_are_not_saved_together():
    """One under the other, and the other under the one, at the same moment: the second is told."""
    tree = universe.plant_tree()
    ada = person("Ada", Role.ADMIN)
    start = threading.Barrier(2)
    refusals, errors = [], []

    def move(taxon: Taxon, under: Taxon) -> None:
        try:
            taxon.rank, taxon.parent = "form" if taxon.label == "huchen" else taxon.rank, under
            start.wait(timeout=20)
            taxa.save(taxon=taxon, by=ada)
        except ValidationError as refusal:
            refusals.append(refusal)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    pairs = [(tree["river_trout"], tree["huchen"]), (tree["huchen"], tree["river_trout"])]
    threads = [threading.Thread(target=move, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == [] and len(refusals) == 1
    assert not taxon_queries.tree().broken
