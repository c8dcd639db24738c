"""Keeping a photo that was asked about: with its name or without, across sign-up, all of it or nothing."""

from hashlib import sha256

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import User
from home import kept_uploads
from home.kept_uploads import Held
from home.views.keep import receive
from labeling.models import Identification, ShownSuggestion, Suggestion
from species import ingest
from species.images.decoder import TRY_AGAIN
from species.models import Observation, Occurrence, Photo
from tests.home.killed import killed_at
from tests.home.test_home import show, token_of
from tests.look.pages import Page, one_line
from tests.ml.folder import colour_photo

BROWN = colour_photo("brown_trout")
PASSWORD = "a trout in the reeds"


def said(source: str = "resnet34-v7") -> dict:
    return {
        "source": source,
        "dataset_hash": "ab" * 32,
        "answers": [{"label": "brown_trout", "probability": 0.9}],
        "taxon": None,
        "uncertainty": 0.1,
        "tree_version": "",
    }


def hold(**more) -> str:
    return kept_uploads.hold(BROWN, address="192.0.2.1", **more)


def test_keeping_makes_a_draft_with_the_askers_own_name_for_it(client, live, tree, alice):
    client.force_login(alice)
    token = token_of(show(client, BROWN))
    response = client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
    assert response.status_code == 302
    observation = Observation.objects.get()
    assert (observation.observer, observation.state) == (alice, "draft")
    identification = Identification.objects.get()
    assert (identification.person, identification.taxon.label) == (alice, "brown_trout")
    assert identification.model_on_screen == live.name
    assert identification.suggestion_on_screen.photo.owner == alice
    assert identification.suggestion_on_screen.answers[0]["label"] == "brown_trout"
    assert Photo.objects.get().file_name == "x.png"
    assert kept_uploads.held(token) is None


def test_what_was_said_of_one_photo_is_not_written_down_for_another(client, live, tree, alice):
    client.force_login(alice)
    show(client, colour_photo("rainbow_trout"))
    client.post(reverse("keep", args=[token_of(show(client, BROWN))]), {"label": "brown_trout"})
    [suggestion] = Suggestion.objects.all()
    assert suggestion.photo.sha256 == sha256(BROWN).hexdigest()
    assert suggestion.answers[0]["label"] == "brown_trout"


def test_keeping_without_a_name_keeps_the_photo_and_what_the_model_said(client, live, tree, alice):
    client.force_login(alice)
    token = token_of(show(client, BROWN))
    client.post(reverse("keep", args=[token]), {"label": ""})
    assert Photo.objects.get().owner == alice
    assert not Identification.objects.exists()
    assert Suggestion.objects.get().source == live.name == ShownSuggestion.objects.get().source


@pytest.mark.parametrize("name", ["brown_trout", "Brown Trout", "S. trutta", "salmo-trutta"])
def test_a_name_may_be_typed_in_any_spelling(client, tree, alice, name):
    client.force_login(alice)
    client.post(reverse("keep", args=[hold()]), {"label": name})
    assert Identification.objects.get().taxon == tree["brown_trout"]


@pytest.mark.parametrize("name", ["unicorn", "brown\0trout"])
def test_an_unknown_name_keeps_nothing_and_loses_nothing(client, live, tree, alice, name):
    client.force_login(alice)
    token = token_of(show(client, BROWN))
    answer = client.post(reverse("keep", args=[token]), {"label": name})
    page = Page(answer.content.decode())
    assert answer.status_code == 400 and not page.faults
    assert page.all("input", name="label")[0].get("aria-invalid") == "true"
    assert not Photo.objects.exists()
    assert kept_uploads.held(token) is not None


def test_pressed_twice_it_is_one_photo_and_one_name(tree, alice):
    for _ in range(2):
        receive(Held(BROWN, "x.png", said()), tree["brown_trout"], alice)
    assert Photo.objects.count() == Occurrence.objects.count() == Identification.objects.count() == 1
    assert Identification.objects.get().withdrawn_at is None


def test_a_photo_that_was_here_already_gets_the_name(client, tree, alice):
    photo = ingest.receive(data=BROWN, owner=alice).photo
    client.force_login(alice)
    client.post(reverse("keep", args=[hold(said=said())]), {"label": "chub"})
    identification = Identification.objects.get()
    assert Photo.objects.get() == photo and identification.occurrence.photos.get() == photo
    assert identification.model_on_screen == "resnet34-v7"


