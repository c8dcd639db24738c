"""Naming in a browser: the proposals under the field, Enter, Undo, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from labeling.actions import identifications
from labeling.models import Flag, Identification, Pass
from tests import universe
from tests.browsers import let_in
from tests.species.views.test_taxa import many

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
PHONE, DESK = 360, 1280


@pytest.fixture
def sightings(tree, alice) -> list:
    return [universe.sighting(alice, seed=seed, photos=2).occurrences.get() for seed in range(3)]


@pytest.fixture
def visit(browser, live_server, sightings, bob):
    """Opens the site as Bob; what the console says against it fails the test."""
    faults: list[str] = []
    opened = []

    def open_page(address: str, width: int = DESK, javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=javascript,
            has_touch=width == PHONE,
        )
        let_in(context, live_server.url, bob)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        opened.append(context)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert faults == []


def field(page: Page):
    return page.locator('#answer [name="name"], form:not(#answer) [name="name"]').first


def proposals(page: Page):
    return page.get_by_role("listbox", name="Names that may be meant")


def waits_for_next(page: Page, first: str) -> None:
    expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(first)


def room(page: Page) -> str:
    return page.locator('#answer [name="occurrence"]').input_value()


class TestEnter:
    @pytest.mark.parametrize("javascript", [True, False])
    @pytest.mark.parametrize("width", [PHONE, DESK])
    def test_a_typed_name_is_saved(self, visit, tree, width, javascript):
        page = visit("/label", width, javascript)
        first = room(page)
        field(page).fill("Salmo trutta")
        field(page).press("Enter")
        expect(page.locator(".last")).to_contain_text("Brown trout, saved.")
        waits_for_next(page, first)
        said = Identification.objects.get()
        assert (said.taxon, str(said.occurrence_id)) == (tree["brown_trout"], first)
        assert not Pass.objects.exists() and not Flag.objects.exists()

    @pytest.mark.parametrize("javascript", [True, False])
    def test_in_an_empty_form_it_says_what_is_missing(self, visit, javascript):
        page = visit("/label", PHONE, javascript)
        first = room(page)
        page.get_by_label("Certain").check()
        field(page).press("Enter")
        expect(page.get_by_text("Choose a name, or type one.")).to_be_visible()
        assert room(page) == first and page.locator('[name="confidence"][value="sure"]').is_checked()
        expect(field(page)).to_be_focused()
        assert not Identification.objects.exists() and not Pass.objects.exists()

    @pytest.mark.parametrize("javascript", [True, False])
    def test_an_unknown_name_offers_the_nearest_and_enter_takes_none(self, visit, tree, javascript):
        page = visit("/label", DESK, javascript)
        field(page).fill("broun truot")
        for _ in range(2):
            field(page).press("Escape")
            field(page).press("Enter")
            expect(page.get_by_text("No taxon here is called “broun truot”.")).to_be_visible()
            assert field(page).input_value() == "broun truot" and not Identification.objects.exists()
        page.get_by_role("button", name="Brown trout Salmo trutta").click()
        expect(page.locator(".last")).to_contain_text("Brown trout, saved.")

    @pytest.mark.parametrize("javascript", [True, False])
    def test_on_the_page_of_a_sighting(self, visit, sightings, tree, javascript):
        page = visit(sightings[0].observation.get_absolute_url(), DESK, javascript)
        field(page).fill("chub")
        if javascript:
            expect(proposals(page)).to_be_visible()
        field(page).press("Enter")
        expect(page.get_by_text("You said chub. Still think so?")).to_be_visible()
        assert Identification.objects.get().taxon == tree["chub"]

    def test_there_too_an_unknown_name_loses_nothing(self, visit, sightings, tree):
        page = visit(sightings[0].observation.get_absolute_url())
        page.locator('[name="note"]').first.fill("The mouth.")
        field(page).fill("chubb")
        field(page).press("Enter")
        expect(page.get_by_text("No taxon here is called “chubb”.")).to_be_visible()
        assert page.locator('[name="note"]').first.input_value() == "The mouth."
        page.get_by_role("button", name="Chub Squalius cephalus").click()
        expect(page.get_by_text("You said chub. Still think so?")).to_be_visible()


class TestProposals:
    def test_by_keys(self, visit, tree):
        many(tree, 300)
        page = visit("/label")
        first = room(page)
        name = field(page)
        expect(name).to_have_attribute("role", "combobox")
        name.press_sequentially("many")
        expect(proposals(page)).to_be_visible()
        options = proposals(page).get_by_role("option")
        assert options.count() == 10
        expect(name).to_have_attribute("aria-expanded", "true")
        assert name.get_attribute("aria-controls") == proposals(page).get_attribute("id")
        expect(page.get_by_role("status").filter(has_text="10 names.")).to_have_count(1)
        for key, at in (
            ("ArrowDown", 0),
            ("ArrowUp", 9),
            ("ArrowDown", 0),
            ("End", 9),
            ("Home", 0),
            ("ArrowDown", 1),
        ):
            name.press(key)
            expect(options.nth(at)).to_have_attribute("aria-selected", "true")
            assert name.get_attribute("aria-activedescendant") == options.nth(at).get_attribute("id")
        name.press("Enter")
        expect(proposals(page)).to_be_hidden()
        assert name.input_value() == "Many 00001" and room(page) == first, "the first Enter chooses"
        name.press("Enter")
        waits_for_next(page, first)
        assert Identification.objects.get().taxon.label == "many_00001"

    def test_escape_closes_and_keeps_what_was_typed(self, visit):
        page = visit("/label")
        field(page).press_sequentially("trout")
        expect(proposals(page)).to_be_visible()
        field(page).press("ArrowDown")
        field(page).press("Escape")
        expect(proposals(page)).to_be_hidden()
        expect(field(page)).to_have_attribute("aria-expanded", "false")
        assert field(page).input_value() == "trout" and not field(page).get_attribute("aria-activedescendant")

    def test_by_touch_with_rows_for_a_thumb(self, visit):
        page = visit("/label", PHONE)
        field(page).press_sequentially("trout")
        expect(proposals(page)).to_be_visible()
        for option in proposals(page).get_by_role("option").all():
            assert option.bounding_box()["height"] >= 44
        box = proposals(page).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE
        proposals(page).get_by_role("option").nth(1).tap()
        assert field(page).input_value() and proposals(page).is_hidden()
        expect(field(page)).to_be_focused()

    @pytest.mark.parametrize("address", ["/explore", "/upload", "/label"])
    def test_wherever_a_name_may_be_typed(self, visit, bob, address):
        universe.sighting(bob, seed="draft", published=False)
        page = visit(address)
        name = page.locator("[data-names]").first
        name.press_sequentially("chu")
        expect(proposals(page).get_by_role("option").first).to_have_text(re.compile("Chub"))
        name.press("ArrowDown")
        name.press("Enter")
        assert name.input_value() == "Chub"

    def test_the_radio_or_the_word_whichever_was_touched_last(self, visit, sightings, tree, alice, charlie):
        for person in (alice, charlie):
            identifications.add(occurrence=sightings[0], taxon=tree["chub"], by=person)
        page = visit("/label")
        field(page).fill("bream")
        page.keyboard.press("Escape")
        field(page).blur()
        page.locator('[name="likely"]').first.check()
        assert field(page).input_value() == ""
        field(page).fill("bream")
        assert page.locator('[name="likely"]:checked').count() == 0


class TestUndo:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    @pytest.mark.parametrize(
        "button", ["Save, next", "Can’t tell", "Turned away", "Bad photo", "Not a fish", "Skip"]
    )
    def test_at_every_width_by_a_thumb(self, visit, width, button):
        page = visit("/label", width)
        first = room(page)
        field(page).fill("chub")
        page.keyboard.press("Escape")
        page.get_by_role("button", name=re.compile(f"^{button}")).click()
        waits_for_next(page, first)
        page.reload()
        # On a phone the toast has none of its own: the bar's is in the thumb's reach.
        undo = page.locator('button[form="undo"]') if width == PHONE else page.locator(".last button")
        expect(undo).to_be_visible()
        for each in (undo, page.locator('button[form="undo"]')):
            box = each.bounding_box()
            assert box["height"] >= 44 and box["width"] >= 44
        undo.click()
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(first)
        assert not Identification.objects.filter(withdrawn_at=None).exists()
        assert not Pass.objects.filter(withdrawn_at=None).exists()
        assert not Flag.objects.filter(resolved_at=None).exists()

    def test_by_keys_and_not_while_typing(self, visit):
        page = visit("/label")
        first = room(page)
        page.keyboard.press("x")
        waits_for_next(page, first)
        field(page).press_sequentially("chu")
        field(page).press("Backspace")
        assert Pass.objects.filter(withdrawn_at=None).count() == 1
        field(page).blur()
        page.keyboard.press("Backspace")
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(first)
        assert Pass.objects.filter(withdrawn_at=None).count() == 0

    def test_without_javascript(self, visit):
        page = visit("/label", PHONE, javascript=False)
        first = room(page)
        page.get_by_role("button", name=re.compile("^Can’t tell")).click()
        waits_for_next(page, first)
        page.locator('button[form="undo"]').click()
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(first)


def test_the_names_unfold_where_one_presses(visit, tree):
    page = visit("/taxa/", PHONE)
    page.get_by_role("link", name=re.compile("under it.*Salmoniformes")).click()
    expect(page.get_by_role("link", name="Salmonids Salmonidae")).to_be_focused()
    assert page.url.endswith("/taxa/"), "the page is the same"
    plain = visit("/taxa/", PHONE, javascript=False)
    plain.get_by_role("link", name=re.compile("under it.*Salmoniformes")).click()
    expect(plain.get_by_role("link", name="Salmonids Salmonidae")).to_be_visible()
