"""Adding photos in a browser, on a phone and at a desk, with and without scripts: nothing is lost, nothing jumps."""

import re
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from labeling.models import DraftWords
from species.models import Observation, State
from tests import universe
from tests.browsers import let_in
from tests.labeling.test_upload import TAKEN

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# Runs before the page's own scripts, on every page of a visit.
WATCH = """
window.shift = 0;
window.moved = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    if (each.hadRecentInput) continue;
    window.shift += each.value;
    const where = ({node, previousRect: a, currentRect: b}) => [node?.className || node?.nodeName, a.top, b.top];
    window.moved.push([each.value, ...each.sources.map(where)]);
  }
}).observe({type: 'layout-shift', buffered: true});
"""


@contextmanager
def browsing(browser, live_server, person, *, width: int = 1280, scripts: bool = True):
    """A page of somebody who is logged in."""
    faults: list[str] = []
    size = {"width": width, "height": 740 if width < 600 else 860}
    context = browser.new_context(base_url=live_server.url, viewport=size, java_script_enabled=scripts)
    context.set_default_timeout(20_000)
    context.add_init_script(WATCH)
    let_in(context, live_server.url, person)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert faults == []


def photo(name: str, **said) -> dict:
    data = universe.photo_bytes(name, exif=said or None)
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def draft(person, seed: str, count: int = 1) -> Observation:
    return universe.sighting(person, seed=seed, photos=count, published=False)


def of(page: Page, observation: Observation):
    """The draft on the page, its form open."""
    found = page.locator(f"#draft-{observation.pk}")
    if not found.locator("[name=note]").is_visible():
        found.locator("summary").click()
    return found


def kept(found) -> None:
    expect(found.locator("[data-kept]")).to_have_text("Kept as you typed it, in this draft.")


