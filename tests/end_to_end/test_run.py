"""What `make run` promises: a prefix, a secret where one is needed, an end when it is asked to end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.end_to_end.site import ROOT, Site


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory, migrated):
    """A site without photos or model, below a path prefix."""
    site = Site(tmp_path_factory.mktemp("empty"), like=migrated, URL_PREFIX="/p/trout")
    try:
        yield site.start()
    finally:
        site.close()


def test_without_a_model_clients_are_told_to_come_back(empty_site):
    for call in (
        requests.get(empty_site.url + "/api/classes", timeout=30),
        requests.post(empty_site.url + "/api/classify", files={"file": b"x"}, timeout=30),
    ):
        assert call.status_code == 503
        assert int(call.headers["Retry-After"]) > 0
        assert call.json()["success"] is False


@pytest.mark.parametrize("path", ["/ping", "/config", "/", "/about", "/explore"])
def test_the_site_may_live_below_a_prefix(empty_site, path):
    page = requests.get(f"{empty_site.url}/p/trout{path}", timeout=30)
    assert page.status_code == 200
    if path in ("/", "/about"):
        assert 'href="/p/trout/' in page.text
        assert 'href="/explore' not in page.text
        style = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
        assert style.startswith("/p/trout/static/")
        assert requests.get(empty_site.url + style, timeout=30).status_code == 200


def test_password_is_printed_once_and_kept_private(empty_site):
    kept = empty_site.var / "admin_password"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert empty_site.out.count(kept.read_text().strip()) == 1


def test_web_and_worker_hold_no_libtorch(empty_site):
    checked = 0
    for pid in empty_site.processes():
        maps = Path(f"/proc/{pid}/maps").read_text()
        assert "libtorch" not in maps, Path(f"/proc/{pid}/cmdline").read_text()
        checked += 1
    assert checked >= 4, "supervisor, web and worker processes"


def test_ends_within_ten_seconds_and_starts_again(tmp_path, migrated):
    site = Site(tmp_path, like=migrated)
    try:
        site.start()
        assert site.stop(signal.SIGINT) < 10
        left = [pid for pid in site.processes() if pid != os.getpid()]
        assert left == []
        started = time.monotonic()
        site.start()
        assert time.monotonic() - started < 60
        assert site.out.count("Admin:") == 1
    finally:
        site.close()


def test_a_training_ends_with_the_site_and_goes_back_in_line(collection, tmp_path, migrated):
    site = Site(tmp_path, "--data", str(collection), like=migrated, TRAIN_OPTIONS='{"epochs_frozen": 50}')

    def training() -> list[int]:
        return [pid for pid in site.processes() if b"ml.vision.train" in command(pid)]

    try:
        site.start()
        site.wait(training, 180, "a training")
        assert site.stop(signal.SIGINT) < 10
        assert site.processes() == []
        asked = "from jobs.models import Job; print(Job.objects.filter(kind='train').first().state)"
        assert site.shell(asked) == "waiting"
    finally:
        site.close()


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(name, tmp_path):
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "VAR": str(tmp_path),
        "DEBUG": "0",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "example.org",
    }
    del env[name]
    said = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert said.returncode != 0
    assert f"DEBUG=0 needs {name}" in said.stderr


def test_the_console_says_when_a_model_is_live(site):
    site.wait(lambda: "-v1 is live." in site.out, 10, "word of the live model on the console")
    for began in ("Import brook-camera", "Train a model on", "Put the first model live"):
        assert began in site.out
