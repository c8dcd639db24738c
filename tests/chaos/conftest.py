"""Everything that goes wrong at once, on real processes: bounded by default, in full under CHAOS=1.

`make test` runs those of them that need no site of their own, few times; `pytest tests/chaos` all of them, few times;
`make chaos` runs them as often as promised, asserts the timings as well, and keeps what was measured in
`benchmarks/RESULTS.md`.
"""

import json
import os

import pytest


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether this is `make chaos`: all the rounds, and timings count."""
    return bool(os.environ.get("CHAOS"))


@pytest.fixture
def record(request):
    """`record("kills", rounds=100, p99_ms=…)`: one line of figures for RESULTS.md."""

    def write(what: str, **figures) -> None:
        if path := os.environ.get("CHAOS_RECORD"):
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"what": what, "test": request.node.name, "figures": figures}) + "\n")

    return write
