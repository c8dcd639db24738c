"""/notices: one's own, read one by one or all."""

import pytest
from rest_framework.test import APIClient

from notices.actions import notify
from notices.models import Notification
from tests.problems import problem, refusals

ROOT = "/api/v1/notices"


def client(person=None) -> APIClient:
    client = APIClient()
    if person is not None:
        client.force_authenticate(person)
    return client


@pytest.fixture
def told(alice, bob) -> list[Notification]:
    for person, text in (
        (alice, "Bob named your sighting."),
        (alice, "It is verified."),
        (bob, "Alice agrees."),
    ):
        notify(user=person, kind="named" if "named" in text else "settled", text=text, url="/explore")
    return list(Notification.objects.filter(user=alice))


def texts(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["text"] for each in answer.json()["results"]]


def test_ones_own_and_nobody_elses(told, alice, bob, charlie, rita, ada):
    assert texts(client(alice).get(ROOT)) == ["Bob named your sighting.", "It is verified."]
    for person in (bob, charlie, rita, ada):
        assert "Bob named your sighting." not in texts(client(person).get(ROOT))
        problem(client(person).get(f"{ROOT}/{told[0].pk}"), 404)
        problem(client(person).post(f"{ROOT}/{told[0].pk}/read"), 404)
    problem(client().get(ROOT), 401)
    assert not Notification.objects.exclude(read_at=None).exists()


def test_read_one_then_all(told, alice, bob):
    one = client(alice).post(f"{ROOT}/{told[0].pk}/read").json()
    assert one["read_at"] and client(alice).post(f"{ROOT}/{told[0].pk}/read").json() == one
    assert texts(client(alice).get(ROOT, {"unread": "true"})) == ["It is verified."]
    assert texts(client(alice).get(ROOT, {"kind": "named"})) == ["Bob named your sighting."]
    assert client(alice).post(f"{ROOT}/read_all").json() == {"read": 1}
    assert client(alice).post(f"{ROOT}/read_all").json() == {"read": 0}
    assert Notification.objects.filter(user=bob, read_at=None).count() == 1


def test_nonsense_is_refused(told, alice):
    assert "unred" in refusals(client(alice).get(ROOT, {"unred": "true"}))
    assert "unread" in refusals(client(alice).get(ROOT, {"unread": "perhaps"}))


def test_queries(told, alice, django_assert_num_queries):
    with django_assert_num_queries(2):
        client(alice).get(ROOT)
