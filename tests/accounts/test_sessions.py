"""Where one is logged in: listed, ended one by one or all others at once; the old address hears of a new one."""

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts import actions, sessions
from accounts.adapter import AccountAdapter
from tests.conftest import PASSWORD

PAGE = "/accounts/sessions/"
PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36"


def logged_in(user, agent: str, address: str = "192.0.2.77") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def two(alice):
    return logged_in(alice, PHONE), logged_in(alice, DESK, "2001:db8:1:2:3::4")


def test_they_are_listed_with_this_one_marked(two, alice, bob):
    logged_in(bob, PHONE)
    page = two[0].get(PAGE).content.decode()
    assert page.count("Firefox on Android") == 1 and page.count("This one") == 1
    assert "Chrome on Windows" in page and "192.0.2.…" in page and "2001:db8:1:2:…" in page
    assert "192.0.2.77" not in page and Client().get(PAGE).status_code == 302


def test_one_is_ended_and_nobody_ends_anothers(two, alice, bob):
    phone, desk = two
    [row] = UserSession.objects.filter(user=alice, user_agent=DESK)
    logged_in(bob, PHONE).post(PAGE, {"end": row.pk})
    assert desk.get(PAGE).status_code == 200
    phone.post(PAGE, {"end": row.pk})
    assert desk.get(PAGE).status_code == 302 and phone.get(PAGE).status_code == 200
    for strange in ("", "x", "9" * 30, str(row.pk)):
        assert phone.post(PAGE, {"end": strange}).status_code == 302
    assert phone.get(PAGE).status_code == 200


def test_all_others_are_ended(two):
    phone, desk = two
    phone.post(PAGE, {"end": "others"})
    assert desk.get(PAGE).status_code == 302 and phone.get(PAGE).status_code == 200


def test_another_password_leaves_none_in_the_list(two, alice):
    actions.set_password(user=alice, password="another trout in the reeds", by=alice)
    assert sessions.of(alice, None) == []


def test_the_old_address_is_told_of_the_new_one(rf, alice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    request = rf.get("/")
    request.session = {}
    asked = actions.ask_for_address(user=alice, email="new@example.org", by=alice)

    class Quiet(AccountAdapter):
        def add_message(self, *arguments, **named):
            pass

    with context.request_context(request):
        assert Quiet(request).confirm_email(request, asked)
    [sent] = [each for each in mail.outbox if "another address" in each.subject]
    assert (
        sent.to == ["alice@example.org"] and "new@example.org" not in sent.body and "Alice" not in sent.body
    )
    assert EmailAddress.objects.get(user=alice).email == "new@example.org"
