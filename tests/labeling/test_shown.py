"""What a person was shown of a model's suggestion counts with what they then say, whichever doors lie between."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions import make_token
from labeling import tasks
from labeling.actions import identifications, suggestions
from labeling.models import DIGEST, Identification, ShownSuggestion, digest
from labeling.views import shown
from species.actions import occurrences
from tests import universe
from tests.conftest import PASSWORD
from tests.labeling.browsing import as_person, get, guess, links

NOBODY = "Nobody had the model’s opinion on screen while answering."
ONE = "One person answered with the model’s opinion on screen."


@pytest.fixture
def suggestion(photo, tree):
    return guess(photo, tree, ("chub", 0.9), ("bream", 0.1))


def say(client, occurrence, **more):
    """As the form of the page does, but for what the page says of itself."""
    answer = client.post(
        reverse("identify", args=[occurrence.pk]), {"likely": "chub", "confidence": "likely"} | more
    )
    assert answer.status_code == 302, answer.content
    return Identification.objects.get(withdrawn_at=None)


def verdict(occurrence) -> str:
    """The page's sentences, as a stranger reads them who has said nothing."""
    return get(Client(), "observation", occurrence.observation_id).text


def token(person) -> dict:
    return {"Authorization": f"Token {make_token(user=person, name='program', by=person).secret}"}


def log_in(client, person):
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


class TestSeenOnThePage:
    def test_and_said_there(self, client, occurrence, suggestion, bob):
        get(as_person(client, bob), "observation", occurrence.observation_id)
        assert not ShownSuggestion.objects.exists(), "reading writes nothing"
        said = say(client, occurrence)
        assert (said.suggestion_on_screen, said.model_on_screen) == (suggestion, "resnet34-v7")
        assert ONE in verdict(occurrence) and NOBODY not in verdict(occurrence)

    def test_and_never_seen(self, client, occurrence, suggestion, bob):
        assert say(as_person(client, bob), occurrence).model_on_screen == ""
        assert NOBODY in verdict(occurrence)

    def test_by_a_stranger_who_then_logs_in(self, client, occurrence, suggestion, bob):
        get(client, "observation", occurrence.observation_id)
        log_in(client, bob)
        assert say(client, occurrence).suggestion_on_screen == suggestion

    def test_by_a_stranger_who_then_makes_an_account(self, client, occurrence, suggestion):
        get(client, "observation", occurrence.observation_id)
        person = {"email": "n@example.org", "password1": PASSWORD, "password2": PASSWORD, "display_name": "N"}
        client.post(reverse("account_signup"), person | {"licence": "CC0-1.0"})
        assert say(client, occurrence).suggestion_on_screen == suggestion

    def test_and_said_in_the_room_where_it_is_covered(self, client, occurrence, suggestion, bob):
        get(as_person(client, bob), "observation", occurrence.observation_id)
        page = get(client, "label")
        assert not page.all("input", name="suggestion")[0].get("value")
        client.post(reverse("label"), {"occurrence": occurrence.pk, "likely": "chub", "confidence": "likely"})
        assert Identification.objects.get().suggestion_on_screen == suggestion

    def test_and_said_by_a_program_elsewhere(self, client, occurrence, suggestion, bob):
        """The page tells that it was shown; a program has no cookies of it."""
        page = get(as_person(client, bob), "observation", occurrence.observation_id)
        [told] = {each["hx-post"] for each in page.all("section") if "hx-post" in each}
        assert client.post(told).status_code == 204
        body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
        answer = Client().post("/api/v1/identifications", body, "application/json", headers=token(bob))
        assert answer.json()["model_on_screen"] == "resnet34-v7"

    def test_what_one_saw_is_nobody_elses(self, client, occurrence, suggestion, bob, charlie):
        get(as_person(client, bob), "observation", occurrence.observation_id)
        client.post(reverse("account_logout"))
        log_in(client, charlie)
        assert say(client, occurrence).model_on_screen == ""
        assert say_again(client, bob, occurrence).model_on_screen == "resnet34-v7"

    def test_a_second_photo_of_it(self, client, occurrence, tree, bob):
        second = occurrence.photos.order_by("position").last()
        late = guess(second, tree, ("bream", 0.8))
        as_person(client, bob)
        get(client, "observation", occurrence.observation_id)
        get(client, "observation", occurrence.observation_id, photo=str(second.pk))
        assert say(client, occurrence).suggestion_on_screen == late

    def test_an_older_models_word_and_a_newer_one_live_by_now(
        self, client, occurrence, photo, suggestion, tree, bob
    ):
        get(as_person(client, bob), "observation", occurrence.observation_id)
        guess(photo, tree, ("bream", 0.99), source="resnet34-v8")
        assert say(client, occurrence).model_on_screen == "resnet34-v7"

    def test_of_two_models_the_one_that_stood_on_top(self, client, occurrence, photo, suggestion, tree, bob):
        newer = guess(photo, tree, ("bream", 0.99), source="resnet34-v8")
        get(as_person(client, bob), "observation", occurrence.observation_id)
        assert say(client, occurrence).suggestion_on_screen == newer

    def test_a_guess_at_another_organisms_photo_does_not_stop_a_name(self, client, alice, bob, tree):
        sighting = universe.sighting(alice, seed="two", photos=2)
        first, second = sighting.photos.order_by("position")
        one = sighting.occurrences.get()
        one.occurrence_photos.filter(photo=second).delete()
        other = occurrences.add(observation=sighting, photos=[second], by=alice)
        guess(first, tree, ("chub", 0.9))
        page = get(as_person(client, bob), "observation", sighting.pk)
        hidden = [each.get("value") for each in page.all("input", name="suggestion")]
        assert len(hidden) == 2 and hidden.count(None) + hidden.count("") == 1
        assert say(client, other).model_on_screen == ""
        assert say_again(client, bob, one).model_on_screen == "resnet34-v7"

    def test_taking_it_back_forgets_nothing(self, client, occurrence, suggestion, bob, tree):
        get(as_person(client, bob), "observation", occurrence.observation_id)
        client.post(reverse("withdraw_identification", args=[say(client, occurrence).pk]))
        assert say(client, occurrence, likely="bream").model_on_screen == "resnet34-v7"


