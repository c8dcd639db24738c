"""The same password typed on another keyboard is the same, at every door; old ones go on working."""

import unicodedata

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts import actions, passwords
from accounts.models import User
from tests.conftest import PASSWORD

COMPOSED = "Forellenb\u00e4che-\u00e9-9"
WAYS = {
    "composed": COMPOSED,
    "decomposed": unicodedata.normalize("NFD", COMPOSED),
    "full width": COMPOSED.replace("9", "９").replace("F", "Ｆ"),
}
SPACED = ["two trout in the reeds", "two\u00a0trout\u2003in\u3000the\u1680reeds"]


@pytest.fixture(autouse=True)
def no_throttle(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def logs_in(client, password) -> bool:
    client.logout()
    client.post(reverse("account_login"), {"login": "dora@example.org", "password": password})
    return "_auth_user_id" in client.session


def sign_up(client, password):
    form = {"email": "dora@example.org", "password1": password, "password2": password, "display_name": "Dora"}
    return client.post(reverse("account_signup"), form)


@pytest.mark.parametrize("set_as", [*WAYS.values(), *SPACED])
def test_it_is_checked_as_it_was_meant(client, db, set_as):
    assert sign_up(client, set_as).status_code == 302
    same = SPACED if set_as in SPACED else WAYS.values()
    assert all(logs_in(client, typed) for typed in same)
    assert not logs_in(client, set_as + "x") and not logs_in(client, PASSWORD)


def test_at_a_change_and_before_it(client, db):
    sign_up(client, WAYS["decomposed"])
    form = {"oldpassword": WAYS["full width"], "password1": SPACED[1], "password2": SPACED[1]}
    assert client.post(reverse("account_change_password"), form).status_code == 302
    assert all(logs_in(client, typed) for typed in SPACED) and not logs_in(client, COMPOSED)


@pytest.mark.parametrize("typed", [*WAYS.values(), SPACED[1]])
def test_one_that_was_set_before_there_was_one_form_goes_on_working(alice, typed):
    User.objects.filter(pk=alice.pk).update(password=make_password(typed))
    alice.refresh_from_db()
    assert alice.check_password(typed) and not alice.check_password(typed[:-1])


def test_what_looks_like_ten_letters_and_is_five_is_too_short(client, db):
    answer = sign_up(client, "q\u0323w\u0323e\u0323y\u0323z\u0323")
    assert answer.status_code == 200 and "password1" in answer.context["form"].errors


def test_no_password_opens_nothing(db):
    user = actions.sign_up(email="dora@example.org", password=None, display_name="Dora")
    assert not user.has_usable_password() and not user.check_password("")


@given(st.text(max_size=60))
def test_one_form_for_all_that_is_canonically_the_same(text):
    forms = {passwords.normal(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {passwords.normal(text)} == {passwords.normal(passwords.normal(text))}


def test_a_very_long_one_is_not_made_longer():
    assert len(passwords.normal("\ufdfa" * 2_000_000)) == 2_000_000
