"""Templates are laid out like code, and their tags and includes go down the floors as imports do."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.backends.django import get_installed_libraries

from tests.test_architecture import FLOORS

ROOT = Path(settings.ROOT)
LONGEST = 120
#: What belongs to no template folder of ours: what git ignores, and what came with packages.
FOREIGN = {".venv", "node_modules", "var"}
TEMPLATES = sorted(
    path
    for path in ROOT.rglob("*.html")
    if "templates" in path.relative_to(ROOT).parts and not FOREIGN & set(path.relative_to(ROOT).parts)
)
SHOWN = [str(path.relative_to(ROOT)) for path in TEMPLATES]
DJANGOFMT = Path(sys.executable).parent / "djangofmt"

#: Folders of templates/ that are named after somebody else's app → the app of ours that they belong to.
THEIRS = {
    "account": "accounts",
    "allauth": "accounts",
    "mfa": "accounts",
    "django": "look",
    "admin": "config",
}
USE = re.compile(
    r"""{%\s*(?:load\s+(?P<load>[^%]+?)|(?:include|extends)\s+(?P<template>[^\s%]+)[^%]*)\s*%}"""
)

STATIC = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")
BLOCK = re.compile(r"{%\s*block\s+(?P<name>[\w-]+)\s*%}|{%\s*endblock\s*(?P<end>[\w-]*)\s*%}")


def unnamed_ends(source: str) -> list[int]:
    """Lines on which a block ends that began on another line, without its name."""
    open_at: list[tuple[int, str]] = []
    found = []
    for match in BLOCK.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if match["name"]:
            open_at.append((line, match["name"]))
            continue
        begun, name = open_at.pop()
        if begun != line and match["end"] != name:
            found.append(line)
    return found


def app_of(path: Path) -> str | None:
    """The app that a module or template of ours belongs to; None for what came with a package."""
    if not path.is_relative_to(ROOT) or FOREIGN & set(path.relative_to(ROOT).parts):
        return None
    parts = [part for part in path.relative_to(ROOT).parts if part not in ("platform", "templates")]
    return THEIRS.get(parts[0], parts[0])


def app_of_library(name: str) -> str | None:
    module = get_installed_libraries().get(name, "django").split(".")[0]
    return module if module in FLOORS else None


def app_of_template(name: str) -> str | None:
    return app_of(Path(engines["django"].get_template(name).origin.name))


def from_above(app: str, source: str) -> list[str]:
    """Tag libraries and templates of higher floors that a template of ``app`` loads, includes or extends, and
    templates that it names by a variable: nobody can tell where those come from."""
    found = []
    for match in USE.finditer(source):
        if match["load"]:
            # {% load tag from library %}
            names = match["load"].split(" from ")[-1].split()
            owners = {name: app_of_library(name) for name in names}
        elif match["template"][0] in "\"'":
            name = match["template"].strip("\"'")
            owners = {name: app_of_template(name)}
        else:
            found.append(match["template"])
            continue
        found += [name for name, owner in owners.items() if FLOORS.get(owner or app, 99) > FLOORS[app]]
    return found


def sheets_from_above(app: str, source: str) -> list[str]:
    """Style sheets and scripts of higher floors that a template of ``app`` asks for."""
    named = STATIC.findall(source)
    return [name for name in named if FLOORS.get(name.split("/")[0], 0) > FLOORS[app]]


def unused_libraries(source: str) -> list[str]:
    """Tag libraries that a template loads without using a tag or filter of theirs."""
    libraries = engines["django"].engine.template_libraries
    loaded = [name for match in USE.finditer(source) if match["load"] for name in match["load"].split()]
    return [
        name
        for name in loaded
        if name in libraries
        and not any(re.search(rf"{{%\s*{tag}\b", source) for tag in libraries[name].tags)
        and not any(
            re.search(rf"\|{filter}\b|{{%\s*filter\s+{filter}\b", source)
            for filter in libraries[name].filters
        )
    ]


def lint(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([str(DJANGOFMT), *arguments, "."], cwd=folder, capture_output=True, text=True)


def test_there_are_templates():
    assert len(TEMPLATES) > 90


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_template_parses(path):
    source = path.read_text()
    engines["django"].engine.from_string(source)


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_no_line_is_over_120(path):
    over = [number for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > LONGEST]
    assert over == []


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_block_over_several_lines_ends_with_its_name(path):
    assert unnamed_ends(path.read_text()) == []


def test_an_unnamed_end_is_found():
    assert unnamed_ends("{% block a %}\n{% block b %}x{% endblock %}\n{% endblock %}") == [3]
    assert unnamed_ends("{% block a %}\n{% endblock b %}") == [2]
    assert unnamed_ends("{% block a %}\n{% endblock a %}") == []


def test_templates_are_laid_out_and_keep_the_rules():
    assert lint("--check", folder=ROOT).returncode == 0, "make format lays them out"
    said = lint("check", folder=ROOT)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        (("check",), "{% block main %}\n<p>x</p>\n{% endblock %}\n"),
        (("check",), '<a href="javascript:go()">x</a>\n'),
        (("check",), '<p class="a" class="b">x</p>\n'),
        (("check",), '<link rel="stylesheet" href="/static/look/tokens.css">\n'),
        (("check",), "<section><div>x</section>\n"),
        (("--check",), "<div><p>x</p><p>y</p></div>\n"),
        (("--check",), f"<p>{'word ' * 40}</p>\n"),
    ],
)
def test_the_linter_fails_on_a_planted_violation(tmp_path, arguments, source):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "templates" / "planted.html"
    planted.parent.mkdir()
    planted.write_text("<p>x</p>\n")
    assert lint(*arguments, folder=tmp_path).returncode == 0
    planted.write_text(source)
    assert lint(*arguments, folder=tmp_path).returncode != 0


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_template_takes_nothing_from_above(path):
    assert from_above(app_of(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("app", "source", "found"),
    [
        ("labeling", "{% load look model_charts %}", ["model_charts"]),
        ("look", "{% load state_words from job_words %}", ["job_words"]),
        ("species", '{% include "labeling/_field.html" with field=form.q only %}', ["labeling/_field.html"]),
        ("accounts", "{% extends 'home/about.html' %}", ["home/about.html"]),
        ("research", "{% include chosen %}", ["chosen"]),
        ("ml", '{% extends "base.html" %}{% load static look %}{% include "research/_state.html" %}', []),
        ("notices", '{% include "parts/empty.html" %}{% extends "admin/base.html" %}', []),
    ],
)
def test_what_comes_from_above_is_found(app, source, found):
    assert from_above(app, source) == found


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_template_asks_for_no_sheet_or_script_from_above(path):
    assert sheets_from_above(app_of(path), path.read_text()) == []


def test_a_sheet_from_above_is_found():
    source = """{% static 'labeling/room.css' %} {% static "look/site.js" %}"""
    assert sheets_from_above("species", source) == ["labeling/room.css"]
    assert sheets_from_above("labeling", source) == []


@pytest.mark.parametrize(
    ("place", "app"),
    [
        ("platform/look/templates/parts/card.html", "look"),
        ("templates/labeling/label.html", "labeling"),
        ("ml/templates/ml/model.html", "ml"),
        ("templates/allauth/elements/button.html", "accounts"),
        ("platform/jobs/templatetags/job_words.py", "jobs"),
        (".venv/lib/x/templates/admin/base.html", None),
    ],
)
def test_the_floor_of_a_template_is_where_it_lives(place, app):
    assert app_of(ROOT / place) == app


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_template_uses_what_it_loads(path):
    assert unused_libraries(path.read_text()) == []


def test_an_unused_library_is_found():
    assert unused_libraries("{% load look humanize %}{{ 3|intcomma }}") == ["look"]
    assert unused_libraries("{% load look %}{% filter one_line %}{% endfilter %}") == []
