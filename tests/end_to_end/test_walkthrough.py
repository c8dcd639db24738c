"""docs/walkthrough.md, walked on a phone: from three drawn fish in a camera to the map of Explore.

`make pictures` keeps what is seen on the way as the pictures of that page; without it they are taken and thrown away.
"""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from drawings.collection import picture
from drawings.sightings import sightings
from look.site import site as subject
from species.actions import waters
from species.models import Observation, State
from tests import universe
from tests.end_to_end.album import Album
from tests.end_to_end.test_drafts import browsing
from tests.end_to_end.test_tray import Hand, tick

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

MORNING = datetime(2025, 6, 14, 7, 40, tzinfo=timezone(timedelta(hours=-6)))
ENNIS, BIG_HOLE = (45.35, -111.73), (45.62, -113.2)


def drawn(label: str, count: int, later: int, place: tuple[float, float] | None) -> list[dict]:
    """Pictures of one fish, as files of a phone."""
    fish = next(each for each in sightings("trout", 9) if each.label == label)
    fish = replace(fish, when=MORNING + timedelta(minutes=later), place=place)
    return [
        {
            "name": f"{label}-{number}.jpg",
            "mimeType": "image/jpeg",
            "buffer": picture(fish, number, (1200, 900)),
        }
        for number in range(count)
    ]


@pytest.fixture
def look(tmp_path) -> Album:
    return Album("walkthrough", tmp_path)


def top(page: Page, selector: str) -> None:
    """The page begins with this element, below the head."""
    page.locator(selector).first.evaluate(
        "(each) => scrollTo(0, scrollY + each.getBoundingClientRect().top - 110)"
    )


def test_the_walk(browser, live_server, alice, bob, charlie, look):
    tree = universe.plant_tree()
    waters.prepare(Path(settings.ROOT) / subject()["waters"])
    files = [
        *drawn("brown_trout", 2, 0, None),
        *drawn("rainbow_trout", 1, 70, ENNIS),
        *drawn("brook_trout", 1, 200, BIG_HOLE),
    ]
    with browsing(browser, live_server, alice, width=360) as page:
        for _ in range(2):  # who comes back has the letters already
            page.goto("/upload")
        hand = Hand(page)
        hand.choose(files, sent=4)
        expect(page.locator("[data-summary]")).to_have_text("2 ready, 2 without a place")
        look(page, "sorted")

        hand.press("Select")
        hand.press(tick(page, "brown_trout-0.jpg"))
        hand.press(tick(page, "brown_trout-1.jpg"))
        look(page, "chosen")
        hand.press("One sighting")
        expect(page.locator("[data-summary]")).to_have_text("2 ready, 1 without a place")
        hand.press("End selecting")

        draft = page.locator("[data-draft]").filter(has=page.get_by_text("brown_trout-1.jpg")).first
        field = draft.locator("[name=place_name]")
        if not field.is_visible():
            draft.locator(".obs-more > summary").click()
        field.fill("madison")
        draft.locator(".proposals [role=option]").first.click()
        top(page, "[data-draft] > details[open] [name=place_name]")
        look(page, "place")

        draft.locator("[name=name]").fill("Brown trout")
        draft.locator("[name=name]").press("Tab")
        expect(draft.locator("[data-kept]")).to_have_text("Kept as you typed it, in this draft.")
        top(page, "[data-draft] > details[open] [name=name]")
        look(page, "name")

        hand.press("Add 3")
        expect(page.locator(".toast")).to_contain_text("3 sightings added.")
        look(page, "added")

    sighting = Observation.objects.get(state=State.PUBLISHED, place__name__contains="Madison")
    address = reverse("observation", args=[sighting.pk])
    for person in (bob, charlie):
        with browsing(browser, live_server, person, width=360) as page:
            page.goto(address)
            if person == bob:
                look(page, "seen")
            page.locator("main [name=name]").first.fill("Brown trout")
            with page.expect_response("**/identify"):
                page.locator("main [name=name]").first.press("Enter")
            expect(page.get_by_text("You said")).to_be_visible()
            if person == charlie:
                top(page, "section.main-col")
                look(page, "agreed")
    with browsing(browser, live_server, alice, width=360) as page:
        page.goto(reverse("edit_sighting", args=[sighting.pk]))
        page.get_by_label("Note").fill("Below the bridge, on a nymph.")
        page.get_by_label("Note").press("Tab")
        page.get_by_role("button", name="Save the changes").click()
        page.wait_for_url(f"**{address}")
        top(page, "#hi")
        look(page, "edited")
    with browsing(browser, live_server, bob, width=360) as page:
        page.goto("/explore?at=45.4,-112.4,7")
        page.wait_for_selector("[data-explore-map][data-drawn]")
        page.locator("path.hex").first.click(force=True)
        page.wait_for_selector(".map-pop:not([hidden]) .map-pop-list a")
        top(page, "[data-explore-map]")
        look(page, "explore")
        page.goto(reverse("taxon", args=[tree["brown_trout"].label]))
        look(page, "taxon")
    assert look.taken == look.written


def test_every_picture_of_the_page_is_there(look):
    assert look.is_whole()
