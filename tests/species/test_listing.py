"""Lists stand in the order in which rows became visible, so that a walker beside writers misses none."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from labeling.actions import boxes, identifications, rulings
from species.actions import listing, observations, occurrences, photos
from species.api.observations import ObservationFilter
from species.models import Listing, Observation
from tests import universe
from tests.conftest import person
from tests.problems import refusals

WRITERS, EACH = 4, 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("noun", ["observations", "occurrences"])
def test_a_walker_beside_four_writers_finds_all_once(noun):
    alice = person("Alice")
    drafts = [
        universe.sighting(alice, seed=f"{noun} {number}", size=(64, 32), published=False)
        for number in range(WRITERS * EACH)
    ]
    # The last drafts are published first, so that no order of drafts helps.
    shares = [list(reversed(drafts))[number::WRITERS] for number in range(WRITERS)]
    done = threading.Event()

    def publish(number):
        pauses = random.Random(number)
        try:
            for draft in shares[number]:
                observations.publish(observation=Observation(pk=draft.pk), by=alice)
                time.sleep(pauses.random() / 50)
        finally:
            connection.close()

    def walk() -> list[str]:
        client, address, seen = Client(), f"/api/v1/{noun}?page_size=3", {}
        try:
            while True:
                ended = done.is_set()
                page = client.get(address).json()
                for row in page["results"]:
                    seen[row["id"]] = seen.get(row["id"], 0) + 1
                if page["next"] is None and ended:
                    return list(seen)
                address = page["next"] or address
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        walker = pool.submit(walk)
        list(pool.map(publish, range(WRITERS)))
        done.set()
        found = walker.result(timeout=60)
    published = Client().get(f"/api/v1/{noun}?page_size=200").json()["results"]
    assert found == [row["id"] for row in published]
    assert len(found) == WRITERS * EACH


@pytest.mark.django_db(transaction=True)
def test_who_keeps_up_by_updated_since_has_everything_as_it_is(tree):
    alice, bob = person("Alice"), person("Bob")
    rows = [universe.sighting(alice, seed=f"since {number}", size=(64, 32)) for number in range(8)]
    done = threading.Event()

    def say(number):
        try:
            for row in rows[number::WRITERS]:
                for by in (alice, bob):
                    taxon = tree["brown_trout"]
                    identifications.add(occurrence=row.occurrences.get(), taxon=taxon, by=by)
        finally:
            connection.close()

    def keep_up() -> dict[str, dict]:
        known, since = {}, "2000-01-01T00:00:00Z"
        try:
            while True:
                ended = done.is_set()
                begun = timezone.now() - timedelta(minutes=1)
                address = f"/api/v1/observations?page_size=3&updated_since={since.replace('+', '%2B')}"
                while address:
                    page = Client().get(address).json()
                    known |= {row["id"]: row for row in page["results"]}
                    address = page["next"]
                if ended:
                    return known
                since = begun.isoformat()
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        walker = pool.submit(keep_up)
        list(pool.map(say, range(WRITERS)))
        done.set()
        known = walker.result(timeout=60)
    assert known == {
        row["id"]: row for row in Client().get("/api/v1/observations?page_size=50").json()["results"]
    }
    assert {row["occurrences"][0]["taxon"] for row in known.values()} == {"brown_trout"}


LONG_AGO = "updated_since=2000-01-01T00:00:00Z"


@pytest.mark.parametrize("noun", ["observations", "occurrences"])
@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_what_changed_stands_in_the_order_of_changes_page_by_page(client, alice, noun, order):
    """The few that changed may lie anywhere among those that did not."""
    rows = [universe.sighting(alice, seed=f"changed {number}", size=(64, 32)) for number in range(5)]
    for number in (3, 0, 2):
        observations.describe(observation=rows[number], by=alice, note="In the reeds.")
    stand = [str(rows[number].pk) for number in (1, 4, 3, 0, 2)]
    address, found = f"/api/v1/{noun}?page_size=2&order={order}&{LONG_AGO}", []
    while address:
        page = client.get(address).json()
        found += [row["id" if noun == "observations" else "observation"] for row in page["results"]]
        last, address = page, page["next"]
    assert found == (stand if order == "oldest" else stand[::-1])
    before = client.get(last["previous"]).json()["results"]
    assert [row["updated"] for row in before] == sorted(
        (row["updated"] for row in before), reverse=order == "newest"
    )
    assert len(before) == 2 and not {row["id"] for row in before} & {row["id"] for row in last["results"]}


@pytest.mark.parametrize("noun", ["observations", "occurrences", "identifications"])
def test_a_cursor_of_one_order_leads_nowhere_in_the_other(client, alice, tree, noun):
    """Its moment is another one's, and rows between the two would be passed over."""
    for number in range(3):
        sighting = universe.sighting(alice, seed=f"orders {number}", size=(64, 32))
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["chub"], by=alice)
    for asked, other in (("", f"&{LONG_AGO}"), (f"&{LONG_AGO}", "")):
        address = f"/api/v1/{noun}?page_size=2"
        following = client.get(f"{address}{asked}").json()["next"]
        assert client.get(following).status_code == 200
        cursor = parse_qs(urlsplit(following).query)["cursor"][0]
        answer = client.get(f"{address}{other}&cursor={cursor}")
        assert list(refusals(answer, 400)) == ["cursor"]


