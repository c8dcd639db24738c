"""Pointing at field marks by mouse, by finger and by keys; names side by side; without scripts, too."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from labeling.actions import identifications
from labeling.models import FieldMark
from labeling.queries import confusions
from tests import universe
from tests.browsers import let_in
from tests.end_to_end.test_boxing import Fingers
from tests.end_to_end.test_every_page import hard_to_read
from tests.labeling.field_marking import BARE, SLASH, give_marks, point

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

SOON = 0.004  # of a side: a pixel or two of a photo on screen
PICTURES = os.environ.get("POINTING_PICTURES", "")


@pytest.fixture
def waiting(alice, ada, bob, charlie, tree):
    """One of Alice's that Charlie calls a cutthroat trout, beside three that were taken for brown trout."""
    confusions._counted.cache_clear()
    give_marks(tree, ada)
    for number in range(3):
        known = universe.sighting(alice, seed=f"known {number}", size=(1600, 800)).occurrences.get()
        identifications.add(occurrence=known, taxon=tree["brown_trout"], by=charlie)
        for person in (ada, charlie):
            identifications.add(occurrence=known, taxon=tree["cutthroat_trout"], by=person)
        point(known, known.photos.get(), ada, SLASH, taxon=tree["cutthroat_trout"])
    brown = universe.sighting(alice, seed="brown", size=(1600, 800)).occurrences.get()
    for person in (ada, charlie):
        identifications.add(occurrence=brown, taxon=tree["brown_trout"], by=person)
    point(brown, brown.photos.get(), ada, BARE, x=0.8, taxon=tree["brown_trout"])
    sighting = universe.sighting(alice, seed="waiting", size=(1600, 800), latitude=47.2, longitude=11.4)
    occurrence = sighting.occurrences.get()
    identifications.add(occurrence=occurrence, taxon=tree["cutthroat_trout"], by=charlie)
    return occurrence


@pytest.fixture
def window(browser, live_server, bob):
    """Opens pages as Bob; an error of a script or a breach of the policy fails the test."""
    faults: list[str] = []

    @contextmanager
    def window(width: int = 1280, touch: bool = False, scripts: bool = True):
        size = {"width": width, "height": 740 if width < 600 else 900}
        context = browser.new_context(
            base_url=live_server.url, viewport=size, has_touch=touch, java_script_enabled=scripts
        )
        context.set_default_timeout(60_000)
        let_in(context, live_server.url, bob)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        try:
            yield page
        finally:
            context.close()

    yield window
    assert [each for each in faults if "400 (Bad Request)" not in each] == []


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def address(occurrence) -> str:
    return f"/sightings/{occurrence.observation_id}"


def on_plate(page: Page, plate: str, right: float, down: float) -> tuple[float, float]:
    box = page.locator(plate).first.bounding_box()
    return box["x"] + right * box["width"], box["y"] + down * box["height"]


def only() -> FieldMark:
    return FieldMark.objects.get(person__display_name="Bob", withdrawn_at=None)


def start(page: Page, occurrence, mark: str = SLASH) -> None:
    page.goto(address(occurrence))
    page.get_by_text("Point at what tells it").click()
    page.get_by_label("What do you point at?").select_option(label=mark)
    page.get_by_role("button", name="Press on the photo").press("Enter")
    expect(page.locator(".cross")).to_be_focused()


class TestOnTheSightingsPage:
    PLATE = ".bleed .plate"

    def test_by_mouse(self, window, waiting):
        with window() as page:
            start(page, waiting)
            page.mouse.click(*on_plate(page, self.PLATE, 0.3, 0.7))
            page.get_by_role("button", name="Save the point").click()
            expect(page.locator(".field-marks .marks-inline")).to_contain_text(SLASH)
            picture(page, "sighting-1280")
            assert hard_to_read("sighting", page) == []
            expect(page.locator(".overlay .number").first).to_be_visible()
            page.get_by_role("button", name="Marks").click()
            expect(page.locator(".overlay .number").first).to_be_hidden()
            page.get_by_role("button", name="Take back").click()
            expect(page.locator(".field-marks .marks-inline")).to_have_count(0)
        row = FieldMark.objects.get(person__display_name="Bob")
        assert (row.x, row.y) == pytest.approx((0.3, 0.7), abs=SOON) and row.taxon.label == "cutthroat_trout"

    def test_by_finger_on_a_phone(self, window, waiting):
        with window(360, touch=True) as page:
            start(page, waiting)
            page.locator(self.PLATE).scroll_into_view_if_needed()
            Fingers(page).tap(on_plate(page, self.PLATE, 0.6, 0.4))
            page.get_by_text("Pointed.").wait_for()
            page.get_by_role("button", name="Save the point").click()
            expect(page.locator(".field-marks .marks-inline")).to_contain_text(SLASH)
            picture(page, "sighting-360")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert (only().x, only().y) == pytest.approx((0.6, 0.4), abs=0.01)

    def test_by_keys_alone(self, window, waiting):
        with window() as page:
            start(page, waiting)
            for _ in range(10):
                page.keyboard.press("ArrowRight")
            for _ in range(5):
                page.keyboard.press("Shift+ArrowUp")
            page.keyboard.press("Enter")
            expect(page.get_by_role("button", name="Save the point")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator(".field-marks .marks-inline")).to_contain_text(SLASH)
        assert (only().x, only().y) == pytest.approx((0.6, 0.49), abs=1e-5)

    def test_without_scripts(self, window, waiting):
        with window(scripts=False) as page:
            page.goto(address(waiting))
            page.get_by_text("Point at what tells it").click()
            page.get_by_label("In words of my own").last.fill("scar on the cheek")
            page.get_by_label("Per cent from the left").fill("25")
            page.get_by_label("Per cent from the top").fill("75")
            page.get_by_role("button", name="Save the point").click()
            expect(page.locator(".field-marks .marks-inline")).to_contain_text("scar on the cheek")
        assert (only().x, only().y, only().taxon) == (0.25, 0.75, None)


