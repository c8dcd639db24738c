"""Every page in Chromium: as wide as the screen whatever people write, standing still while it loads, readable by
all, of little weight, and of nobody else's host.
"""

import gzip
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.contrib.staticfiles.finders import find
from playwright.sync_api import TimeoutError

from ops.vendor import node_modules
from tests.browsers import let_in
from tests.end_to_end.furnished import Furnished

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
# Pixels from the ruler under the head of the page, as it stands before one scrolls, to the first line of words;
# null where there is no ruler.
GAP = """() => {
  scrollTo(0, 0);
  const ruler = document.querySelector(".site-head .ruler");
  if (!ruler) return null;
  const words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  let top = Infinity;
  while (words.nextNode()) {
    const node = words.currentNode;
    if (!node.data.trim() || !node.parentElement.checkVisibility() || node.parentElement.closest(".vh")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width > 1 && box.height > 1) top = Math.min(top, box.top);
  }
  return Math.round(top - ruler.getBoundingClientRect().bottom);
}"""
#: The whole of what moves while a page is loaded slowly and read to its end, as browsers count it.
STILL = 0.05
#: Bytes of the style sheets and scripts of one page that were written here, compressed.
OWN = 100_000
AXE = node_modules() / "axe-core/axe.min.js"
# What axe finds that keeps somebody out, as rule and element; of all rules, or of these.
SERIOUS = """async (rules) => {
  const options = rules ? {runOnly: {type: "rule", values: rules}} : {};
  const found = await axe.run(document, {resultTypes: ["violations"], ...options});
  return found.violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")}`);
}"""

pytestmark = [pytest.mark.browser, pytest.mark.once]


@pytest.fixture
def furnished(transactional_db, live_server, browser):
    return Furnished()


@pytest.fixture
def open_page(browser, furnished, live_server):
    """Opens an address in a window of this width, as Ada or as nobody, over a slow line; the page, read to its end."""
    opened = {}

    def window(person):
        context = browser.new_context(base_url=live_server.url)
        if person:
            let_in(context, live_server.url, person)
        context.add_init_script(SHIFTS)
        page = context.new_page()
        page.set_default_navigation_timeout(120_000)
        page.on("request", lambda request: open_page.asked.append(request.url))
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        slow = {"latency": 40, "downloadThroughput": 400_000, "uploadThroughput": 400_000}
        line.send("Network.emulateNetworkConditions", {"offline": False, **slow})
        # Whoever comes for the first time has neither sheets nor fonts.
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        return page

    def open_page(address: str, width: int, person=None):
        if (width, person) not in opened:
            opened[width, person] = window(person)
        page = opened[width, person]
        page.set_viewport_size({"width": width, "height": 800})
        open_page.asked.clear()
        page.goto(address)
        # What scripts ask for belongs to the page; a connection that Chromium keeps open for nothing does not.
        with suppress(TimeoutError):
            page.wait_for_load_state("networkidle", timeout=10_000)
        for _ in range(30):
            page.mouse.wheel(0, 700)
            page.wait_for_timeout(40)
            if page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 2"):
                break
        page.wait_for_timeout(150)
        return page

    open_page.asked = []  # addresses, since the page was opened
    yield open_page
    for page in opened.values():
        page.context.close()


def tight(name: str, page) -> list[str]:
    """The fault of words that look as if they belonged to the ruler. The filters of a gallery hang from it."""
    gap, room = page.evaluate(GAP), 6 if name.startswith("gallery") else 12
    return [] if gap is None or gap >= room else [f"{name}: words {gap} px under the ruler"]


def hard_to_read(name: str, page, rules: list[str] | None = None) -> list[str]:
    page.evaluate(AXE.read_text())
    return [f"{name}: {fault}" for fault in page.evaluate(SERIOUS, rules)]


@cache
def weight(path: str) -> int:
    """Bytes of a file under /static/, compressed; none of those of others."""
    name = unquote(path.removeprefix("/static/"))
    return 0 if name.startswith("vendor/") else len(gzip.compress(Path(find(name)).read_bytes()))


def heavy_or_foreign(name: str, asked: list[str], host: str) -> list[str]:
    parts = [urlsplit(each) for each in asked]
    faults = [
        f"{name} asks {each.geturl()}"
        for each in parts
        if each.scheme in ("http", "https", "ws", "wss") and each.netloc != host
    ]
    sheets = {
        each.path
        for each in parts
        if each.path.startswith("/static/") and each.path.endswith((".css", ".js"))
    }
    own = sum(map(weight, sheets))
    return faults + ([f"{name}: {own} bytes of its own"] if own > OWN else [])


def addresses(furnished):
    yield from ((name, address, furnished.ada) for name, address in furnished.pages.items())
    yield from ((f"{name}, logged out", address, None) for name, address in furnished.anonymous.items())


def test_on_a_phone_nothing_is_wider_than_it_and_nothing_jumps(open_page, furnished, live_server):
    faults = []
    for name, address, person in addresses(furnished):
        page = open_page(address, 360, person)
        shifted = page.evaluate("window.shifts")
        if sum(value for value, _ in shifted) > STILL:
            faults.append(f"{name}: shifts by {shifted}")
        faults += heavy_or_foreign(name, open_page.asked, urlsplit(live_server.url).netloc)
        faults += [*tight(name, page), *hard_to_read(name, page)]
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate("document.documentElement.scrollWidth")
            if found > width:
                faults.append(f"{name}: {found} px at {width}, by {page.evaluate(WIDE)}")
    assert not faults, "\n".join(faults)


def test_on_a_desk_nothing_is_wider_than_it_and_nothing_jumps(open_page, furnished):
    faults = []
    for name, address, person in addresses(furnished):
        page = open_page(address, 1280, person)
        shifted = page.evaluate("window.shifts")
        if sum(value for value, _ in shifted) > STILL:
            faults.append(f"{name}: shifts by {shifted}")
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(400)  # colours change by degrees
        faults += [*tight(name, page), *hard_to_read(f"{name}, dark", page, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
        if (found := page.evaluate("document.documentElement.scrollWidth")) > 1280:
            faults.append(f"{name}: {found} px, by {page.evaluate(WIDE)}")
    assert not faults, "\n".join(faults)
