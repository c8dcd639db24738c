"""One table of spellings through every door: search, forms, filters, import, folders."""

import io
import unicodedata

import pytest
from django.core.management import call_command
from django.urls import reverse

from labeling.actions import identifications
from labeling.filters import OccurrenceFilter
from labeling.forms.identifications import IdentifyForm
from labeling.models import Identification
from species.models import Taxon
from species.queries import taxa as taxon_queries
from tests import universe
from tests.labeling.imports.collecting import take

CROSS = "Oncorhynchus clarkii {} Oncorhynchus mykiss"
SPELLINGS = [
    ("Salmo trutta", "brown_trout"),
    ("brown trout", "brown_trout"),
    ("brown  trout", "brown_trout"),
    ("brown-trout", "brown_trout"),
    ("browntrout", "brown_trout"),
    ("brown_trout", "brown_trout"),
    ("BROWN TROUT", "brown_trout"),
    ("S. trutta", "brown_trout"),
    ("s trutta", "brown_trout"),
    ("Forelle", "brown_trout"),
    ("Truite commune", "brown_trout"),
    ("褐鳟", "brown_trout"),
    ("cutthroat forelle", "cutthroat_trout"),
    ("Cutthroat-Forelle", "cutthroat_trout"),
    ("truite fardee", "cutthroat_trout"),
    ("O. clarkii", "cutthroat_trout"),
    (CROSS.format("×"), "cutbow"),
    (CROSS.format("x"), "cutbow"),
    (CROSS.format("X"), "cutbow"),
    ("Oncorhynchus clarkii×Oncorhynchus mykiss", "cutbow"),
    ("Oncorhynchus mykiss x Oncorhynchus clarkii", "cutbow"),
    ("Oncorhynchus clarkii x mykiss", "cutbow"),
    ("O. clarkii x O. mykiss", "cutbow"),
    ("Äsche", "grayling"),
    (unicodedata.normalize("NFD", "Äsche"), "grayling"),
    ("asche", "grayling"),
    ("Aesche", "grayling"),
]
# Near enough to be offered: what is typed, and the name.
MISSPELT = [
    ("Brwon trout", "Brown trout"),
    ("Salmo truta", "Salmo trutta"),
    ("Rainbow trout2", "Rainbow trout"),
]


@pytest.fixture
def trout(db) -> dict[str, Taxon]:
    """The names a site of fish starts with."""
    call_command("load_taxa", "data/taxa/trout.yaml", stdout=io.StringIO())
    return {taxon.label: taxon for taxon in Taxon.objects.all()}


def test_search(client, trout):
    for typed, label in SPELLINGS:
        found = client.get("/api/v1/taxa", {"search": typed}).json()["results"]
        assert found and found[0]["label"] == label, typed
        page = client.get(reverse("taxa"), {"q": typed}).content.decode()
        assert reverse("taxon", args=[label]) in page, typed


def test_forms(trout):
    for typed, label in SPELLINGS:
        form = IdentifyForm({"name": typed, "confidence": "likely"})
        assert form.is_valid(), (typed, form.errors)
        assert form.said()["taxon"].label == label, typed
        form = OccurrenceFilter({"taxon": typed}).form
        assert form.is_valid() and form.cleaned_data["taxon"].label == label, typed


def test_filters_of_the_gallery(client, alice, bob, trout):
    sightings = {}
    for label in {label for _, label in SPELLINGS}:
        sightings[label] = universe.sighting(alice, seed=label)
        for each in (alice, bob):
            identifications.add(occurrence=sightings[label].occurrences.get(), taxon=trout[label], by=each)
    for typed, label in SPELLINGS:
        for name in ("q", "taxon"):
            page = client.get(reverse("gallery"), {name: typed}).content.decode()
            assert sightings[label].get_absolute_url() in page, (typed, name)
        for noun in ("observations", "occurrences"):
            found = client.get(f"/api/v1/{noun}", {"taxon": typed}).json()["results"]
            assert str(sightings[label].pk) in [row.get("observation", row["id"]) for row in found], (
                typed,
                noun,
            )


