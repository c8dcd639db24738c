"""Enter in any text field of any page does what the button does that a person would press next, and no more.

That is the main button of the form, or else the next one after the field.
"""

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, get_resolver, resolve
from playwright.sync_api import Page

from labeling.actions import flags, identifications
from tests import universe
from tests.end_to_end.test_drafts import browsing

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# Django's own pages, files, and what is no page.
NOT_OURS = ("/admin", "/api", "/static", "/photos/", "/accounts/logout")
LISTEN = """
window.presses = [];
window.addEventListener('submit', (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  window.presses.push(event.submitter);
}, true);
"""
# Every field that Enter would send a form from, with what was sent when it was pressed.
FIELDS = """() => {
  const kinds = 'text search email password number url tel date time datetime-local month week'.split(' ');
  window.fields = [...document.querySelectorAll('form input')].filter(
    (each) => kinds.includes(each.type) && !each.disabled && !each.readOnly && each.form);
  for (const form of document.forms) form.noValidate = true;
  document.querySelectorAll('details').forEach((each) => { each.open = true; });
  return window.fields.map((each) => each.checkVisibility());
}"""
PRESSED = """(number) => {
  const field = window.fields[number];
  const words = (button) => button && (button.getAttribute('aria-label') || button.textContent.trim() || button.name);
  const buttons = [...field.form.elements].filter((each) => each.matches('button:not([type=button]), [type=submit]'));
  const seen = buttons.filter((each) => each.checkVisibility() && !each.classList.contains('vh'));
  const after = seen.find((each) => field.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
  const [pressed] = window.presses;
  return {
    name: field.name,
    form: field.form.getAttribute('action') || location.pathname,
    times: window.presses.length,
    pressed: words(pressed) ?? null,
    next: words(seen.find((each) => each.matches('.btn-main')) ?? after ?? seen[0]) ?? null,
    saves: !!pressed && pressed.classList.contains('vh') && pressed.value === 'save',
    draft: field.form.matches('[data-draft-form]'),
  };
}"""


def pages_without_arguments() -> list[str]:
    found = []
    for pattern in get_resolver().url_patterns:
        for each in getattr(pattern, "url_patterns", [pattern]):
            prefix = str(pattern.pattern) if each is not pattern else ""
            path = f"/{prefix}{each.pattern}".replace("^", "").replace("$", "")
            if "<" not in path and "(" not in path and not path.startswith(NOT_OURS):
                found.append(path)
    return found


def kind_of(address: str) -> str | None:
    """The page that an address is one of: a thousand sightings have one form."""
    path = urlsplit(address).path
    if path.startswith(NOT_OURS):
        return None
    try:
        return resolve(path).view_name or path
    except Resolver404:
        return None


def every_page(page: Page, start: list[str]):
    """Opens one page of every kind that links or the URLs lead to."""
    waiting, known = list(start), set()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind is None or kind in known:
            continue
        known.add(kind)
        answer = page.request.get(address, max_redirects=0)
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        page.goto(address)
        yield kind
        here = "[...document.querySelectorAll('main a[href], nav a[href]')].map((each) => each.href)"
        waiting += [
            each for each in page.evaluate(here) if urlsplit(each).netloc == urlsplit(page.url).netloc
        ]


def presses(page: Page) -> list[dict]:
    found = []
    page.evaluate(LISTEN)
    for number, visible in enumerate(page.evaluate(FIELDS)):
        if not visible:
            continue
        page.evaluate("(number) => { window.presses.length = 0; window.fields[number].focus(); }", number)
        page.keyboard.press("Enter")
        found.append(page.evaluate(PRESSED, number))
    return found


@pytest.fixture
def library(ada, alice, bob, tree, live):
    """Something of everything that has a form, a dataset and a model too."""
    sighting = universe.sighting(alice, seed="seen", latitude=47.1, longitude=11.2)
    identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["chub"], by=bob)
    flags.raise_flag(photo=sighting.photos.get(), kind="other", reason="Look.", by=bob)
    universe.sighting(ada, seed="own")
    universe.sighting(ada, seed="draft", published=False)
    return ada


def test_enter_presses_the_button_that_comes_next(browser, live_server, library):
    wrong, seen, kinds = [], 0, []
    with browsing(browser, live_server, library) as page:
        for kind in every_page(page, ["/", *pages_without_arguments()]):
            kinds.append(kind)
            for each in presses(page):
                seen += 1
                right = each["times"] == 0 if each["draft"] else each["pressed"] in (None, each["next"])
                if each["times"] > 1 or not (right or each["saves"]):
                    wrong.append((kind, each))
        page.context.clear_cookies()
        for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
            page.goto(path)
            found = presses(page)
            seen += len(found)
            wrong += [(path, each) for each in found if each["pressed"] not in (None, each["next"])]
    print(f"\n{seen} fields on {len(kinds)} pages: {kinds}")
    assert wrong == []
    assert {"home", "gallery", "upload", "observation"} <= set(kinds) and seen > 30
