"""What is taken for what, and both side by side."""

import pytest
from django.urls import reverse

from labeling.actions import identifications
from labeling.models import ShownSuggestion
from labeling.queries import confusions
from species.queries import taxa as taxon_queries
from tests import universe
from tests.labeling.browsing import as_person, get, guess, queries
from tests.labeling.field_marking import BARE, FATTY, SLASH, give_marks, point


@pytest.fixture(autouse=True)
def nothing_remembered():
    confusions._counted.cache_clear()


@pytest.fixture
def marked(tree, ada):
    give_marks(tree, ada)
    return tree


@pytest.fixture
def ended(alice, bob, charlie, rita, tree):
    """Makes a sighting that people settle as one taxon after Rita called it others."""
    number = iter(range(100))

    def end(label: str, *called: str):
        occurrence = universe.sighting(alice, seed=f"ended {next(number)}").occurrences.get()
        for each in called:
            identifications.add(occurrence=occurrence, taxon=tree[each], by=rita)
        for person in (bob, charlie, rita):
            identifications.add(occurrence=occurrence, taxon=tree[label], by=person)
        occurrence.refresh_from_db()
        assert occurrence.agreed_taxon == tree[label]
        return occurrence

    return end


def taken_for(tree, label) -> list[str]:
    confusions._counted.cache_clear()
    names = {taxon.pk: name for name, taxon in tree.items()}
    return [names[each] for each in confusions.people(tree[label], taxon_queries.tree())]


class TestWhatPeopleTakeForWhat:
    def test_both_ways_the_commonest_first(self, ended, tree):
        ended("brown_trout", "rainbow_trout", "brook_trout")
        ended("brown_trout", "brook_trout")
        ended("chub", "brown_trout")
        assert taken_for(tree, "brown_trout")[0] == "brook_trout"
        assert set(taken_for(tree, "brown_trout")) == {"brook_trout", "rainbow_trout", "chub"}
        assert taken_for(tree, "chub") == ["brown_trout"]

    def test_a_group_and_a_finer_name_are_no_mistake(self, ended, tree):
        ended("brown_trout", "salmo", "river_trout")
        assert taken_for(tree, "brown_trout") == []

    def test_what_is_hidden_counts_for_nothing(self, ended, tree):
        ended("brown_trout", "chub")
        universe.take_everything_back()
        assert taken_for(tree, "brown_trout") == []

    def test_it_is_remembered(self, ended, tree, django_assert_num_queries):
        ended("brown_trout", "chub")
        grown = taxon_queries.tree()
        confusions.people(tree["brown_trout"], grown)
        with django_assert_num_queries(0):
            assert confusions.people(tree["brown_trout"], grown) == [tree["chub"].pk]


