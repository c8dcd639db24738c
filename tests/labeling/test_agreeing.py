"""Agreeing with what somebody else says, in one press."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from labeling.actions import identifications
from labeling.models import Identification
from tests import universe
from tests.conftest import person
from tests.labeling.browsing import PEOPLE, as_person, get


@pytest.fixture
def said(occurrence, tree, bob) -> Identification:
    return identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=bob, note="Red spots.")


def buttons(page) -> list[str]:
    return [each["aria-label"] for each in page.all("button") if "Agree" in each.get("aria-label", "")]


def test_one_press_says_the_same_and_nothing_else_that_they_said(client, said, alice):
    page = get(as_person(client, alice), "observation", said.occurrence.observation_id)
    assert buttons(page) == ["Agree: brown trout"]
    answer = client.post(reverse("agree", args=[said.pk]))
    assert answer.url.endswith(f"#o-{said.occurrence_id}")
    own = Identification.objects.get(person=alice)
    assert (own.taxon, own.note, own.others_on_screen) == (said.taxon, "", True)
    said.occurrence.refresh_from_db()
    assert said.occurrence.status == "verified"


def test_it_is_undone_like_every_name(client, said, charlie):
    as_person(client, charlie).post(reverse("agree", args=[said.pk]))
    own = Identification.objects.get(person=charlie)
    page = get(client, "observation", said.occurrence.observation_id)
    assert reverse("withdraw_identification", args=[own.pk]) in [
        each.get("action") for each in page.all("form")
    ]
    client.post(reverse("withdraw_identification", args=[own.pk]))
    assert Identification.objects.get(withdrawn_at=None) == said


def test_pressed_twice_it_is_one(client, said, charlie):
    for _ in range(2):
        as_person(client, charlie).post(reverse("agree", args=[said.pk]))
    assert Identification.objects.filter(person=charlie).count() == 1


def test_there_is_no_button_beside_ones_own_nor_beside_what_one_says_too(client, said, tree, bob, charlie):
    identifications.add(occurrence=said.occurrence, taxon=tree["chub"], by=charlie)
    there = ("observation", said.occurrence.observation_id)
    assert buttons(get(as_person(client, bob), *there)) == ["Agree: chub"]
    identifications.add(occurrence=said.occurrence, taxon=tree["chub"], by=bob)
    assert buttons(get(as_person(client, bob), *there)) == []
    assert buttons(get(as_person(client, None), *there)) == []


def test_there_is_one_for_each_name_however_many_say_it(client, said, tree, alice, charlie):
    identifications.add(occurrence=said.occurrence, taxon=tree["brown_trout"], by=charlie)
    for name in ("Dora", "Emil"):
        identifications.add(occurrence=said.occurrence, taxon=tree["chub"], by=person(name))
    there = ("observation", said.occurrence.observation_id)
    assert buttons(get(as_person(client, alice), *there)) == ["Agree: brown trout", "Agree: chub"]
    # Who said it first takes it back: the next one who says so has it.
    identifications.withdraw(identification=said, by=said.person)
    page = get(client, *there)
    assert buttons(page) == ["Agree: brown trout", "Agree: chub"]
    assert reverse("agree", args=[said.pk]) not in [each.get("action") for each in page.all("form")]


def test_nor_beside_what_was_taken_back(client, said, bob, charlie):
    identifications.withdraw(identification=said, by=bob)
    page = get(as_person(client, charlie), "observation", said.occurrence.observation_id)
    assert buttons(page) == []
    answer = client.post(reverse("agree", args=[said.pk]), follow=True)
    assert "They have taken that back meanwhile." in answer.content.decode()
    assert not Identification.objects.filter(person=charlie).exists()


def test_of_a_name_that_became_another_the_present_one_is_meant(said, tree, charlie):
    Identification.objects.filter(pk=said.pk).update(taxon=tree["salmo_fario"])
    said.refresh_from_db()
    assert identifications.agree(identification=said, by=charlie).taxon == tree["brown_trout"]


def test_nobody_agrees_with_themselves(said, bob):
    with pytest.raises(ValidationError):
        identifications.agree(identification=said, by=bob)


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may(client, occurrence, tree, alice, colleague, charlie, rita, ada, who):
    people = dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))
    said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person("Dora"))
    answer = as_person(client, people[who]).post(reverse("agree", args=[said.pk]))
    assert answer.status_code == 302
    assert Identification.objects.count() == (1 if who == "anonymous" else 2)
    universe.take_everything_back()
    hidden = as_person(client, people[who]).post(reverse("agree", args=[said.pk]))
    assert hidden.status_code == (302 if who in ("owner", "anonymous") else 404)


def test_who_was_shut_out_agrees_with_nobody(said, charlie):
    charlie.is_active = False
    charlie.save()
    with pytest.raises(PermissionDenied):
        identifications.agree(identification=said, by=charlie)
