"""The photo of a sighting's page and of a reviewer's: looked at closely, with what lies over it, as in the room."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from labeling.actions import boxes, identifications
from labeling.queries import confusions
from species.models import Occurrence
from tests import universe
from tests.end_to_end.test_boxing import FRACTION, all_tools
from tests.end_to_end.test_drafts import browsing
from tests.end_to_end.test_every_page import hard_to_read
from tests.labeling.field_marking import SLASH, give_marks, point

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

BOX = {"x": 0.25, "y": 0.3, "width": 0.5, "height": 0.4}
MARK = (0.4, 0.6)
SOON = 0.004  # of a side: a pixel or two of a photo on screen
PLACES = ("sighting", "review")


@pytest.fixture
def seen(alice, ada, bob, charlie, tree) -> Occurrence:
    """One of Alice's, about which people disagree, with a box of hers and a point of Ada's."""
    confusions._counted.cache_clear()
    give_marks(tree, ada)
    occurrence = universe.sighting(alice, seed="seen", size=(1600, 1000)).occurrences.get()
    photo = occurrence.photos.get()
    boxes.draw(occurrence=occurrence, photo=photo, by=alice, **BOX)
    point(occurrence, photo, ada, SLASH, x=MARK[0], y=MARK[1], taxon=tree["cutthroat_trout"])
    for person, label in ((bob, "cutthroat_trout"), (charlie, "brown_trout")):
        identifications.add(occurrence=occurrence, taxon=tree[label], by=person)
    return occurrence


def address(seen: Occurrence, place: str) -> str:
    if place == "sighting":
        return reverse("observation", args=[seen.observation_id])
    return reverse("review_queue", args=["disputed"])


def ready(page: Page, seen: Occurrence, place: str) -> None:
    page.goto(address(seen, place))
    expect(page.locator(".viewer .overlay .line")).to_be_attached()
    page.locator(".shot img").evaluate("(photo) => photo.decode()")


def middle(page: Page, selector: str) -> list[float]:
    box = page.locator(selector).first.bounding_box()
    return [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]


def where_marks_are(page: Page) -> tuple[list[float], list[float]]:
    """On the photo, by how the browser shows it: the middle of the box, and the point (a review shows no points)."""
    found = page.evaluate(FRACTION, middle(page, ".overlay .line"))
    points = page.locator(".overlay .dot")
    return found, page.evaluate(FRACTION, middle(page, ".overlay .dot")) if points.count() else list(MARK)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("width", [360, 1280])
def test_what_lies_over_the_photo_stays_on_it(browser, live_server, seen, rita, place, width):
    with browsing(browser, live_server, rita, width=width) as page:
        ready(page, seen, place)
        all_tools(page)
        for press in ("", "in", "in", "turn", "in", "fit"):
            if press:
                page.locator(f"[data-view={press}]").click()
            found, at = where_marks_are(page)
            assert found == pytest.approx([0.5, 0.5], abs=SOON), press
            assert at == pytest.approx(MARK, abs=SOON), press
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator(".tools .btn:visible").all():
            box = button.bounding_box()
            assert box["width"] >= 44 and box["height"] >= 44 and box["x"] + box["width"] <= width
        assert hard_to_read(place, page) == []


def test_boxes_and_marks_are_switched_off_each(browser, live_server, seen, rita):
    with browsing(browser, live_server, rita) as page:
        ready(page, seen, "sighting")
        line, number = page.locator(".overlay .line"), page.locator(".overlay .number")
        page.get_by_role("button", name="Boxes").click()
        expect(line).to_be_hidden()
        expect(number).to_be_visible()
        page.get_by_role("button", name="Marks").click()
        expect(number).to_be_hidden()
        page.get_by_role("button", name="Boxes").click()
        expect(line).to_be_visible()


def test_keys_are_its_own_while_it_has_the_focus(browser, live_server, seen, rita):
    with browsing(browser, live_server, rita) as page:
        ready(page, seen, "review")
        still = page.locator(".shot img").get_attribute("style")
        page.keyboard.press("+")
        assert page.locator(".shot img").get_attribute("style") == still
        page.locator(".shot").focus()
        page.keyboard.press("+")
        closer = page.locator(".shot img").get_attribute("style")
        page.keyboard.press("ArrowRight")
        assert len({still, closer, page.locator(".shot img").get_attribute("style")}) == 3
        page.keyboard.press("0")
        assert page.locator(".shot img").get_attribute("style") == still


def test_the_wheel_is_the_pages_until_one_is_close(browser, live_server, seen, rita):
    with browsing(browser, live_server, rita) as page:
        ready(page, seen, "sighting")
        still = page.locator(".shot img").get_attribute("style")
        page.mouse.move(*middle(page, ".shot"))
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(300)
        assert page.evaluate("scrollY") > 0
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(300)
        assert page.evaluate("scrollY") == 0
        assert page.locator(".shot img").get_attribute("style") == still
        page.locator("[data-view=in]").click()
        page.mouse.move(*middle(page, ".shot"))
        page.mouse.wheel(0, -100)
        page.wait_for_timeout(100)
        assert page.evaluate("scrollY") == 0
        assert page.locator(".shot img").get_attribute("style") != still


def test_without_scripts_it_is_the_photo_and_what_lies_over_it(browser, live_server, seen, rita):
    with browsing(browser, live_server, rita, scripts=False) as page:
        page.goto(address(seen, "sighting"))
        expect(page.locator(".viewer .marks .box")).to_be_visible()
        expect(page.locator(".viewer .points .marks text")).to_be_visible()
        expect(page.locator(".viewer .tools")).to_be_hidden()
