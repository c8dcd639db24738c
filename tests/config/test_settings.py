"""Settings that would be dangerous are refused at the start, with a sentence that says what to set."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.urls import reverse

from config import stores

SAFE = {"DEBUG": "0", "SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "trout.example"}
SET_HERE = (
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "EMAIL_VERIFICATION",
    "SECURE_SSL",
    "TRUSTED_PROXIES",
)


def start(
    tmp_path, program: str = "import config.settings", **environment: str
) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name not in SET_HERE}
    paths = os.pathsep.join([str(settings.ROOT), str(settings.ROOT / "platform")])
    return subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | {"PYTHONPATH": paths, "VAR": str(tmp_path)} | environment,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_development_needs_nothing(tmp_path):
    assert start(tmp_path).returncode == 0


def test_reading_the_settings_makes_no_folder(tmp_path):
    assert start(tmp_path / "var").returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_settings_can_be_read_in_one_sitting():
    lines = (settings.ROOT / "platform" / "config" / "settings.py").read_text().splitlines()
    assert len(lines) < 300


def test_postgresql_neither_compiles_nor_shares_out(tmp_path):
    """Both take longer than a page that stops at its first rows (docs/operations.md)."""
    asked = {"ENGINE": "django.db.backends.postgresql"}
    options = stores.database(asked, test=tmp_path, age=0)["OPTIONS"]["options"]
    assert options == "-c jit=off -c max_parallel_workers_per_gather=0"
    own = stores.database(asked | {"OPTIONS": {"options": "-c jit=on"}}, test=tmp_path, age=0)
    assert own["OPTIONS"] == {"options": "-c jit=on"}, "whoever says something else is heard"


@pytest.mark.parametrize("given", ['["resnet18"]', "7", "{"])
def test_training_options_are_a_table(tmp_path, given):
    refused = start(tmp_path, TRAIN_OPTIONS=given)
    assert refused.returncode != 0
    assert "TRAIN_OPTIONS" in refused.stderr


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


def test_mail_goes_where_email_url_says_and_else_to_the_console(tmp_path):
    program = (
        "from config import settings as s;"
        "print(s.EMAIL_BACKEND, *(getattr(s, n, '') for n in"
        " ('EMAIL_HOST', 'EMAIL_PORT', 'EMAIL_HOST_USER', 'EMAIL_USE_TLS')))"
    )
    assert "backends.console" in start(tmp_path, program).stdout
    url = "smtp://joe%40example.org:secret@mail.example.org:587/?tls=True"
    said = start(tmp_path, program, EMAIL_URL=url).stdout.split()
    assert said[0].endswith("smtp.EmailBackend")
    assert said[1:] == ["mail.example.org", "587", "joe@example.org", "True"]


def test_where_mail_is_sent_nobody_logs_in_with_an_address_they_did_not_confirm(tmp_path):
    """And where none is sent, whoever signs up is in; there is nothing in between."""
    program = "from config import settings as s; print(s.ACCOUNT_EMAIL_VERIFICATION)"
    mail = {"EMAIL_URL": "smtp://localhost:25"}
    assert start(tmp_path, program).stdout.strip() == "none"
    assert start(tmp_path, program, **SAFE, **mail).stdout.strip() == "mandatory"
    assert start(tmp_path, program, **SAFE, **mail, EMAIL_VERIFICATION="none").stdout.strip() == "none"
    assert start(tmp_path, program, EMAIL_VERIFICATION="mandatory").stdout.strip() == "mandatory"
    refused = start(tmp_path, EMAIL_VERIFICATION="optional")
    assert refused.returncode != 0 and "EMAIL_VERIFICATION is mandatory" in refused.stderr


def test_whoever_waits_for_a_model_fills_no_log(client, db, caplog):
    assert client.get(reverse("ancestor_classes")).status_code == 503
    assert caplog.records == []


@pytest.mark.parametrize(("proxies", "believed"), [("0", False), ("1", True), ("3", True)])
def test_one_setting_says_whether_a_proxy_is_believed(tmp_path, proxies, believed):
    said = start(
        tmp_path,
        "from config import settings as s; print(s.SECURE_PROXY_SSL_HEADER)",
        TRUSTED_PROXIES=proxies,
    )
    assert ("HTTP_X_FORWARDED_PROTO" in said.stdout) == believed
