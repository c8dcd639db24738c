from datetime import datetime
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from labeling.actions import boxes, identifications, rulings
from labeling.actions.suggestions import suggest
from labeling.consensus import Explanation
from labeling.models import Box, Flag, Identification, Ruling, Verdict
from species.actions import photos
from species.models import Occurrence
from tests import universe
from tests.problems import refusals
from tests.universe import sighting

ROOT = "/api/v1/"


def client(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_authenticate(person)
    return client


def say(person, one, /, **more):
    return client(person).post(
        f"{ROOT}identifications", {"occurrence": str(one.pk), "taxon": "brown_trout"} | more
    )


def updated(row) -> datetime:
    return datetime.fromisoformat(row["updated"])


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


# --- occurrences ------------------------------------------------------------------------------------------


def test_an_occurrence_with_all_that_is_said_of_it(occurrence, photo, tree, alice, bob, rita):
    said = identifications.add(occurrence=occurrence, taxon=tree["rainbow_trout"], by=alice)
    identifications.withdraw(identification=said, by=alice)
    for person in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    suggest(
        photo=photo,
        source="resnet34-v7",
        answers=[{"label": "brown_trout", "probability": 0.75}],
        taxon=tree["brown_trout"],
        uncertainty=0.25,
    )
    answer = client().get(f"{ROOT}occurrences/{occurrence.pk}").json()
    assert (answer["status"], answer["taxon"]) == ("verified", "brown_trout")
    explanation = answer["verdict"]["explanation"]
    assert Explanation.from_json(explanation).reason == "agreement"
    assert (explanation["version"], explanation["about"]["supporting"]) == (3, 2)
    people = [(each["person"]["name"], each["taxon"]) for each in answer["identifications"]]
    assert people == [("Alice", "rainbow_trout"), ("Alice", "brown_trout"), ("Bob", "brown_trout")]
    assert [each["withdrawn_at"] is None for each in answer["identifications"]] == [False, True, True]
    assert answer["suggestions"][0]["answers"] == [{"label": "brown_trout", "probability": 0.75}]
    assert len(answer["photos"]) == 2 and answer["photos"][0]["id"] == str(photo.pk)
    text = client().get(f"{ROOT}occurrences/{occurrence.pk}").content.decode()
    assert "alice@example.org" not in text and "47.268" not in text


def test_nobody_has_said_anything(occurrence):
    answer = client().get(f"{ROOT}occurrences/{occurrence.pk}").json()
    assert answer["verdict"] is None and answer["identifications"] == []


def test_filters(occurrence, tree, alice, bob):
    other = sighting(bob, seed="other").occurrences.get()
    for person in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    list_ = f"{ROOT}occurrences"
    assert ids(client().get(list_)) == [str(occurrence.pk), str(other.pk)]
    assert ids(client().get(list_, {"status": "verified"})) == [str(occurrence.pk)]
    assert ids(client().get(list_, {"status": "needs_id"})) == [str(other.pk)]
    assert ids(client().get(list_, {"taxon": "salmonidae"})) == [str(occurrence.pk)]
    assert ids(client().get(list_, {"taxon": "rainbow_trout"})) == []
    assert ids(client().get(list_, {"observation": str(other.observation_id)})) == [str(other.pk)]
    for bad in ({"taxon": "unicorn"}, {"status": "maybe"}, {"observation": "x"}):
        assert client().get(list_, bad).status_code == 400


def test_drafts_and_hidden_photos_are_nobody_elses(occurrence, alice, bob, rita):
    first = occurrence.photos.order_by("position").first()
    photos.say(photo=first, purpose="show", granted=False, by=alice)
    url = f"{ROOT}occurrences/{occurrence.pk}"
    assert len(client(bob).get(url).json()["photos"]) == 1
    assert len(client(alice).get(url).json()["photos"]) == 2
    universe.take_everything_back()
    for person in (None, bob, rita):
        assert client(person).get(url).status_code == 404
    assert client(alice).get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 4])
