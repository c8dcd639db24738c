"""The keys of the labeling room: each stands on the page, is pressed in a browser, and shows as its person chose it."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import actions as accounts
from accounts import keys
from accounts.models import User
from labeling.actions import boxes, identifications, rulings
from labeling.models import AllBoxed, Flag, Identification, Pass
from species.actions import occurrences
from species.models import Occurrence
from tests import universe
from tests.browsers import let_in
from tests.labeling.browsing import as_person, get

# Not by an attribute: a number is that of the name, and Enter the browser's own.
UNMARKED = {"likely", "save"}


@pytest.fixture
def known(tree, alice, rita) -> Occurrence:
    found = universe.sighting(alice, seed="known").occurrences.get()
    rulings.rule(occurrence=found, taxon=tree["brown_trout"], reason="Seen.", by=rita)
    return found


@pytest.fixture
def named(known, tree, bob) -> Identification:
    """What Bob said last."""
    return identifications.add(occurrence=known, taxon=tree["chub"], by=bob)


@pytest.mark.django_db
@pytest.mark.usefixtures("named")
class TestOnThePage:
    def test_every_key_of_the_file_stands_on_something(self, client, occurrence, bob):
        page = get(as_person(client, bob), "label", kind="name", id=Identification.objects.get(person=bob).pk)
        marked = {found["data-key"] for _, found in page.elements if found.get("data-key")}
        expected = {key.pressed for key in keys.KEYS if key.action not in UNMARKED}
        assert marked == expected
        for key in keys.KEYS:
            assert key.words.format(one="fish") in page.text

    def test_a_changed_one_shows_wherever_it_is_printed(self, client, occurrence, bob, charlie):
        accounts.set_keys(user=bob, by=bob, said={"cannot": "t", "comment": "ü"})
        page = get(as_person(client, bob), "label")
        [button] = page.all("button", name="then", value="cannot")
        assert (button["data-key"], button["aria-keyshortcuts"]) == ("t", "T")
        assert page.text.count("Ü") == 2, "beside what it does, and in the list"
        [button] = get(as_person(client, charlie), "label").all("button", name="then", value="cannot")
        assert button["data-key"] == "x"

    def test_switched_off_the_page_says_so(self, client, occurrence, bob):
        accounts.switch_keys(user=bob, by=bob, on=False)
        page = get(as_person(client, bob), "label")
        assert {each["aria-pressed"] for each in page.all("button") if "data-keys" in each} == {"false"}


@pytest.fixture
def sightings(known, alice) -> list[Occurrence]:
    """The first of them is one of two on its photo."""
    found = [universe.sighting(alice, seed=seed, size=(64, 48)).occurrences.get() for seed in range(14)]
    first = found[0]
    occurrences.add(observation=first.observation, photos=first.photos.all(), by=alice)
    return found


@pytest.fixture
def visit(browser, live_server, sightings, bob):
    faults: list[str] = []
    opened = []

    def open_room(width: int = 1280, **query: str) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, has_touch=width < 600
        )
        let_in(context, live_server.url, bob)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(reverse("label", query=query))
        expect(page.locator("html[data-keys] .overlay")).to_be_attached()
        opened.append(context)
        return page

    yield open_room
    for context in opened:
        context.close()
    assert faults == []


def asked(page: Page) -> str:
    return page.locator('#answer [name="occurrence"]').input_value()


def until(page: Page, holds) -> None:
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to hold")


def answers(page: Page, key: str) -> str:
    """Press a key that goes on; what was asked about."""
    page.wait_for_timeout(350)
    was = asked(page)
    page.keyboard.press(key)
    expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(was)
    return was


def standing(occurrence: str) -> tuple[str, str]:
    row = Pass.objects.get(occurrence=occurrence, withdrawn_at=None)
    return row.kind, row.reason


ANSWERS = {
    "cannot": ("cannot_tell", ""),
    "blurred": ("cannot_tell", "blurred"),
    "turned": ("cannot_tell", "turned"),
    "part": ("cannot_tell", "part"),
    "beyond": ("cannot_tell", "beyond"),
    "bad_photo": ("bad_photo", ""),
    "several": ("several", ""),
    "skip": ("skip", ""),
}


@pytest.mark.browser
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
class TestPressed:
    def test_every_key_of_the_file(self, visit, sightings, bob, tree):
        first = sightings[0]
        photo = first.photos.get()
        beside = first.observation.occurrences.exclude(pk=first.pk).get()
        box = {"x": 0.1, "y": 0.1, "width": 0.3, "height": 0.3}
        boxes.draw(occurrence=beside, photo=photo, by=bob, **box)
        boxes.draw(occurrence=first, photo=photo, by=bob, **box)
        page = visit(occurrence=str(first.pk))
        pressed: set[str] = set()

        def press(action: str) -> None:
            page.keyboard.press({"enter": "Enter"}.get(keys.of({})[action].key, keys.of({})[action].key))
            pressed.add(action)

        transform = lambda: page.locator(".shot img").evaluate("each => each.style.transform")  # noqa: E731
        light = lambda: page.locator(".shot img").evaluate("each => each.style.filter")  # noqa: E731
        hint = page.locator("[data-stage-hint]")
        for action in ("turn", "in", "whole", "fit", "out"):
            before = transform()
            press(action)
            assert transform() != before, action
        press("light")
        assert light() == "brightness(1.5)"
        page.keyboard.down(keys.of({})["bare"].key)
        expect(page.locator(".shot.is-bare")).to_be_visible()
        page.keyboard.up(keys.of({})["bare"].key)
        expect(page.locator(".shot.is-bare")).to_have_count(0)
        pressed.add("bare")
        for action in ("next", "next", "previous"):
            press(action)
            expect(hint).to_contain_text("ox of Fish")
        press("edges")
        expect(page.locator('[data-draw="edges"]')).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Escape")
        press("box")
        expect(page.locator(".overlay .own")).to_be_focused()
        page.keyboard.press("Enter")
        page.locator("#main").focus()
        press("name")
        expect(page.locator('#answer [name="name"]')).to_be_focused()
        page.locator("#main").focus()
        press("comment")
        expect(page.locator('#answer [name="note"]')).to_be_focused()
        page.keyboard.type("x")
        assert page.locator('#answer [name="note"]').input_value() == "x", "letters mean themselves there"
        page.locator("#main").focus()
        press("help")
        expect(page.locator("#keys-list")).to_be_visible()
        page.keyboard.press("s")
        assert asked(page) == str(first.pk), "nothing is pressed behind it"
        page.keyboard.press("Escape")
        expect(page.locator("#keys-list")).to_be_hidden()
        page.locator("#main").focus()
        with page.expect_navigation():
            press("all_boxed")
        assert AllBoxed.objects.filter(person=bob).exists()
        expect(page.locator("html[data-keys=on] .overlay")).to_be_attached()
        for action, stored in ANSWERS.items():
            was = answers(page, keys.of({})[action].key)
            pressed.add(action)
            until(page, lambda was=was: Pass.objects.filter(occurrence=was).exists())
            assert standing(was) == stored
        was = answers(page, keys.of({})["not_subject"].key)
        until(page, Flag.objects.exists)
        answers(page, "Backspace")
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(was)
        pressed |= {"not_subject", "undo"}
        was = answers(page, "1")
        until(page, lambda: Identification.objects.filter(occurrence=was, person=bob).exists())
        again = answers(page, keys.of({})["same"].key)
        until(page, lambda: Identification.objects.filter(occurrence=again, person=bob).exists())
        assert Identification.objects.get(occurrence=again, person=bob).taxon == tree["brown_trout"]
        page.wait_for_timeout(350)
        was = asked(page)
        page.locator('#answer [name="name"]').fill("chub")
        page.locator("#main").focus()
        press("save")
        until(page, lambda: Identification.objects.filter(occurrence=was, person=bob).exists())
        # Their own tests press these: tests/end_to_end/test_pointing.py, tests/labeling/test_confusions.py
        assert pressed | {"likely", "same", "point", "apart"} == {key.action for key in keys.KEYS}

    def test_the_switch_holds_on_the_next_page_and_device(self, visit, bob):
        page = visit()
        was = asked(page)
        page.locator(".work-head [data-keys]").click()
        until(page, lambda: not User.objects.get(pk=bob.pk).keys_on)
        page.keyboard.press("s")
        page.wait_for_timeout(500)
        assert asked(page) == was and not page.locator("[aria-keyshortcuts]").count()
        other = visit()
        other.keyboard.press("s")
        other.wait_for_timeout(500)
        assert asked(other) == was
        other.locator("[data-open-keys]").click()
        other.locator("#keys-list [data-keys]").click()
        until(other, lambda: User.objects.get(pk=bob.pk).keys_on)
        other.keyboard.press("Escape")
        answers(other, "s")

    def test_the_list_opens_by_a_button_on_a_phone_and_gives_the_focus_back(self, visit):
        page = visit(360)
        button = page.locator("[data-open-keys]")
        box = button.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44
        button.tap()
        expect(page.locator("#keys-list")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        wide, high = page.locator(".keys-groups").evaluate(
            "each => [each.scrollWidth - each.clientWidth, each.scrollHeight - each.clientHeight]"
        )
        assert wide == 0 < high, "it is read by scrolling down"
        page.locator("[data-close-keys]").tap()
        expect(page.locator("#keys-list")).to_be_hidden()
        expect(button).to_be_focused()

    def test_a_groups_name_is_said_to_be_as_close_as_it_gets_in_one_press(self, visit, tree, bob):
        page = visit()
        was = asked(page)
        field = page.locator('#answer [name="name"]')
        closer = page.get_by_role("button", name=re.compile("nobody could name it more closely"))
        expect(closer).to_be_hidden()
        field.press_sequentially("salmonid")
        expect(page.get_by_role("option").first).to_be_visible()
        field.press("ArrowDown")
        field.press("Enter")
        expect(closer).to_be_visible()
        page.wait_for_timeout(350)
        field.press("Tab")
        page.keyboard.press("Enter")
        until(page, lambda: Identification.objects.filter(occurrence=was, person=bob).exists())
        said = Identification.objects.get(occurrence=was, person=bob)
        assert said.cannot_improve and said.taxon.is_group
