"""Photos held for an hour: gone when it is over, whoever comes by, and whatever else is in the folder."""

import os
import time
from pathlib import Path

from django.urls import reverse

from home import kept_uploads
from home.tasks import strangers as tasks
from jobs import registry
from tests import universe


def age(settings, token: str, seconds: float) -> Path:
    path = Path(settings.FILES) / "held" / token
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_when_the_hour_is_over_it_is_forgotten_though_nobody_came_by(client, settings, db):
    token = kept_uploads.hold(universe.photo_bytes(), address="192.0.2.1")
    age(settings, token, settings.HOLD_SECONDS - 60)
    assert client.get(reverse("held_photo", args=[token])).status_code == 200
    age(settings, token, settings.HOLD_SECONDS + 1)
    assert kept_uploads.held(token) is None
    assert client.get(reverse("held_photo", args=[token])).status_code == 404


def test_the_worker_deletes_what_is_over(settings, monkeypatch, db):
    old, young = (
        kept_uploads.hold(b"old", address="192.0.2.1"),
        kept_uploads.hold(b"young", address="192.0.2.1"),
    )
    path = age(settings, old, settings.HOLD_SECONDS + 1)
    monkeypatch.setattr(tasks, "_looked", float("-inf"))
    assert tasks.forget_strangers_files in registry.watches()
    tasks.forget_strangers_files()
    assert not path.exists()
    assert kept_uploads.held(young).data == b"young"


def test_a_file_that_vanishes_meanwhile_stops_nobody(settings, db):
    """As one does that another process is writing: it changes its name when it is whole."""
    old = kept_uploads.hold(b"old", address="192.0.2.1")
    path = age(settings, old, settings.HOLD_SECONDS + 1)
    (path.parent / ".incoming-x").symlink_to(path.parent / "nowhere")
    assert kept_uploads.held(kept_uploads.hold(b"new\nline", address="192.0.2.1")).data == b"new\nline"
    assert not path.exists()


def test_before_the_first_photo_there_is_nothing_to_forget(settings):
    kept_uploads.forget_old()
    assert not (Path(settings.FILES) / "held").exists()