def test_a_list_takes_the_same_queries_however_long(count, tree, alice, bob, django_assert_num_queries):
    for number in range(count):
        occurrence = sighting(alice, seed=number, photos=2).occurrences.get()
        for person in (alice, bob):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    for url, queries in (("occurrences", 3), ("identifications", 2), ("rulings", 1), ("boxes", 1)):
        with django_assert_num_queries(queries):
            assert client().get(f"{ROOT}{url}").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_one_occurrence_takes_the_same_queries_whoever_speaks(
    count, occurrence, tree, alice, bob, rita, django_assert_num_queries
):
    for person in (alice, bob, rita)[:count]:
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
    with django_assert_num_queries(8):
        client().get(f"{ROOT}occurrences/{occurrence.pk}")


# --- identifications --------------------------------------------------------------------------------------


def test_say_and_take_back(occurrence, photo, alice, tree):
    guess = suggest(
        photo=photo,
        source="v1",
        answers=[{"label": "brown_trout", "probability": 1.0}],
        taxon=None,
        uncertainty=0.0,
    )
    answer = say(
        alice,
        occurrence,
        disagrees_with="rainbow_trout",
        confidence="sure",
        note="red spots",
        suggestion_on_screen=str(guess.pk),
    )
    assert answer.status_code == 201, answer.content
    said = Identification.objects.get()
    assert (said.person, said.taxon, said.disagrees_with) == (
        alice,
        tree["brown_trout"],
        tree["rainbow_trout"],
    )
    assert answer.json()["model_on_screen"] == "v1" == said.model_on_screen
    back = client(alice).post(f"{ROOT}identifications/{said.pk}/withdraw")
    assert back.status_code == 200 and back.json()["withdrawn_at"] is not None
    assert client(alice).get(f"{ROOT}identifications", {"standing": "true"}).json()["results"] == []
    assert ids(client().get(f"{ROOT}identifications", {"person": str(alice.pk)})) == [str(said.pk)]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"taxon": "unicorn"}, "taxon"),
        ({"taxon": "brown\0trout"}, "taxon"),
        ({"taxon": None}, "taxon"),
        ({"occurrence": str(uuid4())}, "occurrence"),
        ({"occurrence": "x"}, "occurrence"),
        ({"confidence": "absolutely"}, "confidence"),
        ({"disagrees_with": "salmo"}, "disagrees_with"),
        ({"note": "a\0b"}, "note"),
        ({"suggestion_on_screen": str(uuid4())}, "suggestion_on_screen"),
    ],
)
def test_bad_input_is_said_by_field_and_nothing_is_written(occurrence, alice, more, field):
    answer = say(alice, occurrence, **more)
    assert answer.status_code == 400
    assert field in refusals(answer)
    assert not Identification.objects.exists()


def test_nobody_learns_of_hidden_occurrences(occurrence, bob, alice):
    universe.take_everything_back()
    unknown = Occurrence(pk=uuid4())
    answers = [(say(bob, each), each) for each in (occurrence, unknown)]
    assert {answer.status_code for answer, _ in answers} == {400}
    assert len({str(answer.json()).replace(str(each.pk), "…") for answer, each in answers}) == 1
    for kind in ("identifications", "rulings", "boxes"):
        answer = client(bob).get(f"{ROOT}{kind}", {"occurrence": str(occurrence.pk)})
        assert ids(answer) == []
    assert say(alice, occurrence).status_code == 201


def test_without_signing_in_nothing_is_written(occurrence, photo):
    answers = [
        say(None, occurrence),
        client().post(f"{ROOT}rulings", {"occurrence": str(occurrence.pk), "taxon": None, "reason": "x"}),
        client().post(f"{ROOT}flags", {"photo": str(photo.pk), "kind": "person"}),
        client().post(f"{ROOT}boxes", {"occurrence": str(occurrence.pk), "photo": str(photo.pk)}),
        client().get(f"{ROOT}flags"),
    ]
    assert {answer.status_code for answer in answers} == {401}


def test_others_do_not_take_it_back(occurrence, alice, bob, rita):
    said = say(alice, occurrence).json()["id"]
    for person in (bob, rita):
        assert client(person).post(f"{ROOT}identifications/{said}/withdraw").status_code == 403
    assert client().post(f"{ROOT}identifications/{said}/withdraw").status_code == 401
    assert Identification.objects.get().withdrawn_at is None


