"""Every operation of the API has an example, which is what it really was asked and answered.

`WRITE_EXAMPLES=1` writes them anew (`make openapi`): read what changed.
"""

import json
import os
import re
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from jsonschema import Draft202012Validator

from config.description import Generator
from config.examples import BODIES, KEPT, kept
from tests.config.scene import Scene, ask

# Who is asked for first what they may; a prediction is nobody's.
ASKED = ["owner", "reviewer", "researcher", "admin", "colleague", "nobody"]
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
FIXED = {"seconds": 0.04}
DAY = datetime(2026, 5, 10, 9, 30, tzinfo=UTC)


def operations() -> dict[str, dict]:
    paths = Generator().get_schema(request=None, public=True)["paths"]
    return {
        f"{path} {method.upper()}": said
        for path, methods in paths.items()
        for method, said in methods.items()
    }


def answered(said: dict) -> dict[str, list[str]]:
    """Status to media types of what is answered and can be read, of what is done."""
    found = {
        status: [
            each
            for each, content in answer.get("content", {}).items()
            if each.partition(";")[0].endswith("json") and content["schema"].get("format") != "binary"
        ]
        for status, answer in said["responses"].items()
        if status.startswith("2")
    }
    return {status: each for status, each in found.items() if each}


def test_every_operation_has_one_that_fits():
    described = Generator().get_schema(request=None, public=True)
    # What is only answered is not sent.
    sent = deepcopy(described["components"])
    for each in sent["schemas"].values():
        answers = {name for name, part in each.get("properties", {}).items() if part.get("readOnly")}
        each["required"] = [name for name in each.get("required", ()) if name not in answers]
    missing, wrong = [], []
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            name = f"{path} {method.upper()}"
            taken = said.get("requestBody", {}).get("content", {})
            contents = [taken[each] for each in BODIES if each in taken]
            given = [
                said["responses"][status]["content"][each]
                for status, types in answered(said).items()
                for each in types
            ]
            examples = [each for each in contents + given if "example" in each]
            if (
                given
                and not any("example" in each for each in given)
                or not all("example" in each for each in contents)
            ):
                missing.append(name)
            for content in examples:
                known = sent if content in contents else described["components"]
                schema = content["schema"] | {"components": known}
                wrong += [
                    (name, error.json_path, error.message[:200])
                    for error in Draft202012Validator(schema).iter_errors(content["example"])
                ]
    assert missing == []
    assert wrong == []
    assert kept().keys() <= operations().keys()


@pytest.mark.django_db
def test_they_are_what_is_answered(scene):
    # One that is sent for the first time.
    scene = replace(scene, of=scene.of | {"photos/{id} PUT": str(uuid4())})
    found, silent = {}, []
    for name, said in operations().items():
        taken = said.get("requestBody", {}).get("content", {})
        if answered(said) or any(each in taken for each in BODIES):
            example = example_of(scene, name, said)
            if example is None:
                silent.append(name)
            elif example:
                found[name] = example
    assert silent == []
    if os.environ.get("WRITE_EXAMPLES"):
        text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
        KEPT.write_text(text + "\n", "utf-8")
        kept.cache_clear()
    assert {name: shape(each) for name, each in found.items()} == {
        name: shape(each) for name, each in kept().items()
    }, "The API answers otherwise than its examples say: run make openapi, and look at what changed."


def example_of(scene: Scene, name: str, said: dict) -> dict[str, Any] | None:
    """What was asked and answered; None where nobody could do it."""
    for who in ASKED:
        body, answer = ask(scene, name, who)
        status = str(answer.status_code)
        if status.startswith("2"):
            break
    else:
        return None
    tidy = Tidy(name, scene)
    found: dict[str, Any] = {}
    if body is not None:
        found["request"] = tidy(body)
    types = answered(said).get(status, [])
    answers = {each: json.loads(ask(scene, name, who, accept=each)[1].content) for each in types}
    if answers:
        found["answers"] = {status: {each: tidy(data) for each, data in answers.items()}}
    return found


def shape(said: Any) -> Any:
    """Its fields, and not what stands in them."""
    if isinstance(said, dict):
        return {name: shape(each) for name, each in said.items()}
    return [shape(each) for each in said[:1]] if isinstance(said, list) else None


class Tidy:
    """What differs from one day to the next is made the same, and what is long is cut."""

    def __init__(self, name: str, scene: Scene) -> None:
        self.name = name
        self.ids = {id: noun for noun, id in (scene.rows | scene.of).items()}
        self.now = timezone.now()

    def __call__(self, said: Any) -> Any:
        if isinstance(said, dict):
            if "openapi" in said:
                return {"openapi": said["openapi"], "info": said["info"], "paths": {}}
            return {self._text(name): FIXED.get(name, self(each)) for name, each in said.items()}
        if isinstance(said, list):
            rows = any(isinstance(each, dict) for each in said)
            return [self(each) for each in (said[:1] if rows else said[:8])]
        if isinstance(said, SimpleUploadedFile):
            return "(the bytes of a photo)"
        return self._text(said) if isinstance(said, str) else said

    def _text(self, said: str) -> str:
        said = UUID.sub(lambda found: self._id(found[0]), said)
        said = MOMENT.sub(lambda found: self._moment(found[0]), said)
        said = said.replace(f"{self.now:%Y-%m-%d}", f"{DAY:%Y-%m-%d}")
        said = re.sub(r"(aqua_|whsec_)[\w+/=-]+", r"\1c2VjcmV0", said)
        said = re.sub(r"cursor=[^&]+", "cursor=MjA", said)
        return said.replace("http://testserver", "https://fish.example")[:2000]

    def _id(self, said: str) -> str:
        noun = self.ids.setdefault(said, f"{self.name} {len(self.ids)}")
        return str(uuid5(NAMESPACE_URL, noun))

    def _moment(self, said: str) -> str:
        away = datetime.fromisoformat(said) - self.now
        if abs(away) > timedelta(days=60):
            return said
        return f"{DAY + timedelta(days=round(away.total_seconds() / 86400)):%Y-%m-%dT%H:%M:%SZ}"