def test_folders_and_tables(rita, trout, tmp_path):
    folder = tmp_path / "classes"
    rows = ["file,scientific_name"]
    for number, (typed, _) in enumerate(SPELLINGS):
        (folder / typed).mkdir(parents=True, exist_ok=True)
        photo = universe.photo_bytes(f"folder {number}", (64, 32))
        (folder / typed / f"{number}.jpg").write_bytes(photo)
        rows.append(f"{number}.jpg,{typed}")
    report = take(folder, rita)
    assert report.problems == [] and report.sightings == len(SPELLINGS)
    said = sorted(Identification.objects.values_list("taxon__label", flat=True))
    assert said == sorted(label for _, label in SPELLINGS)
    table = tmp_path / "table"
    table.mkdir()
    for number in range(len(SPELLINGS)):
        (table / f"{number}.jpg").write_bytes(universe.photo_bytes(f"table {number}", (64, 32)))
    (table / "observations.csv").write_text("\n".join(rows))
    report = take(table, rita, source="table")
    assert report.problems == [] and report.sightings == len(SPELLINGS)


def test_the_admins_search(client, ada, trout):
    client.force_login(ada)
    for typed, label in SPELLINGS:
        page = client.get(reverse("admin:species_taxon_changelist"), {"q": typed}).content.decode()
        assert reverse("admin:species_taxon_change", args=[trout[label].pk]) in page, typed


@pytest.mark.parametrize(
    ("typed", "named"),
    [("mykiss", "Oncorhynchus mykiss"), ("trout brown", "Salmo trutta"), ("bachs", "fontinalis")],
)
def test_a_word_of_a_name_offers_whose_it_is(trout, typed, named):
    form = IdentifyForm({"name": typed, "confidence": "likely"})
    assert not form.is_valid() and named in form.errors["name"][0]


def test_a_page_of_letters_is_looked_at_no_longer_than_a_name(client, trout):
    assert client.get("/api/v1/taxa", {"search": "unicorn " * 1000}).json()["results"] == []


@pytest.mark.parametrize(("typed", "name"), MISSPELT)
def test_the_nearest_is_offered_where_nothing_fits(client, trout, typed, name):
    label = taxon_queries.search(name)[0].label
    assert client.get("/api/v1/taxa", {"search": typed}).json()["results"][0]["label"] == label
    page = client.get(reverse("taxa"), {"q": typed}).content.decode()
    assert "The nearest:" in page and reverse("taxon", args=[label]) in page
    form = IdentifyForm({"name": typed, "confidence": "likely"})
    assert not form.is_valid() and trout[label].scientific_name in form.errors["name"][0]
    assert form.errors["name"][0].startswith(f"No taxon here is called “{typed}”. Do you mean ")


def test_what_is_like_nothing_is_said_so_without_a_word_of_trees(client, trout):
    assert client.get("/api/v1/taxa", {"search": "unicorn"}).json()["results"] == []
    form = IdentifyForm({"name": "unicorn", "confidence": "likely"})
    [text] = form.errors["name"]
    assert text == "No taxon here is called “unicorn”. Check the spelling, or name a group it belongs to."
    assert "No such name here" in client.get(reverse("taxa"), {"q": "unicorn"}).content.decode()


def test_a_name_that_is_exact_goes_before_one_that_only_sounds_so(trout):
    trout["grayling"].common_names = trout["grayling"].common_names | {"de": "Äsche"}
    trout["grayling"].save()
    trout["chub"].common_names = {"de": "Asche"}
    trout["chub"].save()
    for typed, label in (("Äsche", "grayling"), ("asche", "chub")):
        form = IdentifyForm({"name": typed, "confidence": "likely"})
        assert form.is_valid() and form.said()["taxon"].label == label
