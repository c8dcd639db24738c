"""Every edit of a name or a place is a row with what stood before and after, whichever door it came through."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from species.actions import places, taxa
from species.models import Place, PlaceEdit, Taxon, TaxonEdit
from tests import universe


def test_an_edit_says_what_changed_and_nothing_else(ada, tree):
    chub = Taxon.objects.get(label="chub")
    chub.common_names, chub.parent, chub.sensitive = {"en": "European chub"}, tree["abramis"], "generalized"
    taxa.save(taxon=chub, by=ada)
    edit = TaxonEdit.objects.get()
    assert (edit.taxon, edit.by) == (chub, ada)
    assert edit.before == {"common_names": {"en": "chub"}, "parent": "Squalius", "sensitive": ""}
    assert edit.after == {
        "common_names": {"en": "European chub"},
        "parent": "Abramis",
        "sensitive": "generalized",
    }
    taxa.save(taxon=chub, by=ada)
    assert TaxonEdit.objects.count() == 1, "nothing was changed"


def test_a_new_name_says_who_added_it(ada, tree):
    taxon = Taxon(scientific_name="Salmo labrax", rank="species", label="labrax", parent=tree["salmo"])
    taxa.save(taxon=taxon, by=ada)
    edit = TaxonEdit.objects.get()
    assert edit.before == {} and edit.after["scientific_name"] == "Salmo labrax" and edit.by == ada


def test_the_form_of_the_admin_writes_it(client, ada, tree):
    client.force_login(ada)
    chub = tree["chub"]
    said = {
        "scientific_name": chub.scientific_name,
        "rank": "species",
        "label": "chub",
        "parent": chub.parent_id,
    }
    said |= {"common_names": json.dumps({"en": "chub"}), "description": "Eats cherries."}
    assert client.post(reverse("admin:species_taxon_change", args=[chub.pk]), said).status_code == 302
    edit = TaxonEdit.objects.get()
    assert (edit.by, edit.after["description"]) == (ada, "Eats cherries.")


def test_a_file_is_one_batch_and_what_it_adds_says_so_itself(tree, tmp_path):
    said = universe.TREE.replace("Names for tests", "A checklist")
    said = said.replace("common_names: {en: chub}", "label: chub, common_names: {en: European chub}")
    said = said.replace("parent: Abramis, common_names", "parent: Squalius, common_names")
    said += "  - {scientific_name: Abramis ballerus, rank: species, parent: Abramis}\n"
    path = tmp_path / "more.yaml"
    path.write_text(said)
    call_command("load_taxa", str(path), verbosity=0)
    rows = {edit.taxon.label: edit for edit in TaxonEdit.objects.all()}
    assert "abramis_ballerus" not in rows and len({edit.batch for edit in rows.values()}) == 1
    first, second = rows["bream"], rows["chub"]
    assert first.batch is not None and first.by is None and first.source == "A checklist"
    assert first.before["parent"] == "Abramis" and first.after["parent"] == "Squalius"
    assert second.after["common_names"] == {"en": "European chub"}
    call_command("load_taxa", str(path), verbosity=0)
    assert TaxonEdit.objects.count() == len(rows), "nothing was changed"


def test_everybody_reads_it_on_the_page_and_by_the_api(client, ada, tree):
    chub = Taxon.objects.get(label="chub")
    chub.description = "<b>Eats</b> cherries."
    taxa.save(taxon=chub, by=ada)
    page = client.get(chub.get_absolute_url()).content.decode()
    assert "History of this name" in page and "&lt;b&gt;Eats&lt;/b&gt; cherries." in page
    [row] = client.get("/api/v1/taxa/chub/history").json()["results"]
    assert (row["by"], row["before"], row["after"]) == (
        "Ada",
        {"description": ""},
        {"description": "<b>Eats</b> cherries."},
    )
    assert "History of this name" not in client.get(tree["bream"].get_absolute_url()).content.decode()


@pytest.mark.parametrize("who", ["nobody", "alice", "rita", "ada"])
def test_the_history_of_a_place_is_for_admins(client, request, ada, who):
    place = universe.place("Inn", latitude=47.26812, longitude=11.39325)
    place.latitude = 47.3
    places.save(place=place, by=ada)
    edit = PlaceEdit.objects.get()
    assert (edit.before, edit.after, edit.by) == ({"latitude": 47.26812}, {"latitude": 47.3}, ada)
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))
    for address in (
        reverse("admin:species_placeedit_changelist"),
        reverse("admin:species_placeedit_change", args=[edit.pk]),
    ):
        assert (client.get(address).status_code == 200) == (who == "ada")


def test_a_place_that_is_said_for_the_first_time_is_no_edit(client, ada, db):
    universe.place("Inn")
    assert Place.objects.exists() and not PlaceEdit.objects.exists()
    client.force_login(ada)
    place = Place.objects.get()
    client.post(reverse("admin:species_place_change", args=[place.pk]), {"name": "Inn", "country_code": "AT"})
    assert PlaceEdit.objects.get().after == {"country_code": "AT"}
