"""What somebody may be called: seen, said in one way, and not the name of who looks after the site."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts import actions, names
from accounts.models import User
from tests.conftest import PASSWORD

BLANK = ["\u200b", "\u3164", "\u2800", "\u2060", "\u115f\u1160", "\u00ad", "\ufeff", "\uffa0", "\u034f", "\u17b4",
         "\U000e0041", "\u180e", "\ufe0f", "\u2065", "\u3164 \u3164", "\x00", "...", "\u0301", "🐟"]  # fmt: skip
KEPT = [
    "Ann",
    "Maren van K.",
    "Søren Ångström",
    "O’Neil",
    "王小明",
    "김민준",
    "Анна Иванова",
    "محمد",
    "می\u200cخواهم",
    "क्\u200dष",
    "3",
    "Ann 🐟",
    "μ-fan",
]
READ = {
    "Ann\u200b": "Ann",
    "\x0f Ann": "Ann",
    "\u202eevE": "evE",
    "A\tn\r\nn  B": "A n n B",
    "Ｄｒ．\u3000Ａｎｎ": "Dr. Ann",
    "e\u0301va": "éva",
    "\U000e0041Ann\ufe0f": "Ann",
    "A\u200dnn": "Ann",
    "A\u2028B": "A B",
}


@pytest.mark.parametrize("name", KEPT)
def test_names_of_people_stand_as_written(name):
    assert names.clean(name) == name


@pytest.mark.parametrize(("typed", "kept"), READ.items())
def test_what_cannot_be_seen_goes(typed, kept):
    assert names.clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        *((blank, "letter or a digit") for blank in BLANK),
        ("", "call you"),
        ("  \t", "call you"),
        ("\u3000", "call you"),
        ("a" + "\u0301\u0302\u0303\u0304\u0305", "marks"),
        ("\u0410nn", "two alphabets"),
        ("Ωmega", "two alphabets"),
        ("x" * 81, "80 characters"),
        ("\ufdfa" * 20, "80 characters"),
        ("x" * 1_000_000, "80 characters"),
    ],
)
def test_what_nobody_could_read_is_refused(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        names.clean(typed)


@given(st.text(max_size=100))
def test_whatever_is_kept_is_stable_short_and_seen(text):
    try:
        name = names.clean(text)
    except ValueError:
        return
    assert names.clean(name) == name == name.strip() and 0 < len(name) <= names.LONGEST
    assert unicodedata.is_normalized("NFKC", name)
    kinds = {unicodedata.category(letter) for letter in name if letter not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and not names.BLANK & set(name)


@given(st.text(max_size=40))
def test_a_copy_with_something_unseen_in_it_is_a_copy(text):
    assert names.skeleton(text + "\u200b") == names.skeleton("\u2060" + text) == names.skeleton(text)


COPIES = [
    "Rita",
    "rita",
    "RITA",
    "Rita\u200b",
    "Ｒｉｔａ",
    "R1ta",
    "Rlta",
    "Ríta",
    "R i t a",
    "Rita.",
    "𝓡𝓲𝓽𝓪",
    "ri\u200dta",
]


class TestWhoLooksAfterTheSite:
    @pytest.mark.parametrize("copy", COPIES)
    def test_nobody_signs_up_under_their_name(self, client, rita, copy):
        form = {
            "email": "eve@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "display_name": copy,
        }
        page = client.post(reverse("account_signup"), form)
        assert list(page.context["form"].errors) == ["display_name"] and User.objects.count() == 1
        with pytest.raises(ValidationError, match="looks after"):
            actions.sign_up(email="eve@example.org", password=PASSWORD, display_name=copy)

    def test_nobody_takes_it_later(self, client, rita, alice):
        client.force_login(alice)
        form = {"display_name": "Rιta".replace("ι", "i"), "licence": "CC0-1.0", "privacy": "open"}
        page = client.post(reverse("save_defaults"), form)
        assert page.status_code == 400 and "looks after this site" in page.content.decode()
        alice.refresh_from_db()
        assert alice.display_name == "Alice"

    def test_they_keep_their_own_and_others_may_share_a_name(self, rita, alice):
        fields = {"licence": "CC0-1.0", "privacy": "open", "show": True, "research": True, "train": True}
        actions.set_defaults(user=rita, by=rita, display_name="Rita", **fields)
        actions.sign_up(email="alice2@example.org", password=PASSWORD, display_name="Alice")
        assert User.objects.filter(display_name="Alice").count() == 2

    def test_an_admin_who_lets_somebody_see_places_sees_whom(self, client, ada, alice):
        actions.sign_up(email="mallory@example.org", password=PASSWORD, display_name="Alice")
        client.force_login(ada)
        page = client.get(reverse("admin:accounts_grant_add")).content.decode()
        assert "Alice (alice@example.org)" in page and "Alice (mallory@example.org)" in page


class TestDoors:
    """Sign-up, settings, admin, action, command and import: one rule."""

    @pytest.mark.parametrize("blank", BLANK)
    def test_none_takes_a_name_that_nobody_sees(self, client, alice, ada, blank, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        form = {
            "email": "eve@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "display_name": blank,
        }
        assert "display_name" in client.post(reverse("account_signup"), form).context["form"].errors
        client.force_login(ada)
        fields = {"email": alice.email, "display_name": blank, "licence": "CC-BY-4.0", "privacy": "open"}
        page = client.post(
            reverse("admin:accounts_user_change", args=[alice.pk]),
            fields | {"role": "contributor", "is_active": "on"},
        )
        assert list(page.context["adminform"].form.errors) == ["display_name"]
        with pytest.raises(ValidationError):
            actions.sign_up(email="eve@example.org", password=PASSWORD, display_name=blank)
        with pytest.raises(CommandError):
            call_command(
                "createsuperuser", interactive=False, email="eve@example.org", display_name=blank, verbosity=0
            )
        assert User.objects.count() == 2
        assert actions.source_account(name=blank).display_name.strip(".\u0301🐟 ") in ("", "A collection")

    def test_it_is_kept_as_it_is_shown(self, client, alice):
        form = {"email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
        client.post(reverse("account_signup"), form | {"display_name": "\u202eevE\u200b  B"})
        assert User.objects.get(email="eve@example.org").display_name == "evE B"
