"""Boxes in the labeling room: by mouse, by finger and by keys, on a turned photo, close up; and what is no box."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from labeling.actions import boxes
from labeling.models import AllBoxed, Box, Identification, Pass
from species import ingest
from species.actions import observations, occurrences
from species.models import Occurrence, Photo
from tests import universe
from tests.browsers import let_in
from tests.end_to_end.test_every_page import SHIFTS, hard_to_read

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# A photo as a phone stores it: on its side, with a note of how to hold it. Upright it is 1200 by 1600.
STORED, UPRIGHT = (1600, 1200), (1200, 1600)
SIDES = ("x", "y", "width", "height")
# Where a point of the screen lies on the photo as the browser shows it, whatever our modules think.
FRACTION = """([x, y]) => {
  const photo = document.querySelector(".shot img"), plate = photo.parentElement.getBoundingClientRect();
  const matrix = new DOMMatrix(getComputedStyle(photo).transform).inverse();
  const {x: u, y: v} = matrix.transformPoint(new DOMPoint(x - plate.left, y - plate.top));
  const [width, height] = [photo.offsetWidth, photo.offsetHeight];
  const wide = Math.min(width, height * photo.naturalWidth / photo.naturalHeight);
  const high = wide * photo.naturalHeight / photo.naturalWidth;
  return [(u - (width - wide) / 2) / wide, (v - (height - high) / 2) / high];
}"""
LOADED = "() => { const photo = document.querySelector('.shot img'); return photo.complete && photo.naturalWidth > 0; }"


@pytest.fixture
def asked(alice, tree) -> Occurrence:
    """One organism on a turned phone photo of Alice's, which waits for a name."""
    data = universe.photo_bytes("phone", size=STORED, exif={"orientation": 6})
    sighting = observations.start(by=alice)
    ingest.receive(data=data, owner=alice, observation=sighting)
    observations.publish(observation=sighting, by=alice)
    return sighting.occurrences.get()


