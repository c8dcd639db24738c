"""The door for programs: /api/v1/webhooks."""

import pytest
from rest_framework.test import APIClient

from tests.problems import problem, refusals
from tests.webhooks.conftest import ELSEWHERE
from webhooks import actions
from webhooks.models import Delivery, Endpoint

WEBHOOKS = "/api/v1/webhooks"
SAID = {"url": ELSEWHERE, "events": ["model.live"], "description": "My copy"}


@pytest.fixture
def api(alice) -> APIClient:
    client = APIClient()
    client.force_authenticate(alice)
    return client


@pytest.fixture
def hook(alice) -> Endpoint:
    return actions.add(by=alice, **SAID)


@pytest.fixture
def at(hook) -> str:
    return f"{WEBHOOKS}/{hook.pk}"


@pytest.fixture
def delivery(hook) -> Delivery:
    actions.tell("model.live", data={"model": "m"})
    return Delivery.objects.get()


def test_made_with_its_secret_and_read_without(api):
    answer = api.post(WEBHOOKS, SAID)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["secret"] == Endpoint.objects.get().secret and "no-store" in answer["Cache-Control"]
    read = api.get(f"{WEBHOOKS}/{made['id']}").json()
    assert read == {name: value for name, value in made.items() if name != "secret"}
    assert (read["url"], read["events"], read["active"], read["only_mine"]) == (
        ELSEWHERE,
        ["model.live"],
        True,
        False,
    )
    [listed] = api.get(WEBHOOKS).json()["results"]
    assert listed == read


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "nowhere"}, "url"),
        ({"url": None}, "url"),
        ({"events": []}, "events"),
        ({"events": ["ping"]}, "events"),
        ({"events": "model.live"}, "events"),
        ({"events": ["model.live", "model.dead"]}, "events"),
        ({"description": "x" * 121}, "description"),
        ({"only_mine": "perhaps"}, "only_mine"),
        ({"secret": "whsec_x"}, "secret"),
        ({"active": False}, "active"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_made(api, wrong, named):
    said = refusals(api.post(WEBHOOKS, SAID | wrong))
    assert {name.partition("/")[0] for name in said} == {named}
    assert not Endpoint.objects.exists()


def test_changed_a_part_at_a_time(api, at, hook):
    answer = api.patch(at, {"description": "Another", "events": ["dataset.published", "model.live"]})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["description"], told["events"]) == ("Another", ["dataset.published", "model.live"])
    assert told["url"] == ELSEWHERE and "secret" not in told
    assert api.patch(at, {"active": False}).json()["disabled_reason"] == actions.BY_HAND
    assert api.patch(at, {"active": True}).json()["disabled_at"] is None
    assert list(refusals(api.patch(at, {"url": "http://10.0.0.1/"}))) == ["url"]
    assert list(refusals(api.patch(at, {"created": "2020-01-01"}))) == ["created"]
    assert api.put(at, SAID).status_code == 405


def test_nobody_overwrites_what_they_have_not_seen(api, at):
    seen = api.get(at)["ETag"]
    assert api.patch(at, {"description": "First"}, headers={"If-Match": seen}).status_code == 200
    problem(api.patch(at, {"description": "Second"}, headers={"If-Match": seen}), 412)
    assert Endpoint.objects.get().description == "First"


def test_another_secret(api, at, hook):
    answer = api.post(f"{at}/rotate")
    assert answer.json()["secret"] not in ("", hook.secret) and "no-store" in answer["Cache-Control"]


def test_a_test(api, at, hook):
    answer = api.post(f"{at}/test")
    assert answer.status_code == 202
    assert (answer.json()["type"], answer.json()["outcome"]) == ("ping", "waiting")
    api.patch(at, {"active": False})
    assert "Switch it on first" in problem(api.post(f"{at}/test"))["detail"]


def test_deleted(api, at):
    assert api.delete(at).status_code == 204
    assert api.get(at).status_code == 404


def test_the_eleventh_is_refused(api):
    for _ in range(Endpoint.MOST):
        assert api.post(WEBHOOKS, SAID).status_code == 201
    assert "You have 10" in problem(api.post(WEBHOOKS, SAID))["detail"]


def test_how_it_went(api, at, hook, delivery, program, deliver):
    Endpoint.objects.update(url=program.url)
    program.answers = [500]
    deliver()
    actions.tell("model.live", data={"model": "n"})
    rows = api.get(f"{at}/deliveries").json()["results"]
    assert [each["payload"]["data"] for each in rows] == [{"model": "n"}, {"model": "m"}], "newest first"
    old = rows[1]
    assert old["message"] == program.ids[0] and old["outcome"] == "waiting"
    assert (old["last_status"], old["last_error"], old["attempts"]) == (500, "It answered 500.", 1)
    assert [each["status"] for each in old["log"]] == [500]
    Delivery.objects.filter(pk=delivery.pk).update(next_at=None, failed_at="2026-01-01T00:00:00Z")
    for outcome, ids in (("failed", [old["id"]]), ("waiting", [rows[0]["id"]]), ("delivered", [])):
        found = api.get(f"{at}/deliveries", {"outcome": outcome}).json()["results"]
        assert [each["id"] for each in found] == ids
    assert list(refusals(api.get(f"{at}/deliveries", {"outcome": "lost"}))) == ["outcome"]
    program.answers = [200]
    answer = api.post(f"{at}/deliveries/{old['id']}/replay")
    assert (answer.status_code, answer.json()["outcome"]) == (202, "waiting")
    deliver()
    assert Delivery.objects.get(pk=delivery.pk).outcome == "delivered"


def test_a_stranger_sees_nothing_of_it(hook, at, delivery, bob, charlie, rita, ada):
    client = APIClient()
    for path in (WEBHOOKS, at, f"{at}/deliveries"):
        problem(client.get(path), 401)
    for person in (bob, charlie, rita, ada):
        client.force_authenticate(person)
        assert client.get(WEBHOOKS).json()["results"] == []
        for method, path in [
            *[("get", at), ("patch", at), ("delete", at), ("post", f"{at}/rotate"), ("post", f"{at}/test")],
            *[("get", f"{at}/deliveries"), ("post", f"{at}/deliveries/{delivery.pk}/replay")],
        ]:
            problem(getattr(client, method)(path), 404)
    # Nor by way of an endpoint of their own.
    own = actions.add(by=ada, **SAID)
    problem(client.post(f"{WEBHOOKS}/{own.pk}/deliveries/{delivery.pk}/replay"), 404)
    hook.refresh_from_db()
    assert hook.active and Delivery.objects.filter(endpoint=hook).get().attempts == 0


def test_lists_ask_the_same_few_questions_however_long(api, at, hook, alice, django_assert_num_queries):
    actions.tell("model.live", data={})
    with django_assert_num_queries(2):
        assert len(api.get(WEBHOOKS).json()["results"]) == 1
    with django_assert_num_queries(3):
        assert len(api.get(f"{at}/deliveries").json()["results"]) == 1
    for _ in range(4):
        actions.add(by=alice, **SAID)
        actions.tell("model.live", data={})
    with django_assert_num_queries(2):
        assert len(api.get(WEBHOOKS).json()["results"]) == 5
    with django_assert_num_queries(3):
        assert len(api.get(f"{at}/deliveries").json()["results"]) == 5
