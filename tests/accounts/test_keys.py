"""Keys that a person chooses: what goes, what is refused with a sentence, and that nothing typed is lost."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts import actions, keys
from accounts.models import User
from tests.look.pages import Page

ADDRESS = "/accounts/settings/keys/"


def said(**changed: str) -> dict[str, str]:
    """What the page's form sends, nothing or some of it changed."""
    return {action: key.key for action, key in keys.CHANGEABLE.items()} | changed


class TestTheList:
    def test_no_two_do_something_by_one_key(self):
        pressed = [each for key in keys.KEYS for each in key.pressed.split()]
        assert len(pressed) == len(set(pressed))
        assert len({key.action for key in keys.KEYS}) == len(keys.KEYS)

    def test_none_is_the_browsers(self):
        assert keys.changes(said(), "fish") == {}
        for key in keys.CHANGEABLE.values():
            assert not keys._refusal(key.key), key

    def test_a_plus_sign_is_spelt_for_screen_readers(self):
        assert (keys.of({})["in"].aria, keys.of({})["in"].pressed) == ("Plus", "+ =")


class TestChanges:
    def test_only_what_differs_is_kept(self):
        assert keys.changes(said(cannot="T", skip="s"), "fish") == {"cannot": "t"}
        assert keys.of({"cannot": "t"})["cannot"].pressed == "t"

    def test_two_may_be_exchanged(self):
        assert keys.changes(said(box="b", bad_photo="r"), "fish") == {"box": "b", "bad_photo": "r"}

    @pytest.mark.parametrize(
        ("key", "why"),
        [
            ("n", "N is the key of “Not a fish”, too"),
            ("", "Choose a key"),
            (" ", "The space bar belongs to the browser"),
            ("'", "belongs to the browser"),
            ("Tab", "Choose one letter or sign"),
            ("3", "1 to 9 choose a likely name"),
        ],
    )
    def test_what_will_not_do_says_why(self, key, why):
        with pytest.raises(keys.Refused) as refused:
            keys.changes(said(cannot=key), "fish")
        assert why in refused.value.said["cannot"]

    def test_one_that_nobody_changes_is_refused(self):
        for action in ("undo", "nonsense"):
            with pytest.raises(keys.Refused):
                keys.changes({action: "u"}, "fish")

    def test_one_that_came_later_gives_way_to_what_was_chosen_before(self):
        assert keys.of({"cannot": "s"})["skip"].pressed == ""
        assert keys.of({"cannot": "="})["in"].pressed == "+"


class TestThePage:
    def test_everybody_has_their_own_on_every_device(self, client, bob, charlie):
        assert reverse("account_keys") == ADDRESS
        client.force_login(bob)
        answer = client.post(ADDRESS, said(cannot="T") | {"then": "save"})
        assert answer.status_code == 302
        assert User.objects.get(pk=bob.pk).keys == {"cannot": "t"}
        assert User.objects.get(pk=charlie.pk).keys == {}
        page = Page(client.get(ADDRESS).content.decode())
        assert page.all("input", name="cannot")[0]["value"] == "t" and page.faults == []
        assert "some of them as you chose" in client.get(reverse("account_settings")).content.decode()

    def test_a_refusal_keeps_what_was_typed(self, client, bob):
        client.force_login(bob)
        answer = client.post(ADDRESS, said(cannot="n", light="y") | {"then": "save"})
        page = Page(answer.content.decode())
        assert answer.status_code == 400 and "N is the key of “Can’t tell”, too" in page.text
        assert page.all("input", name="light")[0]["value"] == "y"
        assert page.all("input", name="cannot")[0]["aria-invalid"] == "true"
        assert User.objects.get(pk=bob.pk).keys == {}

    def test_back_to_the_ones_we_came_with(self, client, bob):
        actions.set_keys(user=bob, by=bob, said={"cannot": "t"})
        client.force_login(bob)
        assert client.post(ADDRESS, {"then": "restore"}).status_code == 302
        assert User.objects.get(pk=bob.pk).keys == {}

    def test_letters_are_switched_off_and_on(self, client, bob):
        client.force_login(bob)
        for then, on in (("off", False), ("on", True)):
            assert client.post(ADDRESS, {"then": then}).status_code == 302
            assert User.objects.get(pk=bob.pk).keys_on is on
        answer = client.post(ADDRESS, {"then": "off"}, headers={"Accept": "application/json"})
        assert answer.json() == {"on": False}

    def test_nobody_sets_anothers(self, client, bob, charlie, rita, ada):
        for other in (charlie, rita, ada):
            with pytest.raises(PermissionDenied):
                actions.set_keys(user=bob, by=other, said={})
            with pytest.raises(PermissionDenied):
                actions.switch_keys(user=bob, by=other, on=False)
        with pytest.raises(ValidationError):
            actions.set_keys(user=bob, by=bob, said={"cannot": "n"})
        assert client.get(ADDRESS).status_code == 302, "whoever is not logged in"