@pytest.fixture
def room(browser, live_server, bob):
    """Opens the room as Bob sees it; an error of a script or a breach of the policy fails the test."""
    faults: list[str] = []

    @contextmanager
    def room(width: int = 1280, touch: bool = False, scripts: bool = True, address: str = "/label"):
        size = {"width": width, "height": 740 if width < 600 else 900}
        context = browser.new_context(
            base_url=live_server.url, viewport=size, has_touch=touch, java_script_enabled=scripts
        )
        context.set_default_timeout(20_000)
        let_in(context, live_server.url, bob)
        context.add_init_script(SHIFTS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        try:
            page.goto(address)
            if scripts:
                page.wait_for_function(LOADED)
                expect(page.locator(".overlay")).to_be_attached()
            yield page
        finally:
            context.close()

    yield room
    assert [each for each in faults if "400 (Bad Request)" not in each] == []


def at(page: Page, right: float, down: float) -> tuple[int, int]:
    """A point of the stage, by shares of its sides, in whole pixels of the screen."""
    box = page.locator(".shot .plate").bounding_box()
    return round(box["x"] + right * box["width"]), round(box["y"] + down * box["height"])


def around(page: Page, *points: tuple[int, int]) -> dict[str, float]:
    found = [page.evaluate(FRACTION, list(point)) for point in points]
    xs, ys = [each[0] for each in found], [each[1] for each in found]
    return {"x": min(xs), "y": min(ys), "width": max(xs) - min(xs), "height": max(ys) - min(ys)}


def drag(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


class Fingers:
    """Touches as Chromium has them from a screen: each call says which fingers lie where from now on."""

    def __init__(self, page: Page):
        self.line = page.context.new_cdp_session(page)

    def lie(self, kind: str, *points: tuple[float, float], radius: float = 8) -> None:
        touches = [
            {"x": x, "y": y, "id": number, "radiusX": radius, "radiusY": radius}
            for number, (x, y) in enumerate(points)
        ]
        self.line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.lie("touchStart", start)
        for share in (0.3, 0.7, 1):
            self.lie("touchMove", tuple(a + share * (b - a) for a, b in zip(start, end, strict=True)))
        self.lie("touchEnd")

    def tap(self, point: tuple[int, int]) -> None:
        self.lie("touchStart", point)
        self.lie("touchEnd")


def all_tools(page: Page) -> None:
    """Those too that a phone has folded away."""
    more = page.locator("[data-more-tools]")
    if more.is_visible() and more.get_attribute("aria-expanded") == "false":
        more.click()


def close_up(page: Page) -> None:
    """Turned by a quarter, and 3.8 times as large."""
    all_tools(page)
    page.locator("[data-view=turn]").click()
    for _ in range(4):
        page.locator("[data-view=in]").click()


def save_as(page: Page, name: str = "chub") -> None:
    # Sooner nobody has seen the photo, and the room takes nothing for its answer.
    page.wait_for_timeout(350)
    page.locator("[name=name]").fill(name)
    with page.expect_navigation():
        page.locator("[data-save]").click()


def drawn(page: Page) -> bool:
    return page.locator(".overlay .own").count() > 0


def stands() -> Box:
    return Box.objects.get(withdrawn_at=None)


def within_a_pixel(box: Box, meant: dict[str, float], pixels: float = 1) -> None:
    off = {
        "left": (box.x - meant["x"]) * UPRIGHT[0],
        "top": (box.y - meant["y"]) * UPRIGHT[1],
        "right": (box.x + box.width - meant["x"] - meant["width"]) * UPRIGHT[0],
        "bottom": (box.y + box.height - meant["y"] - meant["height"]) * UPRIGHT[1],
    }
    assert max(map(abs, off.values())) <= pixels, off


class TestCloseUpOnATurnedPhoto:
    def test_by_mouse(self, room, asked, bob):
        with room() as page:
            close_up(page)
            start, end = at(page, 0.3, 0.35), at(page, 0.71, 0.63)
            page.locator("[data-draw=drag]").click()
            drag(page, start, end)
            meant = around(page, start, end)
            save_as(page)
        assert stands().person == bob
        within_a_pixel(stands(), meant)

    def test_by_finger(self, room, asked):
        with room(width=360, touch=True) as page:
            close_up(page)
            start, end = at(page, 0.7, 0.7), at(page, 0.2, 0.25)
            page.locator("[data-draw=drag]").click()
            Fingers(page).drag(start, end)
            meant = around(page, start, end)
            save_as(page)
        within_a_pixel(stands(), meant)

    def test_by_keys(self, room, asked):
        with room() as page:
            for key in ("v", "+", "+", "+", "+", "r"):
                page.keyboard.press(key)
            before = page.locator(".overlay .own .line").bounding_box()
            keys = (
                ["ArrowRight"] * 3
                + ["Shift+ArrowDown"] * 5
                + ["Alt+ArrowLeft"] * 4
                + ["Alt+Shift+ArrowUp"] * 7
            )
            for key in keys:
                page.keyboard.press(key)
            # An arrow is 8 pixels of the screen, with Shift one; with Alt it moves the right and the lower side.
            left, top = before["x"] + 24, before["y"] + 5
            stroke = 1.25
            corner = (left + stroke, top + stroke)
            other = (
                left - stroke + before["width"] - 32,
                top - stroke + before["height"] - 7,
            )
            meant = around(page, corner, other)
            page.keyboard.press("Enter")
            save_as(page)
        within_a_pixel(stands(), meant)

    def test_by_its_four_edges_in_any_order(self, room, asked):
        with room() as page:
            close_up(page)
            points = [at(page, 0.5, 0.2), at(page, 0.52, 0.8), at(page, 0.3, 0.5), at(page, 0.75, 0.45)]
            page.locator("[data-draw=edges]").click()
            for point in points:
                page.mouse.click(*point)
                page.wait_for_timeout(50)
            meant = around(page, *points)
            save_as(page)
        within_a_pixel(stands(), meant)

    def test_backspace_takes_the_last_edge_back_and_no_answer(self, room, asked, alice):
        universe.sighting(alice, seed="the next")
        with room() as page:
            page.wait_for_timeout(350)
            shown = page.locator('#answer [name="occurrence"]')
            was = shown.input_value()
            with page.expect_response(lambda answer: answer.request.method == "POST"):
                page.keyboard.press("s")
            expect(shown).not_to_have_value(was)
            edges = page.locator(".overlay .edge-tap")
            page.locator("[data-draw=edges]").click()
            for point in (at(page, 0.45, 0.4), at(page, 0.55, 0.5)):
                page.mouse.click(*point)
                page.wait_for_timeout(450)
            expect(edges).to_have_count(2)
            page.keyboard.press("Backspace")
            expect(edges).to_have_count(1)
            # The button that takes an answer back does the same: on a phone it is all there is.
            page.get_by_role("button", name="Undo").first.click()
            expect(edges).to_have_count(0)
            expect(page.locator("[data-stage-hint]")).to_have_text("4 more edges.")
            page.keyboard.press("Backspace")
            expect(page.locator("[data-draw=edges]")).to_have_attribute("aria-pressed", "false")
            assert Pass.objects.get(withdrawn_at=None)
            page.keyboard.press("Backspace")
            expect(page.locator(".last")).to_contain_text("Here it is again.")
        assert not Pass.objects.filter(withdrawn_at=None).exists()

    def test_a_side_and_the_whole_are_moved_and_one_may_lie_in_another(self, room, asked):
        with room() as page:
            page.locator("[data-draw=drag]").click()
            drag(page, at(page, 0.4, 0.2), at(page, 0.6, 0.8))
            drag(page, at(page, 0.5, 0.5), at(page, 0.52, 0.45))  # the whole
            drag(page, at(page, 0.62, 0.75), at(page, 0.6, 0.7))  # its lower right corner
            meant = around(page, at(page, 0.42, 0.15), at(page, 0.6, 0.7))
            save = page.locator("button[value=box]")
            page.locator("[data-box-panel] summary").click()
            with page.expect_navigation():
                save.click()
            # Two ends of a way on the screen, each in whole pixels of it, which are two of the photo.
            within_a_pixel(stands(), meant, pixels=4)
            page.locator("[data-draw=drag]").click()
            drag(page, at(page, 0.47, 0.3), at(page, 0.55, 0.5))
            meant = around(page, at(page, 0.47, 0.3), at(page, 0.55, 0.5))
            save_as(page)
        within_a_pixel(stands(), meant, pixels=2)
        assert Box.objects.count() == 2


class TestNoBox:
    """What a hand does besides drawing. After each the room is as it was, and can still be drawn in."""

    @pytest.fixture
    def drawing(self, room, asked):
        with room(width=360, touch=True) as page:
            page.locator("[data-draw=drag]").click()
            yield page, Fingers(page)
            assert not drawn(page)
            assert page.locator("[data-side=x]").input_value() == ""
            Fingers(page).drag(at(page, 0.42, 0.3), at(page, 0.58, 0.7))
            expect(page.locator(".overlay .own")).to_be_attached()

    def test_a_pinch_makes_it_larger(self, drawing):
        page, fingers = drawing
        a, b = at(page, 0.45, 0.5), at(page, 0.55, 0.5)
        fingers.lie("touchStart", a)
        fingers.lie("touchMove", (a[0] - 12, a[1] - 20))
        assert drawn(page), "so far it may be a box"
        fingers.lie("touchStart", (a[0] - 12, a[1] - 20), b)
        assert not drawn(page), "the second finger takes it back"
        fingers.lie("touchMove", (a[0] - 40, a[1] - 40), (b[0] + 40, b[1] + 40))
        fingers.lie("touchEnd")
        assert page.locator(".shot.is-close").count() == 1
        all_tools(page)
        page.locator("[data-view=whole]").click()

    def test_one_of_two_fingers_is_lifted(self, drawing):
        page, fingers = drawing
        a, b = at(page, 0.45, 0.4), at(page, 0.55, 0.6)
        fingers.lie("touchStart", a)
        fingers.lie("touchStart", a, b)
        fingers.lie("touchEnd", a)
        fingers.lie("touchMove", at(page, 0.55, 0.7))
        fingers.lie("touchEnd")

    def test_the_second_finger_is_lost(self, drawing):
        page, fingers = drawing
        a, b = at(page, 0.45, 0.4), at(page, 0.55, 0.6)
        fingers.lie("touchStart", a)
        fingers.lie("touchMove", at(page, 0.5, 0.5))
        fingers.lie("touchStart", at(page, 0.5, 0.5), b)
        fingers.lie("touchCancel")

    def test_a_drawing_finger_is_lost(self, drawing):
        page, fingers = drawing
        fingers.lie("touchStart", at(page, 0.45, 0.4))
        fingers.lie("touchMove", at(page, 0.6, 0.6))
        fingers.lie("touchCancel")

    def test_a_palm(self, drawing):
        page, fingers = drawing
        fingers.lie("touchStart", at(page, 0.45, 0.4), radius=45)
        fingers.lie("touchMove", at(page, 0.55, 0.6), radius=45)
        fingers.lie("touchEnd")

    def test_a_hand_of_many_fingers(self, drawing):
        page, fingers = drawing
        points = [at(page, 0.4 + 0.05 * number, 0.4) for number in range(3)]
        for number in range(3):
            fingers.lie("touchStart", *points[: number + 1])
        fingers.lie("touchMove", *[(x + 30, y + 40) for x, y in points])
        fingers.lie("touchEnd")

    def test_a_double_tap(self, drawing):
        page, fingers = drawing
        for _ in range(2):
            fingers.tap(at(page, 0.5, 0.5))

    def test_a_drag_of_a_few_pixels(self, drawing):
        page, fingers = drawing
        x, y = at(page, 0.5, 0.5)
        fingers.drag((x, y), (x + 20, y + 5))

    def test_with_drawing_off_a_finger_scrolls_the_page(self, room, asked):
        with room(width=360, touch=True) as page:
            assert page.locator(".shot").evaluate("(e) => getComputedStyle(e).touchAction") == "pan-y"
            Fingers(page).drag(at(page, 0.3, 0.8), at(page, 0.6, 0.2))
            assert not drawn(page)
            page.locator("[data-draw=drag]").click()
            assert page.locator(".shot").evaluate("(e) => getComputedStyle(e).touchAction") == "none"
            assert page.locator("main").evaluate("(e) => getComputedStyle(e).touchAction") == "auto"

    def test_a_double_tap_is_one_edge_of_four(self, room, asked):
        with room(width=360, touch=True) as page:
            page.locator("[data-draw=edges]").click()
            fingers = Fingers(page)
            for _ in range(4):
                fingers.tap(at(page, 0.5, 0.5))
            expect(page.locator(".edge-tap")).to_have_count(1)
            assert not drawn(page)


class TestBoxedAndNamed:
    def test_by_keys_alone(self, room, asked, bob):
        with room() as page:
            page.keyboard.press("r")
            expect(page.locator(".overlay .own")).to_be_focused()
            assert page.locator("[data-side=x]").input_value() == "", "nothing is said yet"
            page.keyboard.press("Alt+ArrowLeft")
            page.keyboard.press("ArrowUp")
            page.keyboard.press("Enter")
            page.keyboard.press("/")
            page.keyboard.type("chub")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            expect(page.get_by_text("Chub, saved.")).to_be_visible()
        assert stands().person == Identification.objects.get().person == bob

    def test_by_one_thumb_alone(self, room, asked):
        """Everything is in reach: no scroll sideways, nothing smaller than a thumb, the photo never covered."""
        with room(width=360, touch=True) as page:
            fingers = Fingers(page)
            middle = page.locator("[data-draw=drag]").bounding_box()
            fingers.tap((middle["x"] + 22, middle["y"] + 22))
            expect(page.locator("[data-draw=drag]")).to_have_attribute("aria-pressed", "true")
            fingers.drag(at(page, 0.42, 0.2), at(page, 0.6, 0.75))
            expect(page.locator("[data-stage-hint]")).to_contain_text("Boxed.")
            page.locator("[name=name]").tap()
            page.keyboard.type("chub")
            with page.expect_navigation():
                page.locator("[data-save]").tap()
            expect(page.get_by_text("Chub, saved.")).to_be_visible()
        assert Identification.objects.count() == Box.objects.count() == 1

    def test_by_thumb_beside_what_others_drew(self, room, asked, alice, bob):
        """Others' boxes say which one is meant, are gone while one draws, and in nobody's way."""
        photo = asked.photos.get()
        boxes.draw(occurrence=asked, photo=photo, by=bob, x=0.1, y=0.1, width=0.3, height=0.2)
        second = occurrences.add(observation=asked.observation, photos=[photo], by=alice)
        boxes.draw(occurrence=second, photo=photo, by=alice, x=0.3, y=0.3, width=0.4, height=0.3)
        with room(width=360, touch=True, address=f"/label?occurrence={second.pk}") as page:
            expect(page.get_by_role("img", name="Your box of Fish 1")).to_be_attached()
            expect(page.locator(".of-others .line")).to_be_visible()
            page.locator("[data-draw=drag]").tap()
            expect(page.locator(".of-others .line")).to_be_hidden()
            outline = page.locator(".of-others .line").bounding_box()
            start = (round(outline["x"]) + 1, round(outline["y"]) + 1)
            Fingers(page).drag(start, at(page, 0.62, 0.7))
            # The very next tap means what it hits.
            with page.expect_navigation():
                page.locator("button[value=all_boxed]").tap()
            expect(page.locator("button[value=not_all_boxed]")).to_be_attached()
            expect(page.locator(".of-others")).to_have_count(0)
        assert Box.objects.filter(occurrence=second, person=bob).exists()

    def test_keys_remove_and_take_back(self, room, asked):
        with room() as page:
            page.keyboard.press("r")
            page.keyboard.press("ArrowUp")
            assert page.locator("[data-side=x]").input_value() != ""
            page.keyboard.press("Delete")
            assert not drawn(page)
            assert page.locator("[data-side=x]").input_value() == ""
            page.keyboard.press("r")
            page.keyboard.press("Escape")
            assert not drawn(page)

    def test_the_numbers_are_the_box_both_ways(self, room, asked):
        with room() as page:
            page.locator("[data-box-panel] summary").click()
            for side, value in zip(SIDES, ("25", "12.5", "50", "40"), strict=True):
                page.locator(f"[data-side={side}]").fill(value)
            label = page.locator(".overlay .own").get_attribute("aria-label")
            assert label == "Box of Fish: 25 % from the left, 12.5 % from the top, 50 % wide, 40 % high"
            page.locator(".overlay .own").focus()
            page.keyboard.press("ArrowRight")
            assert float(page.locator("[data-side=x]").input_value()) > 25
            assert page.locator("[data-side=width]").input_value() == "50"

    def test_without_scripts_the_numbers_are_the_way(self, room, asked):
        with room(scripts=False) as page:
            assert not page.locator("[data-draw=drag]").is_visible()
            page.locator("[data-box-panel] summary").click()
            for side, value in zip(SIDES, ("25", "12.5", "50", "40"), strict=True):
                page.locator(f"[data-side={side}]").fill(value)
            page.locator("[name=name]").fill("chub")
            page.locator("[data-save]").click()
            page.wait_for_url("**kind=name**")
        box = stands()
        assert [box.x, box.y, box.width, box.height] == pytest.approx([0.25, 0.125, 0.5, 0.4])


class TestNothingIsLost:
    def draw(self, page: Page) -> None:
        page.locator("[data-draw=drag]").click()
        drag(page, at(page, 0.42, 0.2), at(page, 0.58, 0.8))
        expect(page.locator(".overlay .own")).to_be_attached()

    def numbers(self, page: Page) -> list[float]:
        return [float(page.locator(f"[data-side={side}]").input_value()) for side in SIDES]

    def test_a_refused_name_keeps_the_box(self, room, asked):
        with room() as page:
            self.draw(page)
            before = self.numbers(page)
            save_as(page, "unicorn")
            expect(page.get_by_text("No taxon here is called “unicorn”")).to_be_visible()
            expect(page.locator(".overlay .own")).to_be_attached()
            assert self.numbers(page) == before
            assert not Box.objects.exists()
            save_as(page)
        assert Box.objects.count() == Identification.objects.count() == 1

    def test_undo_takes_both_back_and_leaves_them_to_go_on_from(self, room, asked):
        with room() as page:
            self.draw(page)
            before = self.numbers(page)
            save_as(page)
            page.reload()
            with page.expect_navigation():
                page.get_by_role("button", name="Undo").first.click()
            expect(page.locator(".overlay .own")).to_be_attached()
            assert self.numbers(page) == before
            assert not Box.objects.filter(withdrawn_at=None).exists()
            assert not Identification.objects.filter(withdrawn_at=None).exists()
            with page.expect_navigation():
                page.locator("[data-save]").click()
        assert Box.objects.filter(withdrawn_at=None).count() == 1

    def test_undo_of_a_second_box_brings_the_first_one_back(self, room, asked):
        with room() as page:
            self.draw(page)
            page.locator("[data-box-panel] summary").click()
            with page.expect_navigation():
                page.locator("button[value=box]").click()
            first = stands()
            page.locator("[data-draw=drag]").click()
            drag(page, at(page, 0.45, 0.3), at(page, 0.55, 0.5))
            save_as(page)
            assert stands().width != first.width
            with page.expect_navigation():
                page.get_by_role("button", name="Undo").first.click()
        assert (stands().x, stands().width) == (first.x, first.width)

    def test_a_reload_keeps_what_is_drawn(self, room, asked):
        with room() as page:
            self.draw(page)
            before = self.numbers(page)
            page.reload()
            expect(page.locator(".overlay .own")).to_be_attached()
            assert self.numbers(page) == before

    def test_another_tab_that_drew_nothing_leaves_the_box(self, room, asked):
        with room() as page:
            other = page.context.new_page()
            other.goto(page.url)
            self.draw(page)
            page.locator("[data-box-panel] summary").click()
            with page.expect_navigation():
                page.locator("button[value=box]").click()
            save_as(other)
        assert Box.objects.filter(withdrawn_at=None).count() == 1
        assert Identification.objects.count() == 1

    def test_pressed_twice_it_is_one(self, room, asked):
        with room() as page:
            self.draw(page)
            page.locator("[name=name]").fill("chub")
            page.locator("[data-save]").dblclick(no_wait_after=True)
            page.wait_for_url("**kind=name**")
            expect(page.get_by_text("Chub, saved.")).to_be_visible()
        assert Box.objects.count() == Identification.objects.count() == 1

    def test_all_boxed_and_another_one_lose_nothing_that_is_typed(self, room, asked, bob):
        with room() as page:
            self.draw(page)
            page.locator("[name=name]").fill("chub")
            page.keyboard.press("Tab")
            with page.expect_navigation():
                page.keyboard.press("a")
            expect(page.locator("button[value=not_all_boxed]")).to_have_attribute("aria-pressed", "true")
            assert AllBoxed.objects.with_holds().get().holds and stands().person == bob
            with page.expect_navigation():
                page.get_by_role("button", name="Another fish").click()
            expect(page.get_by_role("heading", name="What is fish 1?")).to_be_visible()
            expect(page.locator("[name=name]")).to_have_value("chub")
            expect(page.locator("button[value=all_boxed]")).to_contain_text("said before something changed")
            assert not AllBoxed.objects.with_holds().get().holds
            with page.expect_navigation():
                page.locator(".toast button").first.click()
            assert Occurrence.objects.count() == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_the_tools_fit_and_are_seen_by_all(room, asked, width):
    """Nothing lies over the photo, everything is as large as a thumb, nothing moves, nobody is kept out."""
    with room(width=width, touch=width < 600) as page:
        visible = [each for each in page.locator(".tools .btn").all() if each.is_visible()]
        assert len({each.bounding_box()["y"] for each in visible}) == 1, "one row"
        all_tools(page)
        photo = page.locator(".shot").bounding_box()
        for button in page.locator(".tools .btn:visible").all():
            box = button.bounding_box()
            assert box["width"] >= 44 and box["height"] >= 44 and box["x"] + box["width"] <= width
            assert box["y"] >= photo["y"] + photo["height"] or box["y"] + box["height"] <= photo["y"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("r")
        page.keyboard.press("ArrowUp")
        page.locator("[data-box-panel] summary").click()
        assert hard_to_read("room", page) == []
        assert page.evaluate("shifts.reduce((sum, [value]) => sum + value, 0)") <= 0.05, page.evaluate(
            "shifts"
        )


@pytest.mark.parametrize("width", [360, 1280])
def test_two_photos_and_all_tools_are_one_row(room, alice, tree, width):
    universe.sighting(alice, seed="two photos", photos=2)
    with room(width=width, touch=width < 600) as page:
        visible = [each.bounding_box() for each in page.locator(".tools .btn:visible").all()]
        assert len({each["y"] for each in visible}) == 1 and len(visible) >= 8
        if width < 600:
            assert page.locator("[data-stage-hint]").bounding_box() is None, "nothing is said yet"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_of_keys_is_read_by_all(room, asked, width):
    with room(width=width, touch=width < 600) as page:
        page.locator("[data-open-keys]").click()
        expect(page.locator("#keys-list")).to_be_visible()
        assert hard_to_read("keys", page) == []


def test_what_says_that_it_is_drawn_stands_on_the_photo(room, asked):
    Photo.objects.update(drawn=True)
    with room() as page:
        page.wait_for_timeout(300)
        tag = page.locator(".shot .drawn").bounding_box()
        [left, top] = page.evaluate(FRACTION, [tag["x"], tag["y"]])
        assert 0 <= left < 0.05 and 0 <= top < 0.05


GEOMETRY = """async () => {
  const g = await import(document.querySelector("script[src*=box_form]").src.replace(/box_form[^/]*$/, "geometry.js"));
  let worst = 0;
  for (let i = 0; i < 20000; i++) {
    const r = Math.random;
    const view = g.held({
      width: 200 + 900 * r(), height: 150 + 700 * r(), aspect: .3 + 3 * r(),
      zoom: 1 + 15 * r(), x: r(), y: r(), turn: Math.floor(4 * r()),
    });
    const near = (a, b, what) => {
      const off = Math.abs(a - b);
      worst = Math.max(worst, off);
      if (off > 1e-9) throw new Error(`${what}: ${a} ${b} ${JSON.stringify(view)}`);
    };
    const point = [r(), r()];
    g.toPhoto(view, g.toStage(view, point)).forEach((each, axis) => near(each, point[axis], "there and back"));
    const box = {x: .5 * r(), y: .5 * r(), width: .01 + .4 * r(), height: .01 + .4 * r()};
    const back = g.onPhoto(view, g.onStage(view, box));
    for (const side in box) near(back[side], box[side], side);
    // What is under the fingers stays there, unless the photo's edge is met.
    const at = [view.width * r(), view.height * r()], closer = g.zoomed(view, 1 + r(), at);
    if (closer.zoom > view.zoom && closer.zoom < g.MOST) {
      const [wide, high] = g.sides(view), odd = view.turn % 2;
      const filled = (odd ? high : wide) > view.width && (odd ? wide : high) > view.height;
      if (filled) g.toPhoto(closer, at).forEach((each, axis) => near(each, g.toPhoto(view, at)[axis], "zoomed"));
    }
    // A box moved and sized by hand stays on the photo.
    const way = [400 * (r() - .5), 400 * (r() - .5)];
    const part = [[-1, 0, 1], [-1, 0, 1]].map((each) => each[Math.floor(3 * r())]);
    for (const after of [g.moved(view, box, way), g.sized(view, box, part, way)]) {
      const far = Math.max(after.x + after.width, after.y + after.height, -after.x + 1, -after.y + 1);
      if (far > 1 + 1e-9) throw new Error(JSON.stringify([view, box, way, after]));
    }
    near(g.moved(view, box, [0, 0]).x, box.x, "not moved");
    const fitted = g.fitted(view, box), seen = g.onStage(fitted, box);
    if (seen.x < -1e-6 || seen.x + seen.width > view.width + 1e-6 || seen.y < -1e-6) throw new Error("not in view");
    let four = view;
    for (let turns = 0; turns < 4; turns++) four = g.turned(four);
    near(four.turn, view.turn, "four quarter turns");
  }
  return worst;
}"""


def test_screen_and_photo_agree_in_every_view(room, asked):
    with room() as page:
        assert page.evaluate(GEOMETRY) < 1e-9
