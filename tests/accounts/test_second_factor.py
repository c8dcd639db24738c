"""A second factor: codes of an app, recovery codes and passkeys; required where a site says so."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import departures, second_factor
from accounts.models import Departure
from config.second_factor import required_of
from home.queries import mine
from tests.accounts.test_counting import counters  # noqa: F401  (a fixture)
from tests.accounts.threads import together
from tests.conftest import PASSWORD
from tests.look.pages import Page

PAGE = "/accounts/2fa/"


def code(secret: str, steps: int = 0) -> str:
    """What an app shows now (RFC 6238), or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def entered(user) -> Client:
    """Logged in, and asked for the password again a moment ago."""
    client = Client()
    client.force_login(user)
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith("/accounts/reauthenticate/")
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": PAGE})
    assert answer["Location"] == PAGE
    return client


def with_app(user) -> tuple[Client, str]:
    client = entered(user)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return client, secret


def half_way(user) -> Client:
    """The password was said, and was right."""
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("account_settings")).status_code == 302
    return client


def is_in(client) -> bool:
    return client.get(reverse("account_settings")).status_code == 200


def test_the_app_s_code_is_asked_for_and_each_opens_once(alice):
    _, secret = with_app(alice)
    client = half_way(alice)
    page = Page(client.get(reverse("mfa_authenticate")).content.decode())
    assert page.faults == [] and page.missing_targets() == []
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_in(client)
    # The one that was said at activation is not marked as used: it proved nothing yet.
    said = code(secret)
    assert client.post(reverse("mfa_authenticate"), {"code": said}).status_code == 302
    assert is_in(client)
    again = half_way(alice)
    again.post(reverse("mfa_authenticate"), {"code": said})
    assert not is_in(again), "who looked over a shoulder comes too late"


def test_a_recovery_code_opens_once(alice):
    client, _ = with_app(alice)
    codes = re.findall(r"<li>(\d{8})</li>", client.get(reverse("mfa_view_recovery_codes")).content.decode())
    assert len(codes) == 10
    assert client.get(reverse("mfa_download_recovery_codes")).content.decode().count(codes[0]) == 1
    lost = half_way(alice)
    lost.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_in(lost)
    again = half_way(alice)
    again.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert not is_in(again)


def test_of_60_wrong_codes_as_many_are_tried_and_then_not_even_the_right_one(counters, settings, alice):  # noqa: F811
    _, secret = with_app(alice)
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "20/300s/key"}
    clients = [half_way(alice) for _ in range(20)]

    def attempt(number):
        page = clients[number].post(reverse("mfa_authenticate"), {"code": f"{number:06}"}).content.decode()
        assert ("Incorrect code" in page) != ("Too many failed" in page)
        return "Incorrect code" in page

    assert together(attempt, 3).count(True) == 20
    client = clients[0]
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert not is_in(client)


@pytest.mark.parametrize(
    "name", ["mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"]
)
def test_nothing_changes_before_the_password_was_said_again(alice, name):
    if name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        with_app(alice)
    client = Client()
    client.force_login(alice)
    before = list(Authenticator.objects.values())
    for answer in (client.get(reverse(name)), client.post(reverse(name), {"code": "1"})):
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert list(Authenticator.objects.values()) == before


def test_what_is_kept_is_no_use_to_who_copies_the_database(alice, settings):
    _, secret = with_app(alice)
    row = Authenticator.objects.get(user=alice, type="totp")
    assert secret not in json.dumps(row.data)
    adapter = second_factor.Adapter()
    assert adapter.decrypt(row.data["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another one"
    assert adapter.decrypt(row.data["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS = []
    strange = {adapter.decrypt(row.data["secret"]) for _ in range(2)}
    assert len(strange) == 2 and secret not in strange
    client = half_way(alice)
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert not is_in(client)


def test_it_is_taken_away_and_then_the_password_is_enough(alice):
    client, _ = with_app(alice)
    assert client.post(reverse("mfa_deactivate_totp"))["Location"] == PAGE
    assert not Authenticator.objects.filter(user=alice).exists(), "recovery codes go with the last one"
    fresh = Client()
    fresh.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert is_in(fresh)


def test_one_s_own_list_says_what_and_when_and_no_secret(alice):
    _, secret = with_app(alice)
    [table] = [each for each in mine.tables() if each.name == "second_factors"]
    assert set(table.columns) == {"type", "created_at", "last_used_at"}
    assert {row.type for row in table.rows(alice)} == {"totp", "recovery_codes"}


def test_who_left_has_none(alice, ada):
    with_app(alice)
    departure = departures.ask(
        user=alice, by=alice, photos=Departure.Photos.ERASE, words=Departure.Words.KEEP
    )
    departures.finish(departure)
    assert not Authenticator.objects.filter(user=alice).exists()


def test_whoever_runs_the_site_takes_it_away_for_who_lost_all(alice, capsys):
    client, _ = with_app(alice)
    call_command("forget_second_factors", alice.email)
    assert not second_factor.has_one(alice) and "logged out everywhere" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"Nobody here has the address bob@example.org"):
        call_command("forget_second_factors", "bob@example.org")


def test_a_site_may_require_it_of_reviewers_and_admins(settings, alice, rita):
    settings.SECOND_FACTOR_FOR = required_of(["reviewer", "admin"])
    client = Client()
    client.force_login(rita)
    answer = client.get("/review", follow=True)
    assert answer.request["PATH_INFO"] == PAGE and second_factor.MISSING in answer.content.decode()
    refused = client.get("/api/v1/taxa")
    assert refused.status_code == 403 and refused.json()["detail"] == second_factor.MISSING
    others = Client()
    others.force_login(alice)
    assert is_in(others), "of a contributor nothing is required"
    with_app(rita)
    client.force_login(rita)
    assert client.get("/review").status_code == 200
    assert client.get("/api/v1/taxa").status_code == 200


def test_who_needs_one_keeps_the_last(settings, rita):
    client, _ = with_app(rita)
    settings.SECOND_FACTOR_FOR = required_of(["reviewer"])
    page = client.post(reverse("mfa_deactivate_totp"))
    assert page.status_code == 200 and "You cannot deactivate" in page.content.decode()
    assert second_factor.has_one(rita)


def test_a_word_that_is_no_role_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match=r"names no role: reviewers"):
        required_of(["reviewers"])


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_opens_the_door(browser, live_server, alice):
    """With Chromium's own authenticator, under the policy that no page's script may break."""
    site = live_server.url
    context = browser.new_context()
    page = context.new_page()
    # A machine that does much else at once is no fault of a page.
    page.set_default_timeout(120_000)
    errors = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def log_in():
        page.goto(f"{site}/accounts/login/")
        page.fill("#id_login", alice.email)
        page.fill("#id_password", PASSWORD)
        page.click("form.stack .btn-main")

    log_in()
    page.goto(f"{site}/accounts/settings/")
    page.click("text=A second factor beside your password")
    page.click("text=Add a passkey")
    page.fill("#id_password", PASSWORD)
    page.click("form.stack .btn-main")
    page.fill("#id_name", "My phone")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(f"{site}/accounts/2fa/recovery-codes/")
    context.clear_cookies()
    log_in()
    page.wait_for_url(f"{site}/accounts/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(f"{site}/", wait_until="commit")
    page.goto(f"{site}/accounts/2fa/webauthn/")
    assert page.locator("th[scope=row]").inner_text() == "My phone"
    assert errors == []
    [row] = Authenticator.objects.filter(user=alice, type="webauthn")
    assert row.last_used_at is not None
    context.close()