# --- rulings ----------------------------------------------------------------------------------------------


def test_rule_and_withdraw(occurrence, alice, rita, ada):
    body = {"occurrence": str(occurrence.pk), "taxon": "brown_trout", "reason": "Gill rakers."}
    assert client(alice).post(f"{ROOT}rulings", body).status_code == 403
    answer = client(rita).post(f"{ROOT}rulings", body)
    assert answer.status_code == 201 and answer.json()["reviewer"]["name"] == "Rita"
    assert client().get(f"{ROOT}occurrences/{occurrence.pk}").json()["status"] == "verified"
    withdraw = f"{ROOT}rulings/{answer.json()['id']}/withdraw"
    assert client(alice).post(withdraw).status_code == 403
    assert client(ada).post(withdraw).status_code == 200
    assert client().get(f"{ROOT}occurrences/{occurrence.pk}").json()["status"] == "needs_id"


def test_trust_a_source(source, rita, alice):
    body = {"source": str(source.pk), "reason": "Named in the hand."}
    assert client(alice).post(f"{ROOT}rulings", body).status_code == 403
    answer = client(rita).post(f"{ROOT}rulings", body)
    assert answer.status_code == 201 and answer.json()["source"]["name"] == "fish pass cameras"
    assert client(rita).post(f"{ROOT}rulings", body).status_code == 400
    assert ids(client().get(f"{ROOT}rulings", {"source": str(source.pk)})) == [answer.json()["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "x"},
        {"occurrence": "THIS", "reason": "x"},
        {"occurrence": "THIS", "taxon": "brown_trout"},
        {"occurrence": "THIS", "taxon": "brown_trout", "reason": "  "},
        {"occurrence": "THIS", "taxon": "unicorn", "reason": "x"},
        {"occurrence": "THIS", "source": "SOURCE", "taxon": None, "reason": "x"},
        {"source": "SOURCE", "taxon": "brown_trout", "reason": "x"},
        {"source": "RITA", "reason": "x"},
    ],
)
def test_rulings_that_say_too_little_or_too_much(occurrence, source, rita, body):
    names = {"THIS": str(occurrence.pk), "SOURCE": str(source.pk), "RITA": str(rita.pk)}
    body = {key: names.get(value, value) for key, value in body.items()}
    assert client(rita).post(f"{ROOT}rulings", body).status_code == 400
    assert not Ruling.objects.exists()


# --- flags and boxes --------------------------------------------------------------------------------------


def test_flags_are_seen_by_reviewers_and_by_who_raised_them(photo, alice, bob, rita):
    answer = client(bob).post(f"{ROOT}flags", {"photo": str(photo.pk), "kind": "person"})
    assert answer.status_code == 201
    flag = answer.json()["id"]
    assert ids(client(bob).get(f"{ROOT}flags")) == ids(client(rita).get(f"{ROOT}flags")) == [flag]
    assert ids(client(alice).get(f"{ROOT}flags")) == []
    assert client(alice).post(f"{ROOT}flags/{flag}/resolve").status_code == 404
    assert client(rita).post(f"{ROOT}flags/{flag}/resolve").status_code == 200
    assert ids(client(rita).get(f"{ROOT}flags", {"open": "true"})) == []
    assert client(bob).post(f"{ROOT}flags", {"photo": str(photo.pk), "kind": "x"}).status_code == 400
    assert Flag.objects.count() == 1


def test_a_flag_on_ones_own_draft_tells_nobody_of_it(alice, rita, ada):
    photo = sighting(alice, seed="draft", published=False).photos.get()
    flag = client(alice).post(f"{ROOT}flags", {"photo": str(photo.pk), "kind": "rights"}).json()["id"]
    assert ids(client(alice).get(f"{ROOT}flags")) == [flag]
    for person in (rita, ada):
        assert ids(client(person).get(f"{ROOT}flags")) == []
        assert client(person).get(f"{ROOT}flags/{flag}").status_code == 404
        assert client(person).post(f"{ROOT}flags/{flag}/resolve").status_code == 404


