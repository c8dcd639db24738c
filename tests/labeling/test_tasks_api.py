"""/tasks, /passes, /suggestions and /users: what the labeling room and a person's page do, for programs."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from labeling.actions import identifications, passes
from labeling.actions.suggestions import suggest
from labeling.models import Identification, Pass, ShownSuggestion
from labeling.queries import room
from species.actions import observations
from tests import universe
from tests.problems import problem, refusals

ROOT = "/api/v1/"


def client(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return client


def asked(person, **said) -> list[str]:
    answer = client(person).get(f"{ROOT}tasks", said)
    assert answer.status_code == 200, answer.content
    return [each["occurrence"] for each in answer.json()["results"]]


@pytest.fixture
def waiting(alice, tree) -> list[str]:
    """Three organisms of Alice, in the order in which Bob is asked."""
    for seed in range(3):
        universe.sighting(alice, seed=seed, size=(64, 48))
    return []


class TestTasks:
    def test_the_queue_of_the_room(self, waiting, alice, bob, charlie):
        in_room = [str(each.pk) for each in room.queue(bob)]
        assert asked(bob) == in_room and len(in_room) == 3
        assert asked(bob, limit=2) == in_room[:2]
        assert asked(bob, without=",".join(in_room[:2])) == in_room[2:]
        assert asked(alice) == [], "nobody is asked about their own"
        problem(client().get(f"{ROOT}tasks"), 401)

    def test_what_is_named_or_passed_over_waits_no_more(self, waiting, bob, charlie):
        first, second, third = asked(bob)
        said = client(bob).post(f"{ROOT}identifications", {"occurrence": first, "taxon": "brown_trout"})
        assert said.status_code == 201
        passed = client(bob).post(
            f"{ROOT}passes", {"occurrence": second, "kind": "cannot_tell", "reason": "turned"}
        )
        assert passed.status_code == 201
        assert asked(bob) == [third] and len(asked(charlie)) == 3
        assert client(bob).get(f"{ROOT}tasks").json()["left"] == 1
        client(bob).post(f"{ROOT}passes/{passed.json()['id']}/withdraw")
        assert set(asked(bob)) == {second, third}

    def test_it_tells_nothing_of_what_others_or_models_say(self, waiting, bob, charlie, tree):
        [one, *_] = asked(bob)
        occurrence = room.askable(bob).get(pk=one)
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie)
        photo = occurrence.photos.get()
        answers = [{"label": "chub", "probability": 0.9}]
        suggest(photo=photo, source="m", answers=answers, taxon=tree["chub"], uncertainty=0.1)
        text = client(bob).get(f"{ROOT}tasks").content.decode()
        assert "chub" not in text and "Charlie" not in text
        assert not ShownSuggestion.objects.exists()

    def test_who_asks_for_a_name_has_seen_what_others_say(self, waiting, bob, charlie, ada, tree):
        first, second, _ = asked(bob)
        for each in (first, second):
            for person, label in ((charlie, "chub"), (ada, "bream")):
                identifications.add(occurrence=room.askable(bob).get(pk=each), taxon=tree[label], by=person)
        browser = client(bob)
        browser.get(f"{ROOT}tasks")
        browser.post(f"{ROOT}identifications", {"occurrence": first, "taxon": "brown_trout"})
        found = browser.get(f"{ROOT}tasks", {"taxon": "leuciscidae"}).json()["results"]
        assert [each["occurrence"] for each in found] == [second]
        browser.post(f"{ROOT}identifications", {"occurrence": second, "taxon": "brown_trout"})
        told = Identification.objects.filter(person=bob).order_by("created")
        assert [each.others_on_screen for each in told] == [False, True]

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ({"limit": 0}, "limit"),
            ({"limit": "all"}, "limit"),
            ({"limit": 31}, "limit"),
            ({"without": "x"}, "without"),
            ({"status": "verified", "limit": 3, "taxn": "x"}, "taxn"),
            ({"taxon": "unicorn"}, "taxon"),
        ],
    )
    def test_nonsense_is_refused_by_name(self, bob, tree, said, name):
        assert name in refusals(client(bob).get(f"{ROOT}tasks", said))

    def test_queries_do_not_grow(self, waiting, bob, django_assert_num_queries):
        browser = client(bob)
        browser.get(f"{ROOT}tasks", {"limit": 1})
        with django_assert_num_queries(5):
            browser.get(f"{ROOT}tasks", {"limit": 1})
        with django_assert_num_queries(5):
            assert len(browser.get(f"{ROOT}tasks").json()["results"]) == 3


class TestPasses:
    def test_the_same_again_is_the_same_one(self, occurrence, bob):
        body = {"occurrence": str(occurrence.pk), "kind": "bad_photo"}
        one, again = (client(bob).post(f"{ROOT}passes", body).json() for _ in range(2))
        assert one == again and one["withdrawn_at"] is None

    def test_it_is_nobody_elses_business(self, occurrence, alice, bob, charlie, rita, ada):
        passed = passes.add(occurrence=occurrence, kind="skip", by=bob)
        for person in (alice, charlie, rita, ada):
            assert client(person).get(f"{ROOT}passes").json()["results"] == []
            problem(client(person).get(f"{ROOT}passes/{passed.pk}"), 404)
            problem(client(person).post(f"{ROOT}passes/{passed.pk}/withdraw"), 404)
        problem(client().get(f"{ROOT}passes"), 401)
        assert (
            len(client(bob).get(f"{ROOT}passes", {"kind": "skip", "standing": "true"}).json()["results"]) == 1
        )
        client(bob).post(f"{ROOT}passes/{passed.pk}/withdraw")
        assert client(bob).get(f"{ROOT}passes", {"standing": "true"}).json()["results"] == []

    def test_nonsense_is_refused_by_name(self, occurrence, bob):
        here = {"occurrence": str(occurrence.pk)}
        for body, name in (
            ({"occurrence": str(uuid4()), "kind": "skip"}, "occurrence"),
            (here | {"kind": "bored"}, "kind"),
            (here | {"kind": "skip", "reason": "turned"}, "reason"),
        ):
            assert name in refusals(client(bob).post(f"{ROOT}passes", body))
        assert not Pass.objects.exists()

    def test_a_draft_of_somebody_else_is_not_there(self, alice, bob):
        hidden = universe.sighting(alice, seed="draft", published=False)
        assert not hidden.occurrences.exists()
        refused = client(bob).post(f"{ROOT}passes", {"occurrence": str(hidden.pk), "kind": "skip"})
        assert "occurrence" in refusals(refused)


class TestSuggestions:
    @pytest.fixture
    def said(self, photo, tree):
        answers = [{"label": "brown_trout", "probability": 0.75}, {"label": "chub", "probability": 0.25}]
        return suggest(
            photo=photo, source="resnet34-v7", answers=answers, taxon=tree["brown_trout"], uncertainty=0.25
        )

    def test_of_a_photo_or_an_organism(self, said, occurrence, photo, bob):
        for asked in (
            {"photo": photo.pk},
            {"occurrence": occurrence.pk},
            {"photo": photo.pk, "source": "resnet34-v7"},
        ):
            [row] = client().get(f"{ROOT}suggestions", asked).json()["results"]
            assert (row["id"], row["taxon"]) == (str(said.pk), "brown_trout")
        assert client().get(f"{ROOT}suggestions/{said.pk}").json() == row
        assert client().get(f"{ROOT}suggestions", {"photo": photo.pk, "source": "x"}).json()["results"] == []
        problem(client().get(f"{ROOT}suggestions"), 400)

    def test_who_read_it_has_seen_it(self, said, photo, occurrence, bob, charlie):
        for person, asked_of in ((bob, photo.pk), (charlie, uuid4())):
            browser = client(person)
            browser.get(f"{ROOT}suggestions", {"photo": asked_of})
            browser.post(f"{ROOT}passes", {"occurrence": str(occurrence.pk), "kind": "skip"})
        assert [each.person for each in ShownSuggestion.objects.all()] == [bob]

    def test_of_what_is_hidden_only_its_owner_reads(self, said, photo, occurrence, alice, bob, charlie, rita):
        observations.take_back(observation=occurrence.observation, by=alice)
        for person in (None, bob, charlie, rita):
            assert client(person).get(f"{ROOT}suggestions", {"photo": photo.pk}).json()["results"] == []
            problem(client(person).get(f"{ROOT}suggestions/{said.pk}"), 404)
        assert len(client(alice).get(f"{ROOT}suggestions", {"photo": photo.pk}).json()["results"]) == 1


class TestUsers:
    def test_what_everybody_may_know(
        self, occurrence, tree, alice, bob, charlie, rita, ada, django_assert_num_queries
    ):
        for person in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
        for person in (None, alice, bob, charlie, rita, ada):
            said = client(person).get(f"{ROOT}users/{alice.pk}").json()
            assert said == {
                "id": str(alice.pk),
                "name": "Alice",
                "source": False,
                "found": {"total": 1, "verified": 1, "more": False},
                "named": {"total": 0, "verified": 0, "more": False},
            }
        with django_assert_num_queries(3):
            named = client().get(f"{ROOT}users/{bob.pk}").json()["named"]
        assert named == {"total": 1, "verified": 1, "more": False}
        problem(client().get(f"{ROOT}users/{uuid4()}"), 404)


class TestAnotherOrganism:
    def test_by_an_id_of_ones_own_and_taken_back(self, occurrence, photo, alice, bob, charlie, tree):
        observation, id = occurrence.observation, uuid4()
        path, body = (
            f"{ROOT}occurrences/{id}",
            {"observation": str(observation.pk), "photos": [str(photo.pk)]},
        )
        first, again = (client(bob).put(path, body) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["id"] == str(id) and len(first.json()["photos"]) == 1
        assert observation.occurrences.count() == 2
        problem(client(charlie).post(f"{path}/take_back"), 403)
        problem(client(alice).post(f"{path}/take_back"), 403)
        assert client(bob).post(f"{path}/take_back").status_code == 204
        assert list(observation.occurrences.all()) == [occurrence]

    def test_what_somebody_named_stays(self, occurrence, photo, bob, charlie, tree):
        id = uuid4()
        body = {"observation": str(occurrence.observation_id), "photos": [str(photo.pk)]}
        client(bob).put(f"{ROOT}occurrences/{id}", body)
        client(charlie).post(f"{ROOT}identifications", {"occurrence": str(id), "taxon": "chub"})
        problem(client(bob).post(f"{ROOT}occurrences/{id}/take_back"), 400)
        assert occurrence.observation.occurrences.count() == 2

    def test_nonsense_is_refused_by_name(self, occurrence, photo, alice, bob):
        other = universe.sighting(alice, seed="other").photos.get()
        draft = universe.sighting(alice, seed="draft", published=False)
        here, path = {"observation": str(occurrence.observation_id)}, f"{ROOT}occurrences/{uuid4()}"
        for body, name in (
            (here, "photos"),
            (here | {"photos": []}, "photos"),
            (here | {"photos": [str(other.pk)]}, "photos"),
            ({"observation": str(draft.pk), "photos": [str(photo.pk)]}, "observation"),
        ):
            assert [each for each in refusals(client(bob).put(path, body)) if each.startswith(name)]
        problem(client().put(path, here | {"photos": [str(photo.pk)]}), 401)
        mine = {"observation": str(other.observation_id), "photos": [str(other.pk)]}
        problem(client(bob).put(f"{ROOT}occurrences/{occurrence.pk}", mine), 404)
