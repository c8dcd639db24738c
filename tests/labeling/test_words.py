"""Explore by words: what finds what, and that nobody finds by words what they may not see."""

import pytest
from django.urls import reverse

from labeling.queries import ways
from labeling.queries.gallery import gallery
from labeling.queries.words import by_whom, named_place, search
from species.actions import observations, photos
from tests import universe
from tests.labeling.browsing import as_person, queries


def found(person, condition) -> set:
    return set(gallery(person).filter(condition).values_list("observation", flat=True))


@pytest.fixture(params=["gathered", "walked"])
def form(request, monkeypatch):
    """Whichever way a database goes, it finds the same."""
    monkeypatch.setattr(ways, "FEW", 1_000_000 if request.param == "gathered" else 1)


@pytest.fixture
def library(tree, alice, bob):
    """A sighting that everybody sees, one that is hidden and a draft, each with a note of its own."""
    made = {
        "place": universe.place("Großer Weiher", uncertainty_m=60_000),
        "latitude": 47.2,
        "longitude": 11.4,
    }
    hidden = universe.sighting(alice, seed="hidden", size=(64, 48), note="Unter der Brücke, hidden", **made)
    photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=alice)
    return {
        "shown": universe.sighting(alice, seed="shown", size=(64, 48), note="Unter der Brücke", **made).pk,
        "hidden": hidden.pk,
        "draft": universe.sighting(
            alice, seed="draft", size=(64, 48), published=False, note="Unter der Brücke, draft", **made
        ).pk,
        "other": universe.sighting(bob, seed="other", size=(64, 48), note="Alicenstein").pk,
    }


def test_a_note_a_place_and_a_person_are_found_by_all_their_words(library, form):
    shown, other = library["shown"], library["other"]
    for text in ("brucke", "BRUECKE", "unter brücke", "großer", "GROSSER weiher"):
        assert found(None, search(text)) == {shown}, text
    assert found(None, search("alice")) == {shown, other}, "by a name, and by a note"
    assert found(None, by_whom("ALICE")) == {shown} and found(None, named_place("weiher")) == {shown}
    for text in ("weiher brücke", "unter nirgends", "!", "%", "er_weiher"):
        assert found(None, search(text)) == set(), text
    assert found(None, by_whom("?")) == found(None, named_place("?")) == set()


def test_no_word_finds_what_somebody_may_not_see(library, form, alice, bob, charlie, rita):
    """Nobody finds a draft, not even who wrote it: no list here holds one."""
    sees = {None: set(), alice: {"hidden"}, bob: set(), charlie: set(), rita: {"hidden"}}
    for person, more in sees.items():
        hidden = {library[each] for each in more}
        for condition in (search("brücke"), search("weiher"), named_place("weiher"), by_whom("alice")):
            assert found(person, condition) == {library["shown"], *hidden}, person
        assert found(person, search("hidden")) == hidden and found(person, search("draft")) == set()


def test_a_name_of_a_place_that_says_more_than_is_shown_finds_nothing(
    library, form, alice, bob, charlie, rita
):
    spot = universe.place("Third bend", latitude=47.2, longitude=11.4, uncertainty_m=20)
    sighting = observations.Observation.objects.get(pk=library["shown"])
    observations.describe(observation=sighting, by=alice, place=spot)
    for person in (None, alice, bob, charlie, rita):
        assert found(person, search("third bend")) == found(person, named_place("bend")) == set()
    observations.describe(observation=sighting, by=alice, privacy="open")
    assert found(None, named_place("bend")) == {sighting.pk}
    observations.describe(observation=sighting, by=alice, privacy="private")
    for person in (None, alice, charlie):
        assert found(person, search("bend")) == set()


def test_the_api_finds_the_same(client, library):
    answer = client.get("/api/v1/occurrences", {"q": "BRÜCKE"}).json()
    assert [row["observation"] for row in answer["results"]] == [str(library["shown"])]


@pytest.mark.parametrize("few", [1, 1_000_000])
def test_words_and_a_taxon_are_asked_together_in_15_queries(client, library, tree, charlie, monkeypatch, few):
    monkeypatch.setattr(ways, "FEW", few)
    asked = {"q": "trout", "taxon": "brown_trout", "place": "weiher", "who": "alice", "status": "needs_id"}
    assert queries(as_person(client, charlie), reverse("gallery"), **asked) <= 15
    assert queries(client, "/api/v1/occurrences", **asked) <= 15