@pytest.mark.parametrize("through", [200_000, 1])
def test_days_are_found_wherever_they_stand(client, alice, through, monkeypatch):
    """Also the one that was dated after it was listed; however many are looked through for where they begin."""
    monkeypatch.setattr(ObservationFilter, "LOOKED_THROUGH", through)
    rows = [
        universe.sighting(alice, seed=f"day {number}", size=(64, 32), local_date=date(2015, 5, day))
        for number, day in enumerate([9, 2, 5, 3, 1])
    ]
    observations.describe(observation=rows[1], by=alice, local_date=date(2016, 1, 1))
    for asked, numbers in (
        ("observed_from=2015-05-05", [0, 1, 2]),
        ("observed_to=2015-05-03", [3, 4]),
        ("observed_from=2015-05-02&observed_to=2015-05-05", [2, 3]),
        ("observed_from=2016-01-02", []),
        ("observed_from=2015-06-01&observed_to=2015-05-01", []),
    ):
        for way, expected in (("oldest", numbers), ("newest", numbers[::-1])):
            found = client.get(f"/api/v1/observations?{asked}&order={way}").json()["results"]
            assert [row["id"] for row in found] == [str(rows[number].pk) for number in expected], asked


def order(client) -> list[str]:
    return [row["id"] for row in client.get("/api/v1/observations").json()["results"]]


def test_what_becomes_visible_later_comes_last(client, alice):
    hidden = universe.sighting(alice, seed="hidden", consents=[], photos=2)
    draft = universe.sighting(alice, seed="draft", published=False)
    first = universe.sighting(alice, seed="first")
    assert order(client) == [str(first.pk)]
    observations.publish(observation=draft, by=alice)
    photos.say(photo=hidden.photos.first(), purpose="show", granted=True, by=alice)
    assert order(client) == [str(each.pk) for each in (first, draft, hidden)]
    # A second photo of what is shown already makes nothing new visible.
    universe.sighting(alice, seed="last")
    before = order(client)
    photos.say(photo=hidden.photos.last(), purpose="show", granted=True, by=alice)
    assert order(client) == before


def test_an_organism_that_appears_later_comes_last(client, alice):
    sighting = universe.sighting(alice, seed="two", photos=2)
    universe.sighting(alice, seed="other")
    second = occurrences.add(observation=sighting, photos=[sighting.photos.last()], by=alice)

    def listed():
        return [row["id"] for row in client.get("/api/v1/occurrences").json()["results"]]

    assert listed()[-1] == str(second.pk)
    photos.say(photo=sighting.photos.last(), purpose="show", granted=False, by=alice)
    assert str(second.pk) not in listed()
    newest = universe.sighting(alice, seed="newest")
    assert listed()[-1] == str(newest.occurrences.get().pk)
    photos.say(photo=sighting.photos.last(), purpose="show", granted=True, by=alice)
    assert listed()[-1] == str(second.pk)


