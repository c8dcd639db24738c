"""One address, one account: what Python, SQLite, PostgreSQL or Unicode find equal is equal at every door."""

import re
import unicodedata
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import actions, addresses
from accounts.models import User
from tests.accounts.threads import together
from tests.conftest import PASSWORD, person

ADMIN = "kim.sill@example.org"
# What some program or other takes for Kim's address: by its case, its shape or its folding.
LIKE_KIM = {
    "capitals": "KIM.SILL@EXAMPLE.ORG",
    "spaces around": " kim.sill@example.org ",
    "dotless i": "kım.sıll@example.org",
    "dotted capital i": "KİM.SİLL@example.org",
    "long s": "kim.ſill@example.org",
    "Kelvin sign": "\u212aim.sill@example.org",
    "full width": "ｋｉｍ．ｓｉｌｌ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "mathematical": "𝓀𝓲𝗺.sill@example.org",
    "composed dot": "ki\u0307m.sill@example.org",
    "soft hyphen": "k\u00adim.sill@example.org",
    "nothing to see": "kim.sill\u200b@example.org",
    "Cyrillic": "kіm.sіll@example.org",
    "quoted": '"kim.sill"@example.org',
    "domain in capitals": "kim.sill@EXAMPLE.ORG",
    "domain with other dots": "kim.sill@example。org",
    "domain with a soft hyphen": "kim.sill@ex\u00adample.org",
}
LIKES = pytest.mark.parametrize("like", LIKE_KIM.values(), ids=LIKE_KIM.keys())


@pytest.fixture(autouse=True)
def no_throttle(settings):
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def kim(db) -> User:
    return actions.sign_up(email=ADMIN, password=PASSWORD, display_name="Kim", role="admin")


def logs_in(client, login, password=PASSWORD) -> bool:
    client.logout()
    client.post(reverse("account_login"), {"login": login, "password": password})
    return "_auth_user_id" in client.session


def sign_up(client, email, name="Mallory"):
    form = {"email": email, "password1": PASSWORD, "password2": PASSWORD, "display_name": name}
    return client.post(reverse("account_signup"), form)


def follow(client, body):
    path = re.search(r"https?://[^/]+(/\S+)", body)[1]
    return client.post(path, follow=True)


class TestForm:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Ann@Example.ORG", "ann@example.org"),
            ("ＡＮＮ@example.org", "ann@example.org"),
            ("admin@localhost", "admin@localhost"),
            ("ann+fish@müller.de", "ann+fish@xn--mller-kva.de"),
            ("ann@MÜLLER.de", "ann@xn--mller-kva.de"),
            ("ann@xn--mller-kva.de", "ann@xn--mller-kva.de"),
        ],
    )
    def test_one_for_everything_that_is_the_same(self, typed, kept):
        assert addresses.normal(typed) == kept

    @pytest.mark.parametrize(
        "typed",
        ["", "@", "ann", "@x.org", "ann@", "a@b@c", "ann @x.org", "ann@x..org", "ann@[127.0.0.1]", "ann@x.org.",
         "ann@straße.de", "änn@x.org", "ß@x.org", "ann@-x.org", "a" * 250 + "@x.org", "\ud800@x.org", "ann@\ud800",
         "ann\x00@x.org", "ann@x.org\nbcc:eve@x.org"],
    )  # fmt: skip
    def test_what_has_none_is_refused(self, typed):
        with pytest.raises(ValueError, match="no address we can write to"):
            addresses.normal(typed)

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_it_is_stable_small_and_ascii_whatever_is_typed(self, local, domain):
        try:
            kept = addresses.normal(f"{local}@{domain}")
        except ValueError:
            return
        assert kept.isascii() and kept == kept.lower() == kept.casefold() == addresses.normal(kept)
        assert kept == unicodedata.normalize("NFKC", kept) and kept.count("@") == 1


