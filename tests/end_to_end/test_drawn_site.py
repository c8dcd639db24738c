"""`make run` with nothing beside it: the site draws its library and closes the loop, whatever its subject."""

import json
import os
import re
import uuid
from collections import deque
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests

import drawings
from tests.end_to_end.site import ROOT, Site
from tests.look.pages import Page

# Heads alone on few pictures: that the loop closes is asked here, how well is asked by `make chaos`.
QUICK = {"epochs_frozen": 0, "epochs_unfrozen": 0, "size": [128, 160]}
DRAWINGS = 120
SUBJECTS = {
    "trout": (ROOT / "site.yaml", None),
    # No page of a food site may speak of what another subject is about.
    "dishes": (
        ROOT / "examples" / "food.yaml",
        r"\b(fish\w*|trout|anglers?|rivers?|species|scientific name|Latin|genus|hybrids?|latitude|longitude"
        r"|length|exact place|11 km)\b",
    ),
}
PAGES_AT_LEAST = 40
FRESH = 14
# Written for programs, or whole trees of pages that are Django's own.
NOT_PAGES = r"^/(static|api|admin|accounts/logout)|\.(jpg|json|zip|svg)$|/original$"


# One subject to a database: what differs between subjects does not depend on it.
TESTED = ["dishes" if os.environ.get("DATABASE_URL") else "trout"]


@pytest.fixture(scope="module", params=TESTED)
def drawn(request, tmp_path_factory):
    """A site that was started with nothing, and waited for until its first model is live."""
    file, forbidden = SUBJECTS[request.param]
    site = Site(
        tmp_path_factory.mktemp(request.param),
        SITE_FILE=str(file),
        DRAWINGS=str(DRAWINGS),
        TRAIN_OPTIONS=json.dumps(QUICK),
    )
    site.subject, site.forbidden = request.param, forbidden
    try:
        site.start()
        site.wait_for_model()
        yield site
    finally:
        site.close()


@pytest.fixture(scope="module")
def admin(drawn) -> requests.Session:
    """A browser in which the admin is logged in."""
    session = requests.Session()
    form = session.get(drawn.url + "/accounts/login/", timeout=30).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form).group(1)
    answer = session.post(
        drawn.url + "/accounts/login/",
        {
            "login": "admin@localhost",
            "password": (drawn.var / "admin_password").read_text().strip(),
            "csrfmiddlewaretoken": token,
        },
        timeout=30,
    )
    assert "Log out" in answer.text
    return session


def test_the_model_knows_the_names_that_were_drawn(drawn):
    assert requests.get(drawn.url + "/api/classes", timeout=30).json() == sorted(
        drawings.SUBJECTS[drawn.subject]
    )


def test_fresh_drawings_are_named_and_home_says_what_the_model_knows(drawn):
    right = 0
    for fresh in drawings.fresh(drawn.subject, FRESH, seed=99, rotated=0.5):
        answer = requests.post(drawn.url + "/api/classify", files={"file": fresh.data}, timeout=60)
        assert answer.status_code == 200
        right += answer.json()["class"] == fresh.label
    # By chance it would be a seventh.
    assert right > FRESH / 2
    assert "It knows only drawings" in requests.get(drawn.url + "/", timeout=30).text


def test_people_agree_disagree_and_are_waited_for(drawn):
    asked = (
        "from collections import Counter; from species.models import Occurrence; import json;"
        "print(json.dumps(Counter(Occurrence.objects.values_list('status', flat=True))))"
    )
    statuses = json.loads(drawn.shell(asked).splitlines()[-1])
    assert statuses["verified"] > statuses["needs_id"] > 0 and statuses["disputed"] > 0


def test_places_are_kept_only_where_the_subject_has_them(drawn):
    asked = "from species.models import Observation; print(Observation.objects.filter(latitude=None).count())"
    everything = "from species.models import Observation; print(Observation.objects.count())"
    without, all_ = (int(drawn.shell(code).splitlines()[-1]) for code in (asked, everything))
    assert without == (0 if drawn.subject == "trout" else all_)


def test_every_page_answers_and_speaks_of_its_subject_alone(drawn, admin):
    seen, waiting, faults = {"/"}, deque(["/"]), []
    while waiting and len(seen) < 400:
        path = waiting.popleft()
        answer = admin.get(drawn.url + path, timeout=60, allow_redirects=True)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        if answer.status_code != 200:
            faults.append(f"{path} answers {answer.status_code}")
        said = " ".join(Page(answer.text).words)
        if drawn.forbidden and (found := re.findall(drawn.forbidden, said, re.I)):
            faults.append(f"{path} says {sorted(set(found))}")
        for link in re.findall(r'href="([^"#]+)"', answer.text):
            parts = urlsplit(unescape(link))
            # Of pages that differ in a query or an id alone, a few speak for the rest.
            kind = re.sub(r"[0-9a-f-]{32,36}", "<id>", parts.path)
            alike = sum(re.sub(r"[0-9a-f-]{32,36}", "<id>", each) == kind for each in seen)
            if parts.netloc or not parts.path.startswith("/") or re.match(NOT_PAGES, parts.path):
                continue
            if parts.path not in seen and alike < 5:
                seen.add(parts.path)
                waiting.append(parts.path)
    assert faults == []
    assert len(seen) > PAGES_AT_LEAST, sorted(seen)


def test_a_photo_of_ones_own_is_kept_without_what_the_subject_lacks(drawn, admin):
    """The upload page as a plain form: sent, described with what it asks, published."""
    fresh = next(iter(drawings.fresh(drawn.subject, 1, seed=98)))
    page = admin.get(drawn.url + "/upload", timeout=30).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    name = f"{uuid.uuid4().hex}.jpg"
    page = admin.post(
        drawn.url + "/upload",
        {"csrfmiddlewaretoken": token},
        files={"photos": (name, fresh.data)},
        timeout=60,
    ).text
    assert name in page
    asks = {word: f'name="{word}"' in page for word in ("latitude", "length_cm")}
    assert set(asks.values()) == {drawn.subject == "trout"}
    form = re.search(
        r'<form\s+method="post"\s+action="([^"]+)"[^>]*data-draft-form[^>]*>(.*?)</form>', page, re.S
    )
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(2)))
    fields |= {"licence": "CC-BY-4.0", "consents": ["show"], "then": "send", "note": "by hand"}
    fields.setdefault("privacy", "generalized")
    answer = admin.post(drawn.url + unescape(form.group(1)), fields, timeout=60)
    assert answer.status_code == 200 and 'aria-invalid="true"' not in answer.text
    asked = (
        "from species.models import Observation; o = Observation.objects.get(note='by hand');"
        "print(o.state, o.photos.get().drawn)"
    )
    assert drawn.shell(asked).splitlines()[-1] == "published True"