class TestThePage:
    def names(self, client, *args, **query) -> list[str]:
        answer = client.get(reverse("confusions", args=args), query)
        assert answer.status_code == 200, answer
        return [each["name"] for each in answer.context["columns"]]

    def test_the_name_beside_two_others(self, client, ended, tree):
        ended("brown_trout", "rainbow_trout", "brook_trout", "chub")
        assert self.names(client, "brown_trout")[0] == "Brown trout"
        assert len(self.names(client, "brown_trout")) == 3
        by_id = client.get(reverse("confusions", args=[tree["brown_trout"].pk]))
        assert by_id["Location"].startswith(reverse("confusions", args=["brown_trout"]))

    def test_those_that_are_asked_for_come_first(self, client, ended, tree):
        ended("brown_trout", "chub")
        said = {"with": ["huchen", "rainbow_trout"]}
        assert self.names(client, "brown_trout", **said) == ["Brown trout", "Huchen", "Rainbow trout"]

    def test_words_in_one_order_with_what_differs_first(self, client, marked):
        answer = client.get(reverse("confusions", args=["brown_trout"]), {"with": "cutthroat_trout"})
        one, other = answer.context["columns"]
        assert one["marks"][0]["mark"] == BARE and one["marks"][-1] == {
            "number": 3,
            "mark": FATTY,
            "view": "the back from the side",
            "alike": True,
        }
        assert other["marks"][-1]["alike"] and not other["marks"][0]["alike"]

    def test_two_photos_with_points_where_there_are_any(self, client, ended, marked, bob):
        for _ in range(3):
            occurrence = ended("cutthroat_trout")
        point(occurrence, occurrence.photos.get(), bob, taxon=marked["cutthroat_trout"])
        [column] = client.get(reverse("confusions", args=["cutthroat_trout"])).context["columns"]
        first, second = column["photos"]
        number = next(each["number"] for each in column["marks"] if each["mark"] == SLASH)
        assert first["photo"]["id"] == str(occurrence.photos.get().pk)
        assert [each["number"] for each in first["points"]] == [number] and second["points"] == []

    def test_a_model_is_heard_only_where_its_suggestion_is_brought_along(
        self, client, occurrence, photo, tree, bob
    ):
        said = guess(photo, tree, ("brown_trout", 0.6), ("chub", 0.3), ("bream", 0.01))
        as_person(client, bob)
        assert self.names(client, "brown_trout") == ["Brown trout"]
        assert self.names(client, "brown_trout", suggestion=str(said.pk)) == ["Brown trout", "Chub"]
        client.post(
            reverse("identify", args=[occurrence.pk]), {"name": "Abramis brama", "confidence": "likely"}
        )
        assert ShownSuggestion.objects.filter(person=bob, source=said.source).exists()

    def test_nor_is_one_about_a_hidden_photo(self, client, occurrence, photo, tree, bob):
        said = guess(photo, tree, ("brown_trout", 0.6), ("chub", 0.3))
        universe.take_everything_back()
        assert self.names(as_person(client, bob), "brown_trout", suggestion=str(said.pk)) == ["Brown trout"]

    def test_nothing_known_is_said_and_a_panel_is_none(self, client, tree):
        assert "Nobody has taken chub for another one" in get(client, "confusions", "chub").text
        assert client.get(reverse("confusions", args=["chub"]), {"panel": 1}).status_code == 204
        assert client.get(reverse("confusions", args=["nothing"])).status_code == 404

    def test_a_synonym_leads_to_its_name(self, client, tree):
        answer = client.get(reverse("confusions", args=["salmo_fario"]), {"panel": 1})
        assert answer["Location"] == reverse("confusions", args=["brown_trout"]) + "?panel=1"

    def test_few_queries(self, client, ended, marked, bob):
        for label in ("brown_trout", "rainbow_trout", "cutthroat_trout"):
            occurrence = ended(label)
            point(occurrence, occurrence.photos.get(), bob, FATTY, taxon=marked[label])
        address = reverse("confusions", args=["brown_trout"])
        assert queries(as_person(client, bob), f"{address}?with=rainbow_trout&with=cutthroat_trout") <= 15


class TestFromTheRoom:
    def test_the_name_that_is_typed_goes_before_the_one_that_is_picked(self, client, tree, bob):
        as_person(client, bob)
        given = {"name": "Salmo trutta", "likely": "chub", "csrf": "x"}
        assert client.post(reverse("alike"), given)["Location"].startswith(
            reverse("confusions", args=["brown_trout"])
        )
        assert client.post(reverse("alike"), given | {"name": ""})["Location"].startswith(
            reverse("confusions", args=["chub"])
        )

    def test_without_a_name_there_is_nothing_to_compare(self, client, tree, bob):
        as_person(client, bob)
        assert client.get(reverse("alike"), {"name": "nothing", "panel": 1}).status_code == 204
        assert client.post(reverse("alike"), {})["Location"] == reverse("taxa")

    def test_under_a_dispute_the_names_are_set_side_by_side(self, client, occurrence, tree, bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        address = reverse("observation", args=[occurrence.observation_id])
        assert b"data-confusions-link" not in client.get(address).content
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=charlie)
        answer = client.get(address)
        assert b"data-confusions-link" in answer.content
        [section] = answer.context["sections"]
        assert section["apart_url"] == reverse("confusions", args=["chub"]) + "?with=bream"
