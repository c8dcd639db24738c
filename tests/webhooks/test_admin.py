"""Staff look, and switch off; no secret is on a page of theirs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notices.models import Notification
from tests.webhooks.conftest import ELSEWHERE
from webhooks import actions
from webhooks.admin import BY_ADMIN
from webhooks.models import Delivery, Endpoint, Message

TABLES = [Endpoint, Message, Delivery]


@pytest.fixture
def hook(alice) -> Endpoint:
    hook = actions.add(by=alice, url=ELSEWHERE, events=["model.live"])
    return actions.rotate(endpoint=hook, by=alice)


def at(model, page: str, *args) -> str:
    return reverse(f"admin:webhooks_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", TABLES)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(client, ada, alice, hook, model):
    client.force_login(ada)

    def more() -> None:
        actions.add(by=alice, url=ELSEWHERE, events=["model.live"])
        actions.tell("model.live", data={})

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(at(model, "changelist")).status_code == 200
        return len(asked)

    more()
    queries()
    before = queries()
    for _ in range(3):
        more()
    assert queries() == before


def test_no_secret_is_shown_to_staff(client, ada, hook):
    client.force_login(ada)
    text = client.get(at(Endpoint, "changelist")).text + client.get(at(Endpoint, "change", hook.pk)).text
    assert ELSEWHERE in text
    assert hook.secret not in text and hook.former_secret not in text


def test_switched_off_by_an_admin(client, ada, alice, hook):
    client.force_login(ada)
    client.post(at(Endpoint, "changelist"), {"action": "switch_off", "_selected_action": [str(hook.pk)]})
    hook.refresh_from_db()
    assert (hook.active, hook.disabled_reason) == (False, BY_ADMIN)
    assert BY_ADMIN in Notification.objects.get(user=alice).text


def test_reviewers_do_not_see_them(client, rita, hook):
    client.force_login(rita)
    for model in TABLES:
        assert client.get(at(model, "changelist")).status_code == 403
