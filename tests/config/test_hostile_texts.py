"""Whatever people write stays text: on every page, in every fragment and in every staff list that shows it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts import actions as accounts
from accounts.models import User
from jobs.actions import enqueue
from labeling.actions import comments, drafts, field_marks, flags, identifications, rulings
from labeling.models import Comment, Flag
from species import ingest
from species.access import observation_scope
from species.actions import observations, places
from species.actions import taxa as taxa_actions
from species.models import Place
from tests import universe
from tests.config.test_reading import ROUTES, filled
from tests.research.building import agreed, freeze

MARK = "xssq"
#: Ends tags, attributes, scripts, titles and fields; elements and attributes that it would make bear the mark.
EVIL = (
    f"\"'><{MARK} data-{MARK}=1></script></title></textarea></style>--><{MARK}><script {MARK}>{MARK}()</script>"
    f"<img src=x onerror={MARK}() {MARK}>` onload={MARK}() {{{{ 7|add:35 }}}}{MARK}{{% now 'Y' %}} "
    "javascript:alert(1)\u202e\u0085\x1b]]>&lt;b&#60;"
)
SHORT = f"'\"><{MARK} {MARK}>"  # where there is room for no more
ADDRESSES = {"href", "src", "action", "formaction", "srcset", "poster", "data"}

pytestmark = pytest.mark.once


class Read(HTMLParser):
    """`made`: what a text became that is more than text; `words`: all text, what attributes say included."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = [tag, *(name for name, _ in attrs)]
        self.made += [f"<{tag} {attrs}>" for name in names if MARK in name or name.startswith("on")]
        for name, value in attrs:
            said = re.sub(r"[\s\x00-\x1f]", "", value or "").lower()
            if (name in ADDRESSES or name.startswith("hx-")) and said.startswith(
                ("javascript:", "data:text")
            ):
                self.made.append(f"<{tag} {name}={value!r}>")
            self.words.append(value or "")
        if tag == "script":
            self.made += [f"<script {attrs}>" for name, value in attrs if MARK in (value or "")]

    def handle_data(self, data):
        self.words.append(data)


def test_the_reader_finds_what_it_looks_for():
    for html in (
        f"<p>{EVIL}</p>",
        f'<a title="{EVIL}">',
        f"<a href='{SHORT}'>",
        '<a href=" java\nscript:x">',
    ):
        assert Read(html).made, html
    assert not Read("<p title='x'>&lt;xssq&gt; javascript:x</p>").made


def evil(field: str, long: bool = True) -> str:
    return f"{field}{MARK}{EVIL if long else SHORT}"


#: Texts that people write, and staff, by what they are in; each is on some page.
FIELDS = ["name", "place", "note", "why", "comment", "report", "hidden", "ruling", "flag", "taxon", "dataset"]
FIELDS += ["token", "grant", "file", "job", "box", "mark"]


@pytest.fixture
def written(alice, bob, rita, ada, tree, live, sighting_of_alice) -> list[str]:
    """Every text of a site written by somebody who means it no good; ids of what bears them."""
    mallory = accounts.sign_up(
        email="m@example.org", password="a trout in the reeds", display_name=evil("name", long=False)
    )
    trout = tree["brown_trout"]
    # No name of a taxon holds a character that controls or turns text.
    printed = "".join(each for each in evil("taxon") if each.isprintable())
    trout.common_names = {"en": printed, "de": evil("taxon", long=False)}
    taxa_actions.save(taxon=trout, by=ada)
    wide = places.save(place=Place(name=evil("place")[:160], uncertainty_m=60_000))
    # Where it says no more than the square that others see, the name of a place is told.
    where = {"place": wide, "latitude": 47.2, "longitude": 11.4}
    organism = agreed(mallory, trout, [bob, rita], seed="evil", note=evil("note"), **where)
    sighting = organism.observation
    ingest.receive(
        data=universe.photo_bytes("evil"), owner=mallory, observation=sighting, file_name=evil("file", False)
    )
    said = [
        identifications.add(occurrence=organism, taxon=trout, by=alice, note=evil("why")),
        identifications.add(occurrence=sighting_of_alice.occurrences.get(), taxon=trout, by=mallory),
        flags.raise_flag(
            photo=sighting.photos.first(), kind=Flag.Kind.OTHER, reason=evil("flag"), by=mallory
        ),
        rulings.rule(occurrence=organism, taxon=trout, reason=evil("ruling"), by=rita),
        *(
            comments.add(observation=each, text=evil("comment"), by=mallory)
            for each in (sighting, sighting_of_alice)
        ),
    ]
    hidden = comments.add(observation=sighting, text=f"@{mallory.display_name} javascript:alert(1)", by=bob)
    comments.report(comment=hidden, reason=evil("report"), by=mallory)
    comments.hide(comment=hidden, reason=evil("hidden"), by=rita)
    comments.report(comment=Comment.objects.first(), reason=evil("report"), by=bob)
    said.append(
        field_marks.point(
            occurrence=organism,
            photo=sighting.photos.first(),
            mark=evil("mark", long=False),
            x=0.5,
            y=0.5,
            by=mallory,
        )
    )
    frozen = freeze(ada, title=evil("dataset")[:120])
    accounts.make_token(user=ada, name=evil("token", long=False), by=ada)
    scope = observation_scope(sighting.pk)
    accounts.grant(user=mallory, scope=scope, purpose=evil("grant"), by=ada)
    enqueue(kind="resettle", title=evil("job")[:120], by=ada)
    draft = universe.sighting(ada, seed="draft", published=False, note=evil("note"))
    drafts.keep(observation=draft, by=ada, typed={"note": [evil("box")], "name": [evil("box")]})
    observations.describe(observation=draft, by=ada, place=wide)
    rows = [sighting, organism, sighting_of_alice, sighting.photos.first(), draft, frozen, trout, live, *said]
    return [*[str(each.pk) for each in (*rows, mallory)], "brown_trout"]


