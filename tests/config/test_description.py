"""What the API says of itself is the same for everybody who asks, at once and first."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from playwright.sync_api import expect

from config.description import Generator

ROOT = Path(__file__).resolve().parent.parent.parent
# A process that nobody has asked anything yet: what the library reads once has not been read.
FIRST = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import config.wsgi
from config.description import Generator
from config.strict import operations

sys.setswitchinterval(1e-5)
start = threading.Barrier(8)

def ask(number):
    start.wait()
    return operations() if number % 2 else Generator().get_schema(public=True)

with ThreadPoolExecutor(8) as several:
    answers = list(several.map(ask, range(8)))
assert all(each == answers[0] for each in answers[::2])
assert all(each is answers[1] for each in answers[1::2])
"""


def test_many_who_ask_first_and_at_once_are_all_answered_alike():
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    asked = subprocess.run(
        [sys.executable, "-c", FIRST], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert asked.returncode == 0, asked.stderr[-4000:]


def test_it_is_made_without_a_warning(capsys):
    GENERATOR_STATS.reset()  # each is printed once
    Generator().get_schema(public=True)
    assert capsys.readouterr().err == ""


def operations() -> list[tuple[str, dict]]:
    paths = Generator().get_schema(request=None, public=True)["paths"]
    return [(f"{method} {path}", said) for path, methods in paths.items() for method, said in methods.items()]


def test_it_lies_in_the_docs_as_it_is(tmp_path):
    """`make openapi` writes it."""
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"))
    present, kept = ((folder / "openapi.yaml").read_text("utf-8") for folder in (tmp_path, ROOT / "docs"))
    assert present == kept, "docs/openapi.yaml is of another API: run make openapi, and look at what changed."
    assert kept.startswith("openapi: 3.1")


def test_every_operation_says_what_it_does_in_words_of_its_callers():
    """None of how it is made."""
    made_of = re.compile(
        r"query ?set|serializer|view ?set|middleware|mixin|\bcolumn|\bsql\b|\borm\b"
        r"|django|celery|redis|postgres|sqlite",
        re.IGNORECASE,
    )
    for name, said in operations():
        assert said["summary"] and said["description"], name
        assert len(said["summary"]) <= 120, (name, said["summary"])
    text = json.dumps(Generator().get_schema(request=None, public=True))
    assert not made_of.findall(text), made_of.findall(text)


def test_every_operation_has_a_name_of_its_own():
    names = [said["operationId"] for _, said in operations()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["api_swagger", "api_redoc"])
def test_it_is_read_and_tried_without_anything_from_elsewhere(browser, live_server, name):
    asked, refused = [], []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.goto(f"{live_server.url}{reverse(name)}")
    one = page.get_by_text("One of observations")
    page.get_by_text("all_boxed").first.wait_for()
    # Swagger draws of a long list what is on the screen.
    for _ in range(80):
        if one.count():
            break
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)
    expect(page.get_by_text("One of observations").first).to_be_attached()
    page.close()
    # The mark of its makers at the foot of Redoc is the one thing that it asks for elsewhere, and that is refused.
    elsewhere = [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))]
    assert [url for url in elsewhere if not url.endswith("logo-mini.svg")] == []
    assert [text for text in refused if "logo-mini.svg" not in text] == []
