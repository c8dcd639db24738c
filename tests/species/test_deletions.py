"""What was public and is so no longer, told to whoever keeps a copy."""

import random

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from species.actions import observations, partings, photos, published
from species.models import Deletion, Edit, Observation
from tests import universe
from tests.labeling.browsing import queries

PEOPLE = ["alice", "bob", "charlie", "rita", "ada", None]


def walk(name: str, **query) -> dict[str, dict]:
    """Every row of a list by its id, as somebody reads them who is not logged in."""
    found, address = {}, reverse(f"api-{name}-list", query={"page_size": 5} | query)
    while address:
        answer = APIClient().get(address).json()
        found |= {each["id"]: each for each in answer["results"]}
        address = answer["next"]
    return found


def gone() -> set[tuple[str, str]]:
    return {(each["kind"], each["id"]) for each in walk("deletion").values()}


@pytest.fixture
def sighting(alice) -> Observation:
    return universe.sighting(alice, seed="gone", photos=2)


def everything(sighting) -> set[tuple[str, str]]:
    return {
        ("observation", str(sighting.pk)),
        *(("occurrence", str(each.pk)) for each in sighting.occurrences.all()),
        *(("photo", str(each.pk)) for each in sighting.photos.all()),
    }


def test_a_draft_was_never_there(alice):
    draft = universe.sighting(alice, seed="draft", published=False)
    observations.set_aside(observation=draft, by=alice)
    assert gone() == set()


def test_deleted_and_had_back(sighting, alice):
    before = everything(sighting)
    published.withdraw(observation=sighting, by=alice)
    assert gone() == before
    published.restore(observation=sighting, by=alice)
    assert gone() == set()


def test_taken_back_as_a_draft(sighting, alice):
    observations.take_back(observation=sighting, by=alice)
    assert gone() == everything(sighting)


def test_shown_to_nobody_and_to_everybody_again(sighting, alice):
    one, other = sighting.photos.all()
    photos.say(photo=one, purpose="show", granted=False, by=alice)
    assert gone() == {("photo", str(one.pk))}
    photos.say(photo=other, purpose="show", granted=False, by=alice)
    assert gone() == everything(sighting)
    photos.say(photo=other, purpose="show", granted=True, by=alice)
    assert gone() == {("photo", str(one.pk))}


def test_a_photo_taken_out_is_gone_alone_and_comes_back(sighting, alice):
    photo = sighting.photos.last()
    partings.remove(photo=photo, by=alice)
    assert gone() == {("photo", str(photo.pk))}
    published.undo(edit=Edit.objects.get(), by=alice)
    assert gone() == set()


def test_what_was_split_off_is_gone_when_it_goes_back(sighting, alice):
    new = partings.split(photo=sighting.photos.last(), by=alice)
    assert gone() == set()
    made = everything(new) - {("photo", str(new.photos.get().pk))}
    published.undo(edit=sighting.edits.get(), by=alice)
    assert gone() == made


def test_erased_for_good(sighting, alice, ada):
    photo = sighting.photos.last()
    photos.erase(photo=photo, by=ada)
    assert gone() == {("photo", str(photo.pk))}


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_reads_the_same(client, request, who, sighting, alice):
    published.withdraw(observation=sighting, by=alice)
    if who:
        client.force_login(request.getfixturevalue(who))
    rows = client.get(reverse("api-deletion-list")).json()["results"]
    assert [set(each) for each in rows] == [{"id", "kind", "gone"}] * 4


def test_of_a_kind_and_since_a_moment(client, sighting, alice):
    published.withdraw(observation=sighting, by=alice)
    address, now = reverse("api-deletion-list"), timezone.now()
    assert [each["kind"] for each in client.get(address, {"kind": "observation"}).json()["results"]] == [
        "observation"
    ]
    assert client.get(address, {"gone_since": now.isoformat()}).json()["results"] == []
    assert len(client.get(address, {"gone_since": sighting.published_at.isoformat()}).json()["results"]) == 4
    assert client.get(address, {"gone_since": "yesterday"}).status_code == 400
    assert client.get(address, {"kind": "person"}).status_code == 400


def test_many_ask_no_more_than_few(client, sighting, alice):
    published.withdraw(observation=sighting, by=alice)
    one = queries(client, reverse("api-deletion-list"))
    for number in range(3):
        published.withdraw(observation=universe.sighting(alice, seed=f"more {number}"), by=alice)
    assert queries(client, reverse("api-deletion-list")) == one <= 3


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_that_follows_is_the_library(seed, alice, ada):
    """Whatever is hidden, shown, deleted, had back, split and undone between two walks."""
    chance = random.Random(seed)
    sightings = [universe.sighting(alice, seed=f"{seed} {number}", photos=3) for number in range(4)]
    copy, since = walk("observation"), timezone.now()
    for _ in range(8):
        before = timezone.now()
        for _ in range(chance.randrange(1, 4)):
            act(chance, chance.choice(sightings), alice)
        copy |= walk("observation", updated_since=since.isoformat())
        for each in walk("deletion", gone_since=since.isoformat(), kind="observation"):
            copy.pop(each, None)
        since = before
        fresh = walk("observation")
        assert {id: each["updated"] for id, each in copy.items()} == {
            id: each["updated"] for id, each in fresh.items()
        }
        shown = {("observation", id) for id in fresh}
        assert not shown & gone()
        assert Deletion.objects.filter(kind="observation").count() == len(gone() & of_kind("observation"))


def of_kind(kind: str) -> set[tuple[str, str]]:
    return {each for each in gone() if each[0] == kind}


def act(chance: random.Random, sighting: Observation, alice) -> None:
    sighting.refresh_from_db()
    kept = list(sighting.photos.all())
    if sighting.state == "withdrawn":
        published.restore(observation=sighting, by=alice)
    elif sighting.state == "draft":
        observations.publish(observation=sighting, by=alice)
    else:
        what = chance.choice(["delete", "take back", "hide", "hide", "remove", "split", "undo"])
        if what == "delete":
            published.withdraw(observation=sighting, by=alice)
        elif what == "take back":
            observations.take_back(observation=sighting, by=alice)
        elif what == "hide":
            granted = chance.random() < 0.5
            photos.say(photo=chance.choice(kept), purpose="show", granted=granted, by=alice)
        elif what == "remove" and len(kept) > 1:
            partings.remove(photo=chance.choice(kept), by=alice)
        elif what == "split" and len(kept) > 1:
            partings.split(photo=chance.choice(kept), by=alice)
        elif what == "undo" and (edit := sighting.edits.last()) and "photos" in edit.before:
            published.undo(edit=edit, by=alice)
