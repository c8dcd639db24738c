"""What somebody had seen when they gave a name is on record, through every door, and the page tells it truly."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.actions import make_token
from accounts.models import User
from labeling.actions import identifications, rulings
from labeling.models import Identification, ShownThread
from labeling.presenters import wording
from labeling.views import shown
from species.actions import observations
from tests import universe
from tests.labeling.browsing import as_person, get, guess
from tests.labeling.test_shown import log_in
from tests.problems import refusals

MODEL = "One person answered with the model’s opinion on screen."
NO_MODEL = "Nobody had the model’s opinion on screen while answering."
BLIND = "All of them named it without having seen what others say."
ONE_SAW = "One person named it without having seen what others say; one had seen it."


def by_the_form(client, occurrence):
    form = {"likely": "chub", "confidence": "likely"}
    assert client.post(reverse("identify", args=[occurrence.pk]), form).status_code == 302


def in_the_room(client, occurrence):
    form = {"occurrence": occurrence.pk, "likely": "chub", "confidence": "likely"}
    assert client.post(reverse("label"), form).status_code == 302


def by_a_program(client, occurrence):
    body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
    user = User.objects.get(pk=client.session["_auth_user_id"])
    client.post(reverse("shown"))  # as the page does by itself
    secret = make_token(user=user, name="program", by=user).secret
    headers = {"Authorization": f"Token {secret}"}
    answer = Client().post("/api/v1/identifications", body, "application/json", headers=headers)
    assert answer.status_code == 201, answer.content


def by_agreeing(client, occurrence):
    said = Identification.objects.get(occurrence=occurrence)
    assert client.post(reverse("agree", args=[said.pk])).status_code == 302


def sentences(occurrence) -> str:
    return get(Client(), "observation", occurrence.observation_id).text


@pytest.mark.parametrize("door", [by_the_form, in_the_room, by_a_program])
@pytest.mark.parametrize("others", [True, False])
@pytest.mark.parametrize("model", [True, False])
def test_the_same_name_through_each_door(client, occurrence, photo, tree, alice, bob, model, others, door):
    """Bob reads the page of what Alice has named, or will name; of which a model has said something, or not."""
    if model:
        guess(photo, tree, ("chub", 0.9), ("bream", 0.1))
    if others:
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    get(as_person(client, bob), "observation", occurrence.observation_id)
    if not others:
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    door(client, occurrence)
    said = Identification.objects.get(person=bob)
    assert (said.model_on_screen, said.others_on_screen) == ("resnet34-v7" if model else "", others)
    told = sentences(occurrence)
    assert (MODEL if model else NO_MODEL) in told and (NO_MODEL if model else MODEL) not in told
    assert (ONE_SAW if others else BLIND) in told and (BLIND if others else ONE_SAW) not in told


@pytest.mark.parametrize("model", [True, False])
def test_who_agrees_has_seen_others_whatever_else(client, occurrence, photo, tree, alice, bob, model):
    if model:
        guess(photo, tree, ("chub", 0.9), ("bream", 0.1))
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    as_person(client, bob)
    if model:
        get(client, "observation", occurrence.observation_id)
    by_agreeing(client, occurrence)
    said = Identification.objects.get(person=bob)
    assert (said.model_on_screen, said.others_on_screen) == ("resnet34-v7" if model else "", True)
    assert ONE_SAW in sentences(occurrence)


def test_the_owners_draft_is_named_by_who_has_seen_nobody(client, alice, tree):
    draft = universe.sighting(alice, seed="draft", published=False)
    get(as_person(client, alice), "observation", draft.pk)
    form = {"name": "chub", "confidence": "sure", "licence": "CC0-1.0", "privacy": "open", "then": "save"}
    form["consents"] = "show"
    assert client.post(reverse("draft", args=[draft.pk]), form).status_code == 302
    assert Identification.objects.get().others_on_screen is False
    observations.publish(observation=draft, by=alice)
    assert "One person named it without having seen what others say." in sentences(draft.occurrences.get())


class TestWhatCountsAsSeen:
    def test_ones_own_words_do_not(self, client, occurrence, tree, bob):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
        get(as_person(client, bob), "observation", occurrence.observation_id)
        assert shown.THREADS not in client.cookies
        by_the_form(client, occurrence)
        assert Identification.objects.get(withdrawn_at=None).others_on_screen is False

    def test_not_even_read_before_one_logged_in(self, client, occurrence, tree, bob):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
        get(client, "observation", occurrence.observation_id)
        log_in(client, bob)
        by_the_form(client, occurrence)
        assert ShownThread.objects.get().person == bob
        assert Identification.objects.get(withdrawn_at=None).others_on_screen is False

    def test_others_words_read_before_one_logged_in_do(self, client, occurrence, tree, alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        get(client, "observation", occurrence.observation_id)
        assert not ShownThread.objects.exists(), "reading writes nothing"
        log_in(client, bob)
        by_the_form(client, occurrence)
        assert Identification.objects.get(person=bob).others_on_screen is True

    def test_so_do_names_that_were_taken_back(self, client, occurrence, tree, alice, bob):
        said = identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        identifications.withdraw(identification=said, by=alice)
        get(as_person(client, bob), "observation", occurrence.observation_id)
        by_the_form(client, occurrence)
        assert Identification.objects.get(person=bob).others_on_screen is True

    def test_and_a_ruling(self, client, occurrence, tree, bob, rita):
        rulings.rule(occurrence=occurrence, taxon=tree["bream"], reason="The fins.", by=rita)
        get(as_person(client, bob), "observation", occurrence.observation_id)
        by_the_form(client, occurrence)
        assert Identification.objects.get(person=bob).others_on_screen is True

    def test_what_is_said_of_another_organism_does_not(self, client, occurrence, tree, alice, bob):
        other = universe.sighting(alice, seed="another").occurrences.get()
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        get(as_person(client, bob), "observation", occurrence.observation_id)
        by_the_form(client, other)
        assert Identification.objects.get(person=bob).others_on_screen is False

    def test_the_room_shows_nobodys_names_but_what_one_rejected_oneself(
        self, client, occurrence, tree, alice, bob
    ):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        page = get(as_person(client, bob), "label")
        assert "ream" not in page.text and not page.all("select", name="disagrees_with")
        rejected = {"disagrees_with": tree["bream"], "note": "Its mouth."}
        said = identifications.add(occurrence=occurrence, taxon=tree["leuciscidae"], by=bob, **rejected)
        page = get(client, "label", occurrence=occurrence.pk)
        [chosen] = page.all("option", value=str(tree["bream"].pk))
        assert "selected" in chosen
        identifications.withdraw(identification=said, by=bob)
        form = {"occurrence": occurrence.pk, "name": "Leuciscidae", "confidence": "likely"}
        form["disagrees_with"] = str(tree["bream"].pk)
        assert client.post(reverse("label"), form).status_code == 302
        again = Identification.objects.get(person=bob, withdrawn_at=None)
        assert again.disagrees_with == tree["bream"] and again.others_on_screen is True

    def test_what_the_room_says_happened_meanwhile(self, client, occurrence, tree, alice, bob, charlie):
        as_person(client, charlie)
        for person in (alice, bob):
            identifications.add(occurrence=occurrence, taxon=tree["bream"], by=person)
        form = {"occurrence": occurrence.pk, "likely": "chub", "confidence": "likely"}
        answer = client.post(reverse("label"), form)
        assert answer.status_code == 409 and "bream" in answer.content.decode()
        occurrence.refresh_from_db()
        seen = f"verified {occurrence.agreed_taxon_id}"
        assert client.post(reverse("label"), form | {"seen": seen}).status_code == 302
        assert Identification.objects.get(person=charlie).others_on_screen is True

    def test_once_seen_it_is_always_seen(self, client, occurrence, tree, alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        get(as_person(client, bob), "observation", occurrence.observation_id)
        by_the_form(client, occurrence)
        identifications.withdraw(identification=Identification.objects.get(person=bob), by=bob)
        again = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        assert again.others_on_screen is True

    def test_an_import_knows_nothing_of_it(self, occurrence, tree, source, rita):
        [said] = identifications.add_imported(occurrence=occurrence, said={source: tree["chub"]}, by=rita)
        assert said.others_on_screen is None
        told = sentences(occurrence)
        assert "Whether they had seen what others say when they named it is not known." in told


class TestThroughTheApi:
    READ = [
        "occurrences/{}",
        "identifications?occurrence={}",
        "identifications/{said}",
        "rulings?occurrence={}",
    ]

    @pytest.mark.parametrize("path", READ)
    def test_a_program_that_keeps_cookies(self, client, occurrence, tree, alice, bob, rita, path):
        said = identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        rulings.rule(occurrence=occurrence, taxon=tree["bream"], reason="The fins.", by=rita)
        headers = {"Authorization": f"Token {make_token(user=bob, name='x', by=bob).secret}"}
        asked = "/api/v1/" + path.format(occurrence.pk, said=said.pk)
        assert client.get(asked, headers=headers).status_code == 200
        assert not ShownThread.objects.exists()
        body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
        answer = client.post("/api/v1/identifications", body, "application/json", headers=headers)
        assert answer.json()["others_on_screen"] is True

    @pytest.mark.parametrize("path", [*READ[:2], READ[3]])
    def test_that_read_before_anybody_spoke(self, client, occurrence, bob, path):
        headers = {"Authorization": f"Token {make_token(user=bob, name='x', by=bob).secret}"}
        client.get("/api/v1/" + path.format(occurrence.pk), headers=headers)
        body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
        answer = client.post("/api/v1/identifications", body, "application/json", headers=headers)
        assert answer.json()["others_on_screen"] is False

    def test_one_that_keeps_none_says_so(self, occurrence, bob):
        headers = {"Authorization": f"Token {make_token(user=bob, name='x', by=bob).secret}"}
        body = {"occurrence": str(occurrence.pk), "taxon": "chub", "others_on_screen": True}
        answer = Client().post("/api/v1/identifications", body, "application/json", headers=headers)
        assert answer.json()["others_on_screen"] is True
        body["others_on_screen"] = "perhaps"
        answer = Client().post("/api/v1/identifications", body, "application/json", headers=headers)
        assert "others_on_screen" in refusals(answer)


@pytest.mark.parametrize(
    ("on_screen", "text"),
    [
        ([False], "One person named it without having seen what others say."),
        ([False] * 3, "All of them named it without having seen what others say."),
        ([True], "Nobody named it without having seen what others say."),
        ([True, True, False], "One person named it without having seen what others say; two had seen it."),
        ([False, None], "One person named it without having seen what others say; of one it is not known."),
        (
            [False, True, None],
            "One person named it without having seen what others say; one had seen it; of one it is not known.",
        ),
        ([None, True], "Nobody named it without having seen what others say; of one it is not known."),
        ([None], "Whether they had seen what others say when they named it is not known."),
    ],
)
def test_the_sentence(on_screen, text):
    said, warn = wording.blind(on_screen)
    assert said == text and warn == (set(on_screen) != {False})


def test_a_blind_answer_and_one_that_is_not_weigh_the_same(occurrence, tree, alice, bob):
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob, others_on_screen=True)
    occurrence.refresh_from_db()
    before = occurrence.verdict.explanation
    identifications.withdraw(identification=said, by=bob)
    ShownThread.objects.all().delete()
    assert identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob).others_on_screen is False
    occurrence.verdict.refresh_from_db()
    assert occurrence.verdict.explanation == before


def test_too_many_organisms_for_a_cookie_leave_the_models_words_alone():
    seen = [(f"{number:032x}", "") for number in range(500)]
    response = HttpResponse()
    shown._carry(response, seen, shown.THREADS)
    text = response.cookies[shown.THREADS]
    kept = shown._read(text.value)
    assert len(text.OutputString()) < 2600 and len(kept) >= 90 and kept == seen[-len(kept) :]
