"""docs/site_and_api.md is whole: every page of ours stands in it, and every operation in it is one."""

import re

from django.conf import settings
from django.urls import URLPattern, get_resolver

from config.description import Generator

# Of the libraries: logging in and out, letting an app in, and the admin. They are pages, and no program's business.
OWN = tuple(f"accounts/{each}" for each in ("settings", "everything", "exact-places", "leave", "come-back"))
OTHERS = ("admin/", "accounts/", "api/", "static/", "oauth/", ".well-known/")


def names(patterns, before: str = "") -> set[str]:
    found = set()
    for each in patterns:
        path = before + str(each.pattern)
        if not isinstance(each, URLPattern):
            found |= names(each.url_patterns, path)
        elif path.startswith(OWN) or not path.startswith(OTHERS):
            found.add(each.name)
    return found - {None}


def rows() -> list[list[str]]:
    lines = (settings.ROOT / "docs" / "site_and_api.md").read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][
        2:
    ]


def test_every_page_stands_in_it():
    said = {name for _, pages, _ in rows() for name in re.findall("`(\\w+)`", pages)}
    assert said == names(get_resolver().url_patterns)


def test_every_operation_in_it_is_one():
    paths = Generator().get_schema(request=None, public=True)["paths"]
    known = {
        f"{method.upper()} {path.removeprefix('/api/v1')}" for path, ms in paths.items() for method in ms
    }
    for deed, _, operations in rows():
        named = re.findall(r"`((?:GET|PUT|POST|PATCH|DELETE) [^`]+)`", operations)
        assert named or operations.startswith("none"), deed
        assert set(named) <= known, deed


def test_every_write_of_the_api_is_some_page_s():
    """Or it is said here why not."""
    elsewhere = {
        "POST /boxes/{id}/withdraw": "by the room, which draws another or none",
        "POST /all_boxed/{id}/withdraw": "by the room",
        "POST /flags/{id}/resolve": "by the admin",
        "POST /all_boxed:batch": "one after the other",
        "POST /rulings:batch": "one after the other",
        "POST /imports": "by a command, of folders as well",
        "POST /boxes:batch": "one after the other",
        "POST /flags:batch": "one after the other",
        "POST /identifications:batch": "one after the other",
        "POST /passes:batch": "one after the other",
    }
    paths = Generator().get_schema(request=None, public=True)["paths"]
    text = (settings.ROOT / "docs" / "site_and_api.md").read_text("utf-8")
    for path, methods in paths.items():
        for method in methods.keys() - {"get"}:
            operation = f"{method.upper()} {path.removeprefix('/api/v1')}"
            assert f"`{operation}`" in text or operation in elsewhere, operation
