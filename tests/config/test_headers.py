"""What browsers are told: which powers pages have, and who may put an answer into their own pages."""

import pytest
from django.urls import reverse

from species.models import Photo
from tests import universe

SHARING = "Cross-Origin-Resource-Policy"


@pytest.mark.parametrize(
    ("path", "sharing"),
    [
        ("/", "same-origin"),
        ("/explore", "same-origin"),
        ("/accounts/login/", "same-origin"),
        ("/api/v1/taxa", "same-origin"),
        ("/nothing", "same-origin"),
        ("/static/look/tokens.css", "same-origin"),
        ("/ping", "cross-origin"),
        ("/config", "cross-origin"),
        ("/api/classes", "cross-origin"),
        ("/api/predict", "cross-origin"),
    ],
)
def test_every_answer_says_who_may_take_it_in(client, db, path, sharing):
    answer = client.get(path)
    assert answer[SHARING] == sharing
    powers = dict(each.split("=") for each in answer["Permissions-Policy"].split(", "))
    assert powers["camera"] == powers["geolocation"] == "(self)"
    assert powers["microphone"] == powers["payment"] == powers["usb"] == "()"


def test_other_sites_show_what_everybody_sees_and_no_more(client, alice):
    shown = universe.sighting(alice).photos.get()
    draft = universe.sighting(alice, seed="draft", published=False).photos.get()
    client.force_login(alice)
    for photo, sharing in ((shown, "cross-origin"), (draft, "same-origin")):
        answer = client.get(reverse("photo_rendition", args=[photo.pk, 320]))
        assert (answer.status_code, answer[SHARING]) == (200, sharing)
        assert client.get(reverse("photo_original", args=[photo.pk]))[SHARING] == "same-origin"
    assert Photo.objects.count() == 2
