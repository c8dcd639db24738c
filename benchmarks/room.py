"""How soon the next photo stands in the labeling room, in Chromium, on a site with real pictures on a real socket.

    python benchmarks/room.py [--no-record]

Asked at full speed and on a processor slowed to a quarter, with a look of a second at each photo, and without any. From
the key that answers to the frame in which the next photo is painted. About two minutes on a quiet machine, most of them
the looks and the photos' decoding; each way ends after its own limit on a busy one, and says how far it came.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from benchmarks.workload import percentile  # noqa: E402
from tests.browsers import CHROMIUM, QUIET  # noqa: E402
from tests.end_to_end.site import Site  # noqa: E402

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
START, END = "<!-- room: start -->", "<!-- room: end -->"
SLOWED, NEXT_SLOWED_MS, NEXT_P95_MS, ITEMS, ITEMS_S = 4, 200, 100, 30, 60
LOOK_MS = 1000
# The room takes nothing for an answer that is pressed sooner: nobody can have seen the photo.
NO_LOOK_MS = 310
AHEAD = 4  # photos more than are asked for, so that none of them is the last
START_S, WAY_S, NEXT_S = 300, 90, 20  # the longest that is waited: for the site, for one way, for one photo
FILL = """
from tests import universe
from tests.conftest import person
from labeling.actions import rulings
tree = universe.plant_tree()
alice, bob, rita = person("Alice"), person("Bob"), person("Rita", "reviewer")
for seed, label in enumerate(["brown_trout", "rainbow_trout", "chub"]):
    known = universe.sighting(alice, seed=f"known {seed}").occurrences.get()
    rulings.rule(occurrence=known, taxon=tree[label], reason="Seen.", by=rita)
for seed in range(%d):
    universe.sighting(alice, seed=seed, size=(2400, 1800))
"""
LOG_IN = """
from django.test import Client
from accounts.models import User
client = Client()
client.force_login(User.objects.get(email="bob@example.org"))
print(client.cookies["sessionid"].value)
"""
# The frame after the next one has been painted: then the photo is seen, if it is decoded.
WATCH = """
(() => {
  const seen = window.painted = { times: [], shown: "" };
  let pressed = 0;
  const now = () => document.querySelector('#answer [name="occurrence"]')?.value ?? "";
  document.addEventListener("keydown", (event) => { if (event.key === "s") pressed = event.timeStamp; }, true);
  const look = async () => {
    const here = now();
    if (here && here !== seen.shown) {
      const photo = document.querySelector(".stage img");
      await photo.decode().catch(() => {});
      requestAnimationFrame(() => setTimeout(() => {
        if (seen.shown && pressed) seen.times.push(performance.now() - pressed);
        seen.shown = here;
        setTimeout(look, 5);
      }));
    } else {
      setTimeout(look, 5);
    }
  };
  addEventListener("DOMContentLoaded", look);
})();
"""


@dataclass
class Way:
    """One evening at the desk: how many photos, how slow a processor, how long a look at each."""

    name: str
    items: int
    slowed: int
    pause_ms: int
    times: list[float] = field(default_factory=list)  # milliseconds from the key to the next photo
    took: float = 0  # seconds, of all
    ended: str = ""  # why before its end, in words

    def row(self) -> str:
        if not self.times:
            return f"| {self.name} | 0 of {self.items} | | | {self.took:.1f} |"
        middle, late = median(self.times), percentile(self.times, 0.95)
        return f"| {self.name} | {len(self.times)} of {self.items} | {middle:.0f} | {late:.0f} | {self.took:.1f} |"


WAYS = (
    Way("full speed", ITEMS, 1, LOOK_MS),
    Way("a quarter of it", ITEMS * 2 // 3, SLOWED, LOOK_MS),
    Way("full speed, no look", ITEMS, 1, NO_LOOK_MS),
)


def log_in(browser: Browser, site: Site) -> Page:
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": "sessionid", "value": site.shell(LOG_IN), "url": site.url}])
    page = context.new_page()
    page.add_init_script(WATCH)
    return page


def shown(page: Page) -> str:
    return page.evaluate("window.painted.shown")


def another(page: Page, than: str) -> bool:
    """Whether another photo was painted in time."""
    asked = time.monotonic()
    while shown(page) in ("", than):
        if time.monotonic() - asked > NEXT_S:
            return False
        page.wait_for_timeout(5)
    return True


def walk(page: Page, way: Way) -> None:
    page.goto("/label")
    if not another(page, ""):
        way.ended = f"no first photo within {NEXT_S} s"
        return
    page.wait_for_timeout(3000)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": way.slowed})
    started = time.monotonic()
    for number in range(way.items):
        was = shown(page)
        page.keyboard.press("s")
        if not another(page, was):
            way.ended = f"no photo within {NEXT_S} s after the {number + 1}."
        elif time.monotonic() - started > WAY_S:
            way.ended = f"{WAY_S} s were over"
        if way.ended:
            break
        page.wait_for_timeout(way.pause_ms if number < way.items - 1 else 0)
    way.took = time.monotonic() - started
    way.times = page.evaluate("window.painted.times")


def look_again(site: Site) -> None:
    site.shell("from labeling.models import Pass; Pass.objects.all().delete()")


def said(what: str, value: float, most: float, way: Way) -> tuple[str, bool]:
    """A line of the report, and whether it holds; of a way that was not walked to its end nothing does."""
    held = value <= most and not way.ended
    why = f" ({way.ended})" if way.ended else ""
    return f"- {'holds' if held else 'FAILS'}: {what}, at most {most}{why}.", held


def measured(site: Site, browser: Browser) -> tuple[str, bool]:
    for way in WAYS:
        look_again(site)
        page = log_in(browser, site)
        print(f"{way.name}: {way.items} photos", flush=True)
        walk(page, way)
        page.context.close()
    fast, slow, keys = WAYS
    middle, late = median(slow.times or [0]), percentile(fast.times or [0], 0.95)
    lines = [
        said(f"{middle:.0f} ms at a quarter of the speed (median)", middle, NEXT_SLOWED_MS, slow),
        said(f"{late:.0f} ms at full speed (p95)", late, NEXT_P95_MS, fast),
        said(f"{ITEMS} photos by keyboard in {keys.took:.0f} s", keys.took, ITEMS_S, keys),
    ]
    text = [
        f"Measured {datetime.now(UTC).date().isoformat()} on {os.cpu_count()} CPU cores, the site on the same ones; "
        f"photos of 2400 × 1800 px, a window of 1280 × 800, `S` for each.",
        "",
        "| | photos | median ms | p95 ms | s in all |",
        "|---|---|---|---|---|",
        *(way.row() for way in WAYS),
        "",
        *(line for line, _ in lines),
    ]
    return "\n".join(text), all(held for _, held in lines)


def record(text: str) -> None:
    """Put `text` between the marks in RESULTS.md."""
    before, rest = RESULTS.read_text(encoding="utf-8").split(START)
    RESULTS.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-record", action="store_true", help="leave RESULTS.md alone")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder))
        try:
            print("The site starts.", flush=True)
            site.start(START_S)
            print("Photos are taken in.", flush=True)
            site.shell(FILL % (ITEMS + AHEAD))
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            text, held = measured(site, browser)
            browser.close()
        finally:
            site.close()
    print(text)
    if not asked.no_record:
        record(text)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
