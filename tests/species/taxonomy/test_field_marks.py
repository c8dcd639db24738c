"""Field marks of taxa: what a file may say, what is inherited, what tells names apart."""

import pytest

from species.taxonomy import field_marks
from species.taxonomy.field_marks import Mark, differing_first, fault, inherited, to_look_at
from species.taxonomy.taxa_file import BadTaxa, parse

SLASH = {"mark": "red slash under the jaw", "view": "the jaw from below"}
HEAD = "source: here\ncitation: A book\ntaxa:\n"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("red slash", "field_marks is a list"),
        ({"mark": "a"}, "field_marks is a list"),
        (["red slash"], "field_marks is a list"),
        ([{"mark": "a", "where": "b"}], "field_marks is a list"),
        ([{"mark": 3}], "field_marks is a list"),
        ([{"view": "the jaw"}], "says something"),
        ([{"mark": " "}], "says something"),
        ([{"mark": "x" * 81}], "at most 80"),
        ([{"mark": "a", "view": "x" * 81}], "at most 80"),
        ([{"mark": "a\nb"}], "one line"),
        ([SLASH, SLASH], "there twice"),
        ([{"mark": str(number)} for number in range(13)], "at most 12"),
    ],
)
def test_what_is_none(given, wrong):
    assert wrong in fault(given)


def test_what_is_one():
    assert fault([]) == fault([SLASH, {"mark": "x" * 80}]) == ""


def test_a_file_says_in_which_line_it_is_wrong():
    text = HEAD + "  - {scientific_name: Salmo, rank: genus, field_marks: [{mark: 3}]}\n"
    with pytest.raises(BadTaxa, match=r"line 4 \(Salmo\): field_marks is a list"):
        parse(text)


def test_a_file_is_read():
    text = HEAD + '  - {scientific_name: Salmo, rank: genus, field_marks: [{mark: " bare tail "}]}\n'
    assert parse(text).entries[0].field_marks == [{"mark": "bare tail", "view": ""}]


def test_what_is_above_is_inherited_and_the_nearer_words_stand():
    said = {
        "trout": [{"mark": "spots", "view": "the flank"}],
        "salmonids": [{"mark": "fatty fin", "view": ""}, {"mark": "spots", "view": "anywhere"}],
        "broken": "no list",
    }
    found = inherited(["trout", "nothing", "salmonids", "broken"], said)
    assert found == [Mark("trout", "spots", "the flank"), Mark("salmonids", "fatty fin", "")]


def marks(*said: tuple[str, str]) -> list[Mark]:
    return [Mark("x", mark, view) for mark, view in said]


def test_what_differs_comes_first():
    one = marks(("fatty fin", "back"), ("many eyes", ""), ("bare tail", "tail"), ("big jaw", "head"))
    other = marks(("spotted tail", "tail"), ("fatty fin", "back"))
    assert [[each.mark for each in column] for column in differing_first([one, other])] == [
        ["bare tail", "many eyes", "big jaw", "fatty fin"],
        ["spotted tail", "fatty fin"],
    ]


class TestWhereToLookNext:
    ONE = marks(("red slash", "the jaw"), ("spotted tail", "the tail"), ("fatty fin", "the back"))
    OTHER = marks(("no slash", "the jaw"), ("pink band", "the flank"), ("fatty fin", "the back"))

    def test_first_where_both_show_something(self):
        assert to_look_at([self.ONE, self.OTHER], []) == ["the jaw", "the tail", "the flank"]

    def test_not_where_somebody_pointed(self):
        assert to_look_at([self.ONE, self.OTHER], ["red slash"]) == ["the tail", "the flank"]

    def test_not_what_all_have_nor_what_shows_anywhere(self):
        assert to_look_at([self.ONE, self.ONE], []) == []
        assert to_look_at([marks(("big", ""))], []) == []

    def test_of_one_name_all_its_views(self):
        assert to_look_at([self.ONE], ["spotted tail"]) == ["the jaw", "the back"]

    def test_of_none_nothing(self):
        assert to_look_at([], []) == []


def test_the_longest_is_what_the_table_takes():
    from species.models import MARK_LENGTH  # noqa: PLC0415 - the rest needs no Django

    assert field_marks.LONGEST == MARK_LENGTH