def test_keeping_more_than_a_day_takes_loses_nothing(client, live, tree, settings, alice):
    client.force_login(alice)
    token = token_of(show(client, BROWN))
    settings.UPLOAD_BYTES_PER_DAY = 10
    answer = client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert "One person may add 10 bytes a day" in answer.content.decode()
    assert kept_uploads.held(token) is not None and not Photo.objects.exists()


def test_while_no_photo_can_be_opened_what_is_held_is_not_lost(client, live, tree, alice, no_decoder):
    token = hold(said=said())
    answer = client.get(reverse("held_photo", args=[token]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert answer.content.decode() == TRY_AGAIN
    client.force_login(alice)
    answer = client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    page = Page(answer.content.decode())
    assert TRY_AGAIN in page.text and not page.faults
    assert page.all("input", name="label")[0]["value"] == "brown_trout"
    assert kept_uploads.held(token) is not None and not Photo.objects.exists()


class TestSignUpOnTheWay:
    def test_photo_name_and_file_name_come_along_and_why_is_said(self, client, live, tree):
        token = token_of(show(client, BROWN))
        asked = client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
        assert asked["Location"].startswith(reverse("account_signup")) and not Photo.objects.exists()
        page = client.get(asked["Location"])
        assert "Make an account, and this one is yours" in one_line(page)
        person = {
            "email": "new@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "display_name": "New",
        }
        back = client.post(asked["Location"], person | {"licence": "CC0-1.0"}, follow=True)
        page = Page(back.content.decode())
        assert "Keep this photo?" in page.text and not page.faults
        assert "Successfully signed in" not in page.text
        assert page.all("input", name="label")[0]["value"] == "Brown trout"
        assert "x.png" in page.text and live.name in page.text
        assert not Photo.objects.exists(), "following a link keeps nothing"
        client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
        identification = Identification.objects.get()
        assert identification.person == User.objects.get(email="new@example.org")
        assert identification.model_on_screen == live.name
        assert Photo.objects.get().file_name == "x.png"

    def test_who_comes_back_by_another_way_finds_it_on_the_home_page(self, client, live, tree, charlie):
        """As after a mail whose link opens the site and not the page that asked for an account."""
        token = token_of(show(client, BROWN))
        client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
        assert "is still here" not in one_line(client.get(reverse("home")))
        client.post(reverse("account_login"), {"login": "charlie@example.org", "password": PASSWORD})
        page = client.get(reverse("home"))
        assert "The photo you showed us is still here." in one_line(page)
        address = page.context["waiting"]
        assert (
            Page(client.get(address).content.decode()).all("input", name="label")[0]["value"] == "Brown trout"
        )
        client.post(reverse("keep", args=[token]), {"label": "brown_trout"})
        assert "is still here" not in one_line(client.get(reverse("home")))

    def test_one_message_at_a_time(self, client, live, tree, charlie):
        token = token_of(show(client, BROWN))
        asked = client.post(reverse("keep", args=[token]))
        client.get(asked["Location"])
        login = {"login": "charlie@example.org", "password": PASSWORD, "next": reverse("keep", args=[token])}
        answer = client.post(reverse("account_login"), login, follow=True)
        assert not [str(each) for each in get_messages(answer.wsgi_request)]


def test_after_the_hour_the_photo_is_forgotten(client, live, tree, settings, alice):
    token = token_of(show(client, BROWN))
    settings.HOLD_SECONDS = -1
    kept_uploads.forget_old()
    assert kept_uploads.held(token) is None
    client.force_login(alice)
    response = client.post(reverse("keep", args=[token]), {"label": ""}, follow=True)
    assert "forgotten" in response.content.decode()
    assert client.get(reverse("held_photo", args=[token])).status_code == 404


@pytest.mark.parametrize("token", ["../../secret", "x" * 36, ""])
def test_a_token_is_no_path(token):
    assert kept_uploads.held(token) is None and not kept_uploads.is_held(token)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", [1, 12, 24])
def test_killed_it_leaves_photo_and_name_or_neither(tree, alice, settings, statement):
    """One process per strike, each killed before another statement; all of them: tests/chaos/test_keeping.py."""
    assert killed_at(statement, owner=alice, taxon=tree["brown_trout"], said=said())
    photos, names = Photo.objects.count(), Identification.objects.count()
    assert photos == names == Suggestion.objects.count() == Occurrence.objects.count() == 0
