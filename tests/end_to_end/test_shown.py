"""A page with a guess tells by itself that it was seen, so that a program of the same person's is believed too."""

import pytest
from playwright.sync_api import expect

from labeling.models import ShownSuggestion
from tests import universe
from tests.conftest import PASSWORD
from tests.end_to_end.test_home import browsing
from tests.labeling.browsing import guess

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def log_in(page) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill("bob@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "login" not in url)


@pytest.fixture
def sighting(alice, bob, tree):
    sighting = universe.sighting(alice)
    guess(sighting.photos.get(), tree, ("chub", 0.9))
    return sighting


def test_a_sightings_page(browser, live_server, sighting):
    with browsing(browser, live_server, width=1280) as page:
        log_in(page)
        with page.expect_response("**/shown") as told:
            page.goto(sighting.get_absolute_url())
        assert told.value.status == 204
    assert ShownSuggestion.objects.get().source == "resnet34-v7"


def test_the_room_tells_only_when_it_is_uncovered(browser, live_server, sighting):
    with browsing(browser, live_server, width=1280) as page:
        log_in(page)
        page.goto("/label")
        expect(page.get_by_text("is covered until you answer")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert not [each for each in page.context.cookies() if each["name"] == "shown"]
        with page.expect_response("**/shown") as told:
            page.get_by_role("link", name="Show it anyway").click()
        assert told.value.status == 204
    assert ShownSuggestion.objects.get().source == "resnet34-v7"
