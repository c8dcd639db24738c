"""What is said of an organism is shown, and has its place in lists, with its sighting."""

import pytest
from django.urls import reverse

from labeling.actions import boxes, identifications, rulings
from labeling.models import Box, Identification, Ruling
from labeling.queries.listing import changed_since, visible_to
from species.actions import observations, photos
from species.models import Occurrence
from tests import universe

SAID = (Identification, Box, Ruling)


@pytest.fixture
def said(occurrence, photo, bob, rita, tree) -> list:
    """One of each on Alice's sighting, all of it shown."""
    return [
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob),
        boxes.draw(occurrence=occurrence, photo=photo, x=0.1, y=0.1, width=0.5, height=0.5, by=bob),
        rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="The mouth.", by=rita),
    ]


@pytest.fixture
def elsewhere(bob, rita, tree) -> list:
    """The same on another sighting, which nothing here is about."""
    other = universe.sighting(bob, seed="elsewhere", size=(64, 48)).occurrences.get()
    photo = other.photos.get()
    return [
        identifications.add(occurrence=other, taxon=tree["chub"], by=rita),
        boxes.draw(occurrence=other, photo=photo, x=0.1, y=0.1, width=0.5, height=0.5, by=bob),
        rulings.rule(occurrence=other, taxon=tree["chub"], reason="The mouth.", by=rita),
    ]


def shown(rows) -> list[bool]:
    for each in rows:
        each.refresh_from_db()
    return [each.shown for each in rows]


def hide(occurrence: Occurrence, granted: bool = False) -> None:
    for photo in occurrence.photos.order_by("position"):
        photos.say(photo=photo, purpose="show", granted=granted, by=photo.owner)


def test_said_of_what_is_shown_it_is_shown_from_the_first(said):
    assert shown(said) == [True] * 3
    assert all(each.listed_at >= each.occurrence.listed_at for each in said)


def test_hidden_and_shown_again_it_follows_to_the_end_of_the_list(occurrence, said, elsewhere):
    before = [each.listed_at for each in said]
    hide(occurrence)
    assert shown(said) == [False] * 3 and [each.listed_at for each in said] == before
    assert shown(elsewhere) == [True] * 3
    hide(occurrence, granted=True)
    assert shown(said) == [True] * 3
    occurrence.refresh_from_db()
    assert [each.listed_at for each in said] == [occurrence.listed_at] * 3
    assert [[row.pk for row in model.objects.order_by("listed_at", "id")] for model in SAID] == [
        [there.pk, here.pk] for there, here in zip(elsewhere, said, strict=True)
    ]


def test_taken_back_and_sent_again(alice, occurrence, said):
    observations.take_back(observation=occurrence.observation, by=alice)
    assert shown(said) == [False] * 3
    assert [visible_to(model.objects.all(), None).count() for model in SAID] == [0, 0, 0]
    observations.publish(observation=occurrence.observation, by=alice)
    assert shown(said) == [True] * 3
    occurrence.refresh_from_db()
    assert [each.listed_at for each in said] == [occurrence.listed_at] * 3


def test_said_of_what_is_hidden_it_is_hidden_from_the_first(alice, rita, charlie, tree):
    hidden = universe.sighting(alice, seed="hidden", consents=[], size=(64, 48)).occurrences.get()
    said = [
        identifications.add(occurrence=hidden, taxon=tree["chub"], by=rita),
        boxes.draw(occurrence=hidden, photo=hidden.photos.get(), x=0, y=0, width=1, height=1, by=rita),
        rulings.rule(occurrence=hidden, taxon=tree["chub"], reason="The mouth.", by=rita),
    ]
    assert shown(said) == [False] * 3
    seen = {
        person: [visible_to(model.objects.all(), person).count() for model in SAID]
        for person in (None, charlie, alice, rita)
    }
    assert seen == {None: [0] * 3, charlie: [0] * 3, alice: [1] * 3, rita: [1] * 3}
    hide(hidden, granted=True)
    assert shown(said) == [True] * 3


def test_trust_in_a_source_is_on_no_sighting_and_everybodys_to_read(client, rita, source):
    trust = rulings.trust(source=source, reason="Named in the hand.", by=rita)
    assert shown([trust]) == [True]
    assert [each["id"] for each in client.get(reverse("api-ruling-list")).json()["results"]] == [
        str(trust.pk)
    ]


def test_what_changed_since_a_moment(occurrence, said, elsewhere, rita):
    moment = max(each.listed_at for each in [*said, *elsewhere])
    hide(occurrence)
    hide(occurrence, granted=True)
    rulings.withdraw(ruling=elsewhere[2], by=rita)
    found = [list(changed_since(model.objects.order_by("created"), moment)) for model in SAID]
    assert all(row.changed >= moment for rows in found for row in rows)
    # The last of the others was made at that very moment.
    assert found == [[said[0]], [said[1]], [said[2], elsewhere[2]]]
