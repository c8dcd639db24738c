"""A reviewer settles what is disputed by keys alone, and undoes all of it.

REVIEW_ITEMS and REVIEW_PAUSE (seconds before each is decided) make it as long as a sitting: docs/review.md says what
came of 50 and 2.
"""

import os
import time

import pytest
from playwright.sync_api import Page, expect

from labeling.actions import identifications
from labeling.models import Ruling
from species.models import Occurrence, Status
from tests import universe
from tests.browsers import let_in

ITEMS = int(os.environ.get("REVIEW_ITEMS", "4"))
PAUSE = float(os.environ.get("REVIEW_PAUSE", "0"))
MINUTES = 5

pytestmark = pytest.mark.browser


@pytest.fixture
def quarrels(transactional_db, tree, alice, bob, charlie, ada) -> list[Occurrence]:
    """Half of them two against one; the others two against two, which a ruling asks about twice."""
    found = []
    for number in range(ITEMS):
        it = universe.sighting(alice, seed=f"quarrel {number}", size=(64, 48)).occurrences.get()
        people = (bob, charlie, ada) if number % 2 else (bob, charlie, ada, alice)
        for place, person in enumerate(people):
            name = "brown_trout" if place % 2 == 0 else "rainbow_trout"
            identifications.add(occurrence=it, taxon=tree[name], by=person)
        found.append(it)
    return found


def statuses() -> list[str]:
    return list(Occurrence.objects.order_by("created", "id").values_list("status", flat=True))


def press(page: Page, key: str) -> None:
    """A key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_by_keys_alone(browser, live_server, quarrels, rita):
    assert statuses() == [Status.DISPUTED] * ITEMS
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    let_in(context, live_server.url, rita)
    page = context.new_page()
    page.goto("/review/disputed")
    began = time.monotonic()
    for number in range(ITEMS):
        expect(page.locator("[data-left]")).to_have_text(f"{ITEMS - number} left")
        time.sleep(PAUSE)
        page.keyboard.press("r")
        press(page, str(number % 5 + 1))
        if page.get_by_text("Rule all the same").is_visible():
            press(page, "Enter")
    took = time.monotonic() - began
    expect(page.get_by_text("Nothing waits here")).to_be_visible()
    assert statuses() == [Status.VERIFIED] * ITEMS
    assert took <= MINUTES * 60, f"{ITEMS} took {took:.0f} s"
    print(f"{ITEMS} disputed ones, {PAUSE} s before each: {took:.0f} s")
    # Each undo leads to the one that is undone, whose page offers the one before.
    for _ in range(ITEMS):
        press(page, "Backspace")
    assert statuses() == [Status.DISPUTED] * ITEMS
    assert not Ruling.objects.filter(withdrawn_at=None).exists()
    # Single keys can be switched off: then nothing is pressed by mistake.
    rita.keys_on = False
    rita.save(update_fields=["keys_on"])
    page.goto("/review/disputed")
    page.keyboard.press("r")
    assert not page.locator("input[name=what]:checked").count()
    page.keyboard.press("?")
    expect(page.locator("#keys-list")).to_be_hidden()
    context.close()