def test_what_was_said_of_a_draft_is_listed_when_the_draft_is(client, alice, bob, tree):
    drafts = [universe.sighting(alice, seed=f"said {number}", published=False) for number in range(2)]
    said = []
    for draft in drafts:
        occurrence = occurrences.add(observation=draft, photos=draft.photos.all(), by=alice)
        said.append(identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice))
    for draft in reversed(drafts):
        observations.publish(observation=draft, by=alice)
    first = client.get("/api/v1/identifications?page_size=1").json()
    assert [row["id"] for row in first["results"]] == [str(said[1].pk)]
    occurrence = drafts[1].occurrences.get()
    said.append(identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob))
    rest = [row["id"] for row in client.get(first["next"]).json()["results"]]
    rest += [
        row["id"] for row in client.get(first["next"].replace("page_size=1", "page_size=9")).json()["results"]
    ]
    assert list(dict.fromkeys(rest)) == [str(said[0].pk), str(said[2].pk)]


def test_moments_go_up_though_a_clock_goes_back(db):
    ahead = timezone.now() + timedelta(hours=1)
    listing.next_moment()
    Listing.objects.update(last=ahead)
    moments = [listing.next_moment() for _ in range(3)]
    assert ahead < moments[0] < moments[1] < moments[2] < ahead + timedelta(seconds=1)


def test_updated_moves_with_whatever_the_row_shows_and_with_nothing_else(alice, bob, rita, tree):
    sighting = universe.sighting(alice, seed="moves", photos=2, latitude=47.2, longitude=11.4)
    occurrence, photo = sighting.occurrences.get(), sighting.photos.last()

    def moved(act) -> bool:
        before = Observation.objects.get(pk=sighting.pk).updated
        act()
        return Observation.objects.get(pk=sighting.pk).updated > before

    brown = tree["brown_trout"]
    said = identifications.add(occurrence=occurrence, taxon=brown, by=alice)
    box = boxes.draw(occurrence=occurrence, photo=photo, x=0, y=0, width=1, height=1, by=alice)
    ruling = rulings.rule(occurrence=occurrence, taxon=None, reason="Blurred.", by=rita)
    acts = {
        "edit": lambda: observations.describe(observation=sighting, by=alice, note="In the reeds."),
        "identification": lambda: identifications.add(occurrence=occurrence, taxon=brown, by=bob),
        "withdrawal": lambda: identifications.withdraw(identification=said, by=alice),
        "ruling taken back": lambda: rulings.withdraw(ruling=ruling, by=rita),
        "ruling": lambda: rulings.rule(occurrence=occurrence, taxon=brown, reason="Spots.", by=rita),
        "box": lambda: boxes.draw(
            occurrence=occurrence, photo=photo, x=0, y=0, width=0.5, height=1, by=alice
        ),
        "box taken back": lambda: boxes.withdraw(box=box, by=alice),
        "length": lambda: occurrences.measure(
            occurrence=occurrence, kind="total_length", value=300, by=alice
        ),
        "licence": lambda: photos.relicense(photo=photo, licence="CC0-1.0", by=alice),
        "consent": lambda: photos.say(photo=photo, purpose="show", granted=False, by=alice),
        "organism": lambda: occurrences.add(observation=sighting, photos=[photo], by=alice),
    }
    for name, act in acts.items():
        assert moved(act), name
    assert not moved(lambda: observations.describe(observation=sighting, by=alice, note="In the reeds."))
    assert not moved(lambda: photos.say(photo=photo, purpose="show", granted=False, by=alice))
    assert not moved(lambda: observations.publish(observation=sighting, by=alice))


def test_updated_moves_with_what_is_taken_back(alice):
    sighting = universe.sighting(alice)
    before = sighting.updated
    observations.take_back(observation=sighting, by=alice)
    assert Observation.objects.get().updated == sighting.updated > before
