"""Floors, where import-linter cannot see them: foreign keys by string, reverse accessors, URL names."""

import ast
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.ROOT)
FLOORS = {
    "look": 0,
    "accounts": 1,
    "jobs": 2,
    "notices": 2,
    "webhooks": 3,
    "species": 4,
    "labeling": 5,
    "research": 6,
    "ml": 7,
    "home": 8,
    "ops": 8,
    "config": 8,
}
# A foreign key from above puts no name on a lower floor's model, but for these: who reads each, and why.
KEPT = {
    "labeling.DraftWords.observation": "a draft and the words that wait for it come in one query",
    "labeling.Box.occurrence": "labeling's API prefetches an organism's boxes",
    "labeling.Identification.occurrence": "labeling and research prefetch what people say of an organism",
    "labeling.Region.occurrence": "research freezes an organism's agreed rectangles",
    "labeling.Ruling.occurrence": "labeling's API prefetches an organism's rulings",
    "labeling.Suggestion.photo": "labeling's API prefetches models' guesses through the photos of an organism",
    "labeling.Verdict.occurrence": "labeling and research join an organism's verdict",
}


def folder_of(app: str) -> Path:
    return ROOT / app if (ROOT / app).is_dir() else ROOT / "platform" / app


def relations() -> list[tuple[str, str, str]]:
    """(app of the model, app it points to, field) of every foreign key and many-to-many."""
    return [
        (model._meta.app_label, field.related_model._meta.app_label, f"{model._meta.label}.{field.name}")
        for app in FLOORS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
    ]


def upward(pairs: list[tuple[str, str, str]]) -> list[str]:
    return [name for source, target, name in pairs if FLOORS.get(target, -1) > FLOORS[source]]


def names_from_above() -> dict[str, str]:
    """Foreign key or many-to-many → the name it puts on a model of a lower floor."""
    return {
        f"{relation.related_model._meta.label}.{relation.field.name}": relation.get_accessor_name()
        for app in FLOORS
        for model in apps.get_app_config(app).get_models()
        for relation in model._meta.related_objects
        if FLOORS.get(relation.related_model._meta.app_label, -1) > FLOORS[app] and not relation.hidden
    }


def accessors_from_above() -> dict[str, set[str]]:
    """App → names that higher floors' foreign keys put on its models."""
    names: dict[str, set[str]] = {app: set() for app in FLOORS}
    for app in FLOORS:
        for model in apps.get_app_config(app).get_models():
            for relation in model._meta.related_objects:
                source = relation.related_model._meta.app_label
                if FLOORS.get(source, -1) > FLOORS[app] and not relation.hidden:
                    names[app].add(relation.get_accessor_name())
    return names


def uses(source: str, names: set[str]) -> set[str]:
    """Which of `names` a module uses as an attribute, or in a lookup such as `filter(name__x=…)`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in names:
            found.add(node.attr)
        if isinstance(node, ast.keyword) and node.arg and node.arg.split("__")[0] in names:
            found.add(node.arg.split("__")[0])
    return found


def mentions(source: str, name: str) -> bool:
    """Whether a module uses a name, or asks for it in a string such as `Prefetch("photo__name")`."""
    strings = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return bool(uses(source, {name})) or any(name in text.split("__") for text in strings)


def url_names(patterns, app: str | None = None) -> dict[str, str]:
    """URL name → app that defines it."""
    names: dict[str, str] = {}
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            module = getattr(pattern.urlconf_name, "__name__", "")
            names |= url_names(pattern.url_patterns, module.split(".")[0] or app)
        elif isinstance(pattern, URLPattern) and pattern.name:
            names[pattern.name] = app or "config"
    return names


URL_TAG = re.compile(r"{%\s*url\s+['\"](?P<name>[\w:-]+)['\"](?P<rest>[^%]*)%}")


def urls_used(template: str) -> list[str]:
    """Names that must exist for the template to render; `{% url 'x' as y %}` may be missing."""
    return [match["name"] for match in URL_TAG.finditer(template) if " as " not in match["rest"]]


def test_foreign_keys_go_down_only():
    assert upward(relations()) == []


def test_an_upward_foreign_key_is_found():
    assert upward([("species", "ml", "species.Photo.model"), ("ml", "species", "ml.X.y")]) == [
        "species.Photo.model"
    ]


def test_a_name_from_above_has_a_reason():
    """Without one: `related_name="+"`. What reads on a lower model should be that floor's own."""
    assert names_from_above().keys() == KEPT.keys()


@pytest.mark.parametrize("key", KEPT)
def test_a_name_from_above_is_used(key):
    name, source = names_from_above()[key], key.split(".")[0]
    modules = [
        path
        for app, floor in FLOORS.items()
        if floor >= FLOORS[source]
        for path in folder_of(app).rglob("*.py")
        if path.name != "models.py" and "migrations" not in path.parts
    ]
    assert any(mentions(path.read_text(), name) for path in modules)


