"""What is told, from the floors where it happens: when, of whom, and nothing that anybody might not know."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labeling.actions import identifications
from ml.actions import promotions
from species.actions import observations, photos, published
from tests import universe
from tests.research.building import agreed, freeze
from webhooks import actions
from webhooks.events import EVENTS
from webhooks.models import Delivery, Endpoint, Message


def told() -> list[str]:
    return [each.type for each in Message.objects.order_by("created", "id")]


def last() -> dict:
    return Message.objects.order_by("created", "id").last().payload["data"]


@pytest.fixture(autouse=True)
def listens(endpoint):
    """Somebody does."""


def test_a_sighting_is_published_and_taken_back(alice):
    sighting = universe.sighting(alice, seed="new", latitude=47.26812, longitude=11.39325)
    assert told() == ["observation.published"]
    assert last() == {
        "observation": str(sighting.pk),
        "api": f"/api/v1/observations/{sighting.pk}",
        "page": sighting.get_absolute_url(),
    }
    observations.publish(observation=sighting, by=alice)
    assert told() == ["observation.published"], "again is no news"
    observations.take_back(observation=sighting, by=alice)
    assert told() == ["observation.published", "observation.withdrawn"]
    assert last() == {"observation": str(sighting.pk)}


def test_what_is_said_is_in_no_transaction_but_that_of_what_happened(alice):
    draft = universe.sighting(alice, seed="draft", published=False)
    assert told() == []
    observations.describe(observation=draft, by=alice, note="Nobody hears of this.")
    assert told() == []


def test_one_that_nobody_is_shown_is_told_to_nobody(alice, tree):
    hidden = universe.sighting(alice, seed="hidden", consents=[])
    identifications.add(occurrence=hidden.occurrences.get(), taxon=tree["chub"], by=alice)
    assert told() == []
    photos.say(photo=hidden.photos.get(), purpose="show", granted=True, by=alice)
    assert told() == ["observation.published"]
    photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=alice)
    assert told() == ["observation.published", "observation.withdrawn"]


def test_deleted_and_had_back(alice, sighting_of_alice):
    Message.objects.all().delete()
    published.withdraw(observation=sighting_of_alice, by=alice)
    published.restore(observation=sighting_of_alice, by=alice)
    assert told() == ["observation.withdrawn", "observation.published"]


def test_a_verdict_is_told_when_it_changes_and_not_what_it_says(
    alice, bob, rita, charlie, ada, tree, sighting_of_alice
):
    occurrence = sighting_of_alice.occurrences.get()

    def say(person, taxon):
        identifications.add(occurrence=occurrence, taxon=tree[taxon], by=person)
        return told()[before:]

    before = len(told())
    assert say(bob, "chub") == []
    assert say(charlie, "chub") == ["occurrence.verified"]
    assert last() == {
        "occurrence": str(occurrence.pk),
        "observation": str(sighting_of_alice.pk),
        "api": f"/api/v1/occurrences/{occurrence.pk}",
        "page": f"{sighting_of_alice.get_absolute_url()}#o-{occurrence.pk}",
    }
    say(alice, "chub")
    assert told()[before:] == ["occurrence.verified"], "one more who agrees is no news"
    say(alice, "bream")
    say(charlie, "bream")
    assert told()[before:] == ["occurrence.verified", "occurrence.disputed"]
    say(bob, "bream")
    assert told()[before:] == ["occurrence.verified", "occurrence.disputed", "occurrence.verified"]


def test_a_dataset_and_a_model(ada, live, alice, bob, rita, tree):
    agreed(alice, tree["brown_trout"], [bob, rita])
    dataset = freeze(ada)
    assert told()[-1] == "dataset.published"
    assert last() == {
        "dataset": str(dataset.pk),
        "api": reverse("api-dataset-detail", args=[dataset.pk]),
        "page": reverse("dataset", args=[dataset.pk]),
    }
    promotions._go_live(model=live, by=ada, reason="Again.")
    assert told()[-1] == "model.live"
    assert last() == {
        "model": str(live.pk),
        "api": reverse("api-model-detail", args=[live.pk]),
        "page": reverse("model", args=[live.pk]),
    }


def test_every_address_that_is_told_opens_for_a_stranger(client, ada, live, alice, bob, rita, tree):
    agreed(alice, tree["brown_trout"], [bob, rita])
    freeze(ada)
    promotions._go_live(model=live, by=ada, reason="Again.")
    addresses = {each.payload["data"].get(name) for each in Message.objects.all() for name in ("api", "page")}
    addresses.discard(None)
    assert len(addresses) == 8, "a page and an address of the API of each"
    for address in addresses:
        assert client.get(address.partition("#")[0]).status_code == 200, address


def test_whose_it_is(alice, bob, program):
    mine = actions.add(by=bob, url=program.url, events=list(EVENTS), only_mine=True)
    universe.sighting(alice, seed="hers")
    assert not Delivery.objects.filter(endpoint=mine).exists()
    universe.sighting(bob, seed="his")
    assert Delivery.objects.filter(endpoint=mine).count() == 1


def test_where_nobody_listens_a_change_asks_once_and_a_vote_that_changes_nothing_never(
    alice, bob, charlie, ada, tree
):
    Endpoint.objects.all().delete()
    draft = universe.sighting(alice, seed="quiet", published=False)

    def asked(act) -> int:
        with CaptureQueriesContext(connection) as statements:
            act()
        return sum("webhooks_" in each["sql"] for each in statements)

    assert asked(lambda: observations.publish(observation=draft, by=alice)) == 1
    occurrence = draft.occurrences.get()

    def say(person) -> int:
        return asked(lambda: identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person))

    assert [say(bob), say(charlie), say(ada)] == [0, 1, 0]
    assert told() == []
