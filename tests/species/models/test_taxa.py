"""What a taxon is called: inside a sentence, and as a heading."""

import importlib
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from species.models import Taxon, titled
from species.taxonomy import taxa_file

FILES = [Path("data/taxa/trout.yaml"), Path("data/taxa/dishes.yaml")]
# Names of places, peoples and persons: the only words of a name that have a capital in English or French.
PROPER = {
    *("Apache", "Arctic", "Atlantic", "Bonneville", "Caesar", "César", "Chinook", "Colorado", "Columbia"),
    *("Dolly", "European", "French", "Gila", "Grande", "Lahontan", "Pacific", "Rio", "River", "Varden"),
    "Yellowstone",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_name_is_written_as_it_stands_inside_a_sentence(path):
    for entry in taxa_file.read(path).entries:
        for language, name in entry.common_names.items():
            words = re.findall(r"\w+", name)
            if language == "de":  # a noun, or an adjective that is part of the name
                assert words[0][0].isupper(), name
            elif language != "zh-hans":
                assert {word for word in words if word != word.lower()} <= PROPER, (language, name)
                assert not {word for word in words if word.capitalize() in PROPER - {"River"}} - PROPER, name


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("brown trout", "Brown trout"),
        ("Rio Grande cutthroat trout", "Rio Grande cutthroat trout"),
        ("von Bayer’s char", "Von Bayer’s char"),
        ("d’Artagnan’s perch", "d’Artagnan’s perch"),
        ("iNat trout", "iNat trout"),
        ("‘ōpae", "‘Ōpae"),
        ("émissole", "Émissole"),
        ("3-spined stickleback", "3-spined stickleback"),
        ("Forelle", "Forelle"),
        ("褐鳟", "褐鳟"),
        ("форель", "Форель"),
        (" brown trout ", "Brown trout"),
        ("×", "×"),
        ("", ""),
    ],
)
def test_a_heading_begins_with_a_capital(name, heading):
    assert titled(name) == heading


def test_said_and_named_in_the_language_of_the_page():
    taxon = Taxon(scientific_name="Salmo trutta", common_names={"en": "brown trout", "de": "Forelle"})
    assert (taxon.said, taxon.common_name, taxon.name) == ("brown trout", "Brown trout", "Brown trout")
    with translation.override("de"):
        assert (taxon.said, taxon.common_name, taxon.name) == ("Forelle",) * 3
    with translation.override("fr"):
        assert taxon.said == "brown trout"
    bare = Taxon(scientific_name="Salmo")
    assert (bare.said, bare.common_name, bare.name) == ("Salmo", "", "Salmo")


def test_no_template_takes_the_capitals_from_a_name():
    for path in Path(".").rglob("*.html"):
        if "node_modules" not in path.parts:
            found = re.findall(r"\{\{[^}]*(?:name|title)[^}]*\|\s*lower[^}]*\}\}", path.read_text())
            assert not found, (path, found)


@pytest.mark.django_db
def test_names_of_an_older_database_are_spelt_anew_and_changed_ones_left():
    old = Taxon.objects.create(
        scientific_name="Salmo trutta",
        rank="species",
        label="brown_trout",
        common_names={"en": "Brown trout", "de": "Forelle", "fr": "La truite", "xx": "Trout"},
    )
    own = Taxon.objects.create(
        scientific_name="Piscis", rank="species", label="fish", common_names={"en": "A Fish"}
    )
    importlib.import_module("species.migrations.0004_names_as_inside_a_sentence").spell(apps, None)
    old.refresh_from_db()
    own.refresh_from_db()
    assert old.common_names == {"en": "brown trout", "de": "Forelle", "fr": "La truite", "xx": "Trout"}
    assert own.common_names == {"en": "A Fish"}
