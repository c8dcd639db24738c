"""What a manifest lists of what people said: everything that exports print, and nobody's id, note or hidden day."""

import json
from datetime import date

import pytest

from labeling.actions import boxes, field_marks, identifications, rulings
from research.manifest import store
from species.actions import observations
from species.models import TimePrecision
from tests.research.building import freeze

PLACE = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}


@pytest.fixture
def first(library, tree, alice, bob, charlie, rita):
    """Charlie said something else and took it back, Rita a family that is no chub; Bob drew and pointed."""
    organism = library[0]
    said = identifications.add(occurrence=organism, taxon=tree["chub"], by=charlie, note="I know this one")
    identifications.withdraw(identification=said, by=charlie)
    identifications.add(
        occurrence=organism,
        taxon=tree["salmonidae"],
        disagrees_with=tree["chub"],
        by=rita,
        cannot_improve=False,
    )
    photo = organism.photos.first()
    boxes.draw(occurrence=organism, photo=photo, by=bob, **PLACE)
    field_marks.point(occurrence=organism, photo=photo, mark="red spots", x=0.4, y=0.3, by=bob)
    return organism


def entry(dataset, organism) -> dict:
    return next(each for each in store.read(dataset)["occurrences"] if each["id"] == str(organism.pk))


def test_every_word_is_there_in_order_with_what_was_rejected_and_taken_back(first, rosa):
    said = entry(freeze(rosa), first)["identifications"]
    assert [(each["label"], each["uploader"], each["withdrawn"]) for each in said] == [
        ("brown_trout", True, False),
        ("brown_trout", False, False),
        ("chub", False, True),
        ("salmonidae", False, False),
    ]
    assert [each["rejects"] for each in said] == ["", "", "", "chub"]
    assert {each["day"] for each in said} == {date.today().isoformat()}
    assert len({each["person"] for each in said}) == 4 and not any(each["imported"] for each in said)


def test_boxes_and_marks_are_there_with_the_same_numbers_of_people(first, rosa, bob):
    found = entry(freeze(rosa), first)
    [box], [mark] = found["boxes"], found["marks"]
    bob_is = found["identifications"][1]["person"]
    assert box == {"photo": str(first.photos.first().pk), "person": bob_is, **PLACE}
    assert (mark["mark"], mark["x"], mark["y"], mark["person"]) == ("red spots", 0.4, 0.3, bob_is)


def test_numbers_tell_nothing_but_that_it_is_the_same_person(first, rosa, alice, bob, charlie, rita):
    dataset = freeze(rosa)
    content = store.read(dataset)
    text = json.dumps(content["occurrences"])
    for person in (alice, bob, charlie, rita):
        assert str(person.pk) not in text and person.display_name not in text
    assert "I know this one" not in text
    numbers = [each["person"] for one in content["occurrences"] for each in one["identifications"]]
    assert list(dict.fromkeys(numbers)) == [f"p{at}" for at in range(1, len(set(numbers)) + 1)]
    assert freeze(rosa).content_hash == dataset.content_hash


def test_where_the_month_alone_is_told_no_name_tells_the_day(first, library, rosa, alice):
    observations.describe(
        observation=first.observation, by=alice, privacy="private", time_precision=TimePrecision.MONTH
    )
    dataset = freeze(rosa)
    assert {each["day"] for each in entry(dataset, first)["identifications"]} == {None}
    assert None not in {each["day"] for each in entry(dataset, library[1])["identifications"]}


def test_a_ruling_says_why(library, rosa, rita, tree):
    rulings.rule(occurrence=library[1], taxon=tree["chub"], reason="The scales", by=rita)
    votes = entry(freeze(rosa), library[1])["votes"]
    assert (votes["ruling"], votes["ruling_reason"]) == ("reviewer", "The scales")


def test_what_is_above_the_tree_and_where_things_came_from(library, rosa, settings):
    settings.PUBLIC_URL = "https://trout.example"
    dataset = freeze(rosa)
    content = store.read(dataset)
    assert {tuple(each["higher"].items()) for each in content["categories"]} == {
        (("kingdom", "Animalia"), ("phylum", "Chordata"))
    }
    assert {(each["provenance"], each["source"]) for each in content["photos"]} == {("contributed", "")}
    placed = [each for each in content["observations"] if each["place"]]
    assert {(each["place_shown"], each["place_rule"]) for each in placed} == {("generalized", "observer")}
    assert {each["place_source"] for each in placed} <= {"map_pin", "exif"}
    assert content["dataset"]["address"] == f"https://trout.example/datasets/{dataset.pk}/"
