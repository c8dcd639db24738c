"""What others see of a photo is chosen and looked at before it is added, and seen so by others: in a browser."""

import io
import os
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image

from jobs import worker
from species import ingest, tasks
from species.actions import observations
from species.images.surroundings import pixels
from species.models import Observation, Photo, State
from tests.end_to_end.test_drafts import browsing, of
from tests.end_to_end.test_every_page import AXE, SERIOUS, STILL

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PLACE = {"latitude": 47.26812, "longitude": 11.39325, "place_source": "map_pin"}
BOX = {"From the left, %": "40", "From the top, %": "25", "Width, %": "20", "Height, %": "50"}


@pytest.fixture(autouse=True)
def in_this_thread(monkeypatch):
    """Playwright keeps an event loop in this thread, in which Django would refuse to touch the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def striped() -> bytes:
    """A bank of stripes around a green box."""
    drawn = Image.new("RGB", (1200, 800), (20, 20, 230))
    for left in range(0, 1200, 40):
        drawn.paste((230, 20, 20), (left, 0, left + 20, 800))
    drawn.paste((20, 200, 60), pixels("cropped", (0.4, 0.25, 0.2, 0.5), 1200, 800))
    out = io.BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def draft(alice) -> Observation:
    found = observations.start(by=alice, **PLACE)
    ingest.receive(data=striped(), owner=alice, observation=found, file_name="bridge.png")
    return found


def shapes(page) -> list[float]:
    """Width by height of each picture on the page, once it is there; 0 for one that did not load."""
    for image in page.locator("main img").all():
        image.scroll_into_view_if_needed()
        image.evaluate("(each) => each.decode().catch(() => 0)")
    found = page.evaluate(
        "[...document.querySelectorAll('main img')].map((i) => i.naturalWidth / i.naturalHeight)"
    )
    return [round(each or 0, 1) for each in found]


def sound(page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("shift") <= STILL, page.evaluate("moved")
    page.evaluate(AXE.read_text())
    assert page.evaluate(SERIOUS, None) == []


def until(page, happened) -> None:
    """With scripts a form goes by itself, and the page stays."""
    for _ in range(100):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("waited in vain")


def look(page, name: str) -> None:
    """A picture of the page, where somebody wants one."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("width", "scripts"), [(360, True), (360, False), (1280, True)])
def test_chosen_looked_at_boxed_and_added(browser, live_server, alice, charlie, draft, width, scripts):
    with browsing(browser, live_server, alice, width=width, scripts=scripts) as page:
        page.goto("/upload")
        form = of(page, draft)
        form.get_by_label("What of the photo others see").select_option("cropped")
        form.get_by_role("button", name="Save for later").click()
        until(page, lambda: Observation.objects.get(pk=draft.pk).surroundings == "cropped")
        # With scripts the draft comes anew and folded, and its words were kept before it was sent.
        until(
            page, lambda: scripts is False or not page.locator(f"#draft-{draft.pk} [name=note]").is_visible()
        )
        look(page, f"draft-{width}-{scripts}")
        with page.context.expect_page() as opened:
            of(page, draft).get_by_role("link", name="See what others would see").click()
        page = opened.value
        page.wait_for_load_state()
        assert "There is no box around the" in page.locator("main").inner_text()
        assert shapes(page) == [1.5, 1.5]
        for label, value in BOX.items():
            page.get_by_label(label).fill(value)
        page.get_by_label("Height, %").press("Enter")
        page.wait_for_load_state()
        assert shapes(page) == [1.5, 0.6, 1.5]
        if scripts:
            sound(page, width)
        look(page, f"as-others-see-{width}-{scripts}")
        page.goto("/upload")
        of(page, draft).get_by_role("button", name="Add this sighting").click()
        until(page, lambda: Observation.objects.get(pk=draft.pk).state == State.PUBLISHED)
    tasks.find_photos_to_render()
    worker.run_due()
    address = reverse("observation", args=[draft.pk])
    for person, shape in ((alice, 1.5), (charlie, 0.6)):
        with browsing(browser, live_server, person, width=width, scripts=scripts) as page:
            page.goto(address)
            assert shapes(page)[0] == shape
            if scripts:
                sound(page, width)
            look(page, f"sighting-{person}-{width}-{scripts}")


def test_while_it_is_made_the_page_stands_still(browser, live_server, alice, charlie, draft):
    observations.describe(observation=draft, by=alice, surroundings="softened")
    observations.publish(observation=draft, by=alice)
    photo = Photo.objects.get()
    with browsing(browser, live_server, charlie, width=360) as page:
        page.goto(reverse("observation", args=[draft.pk]))
        assert shapes(page)[0] == 1.5, "a grey one, of the same shape"
        grey = page.request.get(reverse("photo_rendition", args=[photo.pk, 1008]))
        assert grey.status == 503
        sound(page, 360)
        tasks.find_photos_to_render()
        worker.run_due()
        page.reload()
        assert shapes(page)[0] == 1.5
        look(page, "softened-360")
