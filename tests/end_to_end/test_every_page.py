"""Every page in Chromium: as wide as the screen whatever people write, and standing still while it loads."""

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.end_to_end.furnished import Furnished

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) {
      const who = entry.sources.map((each) => each.node?.className || each.node?.nodeName || "?").slice(0, 3);
      window.shifts.push([entry.value, who.join(" | ")]);
    }
  }
}).observe({type: "layout-shift", buffered: true});
"""
WIDE = """() => {
  const most = document.documentElement.clientWidth;
  const clips = (node) => {
    for (let each = node.parentElement; each && each !== document.body; each = each.parentElement) {
      if (getComputedStyle(each).overflowX !== "visible") return true;
    }
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => node.getBoundingClientRect().right > most + 1 && !clips(node) && !node.closest(".vh"))
    .map((node) => `${node.nodeName}.${node.className?.baseVal ?? node.className}`).slice(0, 3);
}"""
#: The whole of what moves while a page is loaded slowly and read to its end, as browsers count it.
STILL = 0.05

pytestmark = [pytest.mark.browser, pytest.mark.once]


@pytest.fixture
def furnished(transactional_db, live_server, settings, monkeypatch):
    # Playwright keeps an event loop in this thread, in which Django would refuse to touch the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    return Furnished()


@pytest.fixture
def open_page(chromium, furnished, live_server):
    """Opens an address in a window of this width, as Ada or as nobody, over a slow line; the page, read to its end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)

        def open_page(address: str, width: int, person=None):
            context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 800})
            if person:
                client = Client()
                client.force_login(person)
                key = client.cookies["sessionid"].value
                context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
            context.add_init_script(SHIFTS)
            page = context.new_page()
            line = context.new_cdp_session(page)
            line.send("Network.enable")
            slow = {"latency": 40, "downloadThroughput": 400_000, "uploadThroughput": 400_000}
            line.send("Network.emulateNetworkConditions", {"offline": False, **slow})
            page.goto(address, wait_until="networkidle")
            for _ in range(30):
                page.mouse.wheel(0, 700)
                page.wait_for_timeout(40)
                if page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 2"):
                    break
            page.wait_for_timeout(150)
            return page

        yield open_page
        browser.close()


def addresses(furnished):
    yield from ((name, address, furnished.ada) for name, address in furnished.pages.items())
    yield from ((f"{name}, logged out", address, None) for name, address in furnished.anonymous.items())


def test_on_a_phone_nothing_is_wider_than_it_and_nothing_jumps(open_page, furnished):
    faults = []
    for name, address, person in addresses(furnished):
        page = open_page(address, 360, person)
        shifted = page.evaluate("window.shifts")
        if sum(value for value, _ in shifted) > STILL:
            faults.append(f"{name}: shifts by {shifted}")
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate("document.documentElement.scrollWidth")
            if found > width:
                faults.append(f"{name}: {found} px at {width}, by {page.evaluate(WIDE)}")
        page.context.close()
    assert not faults, "\n".join(faults)


def test_on_a_desk_nothing_is_wider_than_it_and_nothing_jumps(open_page, furnished):
    faults = []
    for name, address, person in addresses(furnished):
        page = open_page(address, 1280, person)
        shifted = page.evaluate("window.shifts")
        if sum(value for value, _ in shifted) > STILL:
            faults.append(f"{name}: shifts by {shifted}")
        if (found := page.evaluate("document.documentElement.scrollWidth")) > 1280:
            faults.append(f"{name}: {found} px, by {page.evaluate(WIDE)}")
        page.context.close()
    assert not faults, "\n".join(faults)
