"""Where a place is not open, others are told as much of its time as its observer chose: at every door, in every filter.

Who may see the exact place sees the time as it is; nobody else does, whatever they ask.
"""

from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions as accounts
from labeling.actions import identifications, rulings
from species import access, ingest
from species.actions import observations, partings, published
from species.models import Observation
from tests import universe
from tests.problems import refusals

TRUE, BEFORE = datetime(2015, 10, 13, 14, 37, 21), datetime(2015, 10, 12, 9, 5, 3)
PLACE = {"latitude": 47.26812, "longitude": 11.39325, "uncertainty_m": 8, "place_source": "map_pin"}
# Each says the hour; of a month, each of the others says the day.
HOURS = (
    "2015-10-13T",
    "13 Oct 2015, ",
    "2015-10-12T",
    "12 Oct 2015, ",
    "14:37",
    "12:37:21",
    "09:05:03",
    "07:05:03",
)
DAYS = ("2015-10-13", "13 Oct", "2015:10:13", "2015-10-12", "12 Oct", "2015:10:12")
TELLING = {"day": HOURS, "month": HOURS + DAYS}
TOLD = {"day": ("2015-10-13", "13 Oct 2015"), "month": ("2015-10", "Oct 2015")}
MAY = ("alice", "bob", "rita", "ada")


@pytest.fixture
def people(alice, bob, charlie, rita, ada):
    return {"alice": alice, "bob": bob, "charlie": charlie, "rita": rita, "ada": ada, "nobody": None}


@pytest.fixture
def make(people, tree):
    """A sighting of Alice's on which Bob holds a grant, with an edit of its time and a photo that tells it, too."""

    def make(precision: str, privacy: str = "generalized", label: str = "brown_trout") -> Observation:
        alice, rita = people["alice"], people["rita"]
        sighting = observations.start(
            by=alice, privacy=privacy, time_precision=precision, observed_at=BEFORE, utc_offset=120, **PLACE
        )
        data = universe.photo_bytes(exif={"taken_at": TRUE, "offset": "+02:00"})
        ingest.receive(data=data, owner=alice, observation=sighting, file_name="20151013_143721.jpg")
        observations.publish(observation=sighting, by=alice)
        published.edit(observation=sighting, by=alice, described={"observed_at": TRUE, "utc_offset": 120})
        rulings.rule(occurrence=sighting.occurrences.get(), taxon=tree[label], reason="Seen.", by=rita)
        accounts.grant(
            user=people["bob"],
            scope=access.observation_scope(sighting.pk),
            purpose="a study",
            by=people["ada"],
        )
        sighting.refresh_from_db()
        return sighting

    return make


def client_of(person) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def texts(client, sighting) -> dict[str, str]:
    """Door to its answer, headers and all."""
    occurrence, photo = sighting.occurrences.get(), sighting.photos.get()
    addresses = {
        "page": reverse("observation", args=[sighting.pk]),
        "Explore": reverse("gallery"),
        "home": reverse("home"),
        "names": reverse("taxa"),
        "a name": reverse("taxon", args=["brown_trout"]),
        "its family": reverse("taxon", args=["salmonidae"]),
        "card of the map": reverse("explore_card") + f"?observation={sighting.pk}",
        "cells": reverse("explore_cells") + "?view=-180,-90,180,90&zoom=3",
        "points": reverse("explore_cells") + "?view=11,47,12,48&zoom=12&since=2015-10-01",
        "API": reverse("api-observation-detail", args=[sighting.pk]),
        "API, list": reverse("api-observation-list"),
        "API, history": reverse("api-observation-history", args=[sighting.pk]),
        "API, organism": reverse("api-occurrence-detail", args=[occurrence.pk]),
        "API, organisms": reverse("api-occurrence-list"),
        "maps": reverse("ogc-observation-list"),
        "maps, organism": reverse("ogc-occurrence-detail", args=[occurrence.pk]),
        "maps, organisms": reverse("ogc-occurrence-list"),
        "API, names": reverse("api-identification-list"),
        "API, rulings": reverse("api-ruling-list"),
        "API, photo": reverse("api-photo-detail", args=[photo.pk]),
    }
    found = {}
    for name, address in addresses.items():
        answer = client.get(address)
        assert answer.status_code == 200, (name, answer.status_code)
        found[name] = f"{sorted(answer.headers.items())} {answer.content.decode()}"
    return found