def say_again(client, person, occurrence):
    as_person(client, person)
    client.post(reverse("identify", args=[occurrence.pk]), {"likely": "chub", "confidence": "likely"})
    return Identification.objects.get(person=person, occurrence=occurrence, withdrawn_at=None)


class TestInTheRoom:
    def answer(self, client, occurrence):
        client.post(reverse("label"), {"occurrence": occurrence.pk, "likely": "chub", "confidence": "likely"})
        return Identification.objects.get(withdrawn_at=None)

    def test_what_stays_covered_was_not_seen(self, client, occurrence, suggestion, bob):
        get(as_person(client, bob), "label")
        assert self.answer(client, occurrence).model_on_screen == ""
        assert NOBODY in verdict(occurrence)

    def test_shown_anyway_and_answered_from_the_sighting(self, client, occurrence, suggestion, bob):
        page = get(as_person(client, bob), "label")
        [show] = [each for each in links(page) if "show=1" in each]
        client.get(show)
        assert say(client, occurrence).suggestion_on_screen == suggestion
        assert ONE in verdict(occurrence)

    def test_shown_anyway_and_answered_later_without_it(self, client, occurrence, suggestion, bob):
        page = get(as_person(client, bob), "label")
        client.get(next(each for each in links(page) if "show=1" in each))
        get(client, "label")
        assert self.answer(client, occurrence).suggestion_on_screen == suggestion


class TestThroughTheApi:
    def test_a_program_that_keeps_cookies(self, client, occurrence, suggestion, bob):
        headers = token(bob)
        client.get(f"/api/v1/occurrences/{occurrence.pk}", headers=headers)
        body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
        answer = client.post("/api/v1/identifications", body, "application/json", headers=headers)
        assert answer.json()["model_on_screen"] == "resnet34-v7"

    def test_what_was_said_to_be_on_screen_is_known_from_then_on(self, occurrence, suggestion, bob, tree):
        identifications.add(
            occurrence=occurrence, taxon=tree["chub"], by=bob, suggestion_on_screen=suggestion
        )
        said = identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
        assert said.suggestion_on_screen == suggestion


