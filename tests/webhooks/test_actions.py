"""Who is told, and what people do with their endpoints."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webhooks.conftest import ELSEWHERE
from webhooks import actions
from webhooks.events import EVENTS
from webhooks.models import Delivery, Endpoint, Message, Outcome


def add(by, *events: str, **options) -> Endpoint:
    return actions.add(by=by, url=ELSEWHERE, events=events or ["model.live"], **options)


def test_nobody_listens_and_one_question_is_asked(db):
    with CaptureQueriesContext(connection) as asked:
        actions.tell("model.live", data={})
    assert len(asked) == 1 and not Message.objects.exists()


def test_however_many_listen_the_same_few_statements(alice, bob):
    add(alice)
    with CaptureQueriesContext(connection) as first:
        actions.tell("model.live", data={})
    for _ in range(5):
        add(bob)
    with CaptureQueriesContext(connection) as many:
        actions.tell("model.live", data={})
    assert len(many) == len(first)
    assert Delivery.objects.count() == 7 and Message.objects.count() == 2


def test_only_who_listens_to_it_is_told(alice, bob):
    add(alice, "model.live")
    heard = add(bob, "dataset.published", "model.live")
    actions.tell("dataset.published", data={})
    assert Delivery.objects.get().endpoint == heard


def test_only_of_mine(alice, bob):
    mine, all_of_it = add(alice, only_mine=True), add(bob)
    actions.tell("model.live", data={"of": "bob"}, whose=[bob.pk])
    actions.tell("model.live", data={"of": "alice"}, whose=[alice.pk, bob.pk])
    actions.tell("model.live", data={"of": "nobody"})
    told = [each.message.payload["data"]["of"] for each in mine.deliveries.order_by("created")]
    assert told == ["alice"] and all_of_it.deliveries.count() == 3


def test_what_nobody_can_listen_to_is_not_told(db):
    with pytest.raises(ValueError, match="model.dead"):
        actions.tell("model.dead", data={})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1/hook", "private network"),
        ("http://[::1]/hook", "private network"),
        ("http://169.254.169.254/latest/meta-data", "private network"),
        ("http://localhost:8000/hook", "private network"),
        ("ftp://example.org/hook", "http://"),
        ("example.org/hook", "http://"),
        ("https://me:word@example.org/hook", "not an address"),
        ("https://93.184.216.34:25/hook", "port"),
        ("https://no-such-site.invalid/hook", "no site of this name"),
        ("https://example.org/" + "a" * 3000, "not an address"),
        ("", "http://"),
    ],
)
def test_where_nothing_would_be_sent_is_refused_when_it_is_said(alice, url, said):
    with pytest.raises(ValidationError, match=said) as refused:
        actions.add(by=alice, url=url, events=["model.live"])
    assert list(refused.value.message_dict) == ["url"]
    endpoint = add(alice)
    with pytest.raises(ValidationError, match=said):
        actions.change(endpoint=endpoint, by=alice, url=url, description="New")
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.description) == (ELSEWHERE, "")


@pytest.mark.parametrize("events", [[], ["ping"], ["model.live", "model.dead"], ["*"]])
def test_only_what_there_is_can_be_listened_to(alice, events):
    with pytest.raises(ValidationError, match="at least one"):
        actions.add(by=alice, url=ELSEWHERE, events=events)


def test_events_are_kept_once_and_in_their_order(alice):
    endpoint = add(alice, *reversed(EVENTS), "model.live")
    assert endpoint.events == list(EVENTS)


def test_ten_and_no_more(alice, bob):
    for _ in range(Endpoint.MOST):
        endpoint = add(alice)
    with pytest.raises(ValidationError, match="You have 10"):
        add(alice)
    add(bob)
    actions.delete(endpoint=endpoint, by=alice)
    add(alice)


def test_secrets_are_long_and_of_each_its_own(alice):
    made = {add(alice).secret for _ in range(5)}
    assert len(made) == 5 and all(each.startswith("whsec_") and len(each) == 50 for each in made)


def test_nobody_else_does_anything_with_it(alice, bob, charlie, rita, ada):
    endpoint = add(alice)
    [delivery] = [actions.ping(endpoint=endpoint, by=alice)]
    for person in (bob, charlie, rita, ada):
        for act in (actions.rotate, actions.delete, actions.ping):
            with pytest.raises(PermissionDenied):
                act(endpoint=endpoint, by=person)
        with pytest.raises(PermissionDenied):
            actions.change(endpoint=endpoint, by=person, active=False)
        with pytest.raises(PermissionDenied):
            actions.replay(delivery=delivery, by=person)
    assert Endpoint.objects.get().active


def test_off_and_on_again(alice):
    endpoint = add(alice)
    actions.tell("model.live", data={})
    off = actions.change(endpoint=endpoint, by=alice, active=False)
    assert (off.active, off.disabled_reason) == (False, actions.BY_HAND) and off.disabled_at
    delivery = Delivery.objects.get()
    assert (delivery.outcome, delivery.last_error) == (Outcome.FAILED, actions.BY_HAND)
    actions.tell("model.live", data={})
    assert Delivery.objects.count() == 1
    for act in (
        lambda: actions.ping(endpoint=off, by=alice),
        lambda: actions.replay(delivery=delivery, by=alice),
    ):
        with pytest.raises(ValidationError, match="Switch it on first"):
            act()
    on = actions.change(endpoint=off, by=alice, active=True)
    assert (on.active, on.disabled_at, on.disabled_reason) == (True, None, "")
    assert actions.replay(delivery=delivery, by=alice).outcome == Outcome.WAITING


def test_a_ping_that_waits_is_the_same_one(alice):
    endpoint = add(alice)
    first = actions.ping(endpoint=endpoint, by=alice)
    assert actions.ping(endpoint=endpoint, by=alice) == first
    assert first.message.payload["type"] == "ping"


def test_replayed_it_arrives_again_under_its_id(endpoint, alice, program, deliver):
    actions.tell("model.live", data={})
    deliver()
    actions.replay(delivery=Delivery.objects.get(), by=alice)
    assert Delivery.objects.get().outcome == Outcome.WAITING
    deliver()
    assert len(set(program.ids)) == 1 and len(program.ids) == 2
    delivery = Delivery.objects.get()
    assert (delivery.outcome, delivery.attempts, len(delivery.log)) == (Outcome.DELIVERED, 1, 2)


def test_with_an_account_its_endpoints_go(alice, bob):
    add(alice)
    add(bob)
    actions.tell("model.live", data={})
    alice.delete()
    assert Endpoint.objects.get().user == bob and Delivery.objects.get().endpoint.user == bob


def test_who_is_about_to_be_told_may_be_deleted_meanwhile(alice):
    """A vote must not be lost because somebody deletes an endpoint at that moment."""
    endpoint = add(alice)
    actions._send("model.live", {}, [endpoint.pk])
    Endpoint.objects.filter(pk=endpoint.pk)._raw_delete("default")
    connection.check_constraints()
    assert not Endpoint.objects.exists() and Delivery.objects.count() == 1
