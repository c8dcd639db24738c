"""Every part of the look, in every state, under the strict content policy."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError, engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import path
from django.utils import translation

from look.site import site
from look.templatetags import look
from tests.look.pages import Page

PARTS = Path(settings.ROOT) / "platform" / "look" / "templates" / "parts"
PHOTO = {"src": "/photos/1", "width": 900, "height": 278, "alt": "A chub", "water": "silt"}
TAXON = {"name": "Chub", "scientific": "Squalius cephalus", "url": "/taxa/1", "kind": "agreed"}
GUESSES = [
    {"name": "Brown trout", "scientific": "Salmo trutta", "probability": 0.9578},
    {"name": "", "scientific": "Squalius cephalus", "probability": 0.0231},
]
CHARGED = '<b onclick="x">&'  # what a person might type: it must come out as text

#: part -> contexts that show its states. `test_every_part_is_shown` keeps the list whole.
SAMPLES: dict[str, list[dict]] = {
    "status": [{"status": value, "large": large} for value in look.STATUSES for large in (True, False)],
    "default_button": [
        {"name": "then", "value": "save", "text": "Save", "form": "answer"},
        {"text": CHARGED},
    ],
    "sci": [{"name": "Salmo trutta×Salvelinus fontinalis"}, {"name": None}],
    "taxon": [TAXON, {"name": CHARGED}, {"scientific": "Salmonidae", "kind": "pencil", "probability": 0.0}],
    "plate": [
        {"photo": PHOTO, "count": 3},
        {"photo": PHOTO | {"alt": "", "water": ""}, "own": True, "eager": True},
        {"photo": PHOTO | {"srcset": "/photos/2 1008w", "sizes": "50vw"}, "wide": True},
        {"photo": None},
        {"photo": PHOTO, "marks": [{"x": 0.5, "y": 0.25, "at_x": 1, "at_y": 0, "number": 1}]},
    ],
    "marks": [{"marks": [{"box": {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}}]}],
    "card": [
        {
            "card": {
                "url": "/sightings/1",
                "title": "Chub",
                "scientific": "Squalius cephalus",
                "photo": PHOTO,
                "count": 2,
                "place": CHARGED,
                "date": "10 Oct 2015",
                "datetime": "2015-10-10",
                "status": "verified",
                "foot": "3 of 3",
            },
            "level": 2,
        },
        {"card": {"url": "/sightings/2", "title": "Not named yet", "photo": None}},
    ],
    "pencil": [
        {"pencil": {"state": "guesses", "guesses": GUESSES, "says": CHARGED, "source": "resnet34-v7"}},
        {"pencil": {"state": "unsure", "guesses": GUESSES}, "level": 3},
        {"pencil": {"state": "none", "source": "resnet34-v7"}},
        {"pencil": {"state": "covered", "show_url": "?show=1"}},
        {"pencil": {"state": "covered", "show_url": "?show=1"}, "line": True},
        {"pencil": {"state": "no_model"}},
    ],
    "verdict": [
        {
            "verdict": {
                "status": "verified",
                "sentence": "Four of five say chub.",
                "votes_for": 4,
                "votes_against": 1,
                "votes_neutral": 1,
                "score": 0.8,
                "why": ["Two are enough.", {"text": CHARGED, "warn": True}],
                "rule": "rule 3.1",
                "rule_url": "/about",
            },
            "badge": True,
        },
        {"verdict": {"status": "needs_id", "sentence": "Nobody has said anything yet.", "score": None}},
        {"verdict": {"status": "disputed", "sentence": "Two against two.", "votes_for": 2, "score": 0.5}},
        {"verdict": {"status": "unresolvable", "sentence": "Too murky.", "votes_for": 3, "score": 1.0}},
    ],
    "thread": [{"entries": [{"who": "Lena B.", "date": "25 Apr", "taxon": TAXON}]}],
    "thread_entry": [
        {
            "entry": {
                "who": CHARGED,
                "url": "/people/1",
                "date": "25 Apr",
                "datetime": "2016-04-25",
                "what": "added it",
                "relation": "yes",
                "relation_text": "agrees",
                "taxon": TAXON,
                "note": CHARGED,
                "fine": "The model’s opinion was on screen.",
                "id": "say-1",
                "fresh": True,
            }
        },
        {"entry": {"who": "Tomás O.", "date": "1 May", "relation": "no", "relation_text": "says no"}},
        {"entry": {"who": "Ines", "relation": "gone", "relation_text": "took it back", "gone": True}},
    ],
    "notice": [{"tone": tone, "title": "Not sent.", "text": CHARGED} for tone in ("", "bad", "quiet")],
    "toast": [{"text": CHARGED}, {"text": "Saved.", "undo_url": "/undo", "csrf_token": "t"}],
    "empty": [
        {"title": "Nothing here in winter", "text": CHARGED},
        {
            "title": "No",
            "url": "/up",
            "action": "Add",
            "icon_name": "camera",
            "other_url": "/",
            "other": "Any",
        },
    ],
    "gate": [
        {
            "checks": [
                {"text": "Better", "passed": passed, "figure": "7 > 5"} for passed in (True, False, None)
            ]
        }
    ],
    "more": [
        {"next": "/?n", "newest": "/", "per_page": 24, "cards": "ab", "total": 1234, "counted": CHARGED},
    ],
    "pagination": [{"page": Paginator(range(30), 10).page(2)}, {"page": Paginator(range(3), 10).page(1)}],
}
#: parts that stand in base.html, or are printed by a tag or a form, and are tested there.
ELSEWHERE = {"site_head", "site_foot", "tabbar", "messages", "field", "control"}


def render(source: str, context: dict | None = None, **request_options) -> str:
    return engines["django"].from_string(source).render(context or {}, request(**request_options))


def request(address: str = "/", user=None, theme: str = ""):
    made = RequestFactory().get(address)
    made.user = user or AnonymousUser()
    made.session = {}
    made._messages = FallbackStorage(made)
    if theme:
        made.COOKIES["theme"] = theme
    return made


def test_every_part_is_shown():
    assert {part.stem for part in PARTS.glob("*.html")} == set(SAMPLES) | ELSEWHERE


@pytest.mark.parametrize(
    ("part", "context"), [(part, context) for part, contexts in SAMPLES.items() for context in contexts]
)
def test_a_part_keeps_the_content_policy_and_escapes(part, context):
    html = render_to_string(f"parts/{part}.html", context, request("/?page=2&q=x"))
    page = Page(html)
    assert page.faults == []
    assert page.missing_targets() == []
    assert "<b onclick" not in html
    assert html.strip() or context in ({"name": None}, SAMPLES["pagination"][1])


def test_a_fault_is_seen():
    page = Page(
        '<img src="/static/nowhere.png" style="x"><script>1</script><p onclick="x" aria-labelledby="q">'
    )
    said = " ".join(page.faults)
    for expected in ("style=", "without src", "onclick", "lacks", "no static file", "never closed"):
        assert expected in said
    assert page.missing_targets() == ["aria-labelledby=q"]


@pytest.mark.parametrize(("value", "word"), [(key, word) for key, (word, _) in look.STATUSES.items()])
def test_a_status_is_shape_word_and_class(value, word):
    page = Page(str(look.status(value)))
    assert page.text == word
    assert page.all("span", class_=f"is-{value}")
    assert page.all("svg")


def test_statuses_look_different_without_colour():
    assert len({shape for _, shape in look.STATUSES.values()}) == len(look.STATUSES)


def test_nothing_said_yet_needs_an_identification():
    assert "Needs ID" in look.status(None)


def test_an_unknown_status_or_icon_says_what_there_is():
    with pytest.raises(TemplateSyntaxError, match="verified"):
        look.status("agreed")
    with pytest.raises(TemplateSyntaxError, match="camera"):
        look.icon("camra")


def test_a_hybrid_is_written_with_spaces():
    assert "Salmo trutta × Salvelinus fontinalis" in look.sci("Salmo trutta×Salvelinus fontinalis")


@pytest.mark.parametrize(
    ("name", "letters"), [("Lena B.", "LB"), ("Tomás", "TO"), ("", "?"), (None, "?"), ("小 明", "小明")]
)
def test_initials(name, letters):
    assert look.initials(name) == letters


def test_a_model_is_dashed_and_a_person_is_not():
    guess = render_to_string("parts/pencil.html", SAMPLES["pencil"][0])
    said = render_to_string("parts/thread_entry.html", SAMPLES["thread_entry"][0])
    assert 'class="pencil"' in guess and "a guess, never a vote" in guess
    assert "pencil" not in said


def test_probabilities_are_written_with_a_point_in_every_language(settings):
    settings.USE_THOUSAND_SEPARATOR = True
    with translation.override("de"):
        html = render_to_string("parts/pencil.html", SAMPLES["pencil"][0])
    assert Page(html).all("meter", value="0.958")


def test_who_is_missing_is_shown_and_the_scale_is_not_full():
    verdict = {
        "status": "needs_id",
        "sentence": "One.",
        "votes_for": 1,
        "votes_missing": 1,
        "score": 1.0,
        "filled": 0.5,
    }
    page = Page(render_to_string("parts/verdict.html", {"verdict": verdict}))
    assert len(page.all("li", class_="missing")) == 1
    assert page.all("meter", value="0.5000")
    assert "Agreement 1.00 , 1 still missing" in page.text
    assert page.all("ol", **{"aria-label": "Votes: 1 for, 0 against, 1 missing"})


def test_a_verdict_has_one_spot_for_each_person():
    page = Page(render_to_string("parts/verdict.html", SAMPLES["verdict"][0]))
    assert len(page.all("li", class_="yes")) == 4
    assert len(page.all("li", class_="no")) == 1
    assert page.all("meter", value="0.8000", low="0.6667")


def test_pages_keep_the_other_filters():
    html = render_to_string("parts/pagination.html", SAMPLES["pagination"][0], request("/?q=chub&page=2"))
    assert [link["href"] for link in Page(html).all("a")] == ["?q=chub&page=1", "?q=chub&page=3"]


# --- forms ------------------------------------------------------------------------------------------------


class Sighting(forms.Form):
    place = forms.CharField(help_text="A river and the nearest town is enough.")
    date = forms.DateField()
    licence = forms.ChoiceField(choices=[("cc", "CC BY 4.0")], required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)
    photo = forms.FileField(required=False)
    sure = forms.ChoiceField(
        choices=[("g", "A guess"), ("c", "Certain")], widget=forms.RadioSelect(attrs={"class": "seg"})
    )
    kinds = forms.MultipleChoiceField(
        choices=[("a", "One"), ("b", "Two")], widget=forms.CheckboxSelectMultiple, help_text="Choose any."
    )
    consent = forms.BooleanField(label="May be used in research", help_text="You can take it back.")
    key = forms.CharField(widget=forms.HiddenInput, initial="x", required=False)

    def clean(self):
        raise forms.ValidationError("The date lies in the future.")


@pytest.mark.parametrize("form", [Sighting(), Sighting({"place": "Ybbs", "date": "32 Oct 2015", "key": "x"})])
def test_a_form_in_the_house_style(form):
    page = Page(render("{{ form }}", {"form": form}))
    assert page.faults == []
    # A file input's own markup is Django's; every label and description must still point at something.
    assert page.missing_targets() == []
    assert len(page.all("div", class_="seg")) == 1
    assert page.all("input", type="hidden", name="key")


def test_an_error_stands_by_its_field():
    page = Page(render("{{ form }}", {"form": Sighting({"place": "", "date": "32 Oct 2015"})}))
    date = page.all("input", name="date")[0]
    assert date["aria-invalid"] == "true"
    assert date["aria-describedby"] == "id_date_error"
    assert page.all("p", class_="err")
    assert "The date lies in the future." in page.text


# --- the shell --------------------------------------------------------------------------------------------

SHELL = (
    '{% extends "base.html" %}{% block title %}Chub{% endblock %}{% block main %}<h1>Chub</h1>{% endblock %}'
)


def test_the_shell_for_a_stranger():
    page = Page(render(SHELL, {"csrf_token": "t"}))
    assert page.faults == []
    assert page.missing_targets() == []
    assert "Log in" in page.text
    assert page.elements.index(("a", {"class": "skip", "href": "#main"})) < page.elements.index(
        ("main", {"id": "main", "tabindex": "-1"})
    )
    assert page.all("html", lang="en")


def test_the_shell_for_a_person(alice):
    page = Page(render(SHELL, user=alice))
    assert page.faults == []
    assert page.missing_targets() == []
    assert "Log out" in page.text and "Log in" not in page.text


def test_the_site_names_its_subject_not_the_house(settings, tmp_path):
    settings.SITE_FILE = tmp_path / "site.yaml"
    settings.SITE_FILE.write_text(
        "title: Food 101\ndescription: Dishes.\nabout: ''\ncode: ''\n"
        "noun: {one: dish, many: dishes}\ntaxa: t.yaml\nsampleImages: []\n"
    )
    # Views of others put their own idea of a site into the context.
    page = Page(render(SHELL, {"site": "example.com"}))
    assert re.search(r"\b(fish|trout|Aqua)\b", page.text) is None
    assert "Food 101" in page.text


@pytest.mark.parametrize(
    ("theme", "shown"), [("dark", "dark"), ("light", "light"), ('"><x', None), ("", None)]
)
def test_a_chosen_theme_is_there_from_the_first_paint(theme, shown):
    assert Page(render(SHELL, theme=theme)).all("html")[0].get("data-theme") == shown


def test_a_message_of_failure_is_never_a_toast():
    made = request()
    made._messages.add(constants.ERROR, "The disk is full.")
    made._messages.add(constants.SUCCESS, "Chub, saved.")
    page = Page(engines["django"].from_string(SHELL).render({}, made))
    assert page.faults == []
    assert len(page.all("div", class_="toast")) == 1
    assert len(page.all("div", class_="notice-bad")) == 1


def test_where_one_is():
    page = Page(render(SHELL, {"section": "about"}, address="/"))
    assert {link["href"] for link in page.all("a", **{"aria-current": "page"})} == {"/about"}


def nothing(request):
    raise AssertionError


class bare_urls:
    urlpatterns = [path("", nothing, name="home")]


def test_the_shell_stands_without_any_other_page(settings):
    settings.ROOT_URLCONF = bare_urls
    page = Page(render(SHELL, {"csrf_token": "t"}))
    assert page.faults == []
    assert {link["href"] for link in page.all("a") if link["href"].startswith("/")} == {"/"}


@pytest.mark.parametrize("template", ["404.html", "403.html"])
def test_error_pages(template):
    page = Page(render_to_string(template, {}, request("/x?y=1")))
    assert page.faults == []
    assert page.missing_targets() == []


def test_the_page_for_our_own_faults_needs_nothing():
    page = Page(render_to_string("500.html"))
    assert page.faults == []
    assert "fish" not in page.text


@pytest.mark.parametrize("name", ["login", "signup", "password/reset", "password/reset/done"])
def test_account_pages(client, db, name):
    answer = client.get(f"/accounts/{name}/")
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    assert page.faults == []
    assert page.missing_targets() == []
    assert page.all("header", class_="site-head")
    assert site()["title"] in page.text


@pytest.mark.parametrize("name", ["logout", "email", "password/change"])
def test_account_pages_for_a_person(client, alice, name):
    client.force_login(alice, backend="accounts.backends.RoleBackend")
    answer = client.get(f"/accounts/{name}/")
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    assert page.faults == []
    assert page.missing_targets() == []
    assert page.all("button", class_="btn-main")


def test_a_refused_login_says_so_beside_the_form(client, db):
    answer = client.post("/accounts/login/", {"login": "a@example.org", "password": "wrong"})
    page = Page(answer.content.decode())
    assert page.faults == []
    assert page.all("div", class_="notice-bad")


def test_the_admin_wears_the_tokens(client, ada):
    client.force_login(ada)
    page = Page(client.get("/admin/").content.decode())
    assert page.faults == []
    assert [link for link in page.all("link") if "look/admin.css" in (link["href"] or "")]