class TestADraft:
    def test_is_named_after_its_page_was_seen(self, client, alice, tree):
        draft = universe.sighting(alice, seed="draft", published=False)
        late = guess(draft.photos.get(), tree, ("chub", 0.9))
        get(as_person(client, alice), "observation", draft.pk)
        form = {"name": "chub", "confidence": "sure", "licence": "CC0-1.0", "privacy": "open", "then": "save"}
        assert client.post(reverse("draft", args=[draft.pk]), form).status_code == 302
        assert Identification.objects.get().suggestion_on_screen == late


class TestTheCookie:
    def test_is_signed_hidden_from_scripts_and_gone_once_it_is_written_down(
        self, client, occurrence, suggestion, bob
    ):
        get(client, "observation", occurrence.observation_id)
        cookie = client.cookies[shown.COOKIE]
        assert cookie["httponly"] and cookie["samesite"] == "Lax"
        log_in(client, bob)
        say(client, occurrence)
        assert not client.cookies[shown.COOKIE].value and ShownSuggestion.objects.count() == 1

    @pytest.mark.parametrize("text", ["", "x", "AAAA.BBBB:signature", "é~", "a.b.c~"])
    def test_another_one_is_none(self, client, occurrence, suggestion, bob, text):
        as_person(client, bob).cookies[shown.COOKIE] = text
        assert say(client, occurrence).model_on_screen == ""

    def test_a_page_without_a_guess_leaves_none(self, client, occurrence):
        get(client, "observation", occurrence.observation_id)
        assert shown.COOKIE not in client.cookies

    @given(
        st.lists(
            st.tuples(st.binary(min_size=8, max_size=8).map(bytes.hex), st.text("v1.~ é王", min_size=1)),
            unique=True,
        )
    )
    def test_says_what_was_put_in(self, seen):
        assert sorted(shown._read(shown._write(seen))) == sorted(seen)
        last = shown._read(shown._write(seen))[-1:]
        assert [each[1] for each in last] == [each[1] for each in seen[-1:]]

    def test_of_too_many_the_oldest_give_way(self):
        seen = [(f"{number:016x}", "resnet34-v7") for number in range(1000)]
        response = HttpResponse()
        shown._carry(response, seen)
        text = response.cookies[shown.COOKIE].OutputString()
        assert len(text) < 4096
        kept = shown._read(response.cookies[shown.COOKIE].value)
        assert len(kept) >= 250 and kept == seen[-len(kept) :]


class TestWhatIsForgotten:
    def test_after_a_month_what_nobody_added(self, alice, bob, tree):
        kept = universe.sighting(alice, seed="kept").photos.get()
        suggestions.show(what=[(digest(kept.sha256), "v1"), ("0" * DIGEST, "v1")], by=bob)
        assert suggestions.forget_unkept() == 0
        assert suggestions.forget_unkept(now=timezone.now() + timedelta(days=31)) == 1
        assert ShownSuggestion.objects.get().photo_digest == digest(kept.sha256)

    def test_the_worker_does_it_once_a_day(self, bob, monkeypatch):
        suggestions.show(what=[("0" * DIGEST, "v1")], by=bob)
        ShownSuggestion.objects.update(created=timezone.now() - timedelta(days=31))
        monkeypatch.setattr(tasks, "_forgot", float("-inf"))
        tasks.forget_what_nobody_kept()
        assert not ShownSuggestion.objects.exists()
        suggestions.show(what=[("0" * DIGEST, "v1")], by=bob)
        ShownSuggestion.objects.update(created=timezone.now() - timedelta(days=31))
        tasks.forget_what_nobody_kept()
        assert ShownSuggestion.objects.exists()


def test_how_it_is_told_once(bob):
    for _ in range(2):
        suggestions.show(what=[("0" * DIGEST, "v1")], by=bob)
    assert ShownSuggestion.objects.count() == 1


SHOWING = [
    "home/answer.html",
    "home/keep.html",
    "labeling/_draft.html",
    "labeling/label.html",
    "labeling/observation.html",
    "labeling/review_item.html",
]


def test_every_template_that_shows_a_guess_is_known():
    """The views of those here say so with `shown.note`; the one of another has to, before it is put here."""
    folder = Path(settings.ROOT) / "templates"
    found = {path for path in folder.rglob("*.html") if "parts/pencil.html" in path.read_text()}
    assert sorted(str(path.relative_to(folder)) for path in found) == SHOWING
