"""Names in the spellings people type: what is alike, what is not, and what is offered instead."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.taxonomy import names
from species.taxonomy.names import ALIKE, key, likeness, rank, spellings

CROSS = "Oncorhynchus clarkii × Oncorhynchus mykiss"
# A name, and how people write it.
SAME = [
    ("Brown trout", "brown  trout"),
    ("Brown trout", "brown-trout"),
    ("Brown trout", "browntrout"),
    ("Brown trout", "brown_trout"),
    ("Brown trout", " BROWN TROUT. "),
    ("Brown trout", "Ｂｒｏｗｎ　ｔｒｏｕｔ"),
    ("Brown trout", "brown\u200b trout\ufeff"),
    ("Cutthroat-Forelle", "cutthroat forelle"),
    ("Äsche", unicodedata.normalize("NFD", "Äsche")),
    ("Äsche", "asche"),
    ("Äsche", "Aesche"),
    ("Renke (Große)", "renke grosse"),
    ("Røye", "roye"),
    ("Røye", "roeye"),
    ("Truite fardée", "truite fardee"),
    ("Omble de l’Arctique", "omble de l'arctique"),
    ("Omble de l’Arctique", "omble de larctique"),
    ("Omble de l’Arctique", "omble de l´arctique"),
    ("Пёстрый толстолобик", "пестрый толстолобик"),
    (CROSS, "Oncorhynchus clarkii x Oncorhynchus mykiss"),
    (CROSS, "oncorhynchus clarkii X oncorhynchus mykiss"),
    (CROSS, "Oncorhynchus clarkii×Oncorhynchus mykiss"),
    (CROSS, "Oncorhynchus mykiss x Oncorhynchus clarkii"),
    (CROSS, "Oncorhynchus clarkii x mykiss"),
]


@pytest.mark.parametrize(("name", "typed"), SAME)
def test_what_is_alike(name, typed):
    assert rank(spellings(typed), spellings(name)) == 0


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Brown trout", "Brow trout"),
        ("か", "が"),
        ("Salmo trutta", "Salmo trutta fario"),
        (CROSS, "Oncorhynchus clarkii"),
        ("हिल्सा", "हलसा"),
    ],
)
def test_what_is_not(name, other):
    assert rank(spellings(other), spellings(name)) != 0


@pytest.mark.parametrize(
    ("typed", "name", "what"),
    [
        ("S. trutta", "Salmo trutta", 1),
        ("s.trutta", "Salmo trutta", 1),
        ("O. clarkii x O. mykiss", CROSS, 1),
        ("O. clarkii x mykiss", CROSS, 1),
        ("regenbogen", "Regenbogenforelle", 2),
        ("forelle", "Cutthroat-Forelle", 3),
        ("trout cut", "Cutthroat trout", 4),
        ("s trutta", "Salmo trutta fario", 4),
        ("forelle", "Regenbogenforelle", 5),
        ("chub", "Brown trout", None),
        ("x. trutta", "Salmo trutta", None),
    ],
)
def test_how_well_it_fits(typed, name, what):
    assert rank(spellings(typed), spellings(name)) == what


def test_a_name_without_a_letter_is_none():
    assert spellings("–…'") == () and key("") == "" and likeness("", "chub") == 0
    assert spellings("🐟") == ()


def test_a_slip_of_the_finger_leaves_most_of_a_name():
    for typed, name in (("brwon trout", "Brown trout"), ("Naese", "Nase"), ("Asch", "Äsche")):
        assert likeness(key(typed), key(name)) >= ALIKE
    for typed, name in (("unicorn", "Brown trout"), ("Chub", "Nase"), ("trout", "Nase")):
        assert likeness(key(typed), key(name)) < ALIKE


TEXT = st.text(min_size=1, max_size=30)


@given(TEXT)
def test_however_it_is_written_it_is_itself(text):
    if ways := spellings(text):
        for other in (unicodedata.normalize("NFD", text), f"  {text} ", f"{text}.", f"“{text}”"):
            assert rank(spellings(other), ways) == 0


@given(TEXT)
def test_what_was_made_alike_is_alike_to_itself(text):
    for way in spellings(text):
        assert rank(spellings(" ".join(way.words)), [way]) == 0


@given(TEXT, TEXT)
def test_likeness_goes_both_ways(one, other):
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1 == likeness(one, one)


def test_same_accents():
    assert names.same_accents("Äsche", unicodedata.normalize("NFD", "äsche"))
    assert not names.same_accents("Äsche", "asche")