def test_a_mention_is_found():
    assert mentions('Prefetch("photo__suggestions")', "suggestions")
    assert mentions("occurrence.boxes.all()", "boxes")
    assert not mentions('"boxes and more"', "boxes")


@pytest.mark.parametrize("app", FLOORS)
def test_no_floor_uses_an_accessor_from_above(app):
    names = accessors_from_above()[app]
    # A name that the floor's own models carry as well cannot be told apart by reading.
    own = {
        field.name
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if not field.auto_created
    }
    for path in folder_of(app).rglob("*.py"):
        assert uses(path.read_text(), names - own) == set(), path


def test_a_use_of_an_accessor_is_found():
    assert uses("occurrence.identifications.all()", {"identifications"}) == {"identifications"}
    assert uses("qs.filter(identifications__taxon=1)", {"identifications"}) == {"identifications"}
    assert uses("qs.filter(taxon=1)", {"identifications"}) == set()


def test_templates_link_down_only():
    defined = url_names(get_resolver().url_patterns)
    for app, floor in FLOORS.items():
        for path in [*(ROOT / "templates" / app).rglob("*.html"), *folder_of(app).rglob("*.html")]:
            for name in urls_used(path.read_text()):
                owner = defined.get(name, "allauth")
                assert FLOORS.get(owner, 0) <= floor or FLOORS.get(owner) == FLOORS["config"], (
                    f"{path}: {name} is {owner}'s"
                )


def test_an_upward_link_is_found():
    assert urls_used("{% url 'model' id=1 %}{% url 'dataset' as x %}") == ["model"]


def test_every_app_is_held_inside_too():
    read = ConfigParser()
    read.read(ROOT / ".importlinter")
    exhaustive = [read[each] for each in read.sections() if read[each].getboolean("exhaustive")]
    assert sorted(name for each in exhaustive for name in each["containers"].split()) == sorted(FLOORS)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("species/queries/planted.py", "import labeling.models"),
        ("labeling/queries/planted.py", "import labeling.actions.identifications"),
        ("labeling/actions/planted.py", "import labeling.presenters.cards"),
        ("labeling/planted.py", ""),  # belongs to no layer
        ("platform/jobs/planted.py", ""),
        ("platform/config/planted.py", ""),
        ("platform/ops/planted.py", ""),
        ("platform/ops/sqlite/planted.py", "import ops.supervisor"),
        ("platform/look/planted.py", "import accounts.models"),
        ("platform/jobs/api.py", "import webhooks.models"),
        ("platform/webhooks/planted.py", ""),
        ("platform/webhooks/events.py", "import species.models"),
        ("platform/outgoing/planted.py", "import accounts.models"),
        ("species/images/planted.py", "import species.models"),
        ("platform/home/presenters/planted.py", "import ops.fsck"),
        ("ml/vision/planted.py", "import django.conf"),
        ("ml/actions/planted.py", "import config.settings"),
        ("research/queries/planted.py", "import torch"),
        ("drawings/planted.py", "import species.images.exif"),
        ("drawings/planted.py", "import django"),
    ],
)
def test_import_contracts_fail_on_a_planted_violation(tmp_path, place, line):
    for name in ("drawings", "ml", "research", "labeling", "species", "platform", ".importlinter"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("static", "__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / place).write_text(line + "\n")
    lint = Path(sys.executable).parent / "lint-imports"
    said = subprocess.run(
        [str(lint), "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{tmp_path}/platform", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert said.returncode != 0, said.stdout
    assert "BROKEN" in said.stdout


def test_neither_web_nor_worker_loads_torch():
    modules = ("config.wsgi", "config.celery", "config.urls", "ml.tasks.training", "ml.serving.server")
    code = (
        f"import sys, django; django.setup(); import {', '.join(modules)};"
        "assert not {'torch', 'fastai', 'timm', 'torchvision'} & set(sys.modules), 'torch is loaded'"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PATH": "/usr/bin:/bin",
            "VAR": str(settings.VAR),
        },
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr


NAMED = re.compile(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|html|css|js|md|yaml))?)`")


@pytest.mark.parametrize(
    "name", [path.name for path in sorted((ROOT / "docs").glob("*.md"))] + ["../README.md"]
)
def test_paths_that_a_page_of_docs_names_exist(name):
    text = (ROOT / "docs" / name).read_text()
    assert [path for path in NAMED.findall(text) if not (ROOT / path).exists()] == []


def test_a_path_that_is_gone_is_found():
    assert NAMED.findall("see `species/gone.py` and `ml/vision/`") == ["species/gone.py", "ml/vision/"]
