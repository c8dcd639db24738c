"""Whatever the description of the API allows is answered as it says, and what it does not allow is refused: asked by
schemathesis at a real server. A bounded part of it; `SCHEMATHESIS=N` asks N times as much.

Left out: that what fits the description is always taken (ids and names of rows that nobody has fit it too, and which
there are no schema says: docs/adr/0067), requests with `fields` (whose answers lack what the description promises), and
the operations of LEFT_OUT.
"""

import os
import subprocess
import sys

import pytest

from accounts.actions import make_token
from accounts.models import Role
from tests.conftest import person

HOOKS = """
import schemathesis


@schemathesis.hook
def filter_case(context, case):
    return "fields" not in (case.query or {})
"""
SETTINGS = """
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "429", "5xx"]
"""
# The first ends the token that asks; of the others there are no files here.
# The last takes bytes of a type that schemathesis cannot write.
LEFT_OUT = (
    "tokens_destroy",
    "datasets_manifest_retrieve",
    "datasets_exports_retrieve",
    "uploads_partial_update",
)
TIMES = int(os.environ.get("SCHEMATHESIS", "1"))
# What goes through every boundary of every value takes some thousand requests.
PHASES = "fuzzing" if TIMES == 1 else "coverage,fuzzing"


@pytest.fixture
def renate(db):
    return person("Renate", Role.RESEARCHER)


# On every database as the one who may do everything; what the others are refused does not depend on it.
WHO = [*(pytest.param(who, marks=pytest.mark.once) for who in (None, "alice", "rita", "renate")), "ada"]


@pytest.mark.parametrize("who", WHO)
def test_as_it_is_described(live_server, live, sighting_of_alice, request, settings, tmp_path, who):
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] |= {
        "writes": "1000000/hour",
        "writes_anonymous": "1000000/hour",
    }
    (tmp_path / "narrowed.py").write_text(HOOKS, "utf-8")
    (tmp_path / "schemathesis.toml").write_text(SETTINGS, "utf-8")
    asked = [sys.executable, "-m", "schemathesis.cli", "run", f"{live_server.url}/api/v1/schema"]
    asked += ["--phases", PHASES, "-n", str(2 * TIMES), "--continue-on-failure", "-c", "all"]
    asked += ["--exclude-checks", "positive_data_acceptance", "--suppress-health-check", "all", "--seed", "1"]
    for operation in LEFT_OUT:
        asked += ["--exclude-operation-id", operation]
    if who:
        whom = request.getfixturevalue(who)
        asked += ["-H", f"Authorization: Token {make_token(user=whom, name='it', by=whom).secret}"]
    env = os.environ | {"PYTHONPATH": str(tmp_path), "SCHEMATHESIS_HOOKS": "narrowed"}
    said = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600 * TIMES)
    assert said.returncode == 0, said.stdout[-20000:] + said.stderr[-2000:]
    assert "passed" in said.stdout
