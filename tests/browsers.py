"""Chromium for the tests that look at pages: one for each file of them."""

import os
import shutil

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Waiting ends when there is what one waits for: a machine that does much else at once is no fault of a page.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def chromium() -> str:
    if CHROMIUM:
        return CHROMIUM
    if os.environ.get("REQUIRE_CHROMIUM"):
        pytest.fail("Chromium is required here and not installed.")
    pytest.skip("CHROMIUM ABSENT: no page was looked at in a browser")


@pytest.fixture(scope="module")
def browser(chromium):
    """Whoever opens a context closes it: of what one test left open the next would hear."""
    # Playwright keeps an event loop in this thread, in which Django would refuse to touch the database.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


def let_in(context: BrowserContext, url: str, person) -> None:
    """`person` is logged in on the site at `url`, without a visit to the form, which is looked at elsewhere."""
    client = Client()
    client.force_login(person)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
