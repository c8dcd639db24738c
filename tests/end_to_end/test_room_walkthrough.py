"""docs/room.md, walked at a desk and on a phone: a name, a box, two names side by side, a mark, the sighting."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from drawings.collection import picture
from drawings.sightings import sightings
from labeling.actions import boxes, identifications
from labeling.queries import confusions
from species import ingest
from species.actions import observations
from species.models import Occurrence
from tests.end_to_end.album import Album
from tests.end_to_end.test_boxing import drag, drawn
from tests.end_to_end.test_drafts import browsing
from tests.labeling.field_marking import SLASH, give_marks, point

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

WIDTHS = (1280, 360)
SIZE = (1600, 1000)
# Where the fish of the last picture lies, from its upper left corner, and its jaw.
FISH, JAW = ((0.19, 0.07), (0.79, 0.37)), (0.28, 0.25)
KNOWN = {"brown_trout": 2, "rainbow_trout": 2, "cutthroat_trout": 3}


@pytest.fixture
def look(tmp_path) -> Album:
    return Album("room", tmp_path)


def sent(person, label: str, number: int) -> Occurrence:
    """A drawn fish of one kind, published at one weir in June."""
    found = (each for each in sightings("trout", 9) if each.label == label)
    fish = [next(found) for _ in range(number + 1)][-1]
    sighting = observations.start(
        by=person,
        observed_at=datetime(2025, 6, 14, 7 + number, 40, tzinfo=UTC),
        latitude=45.35,
        longitude=-111.73,
        place_source="map_pin",
    )
    ingest.receive(data=picture(fish, 0, SIZE), owner=person, observation=sighting)
    observations.publish(observation=sighting, by=person)
    return sighting.occurrences.get()


@pytest.fixture
def waiting(alice, ada, charlie, tree) -> Occurrence:
    """One that Charlie calls a cutthroat trout, after others that he took for brown trout before."""
    confusions._counted.cache_clear()
    give_marks(tree, ada)
    for label, count in KNOWN.items():
        for number in range(count):
            known = sent(alice, label, number)
            if label == "cutthroat_trout":
                identifications.add(occurrence=known, taxon=tree["brown_trout"], by=charlie)
            for person in (ada, charlie):
                identifications.add(occurrence=known, taxon=tree[label], by=person)
    asked = sent(alice, "cutthroat_trout", 3)
    photo = asked.photos.get()
    (left, top), (right, bottom) = FISH
    boxes.draw(
        occurrence=asked, photo=photo, by=alice, x=left, y=top, width=right - left, height=bottom - top
    )
    point(asked, photo, ada, SLASH, *JAW, taxon=tree["cutthroat_trout"])
    identifications.add(occurrence=asked, taxon=tree["cutthroat_trout"], by=charlie)
    return asked


def on_photo(page: Page, right: float, down: float) -> tuple[float, float]:
    """Where a point of the photo, in fractions, lies on the screen: the whole of it is in the middle of its plate."""
    plate = page.locator(".shot .plate").bounding_box()
    wide = min(plate["width"], plate["height"] * SIZE[0] / SIZE[1])
    high = wide * SIZE[1] / SIZE[0]
    left, top = plate["x"] + (plate["width"] - wide) / 2, plate["y"] + (plate["height"] - high) / 2
    return left + right * wide, top + down * high


def walk(page: Page, look: Album, width: int, asked: Occurrence) -> None:
    page.goto("/label")
    expect(page.locator(".overlay")).to_be_attached()
    look(page, f"name-{width}")

    page.get_by_role("button", name="Box", exact=True).click()
    drag(page, *(on_photo(page, *corner) for corner in FISH))
    assert drawn(page)
    look(page, f"box-{width}")

    page.locator("[name=likely][value=cutthroat_trout]").check(force=True)
    expect(page.locator("[data-confusions].is-known")).to_be_attached()
    page.keyboard.press("k")
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_count(2)
    look(page, f"apart-{width}")
    page.keyboard.press("Escape")

    page.keyboard.press("p")
    page.get_by_label("What do you point at?").select_option(label=SLASH)
    page.mouse.click(*on_photo(page, *JAW))
    expect(page.locator("[data-stage-hint]")).to_contain_text("Pointed.")
    look(page, f"mark-{width}")

    page.goto(reverse("observation", args=[asked.observation_id]))
    expect(page.locator(".viewer .overlay")).to_be_attached()
    look(page, f"sighting-{width}")


def test_the_walk(browser, live_server, bob, waiting, look):
    for width in WIDTHS:
        with browsing(browser, live_server, bob, width=width) as page:
            walk(page, look, width, waiting)
    assert sorted(look.taken) == sorted(look.written)


def test_every_picture_of_the_page_is_there(look):
    assert look.is_whole()
