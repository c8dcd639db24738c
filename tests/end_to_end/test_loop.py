"""The whole loop in a browser: two people, one photo, a verdict, a dataset, a model."""

import csv
import hashlib
import re
import shutil
import time

import pytest
import requests
from playwright.sync_api import Page, expect

PASSWORD = "a trout in the reeds"

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser, site):
    """Opens a page as a new visitor; every console error and refused resource fails the test."""
    faults: list[str] = []
    opened = []

    def on_console(message):
        if message.type == "error":
            faults.append(message.text)

    def open_page(width: int = 1280) -> Page:
        context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 900})
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", on_console)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture(scope="module")
def unseen(fishcam, collection, tmp_path_factory):
    """A photo of a brown trout from a video that the site has not imported."""
    with (fishcam / "observations.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["vernacular_name"] == "brown trout"]
    with (collection / "observations.csv").open(newline="") as file:
        known = {row["observation_id"] for row in csv.DictReader(file)}
    row = next(row for row in rows if row["observation_id"] not in known)
    target = tmp_path_factory.mktemp("phone") / "IMG_0001.png"
    shutil.copy(fishcam / row["file"], target)
    return target


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("What should we call you?").fill(name)
    page.locator("[name=email]").fill(f"{name.lower()}@example.org")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(lambda url: "signup" not in url)


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(lambda url: "login" not in url)


def wait_for(condition, timeout: float, what: str):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(1)
    raise AssertionError(f"{what} did not come within {timeout:g} s")


def test_home_asks_the_model_and_answers_in_words(visit, unseen, collection):
    page = visit()
    page.goto("/")
    page.locator("input[name=file]").set_input_files(unseen)
    answer = page.locator("#answer")
    expect(answer.get_by_text("a guess, never a vote")).to_be_visible()
    expect(answer.get_by_role("button", name="Add this photo")).to_be_visible()
    page.locator("[data-sample]").first.click()
    expect(answer.get_by_text("a guess, never a vote")).to_be_visible()
    broken = collection.parent / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    page.locator("input[name=file]").set_input_files(broken)
    expect(answer.get_by_role("alert")).to_be_visible()


def test_the_loop_closes(visit, site, unseen):
    sha256 = hashlib.sha256(unseen.read_bytes()).hexdigest()

    # Alice uploads, says what it is, and sends it.
    alice = visit()
    sign_up(alice, "Alice")
    alice.goto("/upload")
    alice.locator("input#photos").set_input_files(unseen)
    draft = alice.locator("[data-draft]").first
    expect(draft).to_be_visible()
    if not draft.locator("[name=name]").is_visible():
        draft.locator("summary").first.click()
    draft.locator("[name=name]").fill("Brown trout")
    draft.locator("[name=date]").fill("2026-06-01")
    draft.get_by_role("button", name="Add this sighting").click()
    # What she typed is kept first, then it goes, and she is where people see it.
    alice.wait_for_url("**/sightings/**")
    alice.goto("/you/uploads")
    alice.locator("main a[href*='/sightings/']").first.click()
    alice.wait_for_url("**/sightings/**")
    address = re.sub(r"[?#].*", "", alice.url)
    expect(alice.get_by_text("Needs ID").first).to_be_visible()

    # Bob, who does not know her, agrees, on a phone.
    bob = visit(360)
    sign_up(bob, "Bob")
    bob.goto(address)
    form = bob.locator("form[action*='/identify']").first
    form.locator("[name=name]").fill("Brown trout")
    form.get_by_role("button", name="Save").click()
    expect(bob.get_by_text("Verified").first).to_be_visible()
    assert bob.evaluate("document.documentElement.scrollWidth") <= 360
    alice.reload()
    expect(alice.locator(".verdict")).to_contain_text(re.compile("brown trout", re.I))
    expect(alice.locator(".verdict")).to_contain_text("Agreement")

    # An admin freezes the next dataset.
    admin = visit()
    log_in(admin, "admin@localhost", (site.var / "admin_password").read_text().strip())
    admin.goto("/datasets/")
    admin.get_by_role("link", name="Freeze a new one").click()
    admin.get_by_label("Name or group").fill("brown trout")
    admin.get_by_role("button", name="Look").last.click()
    expect(admin.get_by_text("Asked for: Brown trout.")).to_be_visible()
    # With no other kind in it no model could be trained.
    admin.get_by_role("link", name="Everything").click()
    expect(admin.get_by_text("Asked for: everything.")).to_be_visible()
    admin.locator("[name=title]").fill("With Alice's trout")
    admin.get_by_role("button", name="Freeze").click()
    admin.wait_for_url(re.compile(r"/datasets/[0-9a-f-]{36}/"))
    frozen = admin.url.rstrip("/").rsplit("/", 1)[1]

    def dataset():
        return requests.get(f"{site.url}/api/v1/datasets/{frozen}", timeout=30).json()

    wait_for(lambda: dataset()["state"] == "frozen", 60, "the frozen dataset")
    content_hash = dataset()["content_hash"]
    manifest = admin.request.get(f"/datasets/{frozen}/manifest.json").json()
    assert sha256 in [photo["sha256"] for photo in manifest["photos"]]

    # A run on it makes the next model, which the admin puts live.
    admin.goto("/runs/")
    admin.locator("[name=dataset]").select_option(frozen)
    admin.locator("[name=kind]").select_option("model")
    admin.get_by_role("button", name="Start").click()
    admin.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/"))

    def model():
        found = requests.get(f"{site.url}/api/v1/models", timeout=30).json()["results"]
        return next((each for each in found if each["dataset_hash"] == content_hash), None)

    made = wait_for(model, 600, "the next model")
    assert made["card"]["dataset_hash"] == content_hash
    admin.goto(f"/models/{made['id']}/")
    admin.locator("[name=reason]").fill("It has seen Alice's trout.")
    admin.get_by_role("button", name="Put it live").click()
    expect(admin.get_by_text("Live since")).to_be_visible()

    # Its suggestion comes back to her photo, in pencil, and changes no verdict.
    def pencilled():
        return made["name"] in requests.get(address, timeout=30).text

    wait_for(pencilled, 120, "the new model's opinion of the photo")
    alice.reload()
    expect(alice.locator(".pencil").first).to_contain_text(made["name"])
    expect(alice.get_by_text("Verified").first).to_be_visible()
    asked = requests.post(f"{site.url}/api/v1/predictions", files={"file": unseen.read_bytes()}, timeout=30)
    assert asked.status_code == 200, asked.text
    answer = asked.json()
    assert answer["model"] == made["name"] and answer["dataset_hash"] == content_hash


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/about",
        "/explore",
        "/taxa/",
        "/models/",
        "/runs/",
        "/datasets/",
        "/accounts/login/",
        "/api/docs",
    ],
)
def test_pages_stay_within_the_screen_and_the_policy(visit, width, path):
    page = visit(width)
    response = page.goto(path)
    assert response.status == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