class TestSomebodyElses:
    """Each is tried as a stranger would, and afterwards Kim logs in as before."""

    @LIKES
    def test_at_sign_up(self, client, kim, like):
        answer = sign_up(client, like)
        assert answer.status_code == 200 and "email" in answer.context["form"].errors
        assert User.objects.count() == 1 and logs_in(client, ADMIN)

    @LIKES
    def test_at_sign_up_where_mail_is_sent(self, client, kim, like, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        sign_up(client, like)
        assert User.objects.count() == 1 and EmailAddress.objects.get().user == kim
        assert all("has an account already" in sent.body and sent.to == [ADMIN] for sent in mail.outbox)
        assert logs_in(client, ADMIN)

    @LIKES
    @pytest.mark.parametrize("verification", ["none", "mandatory"])
    def test_at_a_change_of_address(self, client, kim, bob, like, verification, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = verification
        client.force_login(bob)
        client.post(reverse("account_email"), {"email": like, "action_add": ""})
        client.post(reverse("account_email"), {"email": like, "action_primary": ""})
        bob.refresh_from_db()
        assert bob.email == "bob@example.org"
        assert set(EmailAddress.objects.values_list("email", flat=True)) == {ADMIN, bob.email}
        assert all("has an account already" in sent.body for sent in mail.outbox)
        assert logs_in(client, ADMIN)

    @LIKES
    def test_in_the_admin(self, client, kim, bob, like):
        client.force_login(kim)
        form = {
            "email": like,
            "display_name": "Bob",
            "licence": "CC-BY-4.0",
            "is_active": "on",
        }
        page = client.post(
            reverse("admin:accounts_user_change", args=[bob.pk]), form | {"role": "contributor"}
        )
        assert list(page.context["adminform"].form.errors) == ["email"]
        bob.refresh_from_db()
        assert bob.email == "bob@example.org" and logs_in(client, ADMIN)

    @LIKES
    def test_by_the_actions_and_by_command(self, client, kim, bob, like, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        for attempt in (
            lambda: actions.sign_up(email=like, password=PASSWORD, display_name="Mallory"),
            lambda: actions.set_address(user=bob, email=like, by=kim),
            lambda: actions.ask_for_address(user=bob, email=like, by=bob),
        ):
            with pytest.raises(ValidationError):
                attempt()
        with pytest.raises((CommandError, IntegrityError)), transaction.atomic():
            call_command(
                "createsuperuser", interactive=False, email=like, display_name="Mallory", verbosity=0
            )
        assert User.objects.count() == 2 and logs_in(client, ADMIN)

    @pytest.mark.parametrize("like", [like.strip() for like in LIKE_KIM.values() if '"' not in like])
    def test_around_all_doors(self, client, kim, like):
        for email in (like, like.lower()):
            with pytest.raises(IntegrityError), transaction.atomic():
                User.objects.bulk_create([User(email=email, display_name="Mallory")])
        assert logs_in(client, ADMIN)

    @pytest.mark.parametrize("like", [LIKE_KIM[name] for name in ("capitals", "full width", "Kelvin sign")])
    def test_its_owner_may_write_it_so(self, client, kim, like):
        assert logs_in(client, like)


@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_of_twenty_who_sign_up_with_it_at_once_one_has_an_account(transactional_db, settings, verification):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    ways = [ADMIN, LIKE_KIM["capitals"], LIKE_KIM["full width"], LIKE_KIM["Kelvin sign"]]
    codes = together(lambda number: sign_up(Client(), ways[number % 4], f"Number {number}").status_code, 1)
    assert set(codes) <= {200, 302} and User.objects.get().email == ADMIN


def test_of_twenty_who_confirm_one_address_at_once_one_has_it(transactional_db):
    people = [person(f"Number{number}") for number in range(20)]
    asked = [actions.ask_for_address(user=user, email=ADMIN, by=user) for user in people]

    def confirm(number):
        try:
            return actions.confirm_address(address=asked[number % 20], by=people[number % 20])
        except ValidationError as error:
            return error.messages

    answers = together(confirm, 1)
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert [actions.TAKEN] in answers and User.objects.filter(email=ADMIN).count() == 1
    assert EmailAddress.objects.filter(verified=True).count() == 20


class TestUnconfirmed:
    @pytest.fixture(autouse=True)
    def mail_is_sent(self, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    def test_nobody_logs_in_with_it_until_the_link_is_followed(self, client, db):
        sign_up(client, "dora@example.org", "Dora")
        assert not logs_in(client, "dora@example.org")
        assert not EmailAddress.objects.filter(primary=True).exists()
        follow(client, mail.outbox[0].body)
        assert EmailAddress.objects.get().primary and logs_in(client, "dora@example.org")

    def test_one_that_is_asked_for_opens_nothing(self, client, alice, settings):
        client.force_login(alice)
        client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
        client.post(reverse("account_email"), {"email": "new@example.org", "action_primary": ""})
        for verification in ("mandatory", "none"):
            settings.ACCOUNT_EMAIL_VERIFICATION = verification
            assert not logs_in(client, "new@example.org") and logs_in(client, alice.email)
        sent = len(mail.outbox)
        client.post(reverse("account_reset_password"), {"email": "new@example.org"})
        assert "reset/key" not in mail.outbox[sent].body

    def test_following_its_link_moves_the_account_there(self, client, alice):
        client.force_login(alice)
        client.post(reverse("account_email"), {"email": "New@Example.org", "action_add": ""})
        assert mail.outbox[0].to == ["new@example.org"]
        assert "new@example.org" in client.get(reverse("account_email")).content.decode()
        follow(client, mail.outbox[0].body)
        assert logs_in(client, "new@example.org") and not logs_in(client, "alice@example.org")
        assert [(row.email, row.primary, row.verified) for row in EmailAddress.objects.all()] == [
            ("new@example.org", True, True)
        ]

    def test_it_keeps_nobody_from_their_own_address(self, client, alice, bob):
        """Mallory asks for it first; whoever reads its mail signs up, and Mallory's link opens nothing."""
        actions.ask_for_address(user=alice, email="dora@example.org", by=alice)
        client.force_login(alice)
        client.post(reverse("account_email"), {"action_send": ""})
        early = mail.outbox[0].body
        client.logout()
        sign_up(client, "dora@example.org", "Dora")
        page = follow(client, early)
        assert page.status_code == 200 and not logs_in(client, "dora@example.org")
        alice.refresh_from_db()
        assert alice.email == "alice@example.org"
        client.force_login(bob)
        follow(client, mail.outbox[1].body)
        assert logs_in(client, "dora@example.org")
        assert not EmailAddress.objects.filter(user=alice, verified=False).exists()

    def test_a_sign_up_whose_link_has_expired_holds_nothing(self, client, alice):
        for email in ("new@example.org", "dora@example.org"):
            sign_up(client, email)
        with pytest.raises(ValidationError, match="already"):
            actions.ask_for_address(user=alice, email="new@example.org", by=alice)
        User.objects.exclude(pk=alice.pk).update(created=timezone.now() - timedelta(days=4))
        asked = actions.ask_for_address(user=alice, email="new@example.org", by=alice)
        assert actions.confirm_address(address=asked, by=alice).email == "new@example.org"
        sign_up(client, "dora@example.org", "Dora")
        assert set(User.objects.values_list("display_name", flat=True)) == {"Alice", "Dora"}
        follow(client, mail.outbox[-1].body)
        assert logs_in(client, "dora@example.org")

    @pytest.mark.parametrize(
        "used", [{"last_login": timezone.now()}, {"is_source": True, "is_active": False}]
    )
    def test_an_old_account_in_use_keeps_its_address(self, client, alice, ada, used):
        sign_up(client, "dora@example.org", "Dora")
        User.objects.filter(display_name="Dora").update(created=timezone.now() - timedelta(days=400), **used)
        for attempt in (
            lambda: actions.ask_for_address(user=alice, email="dora@example.org", by=alice),
            lambda: actions.set_address(user=alice, email="dora@example.org", by=ada),
            lambda: actions.sign_up(email="dora@example.org", password=PASSWORD, display_name="Eve"),
        ):
            with pytest.raises(ValidationError, match="already"):
                attempt()
        User.objects.exclude(display_name="Dora").update(created=timezone.now() - timedelta(days=400))
        with pytest.raises(ValidationError, match="already"):
            actions.sign_up(email=alice.email, password=PASSWORD, display_name="Eve")

    def test_a_link_followed_twice_or_after_somebody_else_is_an_answer(self, client, alice, bob):
        asked = [actions.ask_for_address(user=who, email="new@example.org", by=who) for who in (alice, bob)]
        actions.confirm_address(address=asked[0], by=alice)
        with pytest.raises(ValidationError, match="already"):
            actions.confirm_address(address=asked[1], by=bob)
        alice.refresh_from_db()
        assert alice.email == "new@example.org" and alice.has_confirmed_address

    def test_who_was_signed_up_by_a_stranger_takes_the_account_by_mail(self, client, db):
        sign_up(client, "dora@example.org")
        sign_up(client, "dora@example.org", "Dora")
        assert "has an account already" in mail.outbox[1].body
        client.post(reverse("account_reset_password"), {"email": "dora@example.org"})
        path = re.search(r"https?://[^/]+(/\S+)", mail.outbox[2].body)[1]
        page = client.get(path, follow=True)
        client.post(page.request["PATH_INFO"], {"password1": PASSWORD[::-1], "password2": PASSWORD[::-1]})
        assert not logs_in(client, "dora@example.org", PASSWORD)
        assert User.objects.get().check_password(PASSWORD[::-1])

    def test_no_link_goes_to_an_unconfirmed_address_of_an_account_in_use(self, client, db, settings):
        settings.ACCOUNT_EMAIL_VERIFICATION = "none"
        sign_up(client, "typo@example.org", "Dora")
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        client.post(reverse("account_reset_password"), {"email": "typo@example.org"})
        assert ["reset/key" in sent.body for sent in mail.outbox] == [False]

    def test_an_admin_made_by_command_gets_in_and_keeps_their_address(self, client, db, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        call_command("createsuperuser", interactive=False, email="Kim@X.org", display_name="Kim", verbosity=0)
        User.objects.update(created=timezone.now() - timedelta(days=400))
        sign_up(client, "kim@x.org")
        assert logs_in(client, "kim@x.org") and User.objects.get().is_admin

    def test_an_admin_answers_for_an_address(self, client, ada, alice, bob):
        actions.ask_for_address(user=bob, email="new@example.org", by=bob)
        with pytest.raises(Exception, match="Only an admin"):
            actions.set_address(user=alice, email="new@example.org", by=bob)
        client.force_login(ada)
        form = {"email": "New@example.org", "display_name": "Alice", "licence": "CC-BY-4.0"}
        url = reverse("admin:accounts_user_change", args=[alice.pk])
        done = client.post(url, form | {"role": "contributor", "is_active": "on"})
        assert done.status_code == 302, done.context["adminform"].form.errors
        assert logs_in(client, "new@example.org") and not logs_in(client, "alice@example.org")
        assert not EmailAddress.objects.filter(user=bob, verified=False).exists()

    def test_only_the_person_asks_and_confirms(self, alice, bob):
        asked = actions.ask_for_address(user=alice, email="new@example.org", by=alice)
        for attempt in (
            lambda: actions.ask_for_address(user=alice, email="other@example.org", by=bob),
            lambda: actions.drop_address_asked_for(user=alice, by=bob),
            lambda: actions.confirm_address(address=asked, by=bob),
        ):
            with pytest.raises(Exception, match=r"themselves|somebody else's"):
                attempt()
        actions.drop_address_asked_for(user=alice, by=alice)
        assert [row.email for row in alice.emailaddress_set.all()] == [alice.email]


class TestWithoutMail:
    """As `make run` starts: nobody can be asked, and everything works."""

    def test_signing_up_is_all_it_takes_and_the_address_is_not_said_to_be_confirmed(self, client, db):
        sign_up(client, "dora@example.org", "Dora")
        assert "_auth_user_id" in client.session and not mail.outbox
        assert not User.objects.get().has_confirmed_address
        page = client.get(reverse("account_email")).content.decode()
        assert "not confirmed" in page and "no mail set up" in page
        assert logs_in(client, "dora@example.org")

    def test_changing_it_never_leaves_an_account_without_one(self, client, db):
        sign_up(client, "dora@example.org", "Dora")
        for word in ("action_send", "action_add", "action_remove", "action_primary"):
            client.post(reverse("account_email"), {"email": "other@example.org", word: ""})
            assert User.objects.get().email == "dora@example.org"
        assert logs_in(client, "dora@example.org")

    def test_where_mail_comes_later_people_are_asked_then_and_the_admin_gets_in(self, client, kim, settings):
        sign_up(client, "dora@example.org", "Dora")
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        assert logs_in(client, ADMIN)
        assert not logs_in(client, "dora@example.org")
        follow(client, mail.outbox[0].body)
        assert logs_in(client, "dora@example.org")


TEXT = "Win 1000 at evil.example"


@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_no_words_of_strangers_stand_in_any_mail(client, alice, settings, verification):
    """Neither as a name nor before the @ of an address that ends up in the same box."""
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    victim = "victim+win.1000.at.evil.example@example.org"
    sign_up(client, victim, TEXT)
    sign_up(client, victim, TEXT)
    client.logout()
    User.objects.filter(pk=alice.pk).update(display_name=TEXT)
    client.force_login(alice)
    for address in (f"x+{victim}", victim, alice.email):
        client.post(reverse("account_email"), {"email": address, "action_add": ""})
    client.logout()
    for address in (f"y+{victim}", victim, alice.email):
        client.post(reverse("account_reset_password"), {"email": address})
    assert len({sent.subject for sent in mail.outbox}) >= 3
    for sent in mail.outbox:
        text = f"{sent.subject}\n{sent.body}"
        assert "evil" not in text.lower() and "1000" not in text and "{" not in text, text
        assert "\n\nAqua Vision\n" in sent.body


def test_the_page_of_a_link_shows_no_words_of_strangers(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    sign_up(client, "dora@example.org", TEXT)
    path = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    page = client.get(path).content.decode()
    assert "dora@example.org" in page and TEXT not in page
    assert "no longer works" in client.get(path[:-3] + "x/").content.decode()


class TestOldRows:
    @pytest.fixture
    def before(self, transactional_db):
        """The tables as they were, and a way to have them brought up to date."""
        executor = MigrationExecutor(connection)
        executor.migrate([("accounts", "0002_grants_say_on_what")])
        apps = executor.loader.project_state([("accounts", "0002_grants_say_on_what")]).apps
        yield apps.get_model("accounts", "User")
        MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    def test_everybody_keeps_what_is_theirs_and_look_alikes_wait_for_an_admin(self, before):
        kim = before.objects.create(email=ADMIN, display_name="Kim", role="admin")
        like = before.objects.create(email="kım.sıll@example.org", display_name="Ann\u200b")
        early = before.objects.create(email="\u212aate@example.org", display_name="\u200b")
        kate = before.objects.create(email="kate@example.org", display_name="Kate")
        abroad = before.objects.create(email="jo@müller.de", display_name="Jo")
        rows = {
            kate.pk: [("kate@example.org", True), ("kate@other.example", True)],
            abroad.pk: [("jo@müller.de", False)],
            like.pk: [("kım.sıll@example.org", False)],
        }
        for pk, said in rows.items():
            for email, verified in said:
                EmailAddress.objects.create(user_id=pk, email=email, verified=verified)
        MigrationExecutor(connection).migrate([("accounts", "0004_addresses_stand_in_one_form")])
        graph = MigrationExecutor(connection).loader.graph
        MigrationExecutor(connection).migrate(graph.leaf_nodes("accounts"))
        people = {user.pk: user for user in User.objects.all()}
        assert (people[kim.pk].email, people[kim.pk].has_confirmed_address) == (ADMIN, True)
        assert (people[kate.pk].email, people[kate.pk].has_confirmed_address) == (kate.email, True)
        assert people[abroad.pk].email == "jo@xn--mller-kva.de"
        assert not people[abroad.pk].has_confirmed_address
        for user in (like, early):
            assert people[user.pk].email == f"{user.pk}@without-address.invalid"
        assert (people[like.pk].display_name, people[early.pk].display_name) == ("Ann", "Somebody")
        assert set(EmailAddress.objects.filter(primary=True).values_list("email", flat=True)) == {
            ADMIN,
            "kate@example.org",
        }
