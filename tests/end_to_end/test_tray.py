"""Many photos at once in a browser: sorted, said, added and kept, in few presses, on a phone and at a desk."""

import os
import signal
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from labeling.models import DraftWords
from species.models import Observation, Photo, State
from tests import universe
from tests.browsers import QUIET
from tests.conftest import PASSWORD
from tests.end_to_end import a_day
from tests.end_to_end.test_drafts import browsing, photo
from tests.labeling.test_upload import TAKEN

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

expect.set_options(timeout=60_000)
SLOW = 120_000  # milliseconds for forty photos on a machine that does other things, too


def late(route) -> None:
    time.sleep(0.8)
    route.continue_()


class Hand:
    """Counts what a person presses; what is typed into a field is one press, that of the field."""

    def __init__(self, page: Page):
        self.page, self.presses = page, 0

    def press(self, what: Locator | str, **options) -> None:
        found = self.page.get_by_role("button", name=what) if isinstance(what, str) else what
        found.click(**options)
        self.presses += 1

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).fill(text)
        self.presses += 1

    def choose(self, files: list[dict], sent: int) -> None:
        self.page.locator("input[name=photos]").set_input_files(files)
        self.presses += 1
        expect(self.page.locator("[data-tally]")).to_contain_text(
            f"{sent} of {len(files)} sent", timeout=SLOW
        )
        expect(self.page.locator(".is-coming")).to_have_count(0, timeout=SLOW)


def tick(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Choose {name}", exact=True)


def test_forty_photos_of_a_day_in_sixty_presses(browser, live_server, alice, sample_data):
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        hand = Hand(page)
        hand.choose(a_day.files(sample_data), sent=39)
        summary = page.locator("[data-summary]")
        expect(summary).to_have_text("7 ready, 8 without a place, 2 without a day")
        assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 860
        page.wait_for_timeout(600)
        assert page.evaluate("shift") <= 0.05, page.evaluate("moved")
        expect(page.locator("[data-troubled]")).to_contain_text("Copy it from the camera again.")
        hand.press("Leave out")
        hand.press("All right")
        # Those of the second camera are one sighting, at the river.
        hand.press("Select")
        hand.press(tick(page, "P0.jpg"))
        hand.press(tick(page, "P7.jpg"), modifiers=["Shift"])
        expect(page.locator("[data-chosen]")).to_have_text("8 photos of 8 sightings")
        hand.press("One sighting")
        expect(summary).to_have_text("7 ready, 1 without a place, 2 without a day")
        hand.press(tick(page, "all of 10 Oct 2015, 12:00"))
        hand.press("Set…")
        hand.type("#many-latitude", "48.25")
        hand.type("#many-longitude", "14.63")
        hand.press("Say it of 1 sighting")
        expect(summary).to_have_text("8 ready, 2 without a day")
        hand.press(tick(page, "undated0.jpg"))
        hand.press(tick(page, "undated1.jpg"))
        hand.type("#many-date", "2015-10-10")
        hand.type("#many-latitude", "47.8")
        hand.type("#many-longitude", "13.77")
        hand.press("Say it of 2 sightings")
        expect(summary).to_have_text("10 ready")
        hand.press("End selecting")
        hand.press("Add 10")
        expect(page.locator(".toast")).to_contain_text("10 sightings added.")
        expect(page.locator("[data-draft]")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    print(f"\n{hand.presses} presses")
    assert hand.presses <= 60
    added = Observation.objects.filter(state=State.PUBLISHED)
    assert added.count() == 10 and Photo.objects.filter(observation__in=added).count() == 38
    assert not added.filter(latitude=None).exists() and not added.filter(local_date=None).exists()


def test_five_photos_on_a_phone_in_twenty_five_taps(browser, live_server, alice):
    files = [photo(f"{number}.jpg", taken_at=TAKEN["taken_at"]) for number in range(5)]
    with browsing(browser, live_server, alice, width=360) as page:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 48.12, "longitude": 14.87, "accuracy": 20})
        page.goto("/upload")
        # Longer than the half second in which what moves is taken for an answer to a press.
        page.route("**/upload/*", late)
        hand = Hand(page)
        hand.choose(files, sent=5)
        expect(page.locator("[data-summary]")).to_have_text("0 ready, 5 without a place")
        hand.press("Select")
        hand.press(tick(page, "1.jpg"))
        hand.press(tick(page, "2.jpg"))
        hand.press("One sighting")
        expect(page.locator("[data-draft]")).to_have_count(4)
        hand.press("Set…")
        hand.press(page.locator("#many [data-device]"))
        expect(page.locator("#many-latitude")).to_have_value("48.120000")
        hand.press("Say it of all 4")
        expect(page.locator("[data-summary]")).to_have_text("4 ready")
        hand.press("End selecting")
        hand.press("Add 4")
        expect(page.locator(".toast")).to_contain_text("4 sightings added.")
        page.wait_for_timeout(600)
        assert page.evaluate("shift") <= 0.05, page.evaluate("moved")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    print(f"\n{hand.presses} taps")
    assert hand.presses <= 25
    added = Observation.objects.filter(state=State.PUBLISHED)
    assert [each.place_source for each in added] == ["device"] * 4