@pytest.mark.parametrize("width", [360, 1280])
def test_seven_mixed_files_are_sightings_of_their_own_and_nothing_moves(browser, live_server, alice, width):
    files = [
        photo("late.jpg", **TAKEN | {"taken_at": TAKEN["taken_at"] + timedelta(minutes=55)}),
        photo("half.jpg", **TAKEN | {"taken_at": TAKEN["taken_at"] + timedelta(minutes=25)}),
        photo("first.jpg", **TAKEN),
        photo("elsewhere.jpg", **TAKEN | {"latitude": 48.2}),
        photo("unplaced.jpg", taken_at=TAKEN["taken_at"]),
        photo("nothing.jpg"),
        {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": universe.photo_bytes("x")[:900]},
    ]
    with browsing(browser, live_server, alice, width=width) as page:
        page.goto("/upload")
        page.locator("input[name=photos]").set_input_files(files)
        expect(page.locator("[data-tally]")).to_have_text("6 of 7 sent, 1 not: see below", timeout=60_000)
        expect(page.locator("[data-draft]")).to_have_count(5)
        expect(page.locator(".sending")).to_be_in_viewport()
        expect(page.locator("[data-troubled] .is-broken")).to_contain_text("Copy it from the camera again.")
        first = page.locator("[data-draft]", has_text="first.jpg")
        expect(first.locator("h2")).to_have_text("48.1208, 14.8672 · 10 Oct 2015, 17:07")
        first.locator("summary").click()
        assert first.locator(".file b").all_inner_texts() == ["first.jpg", "half.jpg"]
        first.locator("[name=note]").press_sequentially("By the weir.", delay=30)
        first.locator("[name=latitude]").fill("x")
        kept(first)
        page.wait_for_timeout(600)
        shift = page.evaluate("shift")
        assert shift <= 0.05, page.evaluate("moved")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        print(f"\n{width} px: layout shift {shift:.4f}")
    assert Observation.objects.count() == 5


def test_what_is_typed_is_there_again_after_a_reload_at_any_moment(browser, live_server, alice, tree):
    one, other = draft(alice, "one"), draft(alice, "other")
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        of(page, one).locator("[name=note]").fill("Of one.")
        of(page, one).locator("[name=name]").fill("brown tr")
        page.reload()  # before anything could be sent
        expect(of(page, one).locator("[name=note]")).to_have_value("Of one.")
        expect(of(page, one).locator("[name=name]")).to_have_value("brown tr")
        of(page, other).locator("[name=length_cm]").fill("about 40 cm")
        # Without a connection they stay, and go up when there is one.
        page.route("**/words", lambda route: route.abort())
        of(page, other).locator("[name=note]").fill("In a valley.")
        expect(of(page, other).locator("[data-kept]")).to_contain_text("Your words stay here")
        page.unroute("**/words")
        page.reload()
        expect(of(page, other).locator("[name=length_cm]")).to_have_value("about 40 cm")
        expect(of(page, other).locator("[name=note]")).to_have_value("In a valley.")
        kept(of(page, other))
        # A browser that has never seen the page has them from the server.
        page.evaluate("sessionStorage.clear()")
        page.reload()
        expect(of(page, one).locator("[name=note]")).to_have_value("Of one.")
        expect(of(page, other).locator("[name=note]")).to_have_value("In a valley.")


def test_a_reload_that_left_before_the_words_were_kept_shows_them_too(browser, live_server, alice):
    one = draft(alice, "one")

    def late(route) -> None:
        """The page as it was, after the server has what is being typed."""
        answer = route.fetch()
        for _ in range(200):
            if DraftWords.objects.exists():
                break
            time.sleep(0.05)
        route.fulfill(response=answer)

    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        of(page, one).locator("[name=note]").fill("Of one.")
        page.route("**/upload", late)
        page.reload()
        page.unroute("**/upload")
        assert DraftWords.objects.get().typed["note"] == ["Of one."]
        expect(of(page, one).locator("[name=note]")).to_have_value("Of one.")
        of(page, one).locator("[name=note]").press_sequentially(" More.")
        kept(of(page, one))
        expect(page.get_by_text("changed in another window")).to_have_count(0)
        page.reload()
        expect(of(page, one).locator("[name=note]")).to_have_value("Of one. More.")


def test_adding_one_draft_keeps_the_words_of_the_others(browser, live_server, alice):
    one, other = draft(alice, "one"), draft(alice, "other")
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        of(page, other).locator("[name=note]").fill("Typed a moment before.")
        of(page, one).get_by_role("button", name="Add this sighting").click()
        page.wait_for_url("**/sightings/**")
        page.goto("/upload")
        expect(page.locator(f"#draft-{one.pk}")).to_have_count(0)
        expect(of(page, other).locator("[name=note]")).to_have_value("Typed a moment before.")
    one.refresh_from_db()
    assert one.state == State.PUBLISHED


def test_a_stale_tab_undoes_nothing_and_shows_both(browser, live_server, alice):
    one = draft(alice, "one")
    with browsing(browser, live_server, alice) as first:
        first.goto("/upload")
        second = first.context.new_page()
        second.goto("/upload")
        of(first, one).locator("[name=note]").fill("From the first.")
        kept(of(first, one))
        of(second, one).locator("[name=note]").fill("From the second.")
        alert = of(second, one).get_by_role("alert")
        expect(alert).to_contain_text("changed in another window")
        expect(alert).to_contain_text("Note: From the first.")
        expect(alert).to_be_focused()
        expect(of(second, one).locator("[name=note]")).to_have_value("From the second.")
        alert.get_by_role("button", name="Take the other’s").click()
        expect(of(second, one).locator("[name=note]")).to_have_value("From the first.")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_refusal_is_in_sight_has_the_focus_and_can_be_reloaded(browser, live_server, alice, width, scripts):
    draft(alice, "before")
    one = draft(alice, "one")
    with browsing(browser, live_server, alice, width=width, scripts=scripts) as page:
        page.goto("/upload")
        of(page, one).locator("[name=latitude]").fill("147")
        of(page, one).locator("[name=note]").fill("By the weir.")
        of(page, one).get_by_role("button", name="Add this sighting").click()
        page.wait_for_url("**/upload?draft=*")
        for _ in range(2):
            field = of(page, one).locator("[name=latitude]")
            expect(field).to_be_focused()
            expect(field).to_be_in_viewport()
            expect(of(page, one).get_by_text("less than or equal to 90")).to_be_in_viewport()
            expect(field).to_have_value("147")
            expect(of(page, one).locator("[name=note]")).to_have_value("By the weir.")
            page.reload()


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_sends_nothing_from_any_field_of_a_draft(browser, live_server, alice, tree, scripts):
    place = {"latitude": 47.1, "longitude": 11.2}
    one = universe.sighting(alice, seed="one", photos=2, published=False, **place)
    typed = {"name": "chub", "length_cm": "43", "latitude": "47.5", "uncertainty_m": "20"}
    with browsing(browser, live_server, alice, scripts=scripts) as page:
        for name, text in typed.items():
            page.goto("/upload")
            of(page, one).locator(f"[name={name}]").fill(text)
            of(page, one).locator(f"[name={name}]").press("Enter")
            if scripts:
                kept(of(page, one))
            else:
                expect(page.get_by_text("Saved. Only you see it.")).to_be_visible()
            expect(page).to_have_url(re.compile(r"/upload\b"))
        page.goto("/upload")
        found = {name: of(page, one).locator(f"[name={name}]").input_value() for name in typed}
    assert found == typed | ({} if scripts else {"name": "Squalius cephalus"})
    one.refresh_from_db()
    assert (one.state, one.photos.kept().count()) == (State.DRAFT, 2)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_photo_a_draft_and_a_sighting_can_be_had_back(browser, live_server, alice, scripts):
    one = draft(alice, "one", count=2)
    with browsing(browser, live_server, alice, scripts=scripts) as page:
        page.goto("/upload")
        of(page, one).locator("[name=note]").fill("By the weir.")
        of(page, one).get_by_role("button", name="Remove").first.click()
        expect(of(page, one).locator(".upcard")).to_have_count(1)
        expect(of(page, one).locator("[name=note]")).to_have_value("By the weir.")
        page.get_by_role("button", name="Undo").click()
        expect(of(page, one).locator(".upcard")).to_have_count(2)
        of(page, one).get_by_role("button", name="Discard it").click()
        expect(page.locator("[data-draft]")).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(of(page, one).locator("[name=note]")).to_have_value("By the weir.")
        of(page, one).get_by_role("button", name="Add this sighting").click()
        page.get_by_role("button", name="Take back").click()
        expect(of(page, one).locator("[name=note]")).to_have_value("By the weir.")
    one.refresh_from_db()
    assert one.state == State.DRAFT


def test_without_scripts_refused_files_are_said_and_a_reload_sends_nothing_again(browser, live_server, alice):
    files = [
        photo("first.jpg", **TAKEN),
        {"name": "half.jpg", "mimeType": "image/jpeg", "buffer": universe.photo_bytes("half")[:900]},
    ]
    with browsing(browser, live_server, alice, width=360, scripts=False) as page:
        page.goto("/upload")
        page.locator("input[name=photos]").set_input_files(files)
        page.get_by_role("button", name="Send them").click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("half.jpg: The file stops half-way.")
        expect(alert).to_be_in_viewport()
        expect(alert).to_be_focused()
        page.reload()
        expect(page.locator("[data-draft]")).to_have_count(1)