ASKED = [
    *[
        "/explore?q={}",
        "/explore?taxon={}",
        "/explore?who={}",
        "/explore?place={}&{}={}",
        "/explore?since={}",
    ],
    *["/taxa/?q={}", "/taxa/proposals?q=xssq", "/taxa/proposals?q={}", "/places/proposals?q=xssq"],
    *[
        "/places/proposals?q={}",
        "/{}",
        "/accounts/login/?next={}",
        "/label?occurrence={}",
        "/label?taxon={}",
        "/label/sets?place={}&{}={}",
        "/datasets/?{}={}",
    ],
    *["/admin/species/taxon/?q={}", "/admin/labeling/comment/?q={}", "/admin/accounts/user/?q=xssq"],
]


def addresses(written: list[str], staff: bool) -> Iterator[str]:
    for pattern, _ in ROUTES:
        if not pattern.startswith("admin/"):
            yield from dict.fromkeys(filled(pattern, written))
    for each in ASKED:
        yield each.replace("{}", quote(EVIL, safe=""))
    for model in admin.site._registry if staff else ():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:6]:
            yield reverse(f"{name}_change", args=[pk])


@pytest.mark.parametrize("who", ["nobody", "mallory", "rita", "ada"])
def test_it_is_text_wherever_it_is_shown(client, written, who):
    client.raise_request_exception = False
    person = {"mallory": {"email": "m@example.org"}}.get(who, {"email": f"{who}@example.org"})
    if who != "nobody":
        client.force_login(User.objects.get(**person))
    shown: set[str] = set()
    for address in addresses(written, staff=who in ("rita", "ada")):
        answer = client.get(address)
        assert answer.status_code != 500 and answer["X-Content-Type-Options"] == "nosniff", address
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            assert "html" not in answer["Content-Type"] and "svg" not in answer["Content-Type"], address
            continue
        html = answer.content.decode()
        page = Read(html)
        assert page.made == [], address
        assert f"42{MARK}" not in html, f"{address}: what was written ran as a template"
        text = " ".join(page.words)
        shown |= {field for field in FIELDS if f"{field}{MARK}" in text}
    seen_by = {
        "nobody": {"name", "place", "note", "why", "comment", "hidden", "ruling", "taxon", "dataset"},
        "rita": {"report", "flag", "hidden", "comment"},
        "mallory": {"hidden", "comment"},
        "ada": set(FIELDS) - {"file"},
    }
    assert seen_by[who] <= shown, seen_by[who] - shown


@pytest.mark.parametrize("who", ["mallory"])
def test_what_a_form_gives_back_is_text_too(client, written, who):
    """Refused, with what was typed in it."""
    client.force_login(User.objects.get(email="m@example.org"))
    sighting, organism, theirs = written[:3]
    comment = Comment.objects.filter(observation=sighting).first()
    forms = [
        (reverse("identify", args=[organism]), {"name": EVIL, "note": EVIL, "confidence": EVIL}),
        (reverse("comment", args=[sighting]), {"text": EVIL * 20}),
        (reverse("edit_comment", args=[comment.pk]), {"text": EVIL * 20}),
        (reverse("flag", args=[written[3]]), {"kind": EVIL, "reason": EVIL}),
        (reverse("edit_sighting", args=[sighting]), {"note": EVIL, "place_name": EVIL, "date": EVIL}),
        (reverse("label"), {"occurrence": theirs, "name": EVIL, "note": EVIL}),
        (reverse("account_login"), {"login": EVIL, "password": EVIL}),
        (reverse("save_defaults"), {"display_name": EVIL, "licence": EVIL, "privacy": EVIL}),
        (reverse("make_token"), {"name": EVIL * 5}),
    ]
    echoed = 0
    for address, form in forms:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.post(address, form, headers=headers, follow=True)
            html = answer.content.decode()
            assert Read(html).made == [], address
            assert f"42{MARK}" not in html, address
            echoed += MARK in html
    assert echoed >= len(forms), "most give it back"
