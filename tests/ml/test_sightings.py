"""In what the photos of a sighting are used."""

import pytest
from django.urls import reverse

from ml.actions import promotions
from research.models import DatasetPhoto
from species.actions import photos as photo_actions
from tests import universe
from tests.labeling.browsing import as_person, get, links, queries

PEOPLE = ["alice", "bob", "charlie", "rita", "ada", None]


@pytest.fixture
def sighting(alice):
    return universe.sighting(alice, seed="used", photos=2, consents=["show", "research", "train"])


def put(dataset, sighting, *sides):
    for photo, side in zip(sighting.photos.order_by("position"), sides, strict=True):
        DatasetPhoto.objects.create(dataset=dataset, photo=photo, side=side)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_who_sees_it_reads_the_same(client, request, who, live, dataset, sighting):
    put(dataset, sighting, "train", "train")
    reader = as_person(client, who and request.getfixturevalue(who))
    assert reverse("sighting_uses", args=[sighting.pk]) in links(get(reader, "observation", sighting.pk))
    page = get(reader, "sighting_uses", sighting.pk)
    assert {reverse("dataset", args=[dataset.pk]), reverse("model", args=[live.pk])} <= set(links(page))


@pytest.mark.parametrize("who", PEOPLE)
def test_a_draft_is_its_owners_alone(client, request, who, alice):
    draft = universe.sighting(alice, seed="draft", published=False)
    get(
        as_person(client, who and request.getfixturevalue(who)),
        "sighting_uses",
        draft.pk,
        expect=200 if who == "alice" else 404,
    )


@pytest.mark.parametrize(
    ("side", "did"),
    [("train", "learned from it"), ("test", "was tried on it"), ("validation", "was tried on it")],
)
def test_what_a_model_did_with_it(client, make_model, dataset, sighting, ada, side, did):
    put(dataset, sighting, side, side)
    go_live(make_model, ada)
    assert did in get(client, "sighting_uses", sighting.pk).text


def test_a_model_learned_from_none_that_its_owner_kept_from_it(
    client, make_model, dataset, sighting, alice, ada
):
    put(dataset, sighting, "train", "train")
    for photo in sighting.photos.all():
        photo_actions.say(photo=photo, purpose="train", granted=False, by=alice)
    go_live(make_model, ada)
    assert "did not learn from it" in get(client, "sighting_uses", sighting.pk).text
    for photo in sighting.photos.all():
        photo_actions.say(photo=photo, purpose="train", granted=True, by=alice)
    text = get(client, "sighting_uses", sighting.pk).text
    assert "did not learn from it" in text, "what is allowed today was not then"


def test_none_yet(client, sighting):
    assert "No published dataset" in get(client, "sighting_uses", sighting.pk).text


def test_it_asks_few_questions(client, live, dataset, sighting):
    put(dataset, sighting, "train", "test")
    assert queries(client, reverse("sighting_uses", args=[sighting.pk])) <= 7


def go_live(make_model, ada):
    promotions.promote(model=make_model("one"), by=ada, reason="It names colours.")
