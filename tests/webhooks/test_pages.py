"""The pages under the settings, which work without scripts."""

import pytest
from django.urls import reverse

from tests.webhooks.conftest import ELSEWHERE
from webhooks import actions
from webhooks.models import Delivery, Endpoint

SAID = {"url": ELSEWHERE, "events": ["model.live"], "description": "My copy"}


@pytest.fixture
def hook(alice) -> Endpoint:
    return actions.add(by=alice, **SAID)


@pytest.fixture
def page(hook) -> str:
    return reverse("webhook", args=[hook.pk])


@pytest.fixture
def do(client, alice, hook):
    client.force_login(alice)

    def do(then: str):
        return client.post(reverse("webhook", args=[hook.pk]), {"then": then}, follow=True)

    return do


def test_the_settings_lead_there(client, alice):
    client.force_login(alice)
    assert reverse("webhooks") in client.get(reverse("account_settings")).text


def test_added_and_its_secret_is_shown_once(client, alice):
    client.force_login(alice)
    assert "You have none." in client.get(reverse("webhooks")).text
    answer = client.post(reverse("webhooks"), SAID | {"only_mine": "on"})
    endpoint = Endpoint.objects.get()
    assert answer.status_code == 200 and endpoint.secret in answer.text and endpoint.only_mine
    for at in (reverse("webhooks"), reverse("webhook", args=[endpoint.pk])):
        text = client.get(at).text
        assert "My copy" in text and endpoint.secret not in text


def test_what_cannot_be_is_said_beside_what_was_typed(client, alice):
    client.force_login(alice)
    answer = client.post(reverse("webhooks"), SAID | {"url": "http://127.0.0.1/"})
    assert answer.status_code == 400 and "private network" in answer.text
    assert 'value="http://127.0.0.1/"' in answer.text and "My copy" in answer.text
    answer = client.post(reverse("webhooks"), {"url": ELSEWHERE})
    assert answer.status_code == 400
    assert not Endpoint.objects.exists()


def test_there_is_no_form_for_the_eleventh(client, alice):
    for _ in range(Endpoint.MOST):
        actions.add(by=alice, **SAID)
    client.force_login(alice)
    assert "the most there can be" in client.get(reverse("webhooks")).text
    answer = client.post(reverse("webhooks"), SAID)
    assert answer.status_code == 400 and "You have 10" in answer.text


def test_said_otherwise(client, alice, hook, page):
    client.force_login(alice)
    client.post(page, SAID | {"description": "Another", "events": ["dataset.published"]})
    hook.refresh_from_db()
    assert (hook.description, hook.events) == ("Another", ["dataset.published"])
    answer = client.post(page, SAID | {"url": "http://10.0.0.1/"})
    hook.refresh_from_db()
    assert answer.status_code == 400 and hook.url == ELSEWHERE


def test_its_buttons(do, hook):
    assert "Off since" in do("off").text
    assert "Switch it on first" in do("test").text
    assert "It is on." in do("on").text
    assert "ping" in do("test").text
    rotated = do("rotate").text
    former, hook = hook.secret, Endpoint.objects.get()
    assert hook.secret in rotated and former not in rotated
    assert do("dance").status_code == 400
    assert "told nothing any more" in do("delete").text and not Endpoint.objects.exists()


def test_how_it_went_and_again(client, alice, hook, page, program, deliver):
    client.force_login(alice)
    Endpoint.objects.update(url=program.url)
    program.answers = [500, 200]
    actions.tell("model.live", data={})
    deliver()
    text = client.get(page).text
    assert "It answered 500." in text and "1 attempt" in text and "Waiting" in text
    assert "None of these." in client.get(page, {"outcome": "delivered"}).text
    again = reverse("replay_delivery", args=[hook.pk, Delivery.objects.get().pk])
    assert "on its way again" in client.post(again, follow=True).text
    deliver()
    assert "2 attempts" in client.get(page, {"outcome": "delivered"}).text


def test_a_page_asks_the_same_few_questions_however_much_was_sent(
    client, alice, hook, page, django_assert_max_num_queries
):
    client.force_login(alice)
    actions.tell("model.live", data={})
    client.get(page)
    with django_assert_max_num_queries(8) as first:
        client.get(page)
    for _ in range(5):
        actions.tell("model.live", data={})
    with django_assert_max_num_queries(len(first)):
        assert client.get(page).text.count("model.live") > 5


def test_nobody_else_comes_near(client, hook, page, bob, charlie, rita, ada):
    delivery = actions.ping(endpoint=hook, by=hook.user)
    again = reverse("replay_delivery", args=[hook.pk, delivery.pk])
    assert client.get(page).status_code == 302 and client.get(reverse("webhooks")).status_code == 302
    for person in (bob, charlie, rita, ada):
        client.force_login(person)
        assert "My copy" not in client.get(reverse("webhooks")).text
        assert client.get(page).status_code == client.post(page, SAID).status_code == 404
        for then in ("off", "rotate", "delete", "test"):
            assert client.post(reverse("webhook", args=[hook.pk]), {"then": then}).status_code == 404
        assert client.post(again).status_code == 404
        own = actions.add(by=person, **SAID)
        assert client.post(reverse("replay_delivery", args=[own.pk, delivery.pk])).status_code == 404
    assert Endpoint.objects.get(pk=hook.pk).active
