"""A model's answer on the home page counts with what is said of that photo, whichever way it came in."""

from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import make_token
from home.presenters import samples
from labeling.actions import identifications, rulings
from labeling.actions.suggestions import suggest
from labeling.models import Identification, ShownSuggestion, digest
from species.actions import observations
from species.models import Observation, Occurrence, Photo
from tests import universe
from tests.home.test_home import show, token_of
from tests.home.test_keep import BROWN, PASSWORD, hold
from tests.look.pages import Page, one_line

NOBODY = "Nobody had the model’s opinion on screen while answering."
ONE = "One person answered with the model’s opinion on screen."
DRAFT = {"confidence": "sure", "licence": "CC0-1.0", "privacy": "open", "consents": ["show", "research"]}


def authorised(person) -> dict:
    return {"Authorization": f"Token {make_token(user=person, name='program', by=person).secret}"}


def in_the_draft(client, **more):
    draft = Observation.objects.get()
    answer = client.post(reverse("draft", args=[draft.pk]), DRAFT | {"name": "chub", "then": "send"} | more)
    assert answer.status_code == 302
    return Identification.objects.get(withdrawn_at=None)


def sentence() -> str:
    answer = Client().get(reverse("observation", args=[Observation.objects.get().pk]))
    return Page(answer.content.decode()).text


@pytest.fixture
def kept(client, live, tree, alice):
    """Alice has asked about a photo and kept it without a name."""
    client.force_login(alice)
    client.post(reverse("keep", args=[token_of(show(client, BROWN))]), {"label": ""})
    return Photo.objects.get()


def test_kept_without_a_name_and_named_in_the_draft(client, kept, live):
    said = in_the_draft(client)
    assert said.model_on_screen == live.name and said.suggestion_on_screen.photo == kept
    assert ONE in sentence() and NOBODY not in sentence()


def test_kept_without_a_name_and_named_by_a_program(client, kept, live, alice):
    observations.publish(observation=kept.observation, by=alice)
    body = {"occurrence": str(Occurrence.objects.get().pk), "taxon": "chub"}
    answer = Client().post("/api/v1/identifications", body, "application/json", headers=authorised(alice))
    assert answer.json()["model_on_screen"] == live.name


def test_kept_without_a_name_and_named_on_its_page(client, kept, live, alice):
    observations.publish(observation=kept.observation, by=alice)
    address = reverse("identify", args=[Occurrence.objects.get().pk])
    Client().force_login(alice)
    client.post(address, {"likely": "", "name": "chub", "confidence": "likely"})
    assert Identification.objects.get().model_on_screen == live.name


def test_asked_by_a_stranger_kept_with_an_account_named_in_the_draft(client, live, tree):
    token = token_of(show(client, BROWN))
    asked = client.post(reverse("keep", args=[token]))
    person = {"email": "n@example.org", "password1": PASSWORD, "password2": PASSWORD, "display_name": "N"}
    client.post(asked["Location"], person | {"licence": "CC0-1.0"})
    client.post(reverse("keep", args=[token]), {"label": ""})
    assert in_the_draft(client).model_on_screen == live.name
    assert ONE in sentence() and NOBODY not in sentence()


def test_the_keep_page_opened_elsewhere_counts_too(client, live, tree, alice):
    """The address alone went to another device, whose browser knows nothing of the answer."""
    token = token_of(show(client, BROWN))
    other = Client()
    other.force_login(alice)
    assert live.name in one_line(other.get(reverse("keep", args=[token])))
    other.post(reverse("keep", args=[token]), {"label": "chub"})
    assert Identification.objects.get().model_on_screen == live.name


@pytest.mark.parametrize("asked_as", ["stranger", "alice"])
def test_asked_and_then_added_on_the_upload_page(client, live, tree, alice, asked_as):
    if asked_as == "alice":
        client.force_login(alice)
    show(client, BROWN)
    if asked_as == "stranger":
        client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    client.post(reverse("upload"), {"photos": [SimpleUploadedFile("x.png", BROWN)]})
    said = in_the_draft(client)
    assert said.model_on_screen == live.name and said.suggestion_on_screen is None
    assert ONE in sentence() and NOBODY not in sentence()


def test_asked_by_a_program_that_adds_the_photo_afterwards(live, tree, alice):
    client, headers = Client(), authorised(alice)
    file = {"file": SimpleUploadedFile("x.png", BROWN)}
    assert client.post("/api/v1/predictions", file, headers=headers).status_code == 200
    assert ShownSuggestion.objects.get().photo_digest == digest(sha256(BROWN).hexdigest())
    client = Client()
    client.force_login(alice)
    client.post(reverse("upload"), {"photos": [SimpleUploadedFile("x.png", BROWN)]})
    assert in_the_draft(client).model_on_screen == live.name


@pytest.mark.parametrize("method", ["get", "post"])
def test_asked_about_by_its_address(client, live, tree, alice, bob, method):
    photo = universe.sighting(alice).photos.get()
    client.force_login(bob)
    url = reverse("photo_rendition", args=[photo.pk, 1008])
    getattr(client, method)(reverse("home"), {"url": url})
    address = reverse("identify", args=[Occurrence.objects.get().pk])
    client.post(address, {"likely": "chub", "confidence": "likely"})
    assert Identification.objects.get().model_on_screen == live.name
    assert ONE in sentence() and NOBODY not in sentence()


def test_asked_about_another_photo(client, live, tree, alice, bob):
    universe.sighting(alice)
    client.force_login(bob)
    show(client, BROWN)
    client.post(
        reverse("identify", args=[Occurrence.objects.get().pk]), {"likely": "chub", "confidence": "likely"}
    )
    assert Identification.objects.get().model_on_screen == ""
    assert NOBODY in sentence()


def test_a_photo_that_no_model_was_asked_about(client, tree, alice):
    client.force_login(alice)
    client.post(reverse("keep", args=[hold()]), {"label": "chub"})
    assert Identification.objects.get().model_on_screen == ""


def test_the_sample_that_the_page_opens_with(client, live, tree, alice, bob, rita, monkeypatch):
    photo = universe.sighting(alice).photos.get()
    occurrence = Occurrence.objects.get()
    rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="Seen.", by=rita)
    suggest(
        photo=photo,
        source=live.name,
        answers=[{"label": "chub", "probability": 0.9}],
        taxon=tree["chub"],
        uncertainty=0.1,
    )
    monkeypatch.setattr(samples, "site", lambda: {"sampleImages": [{"name": "A chub", "taxon": "chub"}]})
    client.force_login(bob)
    assert live.name in one_line(client.get(reverse("home")))
    client.post(reverse("identify", args=[occurrence.pk]), {"likely": "chub", "confidence": "likely"})
    assert Identification.objects.get().model_on_screen == live.name


def test_who_keeps_a_photo_has_seen_nobody_elses_name(client, kept, bob, tree):
    """Neither at home, nor in the draft; who has read what others say of it since has."""
    said = in_the_draft(client)
    assert said.others_on_screen is False
    assert "One person named it without having seen what others say." in sentence()
    identifications.add(occurrence=said.occurrence, taxon=tree["bream"], by=bob)
    client.get(reverse("observation", args=[kept.observation_id]))
    client.post(reverse("identify", args=[said.occurrence_id]), {"likely": "chub", "confidence": "sure"})
    again = Identification.objects.get(person=said.person, withdrawn_at=None)
    assert again.others_on_screen is True and again.model_on_screen == said.model_on_screen
    assert "one had seen it" in sentence()
