"""The map of Explore in Chromium: hexagons, a card for what is chosen by hand or key, an address that holds it all."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests import universe
from tests.conftest import person

pytestmark = [pytest.mark.browser, pytest.mark.once]

INN = (47.26812, 11.39325)
LINZ = (48.3, 14.29)
DRAWN = "[data-explore-map][data-drawn]"

# Of the bars of the page, what is seen and not on top where it stands.
UNCOVERED = """() => [...document.querySelectorAll('.site-head a, .site-head button, .tabbar a')].filter((each) => {
  const box = each.getBoundingClientRect();
  if (!box.width || !each.checkVisibility()) return false;
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !top?.closest('.site-head, .tabbar');
}).map((each) => each.textContent.trim())"""


@pytest.fixture
def library(transactional_db, live_server, browser):
    universe.plant_tree()
    alice = person("Alice")
    places = [(INN, "open"), (INN, "generalized"), (INN, "private"), (LINZ, "generalized")]
    for number, ((latitude, longitude), privacy) in enumerate(places):
        universe.sighting(
            alice, seed=number, size=(64, 48), latitude=latitude, longitude=longitude, privacy=privacy
        )


@pytest.mark.parametrize("width", [360, 1280])
def test_looking_around(browser, library, live_server, width):
    page = browser.new_page(base_url=live_server.url, viewport={"width": width, "height": 800})
    faults, asked = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/explore")
    page.wait_for_selector(DRAWN)
    assert page.locator("path.hex").count() == 2
    assert "at=" not in page.url, "nobody has moved it"
    assert "2 sightings" in page.inner_text("[data-map-says]") or "3 sightings" in page.inner_text(
        "[data-map-says]"
    )
    assert "1 sighting shows no place." in page.inner_text("[data-map-says]")

    page.goto("/explore?at=47.2681,11.3933,7")
    page.wait_for_selector(DRAWN)
    page.focus("[data-map]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".map-pop:not([hidden]) .map-pop-list li")
    assert "2 sightings, 0 verified" in page.inner_text(".map-pop")
    assert page.evaluate("document.activeElement.matches('.map-pop')")
    page.keyboard.press("Escape")
    assert page.locator(".map-pop").is_hidden()

    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "11.3933" not in url)
    assert page.url.endswith("%2C7"), "the zoom is in the address too"
    moved = page.url
    # A click that begins on one hexagon and ends on the one drawn in its stead is none.
    at = parse_qs(urlsplit(moved).query)["at"][0]
    page.wait_for_selector(f"[data-explore-map][data-drawn='{at}']")
    page.locator("path.hex").first.click(force=True)
    page.wait_for_selector(".map-pop:not([hidden]) .map-pop-head a")
    page.click(".map-pop-head a")
    page.wait_for_url("**cell=**")
    page.wait_for_selector(DRAWN)
    assert page.locator("path.m-pick").count() == 1
    page.go_back()
    page.wait_for_selector(DRAWN)
    assert page.url == moved

    page.goto("/explore?at=47.2681,11.3933,13")
    page.wait_for_selector(DRAWN)
    assert page.locator("path.m-point").count() == 1, "the open place alone"
    page.locator("path.m-point").click(force=True)
    page.wait_for_selector(".map-pop:not([hidden]) .map-pop-list a[href^='/sightings/']")

    # Wherever one scrolls, what is fixed lies over the map: half of it below the upper edge, half above the lower one.
    for edge in (0, 800):
        page.evaluate(
            "(y) => scrollBy(0, document.querySelector('[data-map]').getBoundingClientRect().top + 90 - y)",
            edge,
        )
        assert page.evaluate(UNCOVERED) == []

    assert not faults
    assert not [address for address in asked if not address.startswith(live_server.url)]
    page.context.close()


def test_without_scripts_there_is_the_list(browser, library, live_server):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/explore?month=&status=needs_id")
    assert page.locator(".map-frame").is_hidden()
    page.click(".areas summary")
    page.click(".areas tbody a >> nth=0")
    assert "cell=" in page.url and page.locator("article.card").count() in (1, 2)
    page.context.close()