MAPS = ("maps", "maps, organism", "maps, organisms")
ONE_SIGHTING = ("page", "API", "API, list", "API, history", "API, photo", *MAPS)


@pytest.mark.parametrize("privacy", ["generalized", "private"])
@pytest.mark.parametrize("precision", ["day", "month"])
def test_who_is_told_what(make, people, precision, privacy):
    sighting = make(precision, privacy)
    for name, person in people.items():
        told = texts(client_of(person), sighting)
        said = {door: [word for word in TELLING[precision] if word in text] for door, text in told.items()}
        if name in MAY:
            assert all(said[door] for door in ONE_SIGHTING), (name, said)
            assert all("no-store" in told[door] for door in ONE_SIGHTING if door != "API, list")
        # A list of cards is the same for everybody.
        hidden = [door for door in told if name not in MAY or door not in ONE_SIGHTING]
        assert {door: said[door] for door in hidden if said[door]} == {}, name
        iso, words = TOLD[precision]
        assert (
            iso in told["API"]
            and words in told["page"]
            and words in told["Explore"]
            and words in told["a name"]
        )


@pytest.mark.parametrize("precision", ["day", "month"])
def test_of_an_open_place_the_time_is_open(make, people, precision):
    sighting = make(precision, "open")
    assert (sighting.time_shown, sighting.public_first_day) == ("exact", date(2015, 10, 13))
    told = texts(client_of(None), sighting)
    assert "2015-10-13T12:37:21Z" in told["API"] and "13 Oct 2015, 14:37" in told["page"]
    assert "13 Oct 2015" in told["Explore"]


def test_a_protected_name_closes_the_time_with_the_place(make, people, tree):
    sighting = make("month", "open")
    named = identifications.add(
        occurrence=sighting.occurrences.get(), taxon=tree["bull_trout"], by=people["charlie"]
    )
    sighting.refresh_from_db()
    assert (sighting.place_shown, sighting.time_shown) == ("exact", "exact"), "ruled to be another"
    ruling = sighting.occurrences.get().rulings.get()
    rulings.withdraw(ruling=ruling, by=people["rita"])
    sighting.refresh_from_db()
    assert (sighting.place_shown, sighting.time_shown) == ("generalized", "month")
    assert (sighting.public_first_day, sighting.public_last_day) == (date(2015, 10, 1), date(2015, 10, 31))
    told = texts(client_of(people["charlie"]), sighting)
    # It was open when the edit was made, and is told now by the stricter of the two.
    assert not [word for word in TELLING["month"] for door in ONE_SIGHTING if word in told[door]]
    assert named.withdrawn_at is None


class TestFilters:
    INSIDE = (
        {},
        {"since": "2015-10-01"},
        {"until": "2015-10-31"},
        {"since": "2015-10-01", "until": "2015-10-31"},
        {"since": "2014-01-01", "until": "2016-01-01"},
    )
    ACROSS = (
        {"since": "2015-10-02"},
        {"since": "2015-10-13"},
        {"until": "2015-10-13"},
        {"until": "2015-10-30"},
        {"since": "2015-10-13", "until": "2015-10-13"},
        {"since": "2015-10-12", "until": "2015-11-30"},
        {"since": "2015-09-01", "until": "2015-10-14"},
    )
    API = {"since": "observed_from", "until": "observed_to"}

    def found(self, client, query: dict) -> set[bool]:
        """What each door that takes days finds."""
        sightings = client.get(
            reverse("api-observation-list"), {self.API[name]: day for name, day in query.items()}
        )
        organisms = client.get(reverse("api-occurrence-list"), query)
        view = {"view": "-180,-90,180,90", "zoom": "3"}
        cells = client.get(reverse("explore_cells"), view | query).json()
        return {
            bool(sightings.json()["results"]),
            bool(organisms.json()["results"]),
            bool(client.get(reverse("gallery"), query).context["counts"].total),
            bool(cells["total"]),
        }

    @pytest.mark.parametrize("few", [0, 10_000])
    def test_a_month_is_found_where_all_of_it_is_asked_for(self, make, people, monkeypatch, few):
        monkeypatch.setattr("labeling.queries.ways.FEW", few or 1)
        make("month")
        for person in people.values():
            client = client_of(person)
            assert {query.get("since"): self.found(client, query) for query in self.INSIDE} == {
                query.get("since"): {True} for query in self.INSIDE
            }
            assert [query for query in self.ACROSS if self.found(client, query) != {False}] == []

    def test_a_day_is_found_by_itself(self, make, people):
        make("day")
        for person in (None, people["alice"]):
            client = client_of(person)
            assert self.found(client, {"since": "2015-10-13", "until": "2015-10-13"}) == {True}
            assert self.found(client, {"since": "2015-10-14"}) == {False}

    def test_the_month_stays_what_it_is(self, make):
        make("month")
        client = client_of(None)
        for month, there in ((10, True), (9, False)):
            assert (
                bool(client.get(reverse("api-occurrence-list"), {"month": month}).json()["results"]) is there
            )