def two(person) -> list[Observation]:
    place = {"latitude": 48.12, "longitude": 14.87, "observed_at": TAKEN["taken_at"]}
    return [
        universe.sighting(person, seed=seed, photos=2, published=False, **place) for seed in ("one", "two")
    ]


def names(page: Page) -> list[int]:
    return [each.locator("[data-card]").count() for each in page.locator("[data-draft]").all()]


def licences(page: Page) -> set[str]:
    return {each.input_value() for each in page.locator("[data-draft-form] [name=licence]").all()}


def test_joined_and_split_by_drag_and_undone(browser, live_server, alice):
    one, other = two(alice)
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        page.locator(f"#draft-{other.pk} [data-card]").first.drag_to(page.locator(f"#draft-{one.pk} h2"))
        expect(page.locator(f"#draft-{one.pk} [data-card]")).to_have_count(3)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(f"#draft-{one.pk} [data-card]")).to_have_count(2)
        assert names(page) == [2, 2]


def test_by_keys_alone(browser, live_server, alice):
    one, _ = two(alice)
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        page.get_by_role("button", name="Select").press("Enter")
        page.locator(f"#draft-{one.pk} input[name=photo]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("o")
        expect(page.locator("[data-draft]")).to_have_count(3)
        assert names(page) == [1, 2, 1]
        page.get_by_role("button", name="Undo").press("Enter")
        expect(page.locator("[data-draft]")).to_have_count(2)
        page.locator("input[name=photo]").first.focus()
        for key in ("Space", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "j"):
            page.keyboard.press(key)
        expect(page.locator("[data-draft]")).to_have_count(1)
        assert names(page) == [4]
        page.keyboard.press("Escape")
        expect(page.locator("[data-adding]")).to_be_visible()
        page.locator("[data-adding] .btn-main").press("Enter")
        expect(page.locator(".toast")).to_contain_text("1 sighting added.")
        page.get_by_role("button", name="Take back").press("Enter")
        expect(page.locator("[data-draft]")).to_have_count(1)


@pytest.mark.parametrize("width", [360, 1280])
def test_without_scripts_the_same_forms_do_it(browser, live_server, alice, width):
    one, _ = two(alice)
    with browsing(browser, live_server, alice, width=width, scripts=False) as page:

        def press(name: str) -> None:
            # A click answers before the page that it asks for is there.
            with page.expect_navigation():
                page.get_by_role("button", name=name).first.click()

        page.goto("/upload")
        page.locator(f"#draft-{one.pk} input[name=photo]").first.check()
        press("On its own")
        assert sorted(names(page)) == [1, 1, 2]
        press("Undo")
        assert names(page) == [2, 2]
        page.locator("#many-licence").select_option("CC0-1.0")
        press("Say it of all")
        assert licences(page) == {"CC0-1.0"}
        press("Undo")
        assert licences(page) == {"CC-BY-4.0"}
        press("Add 2")
        expect(page.get_by_text("2 sightings added.")).to_be_visible()


def test_words_that_are_being_typed_stay_when_the_day_is_set_for_all(browser, live_server, alice):
    one, other = two(alice)
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        page.locator(f"#draft-{one.pk} summary").click()
        page.locator(f"#draft-{one.pk} [name=note]").fill("By the weir.")
        page.locator("#many-date").fill("2015-10-09")
        page.get_by_role("button", name="Say it of all 2").click()
        expect(page.locator(".toast")).to_contain_text("Said of 2 sightings.")
        expect(page.locator(f"#draft-{one.pk} [name=note]")).to_have_value("By the weir.")
        expect(page.locator(f"#draft-{one.pk} [name=date]")).to_have_value("2015-10-09")
        assert page.get_by_role("alert").count() == 0
        page.locator("[data-adding] .btn-main").click()
        expect(page.locator(".toast")).to_contain_text("2 sightings added.")
    one.refresh_from_db()
    assert (one.note, str(one.local_date), one.state) == ("By the weir.", "2015-10-09", State.PUBLISHED)
    assert not DraftWords.objects.exists()


@contextmanager
def profile(browser, chromium: str, live_server, folder: Path):
    """A browser with a disk of its own, which a killed one leaves to the next."""
    context = browser.browser_type.launch_persistent_context(
        str(folder), executable_path=chromium, args=QUIET, base_url=live_server.url
    )
    context.set_default_timeout(30_000)
    try:
        yield context.pages[0]
    finally:
        try:
            context.close()
        except Exception as error:  # it was killed
            print(f"closing: {error}")


def log_in(page: Page, person) -> None:
    page.goto("/accounts/login/?next=/upload")
    if page.locator("[name=login]").count():
        page.locator("[name=login]").fill(person.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/upload")


def kill(folder: Path) -> None:
    """The processes of the browser whose disk this is, and no other."""
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and f"--user-data-dir={folder}".encode() in (entry / "cmdline").read_bytes()
            ):
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, ProcessLookupError):
            continue


