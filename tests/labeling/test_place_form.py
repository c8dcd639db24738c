"""The form of a place: what it takes, what it refuses, and what its page says of others."""

from datetime import datetime

import pytest
from django.urls import reverse

from labeling.actions import identifications
from labeling.forms.places import SAID, PlaceForm
from labeling.presenters import places
from species import ingest
from species.actions import observations
from species.models import PlaceSource
from tests import universe
from tests.labeling.browsing import read
from tests.labeling.test_editing import form as as_sent
from tests.labeling.test_upload import save

OPEN = {"privacy": "open"}


def form(before=None, **said) -> PlaceForm:
    made = PlaceForm(OPEN | said)
    made.before, made.told = before or {}, [(47.9, 13.8)]
    return made


@pytest.mark.parametrize("source", sorted(SAID))
def test_where_it_came_from_is_kept(source):
    filled = form(latitude="47,9", longitude="13.8", uncertainty_m="40", place_source=source)
    assert filled.is_valid()
    assert filled.place() == OPEN | {
        "latitude": 47.9,
        "longitude": 13.8,
        "uncertainty_m": 40,
        "place_source": source,
    }


def test_from_a_photo_is_only_what_a_photo_tells():
    filled = form(latitude="47.8", longitude="13.8", place_source="exif")
    assert filled.is_valid() and filled.place()["place_source"] == "map_pin"


def test_what_stands_as_it_was_is_not_said_again():
    before = {"place_name": "Traun", "latitude": 47.9, "longitude": 13.8, "uncertainty_m": 40.0}
    filled = form(before, place_name="Traun", latitude="47.9", longitude="13.8", uncertainty_m="40")
    assert filled.is_valid() and filled.place() == OPEN


def test_a_place_taken_away_has_no_source():
    filled = form({"latitude": 47.9, "longitude": 13.8}, place_source="device")
    assert filled.is_valid()
    assert filled.place()["place_source"] == "" and filled.place()["latitude"] is None


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"latitude": "47.9"}, {"longitude"}),
        ({"longitude": "13.8"}, {"latitude"}),
        ({"latitude": "91", "longitude": "13"}, {"latitude"}),
        ({"latitude": "nan", "longitude": "13"}, {"latitude"}),
        ({"latitude": "47", "longitude": "13", "uncertainty_m": "-1"}, {"uncertainty_m"}),
        ({"place_source": "hearsay"}, {"place_source"}),
        ({"privacy": "secret"}, {"privacy"}),
        ({"place_name": "x" * 161}, {"place_name"}),
        ({"place_name": "a\0b"}, {"place_name"}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(said, wrong):
    assert set(form(**said).errors) == wrong


class TestThePage:
    def test_a_photo_that_tells_its_place_offers_it_and_its_time(self, alice):
        draft = observations.start(by=alice)
        taken = {
            "taken_at": datetime(2025, 6, 1, 10, 0),
            "offset": "+02:00",
            "latitude": 47.25,
            "longitude": 11.5,
        }
        ingest.receive(data=universe.photo_bytes("told", exif=taken), owner=alice, observation=draft)
        ingest.receive(data=universe.photo_bytes("untold"), owner=alice, observation=draft)
        draft.refresh_from_db()
        said = places.field(draft)
        assert said["photo"] == {"text": "47.250000 11.500000", "source": "exif"}
        assert said["taken"] == "2025-06-01T08:00:00Z"
        assert said["shots"] == "2025-06-01T08:00:00Z 47.250000 11.500000"

    def test_a_clock_without_a_zone_says_none(self, alice):
        draft = observations.start(by=alice)
        taken = {"taken_at": datetime(2025, 6, 1, 10, 0)}
        ingest.receive(data=universe.photo_bytes("wall", exif=taken), owner=alice, observation=draft)
        draft.refresh_from_db()
        said = places.field(draft)
        assert said["taken"] == said["shots"] == "2025-06-01T10:00:00"
        assert said["photo"] is None

    def test_others_see_the_square_also_without_scripts(self, client, alice):
        universe.sighting(alice, published=False, latitude=47.9, longitude=13.8)
        client.force_login(alice)
        assert (
            "Others see a square of about 11 km around 47.95, 13.85"
            in read(client.get(reverse("upload"))).text
        )

    def test_what_holds_a_published_place_back_is_said(self, alice, bob, tree):
        sighting = universe.sighting(alice, latitude=47.9, longitude=13.8, privacy="open")
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["bull_trout"], by=bob)
        sighting.refresh_from_db()
        said = places.field(sighting)
        assert said["floor"] == "generalized"
        assert said["why"] == "because somebody named a protected species here"


class TestWhenOthersSeeIt:
    def test_what_the_page_does_not_ask_stays_as_it_is(self):
        said, left = form(time_precision="month"), form()
        assert said.is_valid() and said.place() == OPEN | {"time_precision": "month"}
        assert left.is_valid() and left.place() == OPEN
        assert set(form(time_precision="week").errors) == {"time_precision"}

    def test_in_a_draft_and_after_publishing(self, client, alice):
        client.force_login(alice)
        where = {"latitude": 47.9, "longitude": 13.8}
        draft = universe.sighting(
            alice, published=False, observed_at=datetime(2015, 10, 13, 14, 37), utc_offset=120, **where
        )
        page = read(client.get(reverse("upload"), {"draft": draft.pk}))
        assert page.all("select", name="time_precision")
        assert [page.all("option", value=each) for each in ("exact", "day", "month")].count([]) == 0
        save(client, draft, time_precision="month")
        draft.refresh_from_db()
        assert (draft.time_precision, draft.time_shown) == ("month", "month")
        observations.publish(observation=draft, by=alice)
        address = reverse("edit_sighting", args=[draft.pk])
        [month] = read(client.get(address)).all("option", value="month")
        assert "selected" in month
        client.post(address, as_sent(client, draft, time_precision="day"))
        draft.refresh_from_db()
        assert (draft.time_precision, draft.time_shown, draft.observed_text) == (
            "day",
            "day",
            "2015-10-10T15:07:31Z",
        )

    def test_its_owner_reads_what_others_see(self, client, alice, bob):
        sighting = universe.sighting(
            alice,
            observed_at=datetime(2015, 10, 13, 14, 37),
            latitude=47.9,
            longitude=13.8,
            time_precision="month",
        )
        client.force_login(alice)
        own = read(client.get(sighting.get_absolute_url())).text
        assert "13 Oct 2015, 14:37" in own and "Others see Oct 2015" in own
        client.force_login(bob)
        others = read(client.get(sighting.get_absolute_url())).text
        assert "13 Oct" not in others and "no more is told, as its observer chose" in others


def test_a_citation_tells_no_name_that_others_may_not_know(client, alice):
    sighting = universe.sighting(alice, latitude=47.9, longitude=13.8)
    observations.describe(observation=sighting, by=alice, place_name="Secret pool")
    client.force_login(alice)

    def cited() -> str:
        page = client.get(reverse("observation", args=[sighting.pk])).content.decode()
        return page.split('id="citation">')[1].split("</code>")[0]

    assert "Secret pool" not in cited()
    observations.describe(observation=sighting, by=alice, privacy="open")
    assert "Secret pool" in cited()


def test_every_source_may_be_said():
    assert set(SAID) == set(PlaceSource)
