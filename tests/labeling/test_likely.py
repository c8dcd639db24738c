"""All likely names at hand: on a phone under the photo, without a scroll."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from labeling.actions import boxes, campaigns, identifications, portraits, rulings
from labeling.models import Campaign, Identification
from tests import universe
from tests.browsers import let_in

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
NAMES = [
    *("brown_trout", "rainbow_trout", "atlantic_salmon", "brook_trout", "cutbow"),
    *("chub", "bream", "huchen", "bull_trout"),
]
# Edges of the nine names, of the photo and of the bar under them, in pixels of the screen.
PLACES = """() => {
  const edges = (node) => {
    const { top, bottom, height, width } = node.getBoundingClientRect();
    return { top, bottom, height, width };
  };
  return {
    names: [...document.querySelectorAll(".likely label")].map(edges),
    same: edges(document.querySelector("[data-same]")),
    photo: edges(document.querySelector(".stage .shot")),
    bar: edges(document.querySelector(".saves")),
    wide: document.documentElement.scrollWidth,
  };
}"""


@pytest.fixture
def waiting(tree, alice, bob, rita):
    for seed, label in enumerate(NAMES):
        found = universe.sighting(alice, seed=label).occurrences.get()
        rulings.rule(occurrence=found, taxon=tree[label], reason="Seen.", by=rita)
        if seed % 2:
            photo = found.photos.get()
            boxes.draw(occurrence=found, photo=photo, by=rita, x=0.2, y=0.3, width=0.5, height=0.4)
    portraits.choose_all()
    before = universe.sighting(alice, seed="before").occurrences.get()
    identifications.add(occurrence=before, taxon=tree["cutbow"], by=bob)
    return [universe.sighting(alice, seed=seed).occurrences.get() for seed in range(4)]


@pytest.fixture
def phone(browser, live_server, waiting, bob):
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 740}, has_touch=True
    )
    let_in(context, live_server.url, bob)
    page = context.new_page()
    page.set_default_timeout(60_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def test_all_nine_and_the_last_one_within_reach_of_a_thumb(phone, waiting):
    phone.goto(reverse("label"))
    expect(phone.locator(".likely label")).to_have_count(9)
    for _ in range(2):
        places = phone.evaluate(PLACES)
        look(phone, f"likely-{_}")
        assert places["photo"]["height"] >= 180 and places["wide"] <= 360, places
        for each in [*places["names"], places["same"]]:
            assert each["top"] >= places["photo"]["bottom"] and each["bottom"] <= places["bar"]["top"], places
            assert each["height"] >= 44 and each["width"] >= 44
        # Also with what was said last standing above them.
        phone.wait_for_timeout(350)
        was = phone.locator('#answer [name="occurrence"]').input_value()
        phone.locator(".likely label").nth(5).tap()
        expect(phone.locator('#answer [name="occurrence"]')).not_to_have_value(was)
    phone.set_viewport_size({"width": 1280, "height": 900})
    look(phone, "likely-desk")


def test_the_same_again_follows_what_was_said(phone, waiting, tree):
    phone.goto(reverse("label"))
    again = phone.locator("[data-same]")
    expect(again).to_contain_text("Again: Cutbow", ignore_case=True)
    phone.wait_for_timeout(350)
    name = phone.locator(".likely label > span:not(.plate)").nth(3).inner_text()
    phone.locator(".likely label").nth(3).tap()
    expect(again).to_contain_text(name)
    phone.wait_for_timeout(350)
    was = phone.locator('#answer [name="occurrence"]').input_value()
    again.tap()
    expect(phone.locator('#answer [name="occurrence"]')).not_to_have_value(was)
    for _ in range(200):
        said = [each.taxon.name for each in Identification.objects.order_by("-created")[:2]]
        if said[0] == said[1]:
            break
        phone.wait_for_timeout(50)
    assert said == [name, name]


def test_a_set_lasts_from_photo_to_photo(phone, waiting, charlie, ada, tree):
    """Two of four: the room ends after these, says so, and undo comes back to one of them."""
    for each in waiting[2:]:
        identifications.add(occurrence=each, taxon=tree["chub"], by=charlie)
    made = Campaign(slug="enns", name="The Enns", words="Who lives there?", query="place=Enns", goal=30)
    campaigns.save(campaign=made, by=ada)
    phone.goto(reverse("label_sets"))
    phone.get_by_label("Difficulty").select_option("unnamed")
    look(phone, "set-choice")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.get_by_role("button", name="Name these").click()
    look(phone, "set-room")
    expect(phone.locator("[data-progress]")).to_have_text("0 done, 2 left.")
    for left in (1, 0):
        phone.wait_for_timeout(350)
        asked = phone.locator('#answer [name="occurrence"]')
        answered = asked.input_value()
        phone.locator(".likely label").first.tap()
        if left:
            expect(asked).not_to_have_value(answered)
            expect(phone.locator("[data-progress]")).to_have_text("1 done, 1 left.")
            assert "difficulty=unnamed" in phone.url
    expect(phone.get_by_text("This set is done")).to_be_visible()
    look(phone, "set-end")
    phone.get_by_role("button", name="Undo").first.click()
    expect(phone.locator("[data-progress]")).to_have_text("1 done, 1 left.")
    assert "difficulty=unnamed" in phone.url


def look(page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")