def a_few(count: int) -> list[dict]:
    later = TAKEN["taken_at"]
    return [
        photo(f"n{number}.jpg", **TAKEN | {"taken_at": later + timedelta(minutes=number)})
        for number in range(count)
    ]


def test_killed_in_the_middle_nothing_is_lost_and_nothing_twice(
    browser, chromium, live_server, alice, tmp_path
):
    folder = tmp_path / "profile"
    with profile(browser, chromium, live_server, folder) as page:
        log_in(page, alice)
        # After the third the connection stands still, its answer lost on the way.
        sent: list[str] = []
        arrived: list[int] = []

        def slow(route):
            sent.append(route.request.url)
            if len(sent) < 3:
                route.continue_()
            else:
                arrived.append(route.fetch().status)

        page.route("**/upload/photos/*", slow)
        page.locator("input[name=photos]").set_input_files(a_few(8))
        expect(page.locator(".upcard.is-sent")).to_have_count(2)
        while not arrived:
            page.wait_for_timeout(100)
        kill(folder)
    assert Photo.objects.count() == 3
    with profile(browser, chromium, live_server, folder) as page:
        log_in(page, alice)
        expect(page.locator("[data-tally]")).to_have_text("8 of 8 sent", timeout=SLOW)
        expect(page.locator("[data-draft]")).to_have_count(1)
        expect(page.locator("[data-card]")).to_have_count(8)
        page.reload()
        expect(page.locator("[data-sending]")).to_be_hidden()
    assert sorted(Photo.objects.values_list("file_name", flat=True)) == [f"n{n}.jpg" for n in range(8)]
    assert Observation.objects.count() == 1


def test_a_second_window_waits_and_a_lost_connection_goes_on(browser, live_server, alice):
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        page.route("**/upload/photos/*", lambda route: route.abort())
        page.locator("input[name=photos]").set_input_files(a_few(4))
        expect(page.locator("[data-sending] [role=status]")).to_have_text("No connection. Goes on by itself.")
        other = page.context.new_page()
        other.goto("/upload")
        expect(other.locator("[data-sending]")).to_be_hidden()
        page.unroute("**/upload/photos/*")
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("[data-tally]")).to_have_text("4 of 4 sent", timeout=SLOW)
        expect(page.locator("[data-card]")).to_have_count(4)
        other.reload()
        expect(other.locator("[data-card]")).to_have_count(4)
        # A window that is closed with photos left leaves them to the next one.
        other.route("**/upload/photos/*", lambda route: route.abort())
        other.locator("input[name=photos]").set_input_files([photo("left.jpg")])
        expect(other.locator("[data-sending] [role=status]")).to_contain_text("No connection")
        page.reload()
        other.close()
        expect(page.locator("[data-draft]", has_text="left.jpg")).to_have_count(1, timeout=SLOW)
    assert Photo.objects.count() == 5


def test_what_one_person_left_another_neither_sees_nor_sends(browser, live_server, alice, bob):
    with browsing(browser, live_server, alice) as page:
        page.goto("/upload")
        page.route("**/upload/photos/*", lambda route: route.abort())
        page.locator("input[name=photos]").set_input_files([photo("left.jpg")])
        expect(page.locator("[data-sending] [role=status]")).to_contain_text("No connection")
        page.context.clear_cookies()
        page.unroute("**/upload/photos/*")
        log_in(page, bob)
        page.wait_for_timeout(1500)
        expect(page.locator("[data-sending]")).to_be_hidden()
        expect(page.locator("[data-draft]")).to_have_count(0)
        page.context.clear_cookies()
        log_in(page, alice)
        expect(page.locator("[data-draft]")).to_have_count(1, timeout=SLOW)
    assert Photo.objects.get().owner == alice


def test_a_card_says_where_and_when_before_it_is_up(browser, live_server, alice, sample_data):
    heic = sample_data / "metadata/exif-samples/IMG_5195.HEIC"
    files = [
        photo("one.jpg", **TAKEN),
        {"name": "two.heic", "mimeType": "image/heic", "buffer": heic.read_bytes()},
    ]
    with browsing(browser, live_server, alice, width=360) as page:
        page.goto("/upload")
        page.route("**/upload/photos/*", lambda route: route.abort())
        page.locator("input[name=photos]").set_input_files(files)
        expect(page.locator(".is-coming h2")).to_have_text(
            ["48.1208, 14.8672 · 10 Oct 2015, 17:07", "39.0513, -94.2888 · 11 Apr 2021, 15:47"]
        )
    assert not Photo.objects.exists()