def test_boxes(occurrence, photo, alice, bob):
    body = {"occurrence": str(occurrence.pk), "photo": str(photo.pk), "x": 0.1, "y": 0.1, "width": 0.5}
    assert client(bob).post(f"{ROOT}boxes", body).status_code == 400
    answer = client(bob).post(f"{ROOT}boxes", body | {"height": 0.5})
    assert answer.status_code == 201, answer.content
    assert client(bob).post(f"{ROOT}boxes", body | {"height": 0.95}).status_code == 400
    box = answer.json()["id"]
    assert client().get(f"{ROOT}occurrences/{occurrence.pk}").json()["boxes"][0]["id"] == box
    assert client(alice).post(f"{ROOT}boxes/{box}/withdraw").status_code == 403
    assert client(bob).post(f"{ROOT}boxes/{box}/withdraw").status_code == 200
    assert client().get(f"{ROOT}occurrences/{occurrence.pk}").json()["boxes"] == []
    assert ids(client().get(f"{ROOT}boxes", {"standing": "true"})) == []
    assert Box.objects.count() == 1


def test_who_keeps_up_sees_what_was_made_taken_back_and_shown(occurrence, photo, tree, bob, rita):
    said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    box = boxes.draw(occurrence=occurrence, photo=photo, x=0, y=0, width=1, height=1, by=bob)
    ruling = rulings.rule(occurrence=occurrence, taxon=None, reason="Blurred.", by=rita)
    back = {
        "identifications": lambda: identifications.withdraw(identification=said, by=bob),
        "boxes": lambda: boxes.withdraw(box=box, by=bob),
        "rulings": lambda: rulings.withdraw(ruling=ruling, by=rita),
    }
    since = timezone.now()

    def news(noun):
        rows = client().get(f"{ROOT}{noun}", {"updated_since": since.isoformat()}).json()["results"]
        assert all(updated(row) >= since for row in rows)
        return [(row["id"], row["withdrawn_at"] is None) for row in rows]

    for row, noun in ((said, "identifications"), (box, "boxes"), (ruling, "rulings")):
        assert news(noun) == []
        assert updated(client().get(f"{ROOT}{noun}/{row.pk}").json()) < since
        back[noun]()
        assert news(noun) == [(str(row.pk), False)]
    since = timezone.now()
    another = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    assert news("identifications") == [(str(another.pk), True)]
    nested = client().get(f"{ROOT}occurrences/{occurrence.pk}").json()["identifications"]
    assert [updated(row) >= since for row in nested] == [False, True]
    since = timezone.now()
    for granted in (False, True):
        for each in occurrence.observation.photos.all():
            photos.say(photo=each, purpose="show", granted=granted, by=occurrence.observation.observer)
    assert [len(news(noun)) for noun in back] == [2, 1, 1]


def test_who_keeps_up_sees_trust_that_came_and_went(source, rita):
    since = {"updated_since": timezone.now().isoformat()}
    ruling = rulings.trust(source=source, reason="They know.", by=rita)
    (made,) = client().get(f"{ROOT}rulings", since).json()["results"]
    assert made["withdrawn_at"] is None
    rulings.withdraw(ruling=ruling, by=rita)
    (gone,) = client().get(f"{ROOT}rulings", since).json()["results"]
    assert gone["updated"] == gone["withdrawn_at"] > made["updated"]


def test_rulings_about_drafts_are_not_listed(occurrence, rita, alice, bob):
    rulings.rule(occurrence=occurrence, taxon=None, reason="Blurred.", by=rita)
    universe.take_everything_back()
    assert ids(client(bob).get(f"{ROOT}rulings")) == []
    assert len(ids(client(alice).get(f"{ROOT}rulings"))) == 1


def test_an_explanation_that_cannot_be_read_is_null(occurrence, tree, alice):
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    Verdict.objects.update(explanation={"version": 99})
    answer = client().get(f"{ROOT}occurrences/{occurrence.pk}").json()
    assert answer["verdict"]["status"] == "needs_id" and answer["verdict"]["explanation"] is None
