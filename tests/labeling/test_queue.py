"""The queue of the labeling room: what models are least sure of first, then who was looked at longest ago."""

import pytest

from labeling.actions import identifications, passes, rulings
from labeling.queries import room
from labeling.queries.room import named_today, progress, queue
from species.actions import observations, occurrences, photos
from species.models import NEVER, Occurrence
from tests import universe
from tests.labeling.browsing import as_person, get, guess


@pytest.fixture
def waiting(alice, tree) -> list[Occurrence]:
    """Four organisms of Alice's, in the order in which they were sent."""
    return [universe.sighting(alice, seed=number, size=(64, 48)).occurrences.get() for number in range(4)]


def order(person, waiting) -> list[int]:
    """Their numbers as the queue hands them out."""
    numbers = {each.pk: number for number, each in enumerate(waiting)}
    return [numbers[each.pk] for each in queue(person)]


def doubt(occurrence: Occurrence, tree, uncertainty: float, source: str = "resnet34-v7", photo=None):
    photo = photo or occurrence.photos.order_by("position").first()
    return guess(photo, tree, ("brown_trout", 1 - uncertainty), source=source)


def test_first_come_first_served_where_nobody_said_anything(bob, waiting):
    assert order(bob, waiting) == [0, 1, 2, 3]
    assert {(each.doubt, each.last_said) for each in Occurrence.objects.all()} == {(1.0, NEVER)}


def test_a_suggestion_moves_it_behind_those_that_are_less_sure(bob, waiting, tree):
    for number, uncertainty in enumerate((0.25, 0.75, 0.5)):
        doubt(waiting[number], tree, uncertainty)
    assert order(bob, waiting) == [3, 1, 2, 0], "what no model has seen comes first"
    doubt(waiting[0], tree, 0.625)
    assert order(bob, waiting) == [3, 1, 0, 2], "said again"
    doubt(waiting[2], tree, 0.875, source="resnet34-v8")
    assert order(bob, waiting) == [3, 2, 1, 0], "the least sure of the models"


def test_the_least_sure_photo_counts(alice, bob, tree, waiting):
    two = universe.sighting(alice, seed="two", photos=2, size=(64, 48)).occurrences.get()
    for each in waiting:
        doubt(each, tree, 0.5)
    for photo, uncertainty in zip(two.photos.order_by("position"), (0.125, 0.625), strict=True):
        doubt(two, tree, uncertainty, photo=photo)
    assert order(bob, [*waiting, two]) == [4, 0, 1, 2, 3]
    photos.erase(photo=two.photos.order_by("position").last(), by=alice)
    assert order(bob, [*waiting, two]) == [0, 1, 2, 3, 4]


def test_who_was_looked_at_longest_ago_comes_first_and_a_withdrawal_moves_back(bob, charlie, waiting, tree):
    first = identifications.add(occurrence=waiting[1], taxon=tree["chub"], by=charlie)
    second = identifications.add(occurrence=waiting[0], taxon=tree["chub"], by=charlie)
    assert order(bob, waiting) == [2, 3, 1, 0]
    identifications.withdraw(identification=first, by=charlie)
    assert order(bob, waiting) == [1, 2, 3, 0]
    identifications.withdraw(identification=second, by=charlie)
    assert order(bob, waiting) == [0, 1, 2, 3]


def test_of_two_words_the_one_that_stands_counts(bob, charlie, rita, waiting, tree):
    identifications.add(occurrence=waiting[0], taxon=tree["chub"], by=charlie)
    identifications.add(occurrence=waiting[1], taxon=tree["chub"], by=charlie)
    last = identifications.add(occurrence=waiting[0], taxon=tree["bream"], by=rita)
    assert order(bob, waiting) == [2, 3, 1, 0]
    identifications.withdraw(identification=last, by=rita)
    assert order(bob, waiting) == [2, 3, 0, 1]


def test_doubt_goes_before_who_was_looked_at(bob, charlie, waiting, tree):
    identifications.add(occurrence=waiting[0], taxon=tree["chub"], by=charlie)
    for each in waiting[1:]:
        doubt(each, tree, 0.5)
    assert order(bob, waiting) == [0, 1, 2, 3]


def test_verified_it_waits_no_more_and_disputed_again(bob, rita, waiting, tree):
    ruling = rulings.rule(occurrence=waiting[2], taxon=tree["chub"], reason="The mouth.", by=rita)
    assert order(bob, waiting) == [0, 1, 3]
    rulings.withdraw(ruling=ruling, by=rita)
    assert order(bob, waiting) == [0, 1, 2, 3]
    occurrences.settle(occurrence=waiting[2], status="disputed", taxon=tree["salmo"].pk)
    assert order(bob, waiting) == [0, 1, 2, 3]


def test_nobody_is_asked_what_they_cannot_see_or_have_answered(alice, bob, rita, waiting, tree):
    observations.take_back(observation=waiting[0].observation, by=alice)
    photos.say(photo=waiting[1].photos.get(), purpose="show", granted=False, by=alice)
    passes.add(occurrence=waiting[2], kind="skip", by=bob)
    assert order(bob, waiting) == [3] and order(rita, waiting) == [1, 2, 3] and order(alice, waiting) == []
    identifications.add(occurrence=waiting[3], taxon=tree["chub"], by=bob)
    assert order(bob, waiting) == []


def test_an_organism_of_a_photo_that_a_model_has_seen_starts_with_its_doubt(alice, waiting, tree):
    doubt(waiting[0], tree, 0.25)
    seen = list(waiting[0].photos.all())
    added = occurrences.add(observation=waiting[0].observation, photos=seen, by=alice)
    assert Occurrence.objects.get(pk=added.pk).doubt == 0.25


def test_a_suggestion_for_a_draft_counts_once_it_is_sent(alice, bob, tree, waiting):
    draft = universe.sighting(alice, seed="draft", published=False, size=(64, 48))
    guess(draft.photos.get(), tree, ("brown_trout", 0.5))
    observations.publish(observation=draft, by=alice)
    assert order(bob, [*waiting, draft.occurrences.get()]) == [0, 1, 2, 3, 4]
    assert draft.occurrences.get().doubt == 0.5


class TestHowManyAreLeft:
    def test_nobody_counts_further_than_the_page_says(self, client, bob, waiting, monkeypatch):
        assert room.LEFT == 200
        for counted, said in ((5, "4 left"), (4, "4 left"), (3, "3+ left"), (1, "1+ left")):
            monkeypatch.setattr(room, "LEFT", counted)
            assert said in get(as_person(client, bob), "label").text

    def test_it_is_ones_own(self, alice, bob, waiting, tree):
        identifications.add(occurrence=waiting[0], taxon=tree["chub"], by=bob)
        assert progress(bob, named_today(bob)) == (1, (3, False))
        assert progress(alice, named_today(alice)) == (0, (0, False))
