"""Settings that would be dangerous are refused at the start, with a sentence that says what to set."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

SAFE = {"DEBUG": "0", "SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "trout.example"}
SET_HERE = ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "SECURE_SSL", "BEHIND_PROXY")


def start(tmp_path, **environment: str) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name not in SET_HERE}
    paths = os.pathsep.join([str(settings.ROOT), str(settings.ROOT / "platform")])
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env=inherited | {"PYTHONPATH": paths, "VAR": str(tmp_path)} | environment,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_development_needs_nothing(tmp_path):
    assert start(tmp_path).returncode == 0


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_says_what_is_missing(tmp_path, missing):
    assert start(tmp_path, **SAFE).returncode == 0
    refused = start(tmp_path, **SAFE | {missing: ""})
    assert refused.returncode != 0
    assert f"DEBUG=0 needs {missing}. Set it to" in refused.stderr


@pytest.mark.parametrize("hosts", ["*", "trout.example, *"])
def test_mail_is_not_sent_under_whatever_name_a_request_gives(tmp_path, hosts):
    mail = {"EMAIL_URL": "smtp://localhost:25"}
    assert start(tmp_path, **SAFE, **mail).returncode == 0
    refused = start(tmp_path, **SAFE | mail | {"ALLOWED_HOSTS": hosts})
    assert refused.returncode != 0
    assert "EMAIL_URL needs ALLOWED_HOSTS. Set it to" in refused.stderr
