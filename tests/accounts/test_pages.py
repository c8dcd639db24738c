"""Sign-up, log-in, settings: as plain forms."""

import io
import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import actions
from accounts.models import ApiToken, News, User
from species.actions import observations
from tests.conftest import PASSWORD
from tests.look.pages import Page


@pytest.fixture(autouse=True)
def no_throttle(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def test_signing_up_logging_out_and_in(client, db):
    answer = client.post(
        reverse("account_signup"),
        {"email": "Dora@Example.org", "password1": PASSWORD, "password2": PASSWORD, "display_name": "Dora"},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    dora = User.objects.get()
    assert (dora.email, dora.display_name, dora.role) == ("dora@example.org", "Dora", "contributor")
    assert client.get(reverse("account_settings")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("account_settings")).status_code == 302
    logged_in = client.post(reverse("account_login"), {"login": "dora@example.org", "password": PASSWORD})
    assert logged_in.status_code == 302
    assert client.get(reverse("account_settings")).status_code == 200


def test_a_wrong_password_or_a_source_account_does_not_log_in(client, alice):
    source = actions.source_account(name="A collection")
    for login, password in ((alice.email, "wrong"), (source.email, "!"), ("nobody@example.org", PASSWORD)):
        answer = client.post(reverse("account_login"), {"login": login, "password": password})
        assert answer.status_code == 200 and answer.context["form"].errors
    assert client.get(reverse("account_settings")).status_code == 302


def test_a_password_is_reset_by_mail(client, alice):
    client.post(reverse("account_reset_password"), {"email": alice.email})
    [message] = mail.outbox
    assert message.to == [alice.email]
    assert "\n\nAqua Vision\n" in message.body and "{" not in message.body
    path = re.search(r"https?://[^/]+(/\S+)", message.body)[1]
    page = client.get(path, follow=True)
    new = "another trout in other reeds"
    done = client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert done.status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(new)


class TestANewPassword:
    """Whoever had the old one is out, by whichever door the new one came."""

    NEW = "another trout in other reeds"

    @pytest.fixture
    def thief(self, alice):
        """Somebody else's browser and program, in Alice's name."""
        browser = Client()
        browser.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
        secret = actions.make_token(user=alice, name="a program", by=alice).secret
        return lambda: (
            browser.get(reverse("account_settings")).status_code,
            APIClient()
            .get(reverse("api-observation-list"), {"state": "draft"}, HTTP_AUTHORIZATION=f"Token {secret}")
            .status_code,
        )

    def change(self, client, alice):
        client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
        form = {"oldpassword": PASSWORD, "password1": self.NEW, "password2": self.NEW}
        page = client.post(reverse("account_change_password"), form, follow=True)
        assert "your tokens for programs have ended" in page.content.decode()
        assert client.get(reverse("account_settings")).status_code == 200, "who changed it stays"

    def reset(self, client, alice):
        client.post(reverse("account_reset_password"), {"email": alice.email})
        path = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
        page = client.get(path, follow=True)
        client.post(page.request["PATH_INFO"], {"password1": self.NEW, "password2": self.NEW})

    def command(self, client, alice):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("getpass.getpass", lambda prompt: self.NEW)
            call_command("changepassword", alice.email.upper(), stdout=io.StringIO())

    @pytest.mark.parametrize("door", [change, reset, command])
    def test_sessions_and_tokens_end(self, client, alice, thief, door):
        assert thief() == (200, 200)
        door(self, client, alice)
        assert thief() == (302, 401)
        alice.refresh_from_db()
        assert alice.check_password(self.NEW) and not alice.check_password(PASSWORD)

    def test_a_wrong_old_one_or_a_weak_new_one_ends_nothing(self, client, alice, thief):
        client.force_login(alice)
        for form in (
            {"oldpassword": "wrong", "password1": self.NEW, "password2": self.NEW},
            {"oldpassword": PASSWORD, "password1": "short", "password2": "short"},
        ):
            assert client.post(reverse("account_change_password"), form).status_code == 200
        assert thief() == (200, 200)


def test_an_unknown_address_gets_the_same_page_and_another_mail(client, alice):
    pages = []
    for address in (alice.email, "nobody@example.org"):
        pages.append(client.post(reverse("account_reset_password"), {"email": address}, follow=True))
    assert pages[0].redirect_chain == pages[1].redirect_chain
    known, unknown = mail.outbox
    assert unknown.to == ["nobody@example.org"] and reverse("account_signup") in unknown.body
    assert "reset/key" in known.body and "reset/key" not in unknown.body


def test_signing_up_asks_by_mail_whether_the_address_is_right(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    form = {"email": "dora@example.org", "password1": PASSWORD, "password2": PASSWORD, "display_name": "Dora"}
    for _ in range(2):
        client.post(reverse("account_signup"), form)
    asked, again = mail.outbox
    assert asked.body.startswith("Somebody signed up with this address.")
    assert "has an account already" in again.body
    path = re.search(r"https?://[^/]+(/\S+)", asked.body)[1]
    page = client.get(path)
    assert page.status_code == 200 and "dora@example.org" in page.content.decode()
    assert client.post(path).status_code == 302


class TestSettings:
    def test_for_people_who_are_logged_in(self, client, alice):
        for name in ("account_settings", "save_defaults", "make_token"):
            answer = client.get(reverse(name))
            assert (answer.status_code, "/accounts/login" in answer["Location"]) == (302, True)

    def test_the_page_shows_what_is_set(self, client, alice):
        client.force_login(alice)
        page = client.get(reverse("account_settings")).content.decode()
        assert 'value="Alice"' in page and "CC BY" in page and "You have none." in page
        assert "style=" not in page

    def test_defaults_are_saved(self, client, alice):
        client.force_login(alice)
        form = {"display_name": "Alice B.", "licence": "CC0-1.0", "privacy": "open", "show": "on"}
        answer = client.post(reverse("save_defaults"), form)
        assert (answer.status_code, answer["Location"]) == (302, reverse("account_settings"))
        alice.refresh_from_db()
        assert (alice.display_name, alice.licence, alice.privacy) == ("Alice B.", "CC0-1.0", "open")
        assert (alice.consents_to_show, alice.consents_to_train) == (True, False)

    def test_new_sightings_start_from_how_much_of_times_is_told(self, client, alice):
        client.force_login(alice)
        form = {
            "display_name": "Alice",
            "licence": "CC0-1.0",
            "privacy": "generalized",
            "time_precision": "month",
        }
        client.post(reverse("save_defaults"), form)
        alice.refresh_from_db()
        assert observations.start(by=alice).time_precision == "month"
        page = client.get(reverse("account_settings")).content.decode()
        assert '<option value="month" selected>The month</option>' in page

    def test_new_sightings_start_from_how_much_of_photos_others_see(self, client, alice):
        client.force_login(alice)
        form = {"display_name": "Alice", "licence": "CC0-1.0", "privacy": "generalized"}
        client.post(reverse("save_defaults"), form | {"surroundings": "softened"})
        assert observations.start(by=User.objects.get(pk=alice.pk)).surroundings == "softened"
        page = client.get(reverse("account_settings")).content.decode()
        assert '<option value="softened" selected>Softened around its box</option>' in page
        # A form from before it was asked leaves it as it is.
        client.post(reverse("save_defaults"), form)
        assert User.objects.get(pk=alice.pk).surroundings == "softened"

    def test_news_is_switched_off_and_on(self, client, alice, bob):
        client.force_login(alice)
        page = client.get(reverse("account_settings")).content.decode()
        assert page.count('name="news"') == len(News.values) == page.count('name="news" value=') != 0
        assert page.count(" checked") >= len(News.values), "all of it, unless one says otherwise"
        assert client.post(reverse("save_news"), {"news": ["named", "comment"]}).status_code == 302
        alice.refresh_from_db()
        assert alice.muted == ["settled", "disputed", "routed", "in_dataset", "learned"]
        answer = client.post(reverse("save_news"), {"news": ["named", "nonsense"]})
        assert answer.status_code == 400 and "nonsense" in answer.content.decode()
        alice.refresh_from_db()
        assert "named" not in alice.muted
        with pytest.raises(PermissionDenied):
            actions.set_news(user=alice, by=bob, kinds=[])
        with pytest.raises(ValidationError):
            actions.set_news(user=alice, by=alice, kinds=["nonsense"])

    @pytest.mark.parametrize(
        "wrong", [{"display_name": ""}, {"display_name": "\u3164"}, {"licence": "WTFPL"}]
    )
    def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(self, client, alice, wrong):
        client.force_login(alice)
        form = {"display_name": "Alice B.", "licence": "CC0-1.0", "privacy": "open"} | wrong
        answer = client.post(reverse("save_defaults"), form)
        assert answer.status_code == 400
        assert list(answer.context["defaults_form"].errors) == list(wrong)
        alice.refresh_from_db()
        assert alice.display_name == "Alice"

    def test_a_token_is_shown_once_on_a_page_that_nobody_keeps(self, client, alice):
        client.force_login(alice)
        page = client.post(
            reverse("make_token"), {"name": "my phone", "scopes": ["read", "observe"], "lasts": "30"}
        )
        secret = re.search(r"aqua_[\w-]{20,}", page.content.decode())[0]
        assert "no-store" in page["Cache-Control"] and "private" in page["Cache-Control"]
        assert "no-store" in client.get(reverse("account_settings"))["Cache-Control"]
        again = client.get(reverse("account_settings")).content.decode()
        assert "my phone" in again and secret not in again
        for wrong in ({"name": "", "scopes": ["read"]}, {"name": "x"}, {"name": "x", "scopes": ["root"]}):
            assert client.post(reverse("make_token"), wrong).status_code == 400
        [made] = ApiToken.objects.all()
        assert made.scopes == ["read", "observe"] and 29 < (made.expires_at - timezone.now()).days + 1 <= 30

    def test_a_token_is_revoked_by_its_owner_only(self, client, alice, bob):
        token = actions.make_token(user=alice, name="my phone", by=alice).token
        url = reverse("revoke_token", args=[token.pk])
        client.force_login(bob)
        assert client.post(url).status_code == 404
        client.force_login(alice)
        assert client.get(url).status_code == 405
        assert client.post(url).status_code == 302
        token.refresh_from_db()
        assert token.revoked_at is not None
        assert "You have none." in client.get(reverse("account_settings")).content.decode()


class TestAdmin:
    @pytest.mark.parametrize("model", ["user", "grant", "apitoken"])
    def test_people_are_for_admins(self, client, ada, rita, alice, model):
        url = reverse(f"admin:accounts_{model}_changelist")
        for person, code in ((ada, 200), (rita, 403), (alice, 302)):
            client.force_login(person)
            assert client.get(url).status_code == code

    def test_a_grant_is_given_in_the_admins_name_and_taken_back(self, client, ada, bob):
        client.force_login(ada)
        made = client.post(
            reverse("admin:accounts_grant_add"), {"user": bob.pk, "scope": "all", "purpose": "a study"}
        )
        assert made.status_code == 302, made.context["adminform"].form.errors
        grant = bob.grants.get()
        assert grant.granted_by == ada
        client.post(
            reverse("admin:accounts_grant_changelist"),
            {"action": "revoke_grants", "_selected_action": [str(grant.pk)]},
        )
        grant.refresh_from_db()
        assert grant.revoked_at is not None

    @pytest.mark.parametrize("scope", ["everything", "observation:1"])
    def test_a_grant_on_nothing_is_said_at_its_field(self, client, ada, bob, scope):
        client.force_login(ada)
        page = client.post(
            reverse("admin:accounts_grant_add"), {"user": bob.pk, "scope": scope, "purpose": "a study"}
        )
        assert page.status_code == 200
        assert list(page.context["adminform"].form.errors) == ["scope"]
        assert not bob.grants.exists()

    def test_a_grant_is_not_rewritten(self, client, ada, bob):
        given = actions.grant(user=bob, scope="all", purpose="a study", by=ada)
        client.force_login(ada)
        url = reverse("admin:accounts_grant_change", args=[given.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"user": ada.pk, "scope": "all", "purpose": "mine"}).status_code == 403

    def test_roles_are_given_to_others_only(self, client, ada, bob):
        client.force_login(ada)
        source = actions.source_account(name="A collection")
        for user, role in ((bob, "reviewer"), (ada, "contributor"), (source, "admin")):
            url = reverse("admin:accounts_user_change", args=[user.pk])
            form = {"email": user.email, "display_name": "X", "licence": "CC-BY-4.0"}
            said = client.post(url, form | {"role": role, "is_active": "on"})
            assert said.status_code == 302, said.context["adminform"].form.errors
        roles = dict(User.objects.values_list("email", "role"))
        assert roles[bob.email] == "reviewer" and roles[ada.email] == "admin"
        source.refresh_from_db()
        assert (source.role, source.is_active) == ("contributor", False)

    def test_a_token_is_no_use_to_an_admin(self, client, ada, alice):
        made = actions.make_token(user=alice, name="my phone", by=alice)
        client.force_login(ada)
        url = reverse("admin:accounts_apitoken_change", args=[made.token.pk])
        assert made.secret not in client.get(url).content.decode()


def test_staff_log_in_where_failures_are_counted(client, ada, alice):
    """The admin has a log-in of its own, in which passwords could be tried without end."""
    door = client.get("/admin/", follow=True)
    assert door.redirect_chain[-1][0] == f"{reverse('account_login')}?next=%2Fadmin%2F"
    tried = client.post("/admin/login/", {"username": ada.email, "password": PASSWORD})
    assert tried.status_code == 302 and "_auth_user_id" not in client.session
    client.post(reverse("account_login"), {"login": ada.email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 200
    client.force_login(alice)
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "de"])
def test_no_language_is_offered_that_changes_nothing(client, alice, language):
    """Pages are written in one language; asked for another they stay whole, dates and form errors included."""
    refused = client.post(reverse("account_login"), {}, headers={"accept-language": language})
    assert "This field is required." in refused.content.decode()
    client.force_login(alice)
    settings = client.get(reverse("account_settings"), headers={"accept-language": language}).content.decode()
    assert 'lang="en"' in settings
    assert "Language" not in Page(settings).text
