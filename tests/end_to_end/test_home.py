"""The home page in a browser, on a slowed phone and on a desk: a photo is shown, its answer comes into view."""

import io
import os
from contextlib import contextmanager

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from accounts.models import User
from labeling.models import Identification
from species.models import Photo
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

SLOWED = 4  # a middling phone beside these cores
# Runs before the page's own scripts. `frames`: pictures drawn from the choice to the first that shows it.
WATCH = """
window.seen = {shift: 0};
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    if (each.hadRecentInput) continue;
    window.seen.shift += each.value;
    window.seen.by = [...(window.seen.by ?? []), ...each.sources.map(
      ({node, previousRect, currentRect}) =>
        `${each.value.toFixed(3)} ${node?.nodeName} ${previousRect.top | 0} to ${currentRect.top | 0}`)];
  }
}).observe({type: 'layout-shift', buffered: true});
document.addEventListener('change', (event) => {
  if (event.target.type !== 'file' || !event.target.files.length) return;
  let frames = 0;
  const look = () => {
    frames += 1;
    const bar = document.querySelector('#answer progress');
    const box = bar?.getBoundingClientRect();
    if (box && box.top >= 0 && box.bottom <= innerHeight) {
      window.seen.frames = frames;
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}, true);
"""


def phone_photo(width: int = 4000, height: int = 3000) -> bytes:
    """As large as phones make them, and brown trout to the model of the tests (it names colours)."""
    file = io.BytesIO()
    Image.effect_noise((width // 4, height // 4), 30).resize((width, height)).save(file, "JPEG", quality=80)
    green = Image.merge("RGB", [Image.new("L", (width, height), 40), Image.new("L", (width, height), 220)] * 1
                        + [Image.open(file).convert("L").point(lambda value: value // 6)])  # fmt: skip
    file = io.BytesIO()
    green.save(file, "JPEG", quality=80)
    return file.getvalue()


FILE = {"name": "IMG_2041.jpg", "mimeType": "image/jpeg"}


@contextmanager
def browsing(browser, live_server, *, width: int, scripts: bool = True):
    """A page; what goes wrong on it fails the test."""
    faults: list[str] = []
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": 740 if width < 600 else 860},
        has_touch=width < 600,
        is_mobile=width < 600,
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    if scripts:
        page.add_init_script(WATCH)
        if width < 600:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    try:
        yield page
    finally:
        context.close()
    assert faults == []


def no_sideways_scroll(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def photo() -> dict:
    return FILE | {"buffer": phone_photo()}


@pytest.mark.parametrize("width", [360, 1280])
def test_a_choice_is_seen_at_once_and_its_answer_comes_into_view(
    browser, live, tree, live_server, photo, width
):
    with browsing(browser, live_server, width=width) as page:
        page.goto("/")
        held_back = []
        page.route(lambda url: url.endswith("/"), lambda route: (
            held_back.append(route) if route.request.method == "POST" else route.continue_()
        ))  # fmt: skip
        page.locator("[data-ask-file]").last.set_input_files(photo)
        answer = page.locator("#answer")
        # Nothing has been answered yet, and one sees that it goes on, with what.
        expect(answer.get_by_role("progressbar")).to_be_in_viewport()
        expect(answer).to_contain_text("Looking at IMG_2041.jpg")
        expect(answer.get_by_alt_text("The photo you chose")).to_be_visible()
        page.wait_for_function("window.seen.frames")
        seen = page.evaluate("window.seen")
        assert seen["frames"] <= 2, seen
        held_back[0].continue_()
        add = answer.get_by_role("button").first
        expect(add).to_have_text("Add this photo")
        expect(answer).to_be_focused()
        expect(page.get_by_role("status").first).to_contain_text("The model’s guess: Brown trout, ")
        top = answer.bounding_box()["y"]
        assert 0 <= top <= page.viewport_size["height"] / 4
        expect(answer.locator("img")).to_be_in_viewport()
        bar = page.locator(".tabbar").bounding_box() if width < 600 else None
        box = add.bounding_box()
        assert box["y"] + box["height"] <= (bar["y"] if bar else page.viewport_size["height"])
        assert answer.get_by_role("button").nth(1).inner_text() == "Right, it’s brown trout"
        assert no_sideways_scroll(page)
        if where := os.environ.get("SHOTS"):
            page.screenshot(path=f"{where}/answer-{width}.png")
        seen = page.evaluate("window.seen")
        assert seen["shift"] <= 0.05, "\n".join(seen["by"])


@pytest.mark.parametrize("width", [360, 1280])
def test_an_account_is_made_on_the_way_and_nothing_is_lost(browser, live, tree, live_server, photo, width):
    with browsing(browser, live_server, width=width) as page:
        page.goto("/")
        page.locator("[data-ask-file]").last.set_input_files(photo)
        page.get_by_role("button", name="Right, it’s brown trout").click()
        page.wait_for_url("**/signup/**")
        expect(page.get_by_role("main")).to_contain_text("Make an account, and this one is yours")
        if where := os.environ.get("SHOTS"):
            page.screenshot(path=f"{where}/signup-{width}.png", full_page=True)
        page.get_by_label("What should we call you?").fill("Maren")
        page.locator("[name=email]").fill("maren@example.org")
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("[name=password2]").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Make an account").click()
        page.wait_for_url("**/keep/**")
        assert page.get_by_label("What is it?").input_value() == "Brown trout"
        expect(page.get_by_role("main")).to_contain_text("IMG_2041.jpg")
        assert no_sideways_scroll(page)
        if where := os.environ.get("SHOTS"):
            page.wait_for_load_state("networkidle")
            page.screenshot(path=f"{where}/keep-{width}.png", full_page=True)
        page.get_by_role("button", name="Keep it").click()
        page.wait_for_url("**/upload**")
    said = Identification.objects.get()
    assert said.person == User.objects.get(email="maren@example.org") and said.taxon == tree["brown_trout"]
    assert said.model_on_screen == live.name and Photo.objects.get().file_name == "IMG_2041.jpg"


def test_without_scripts(browser, live, tree, live_server, photo, alice):
    with browsing(browser, live_server, width=360, scripts=False) as page:
        page.goto("/")
        chooser = page.locator("[data-ask-file]").last
        expect(chooser).to_be_in_viewport()
        chooser.set_input_files(photo)
        if where := os.environ.get("SHOTS"):
            page.screenshot(path=f"{where}/plain-360.png")
        page.get_by_role("button", name="Look at it").click()
        assert page.url.endswith("#answer")
        answer = page.locator("#answer")
        expect(answer.get_by_role("button").first).to_have_text("Add this photo")
        expect(answer.locator("img")).to_be_in_viewport()
        answer.get_by_role("button", name="Right, it’s brown trout").click()
        page.get_by_role("main").get_by_role("link", name="Log in").click()
        page.locator("[name=login]").fill("alice@example.org")
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Keep it").click()
        page.wait_for_url(lambda url: reverse("upload") in url)
    assert Identification.objects.get().taxon == tree["brown_trout"]


def test_a_link_that_is_refused_says_so_where_one_looks(browser, live, tree, live_server):
    with browsing(browser, live_server, width=360) as page:
        page.goto("/")
        page.get_by_label("or paste a link to a photo").fill("http://127.0.0.1:9/x.jpg")
        page.get_by_role("button", name="Name it").click()
        answer = page.locator("#answer")
        expect(answer.get_by_role("alert")).to_be_in_viewport()
        expect(answer).to_be_focused()