class TestInTheRoom:
    PLATE = ".shot .plate"

    def open(self, page: Page) -> None:
        page.goto("/label")
        page.wait_for_timeout(600)
        page.keyboard.press("p")
        expect(page.locator(".cross")).to_be_focused()

    def test_by_mouse_and_taken_back(self, window, waiting):
        with window() as page:
            self.open(page)
            page.get_by_label("What do you point at?").select_option(label=SLASH)
            page.locator("[name=note]").evaluate("(field) => { field.value = 'typed'; }")
            # The photo lies in the middle of the plate, twice as wide as high.
            middle = on_plate(page, self.PLATE, 0.5, 0.5)
            page.mouse.click(*middle)
            page.get_by_role("button", name="Keep the point").click()
            expect(page.locator("[data-room-marks] .marks-inline")).to_contain_text(SLASH)
            expect(page.locator(".overlay .number")).to_have_count(1)
            picture(page, "room-1280")
            assert page.locator("[name=note]").input_value() == "typed"
            assert (only().x, only().y) == pytest.approx((0.5, 0.5), abs=SOON)
            page.get_by_role("button", name="Take back").click()
            expect(page.locator(".overlay .number")).to_have_count(0)
            page.get_by_role("button", name="Put away").click()
            expect(page.locator(".cross")).to_have_count(0)

    def test_backspace_takes_the_point_back_then_the_pointing(self, window, waiting):
        with window() as page:
            self.open(page)
            page.mouse.click(*on_plate(page, self.PLATE, 0.5, 0.5))
            across = page.get_by_label("Per cent from the left")
            expect(across).not_to_have_value("")
            page.keyboard.press("Backspace")
            expect(across).to_have_value("")
            expect(page.locator("[data-stage-hint]")).to_contain_text("Press where it is")
            page.keyboard.press("Backspace")
            expect(page.locator(".cross")).to_have_count(0)
        assert not FieldMark.objects.filter(person__display_name="Bob").exists()

    def test_by_finger_on_a_phone(self, window, waiting):
        with window(360, touch=True) as page:
            self.open(page)
            Fingers(page).tap(on_plate(page, self.PLATE, 0.5, 0.5))
            page.get_by_text("Pointed.").wait_for()
            page.get_by_label("What do you point at?").select_option(label=SLASH)
            page.get_by_role("button", name="Keep the point").click()
            expect(page.locator("[data-room-marks] .marks-inline")).to_contain_text(SLASH)
            picture(page, "room-360")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_by_keys_alone(self, window, waiting):
        with window() as page:
            self.open(page)
            page.keyboard.press("ArrowLeft")
            page.get_by_label("What do you point at?").select_option(label=SLASH)
            page.locator(".cross").focus()
            page.keyboard.press("Enter")
            expect(page.locator("[data-room-marks] .marks-inline")).to_contain_text(SLASH)
        assert (only().x, only().y) == pytest.approx((0.49, 0.5), abs=1e-5)


class TestSideBySide:
    def test_over_the_room_without_losing_what_is_typed(self, window, waiting):
        with window() as page:
            page.goto("/label")
            page.wait_for_timeout(600)
            page.locator("[name=note]").evaluate("(field) => { field.value = 'typed'; }")
            expect(page.locator("[data-confusions]")).to_be_hidden()
            page.locator("[name=likely][value=cutthroat_trout]").check(force=True)
            expect(page.locator("[data-confusions]")).to_be_visible()
            page.keyboard.press("k")
            dialog = page.get_by_role("dialog", name="Tell them apart")
            expect(dialog.get_by_role("heading")).to_have_count(2)
            expect(dialog.locator("img").first).to_be_visible()
            picture(page, "apart-1280")
            assert hard_to_read("apart", page) == []
            page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)
            assert page.locator("[name=note]").input_value() == "typed"
            assert page.locator("[name=likely]:checked").input_value() == "cutthroat_trout"

    def test_on_a_phone_one_after_another(self, window, waiting):
        with window(360, touch=True) as page:
            page.goto("/taxa/cutthroat_trout/alike")
            picture(page, "apart-360")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert page.locator(".apart").evaluate("(each) => each.scrollWidth > each.clientWidth")
            assert hard_to_read("apart", page) == []

    def test_without_scripts_in_a_window_of_its_own(self, window, waiting):
        with window(scripts=False) as page:
            page.goto("/label")
            page.locator("[name=likely][value=cutthroat_trout]").check(force=True)
            with page.context.expect_page() as opened:
                page.locator("[data-confusions]").click()
            expect(opened.value.get_by_role("heading", name="Brown trout")).to_be_visible()

    def test_examples_on_the_page_of_a_name(self, window, waiting):
        with window() as page:
            page.goto("/taxa/cutthroat_trout/")
            page.locator("#marks").scroll_into_view_if_needed()
            expect(page.locator(".mark-crop")).to_have_count(1)
            picture(page, "taxon-1280")
            assert hard_to_read("taxon", page) == []
