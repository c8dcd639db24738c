"""Examples in the description of the API: what each operation was asked and answered once, as `examples.json` keeps it.

`tests/config/test_examples.py` asks anew, and writes that file where it is told to (`make openapi`).
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("examples.json")
# A form takes the fields of JSON; of what is only bytes there is nothing to read.
BODIES = ("application/json", "multipart/form-data")


@cache
def kept() -> dict[str, dict[str, Any]]:
    """Operation ("/api/v1/boxes POST") to its `request` and its `answers`, by status and media type."""
    return json.loads(KEPT.read_text("utf-8"))


def describe(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Hook of drf-spectacular: puts them in."""
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            example = kept().get(f"{path} {method.upper()}", {})
            taken = operation.get("requestBody", {}).get("content", {})
            for media_type in [each for each in BODIES if each in taken and "request" in example]:
                taken[media_type]["example"] = example["request"]
            for status, answers in example.get("answers", {}).items():
                given = operation["responses"].get(status, {}).get("content", {})
                for media_type in given.keys() & answers.keys():
                    given[media_type]["example"] = answers[media_type]
    return result