def test_the_api_takes_and_returns_it(make, people):
    sighting = make("exact")
    client, address = client_of(people["alice"]), reverse("api-observation-detail", args=[sighting.pk])
    for precision, first in (("month", date(2015, 10, 1)), ("day", date(2015, 10, 13))):
        row = client.put(address, {"time_precision": precision}, content_type="application/json").json()
        assert (row["time_precision"], row["observed_at"]) == (precision, "2015-10-13T12:37:21Z")
        sighting.refresh_from_db()
        assert (sighting.time_shown, sighting.public_first_day) == (precision, first)
        # What a GET gives may be sent back.
        assert (
            client.put(address, client.get(address).json(), content_type="application/json").status_code
            == 200
        )
    refused = client.put(address, {"time_precision": "week"}, content_type="application/json")
    assert "time_precision" in refusals(refused)
    others = client_of(people["charlie"]).get(address).json()
    assert (others["observed_at"], others["utc_offset"], others["local_date"]) == (None, None, "2015-10-13")
    assert (others["eventDate"], others["time_precision"]) == ("2015-10-13", "day")
    assert "only the day is told" in others["dataGeneralizations"]


def test_the_history_says_who_chose_what(make, people):
    sighting = make("exact")
    row = published.edit(observation=sighting, by=people["alice"], described={"time_precision": "month"})
    history = reverse("api-observation-history", args=[sighting.pk])
    first, last = client_of(None).get(history).json()["results"]
    assert (last["before"], last["after"]) == ({"time_precision": "exact"}, {"time_precision": "month"})
    both = {"observed_at": None, "utc_offset": None, "local_date": None, "eventDate": "2015-10"}
    assert [{name: first[side][name] for name in both} for side in ("before", "after")] == [both, both]
    page = reverse("observation", args=[sighting.pk])
    assert "When others see it" in client_of(None).get(page).content.decode()
    published.undo(edit=row, by=people["alice"])
    sighting.refresh_from_db()
    assert (sighting.time_precision, sighting.time_shown) == ("exact", "exact")
    assert client_of(None).get(history).json()["results"][0]["after"]["observed_at"] == "2015-10-13T12:37:21Z"


def test_times_that_were_told_less_stay_so_in_the_history(make, people):
    sighting = make("month")
    observations.describe(observation=sighting, by=people["alice"], time_precision="exact")
    first = client_of(None).get(reverse("api-observation-history", args=[sighting.pk])).json()["results"][0]
    assert first["after"]["eventDate"] == "2015-10" and first["after"]["local_date"] is None


def test_no_photo_that_anybody_may_open_tells_it(make):
    sighting = make("month")
    client = client_of(None)
    for size in (320, 1008, 2016):
        answer = client.get(reverse("photo_rendition", args=[sighting.photos.get().pk, size]))
        assert b"2015" not in b"".join(answer.streaming_content) and "2015" not in str(answer.headers)
    assert client.get(reverse("photo_original", args=[sighting.photos.get().pk])).status_code == 404


def test_a_photo_that_is_split_off_tells_no_more(make, people):
    sighting = make("month")
    ingest.receive(data=universe.photo_bytes("second"), owner=people["alice"], observation=sighting)
    new = partings.split(photo=sighting.photos.last(), by=people["alice"])
    new.refresh_from_db()
    assert (new.time_precision, new.time_shown, new.public_first_day) == ("month", "month", date(2015, 10, 1))
