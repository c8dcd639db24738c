"""Photos sent through a line that breaks all the time: each arrives, and each once. A hundred of them under CHAOS=1."""

import hashlib
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from species.models import Observation, Photo, State
from tests.clients.python.cutting import WAYS, proxy

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = 100 if os.environ.get("CHAOS") else 20


def test_a_folder_arrives_whole_and_once_whatever_is_cut(live_server, alice, token, photos, run, quick):
    folder = photos(COUNT)
    with proxy(live_server.url) as line:
        said = run("sync", folder, url=line.url, token=token)
        assert said.exit_code == 0, said.output
        assert f"{COUNT} new, 0 there already, 0 refused." in said.stdout
        assert set(line.cut) == set(WAYS), "each way was met"
        line.asked.clear()
        again = run("sync", folder, url=line.url, token=token)
        assert "0 new" in again.stdout and not line.asked, "of what is there nothing is even asked"
        # The list of what was sent is lost: it is asked for by name, and no photo travels.
        (folder / ".aquavision.jsonl").unlink()
        assert f"0 new, {COUNT} there already" in run("sync", folder, url=line.url, token=token).stdout
        assert set(line.asked) == {"GET"}
    files = {hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.glob("*.jpg")}
    rows = Photo.objects.filter(owner=alice)
    assert len(files) == rows.count() == COUNT and set(rows.values_list("sha256", flat=True)) == files
    sightings = Observation.objects.filter(observer=alice)
    assert sightings.count() == sightings.filter(state=State.PUBLISHED, discarded_at=None).count() == COUNT
    assert all(each.photos.count() == each.occurrences.count() == 1 for each in sightings)


def test_a_run_that_is_killed_goes_on(live_server, alice, token, photos, run, quick, tmp_path):
    folder = photos(10)
    with proxy(live_server.url, every=0) as line:
        env = {"AQUAVISION_URL": line.url, "AQUAVISION_TOKEN": token, "HOME": str(tmp_path)}
        env |= {"PYTHONPATH": f"{settings.ROOT}/clients/python"}
        begun = subprocess.Popen([sys.executable, "-m", "aquavision", "sync", folder], env=env)
        deadline = time.monotonic() + 120
        while line.asked["PUT"] < 4 and begun.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        begun.kill()
        assert begun.wait() == -signal.SIGKILL
        said = run("sync", folder, url=line.url, token=token)
        assert said.exit_code == 0, said.output
        # One that was on its way may have been sent in part.
        assert line.asked["PUT"] <= 11
    assert Photo.objects.count() == Observation.objects.filter(state=State.PUBLISHED).count() == 10
    assert Observation.objects.count() == 10


def test_a_program_that_asks_once_loses_some(live_server, token, photos, run, quick):
    """Lest the line be one that cuts nothing."""
    quick(tries=1)
    with proxy(live_server.url) as line:
        said = run("sync", photos(20), url=line.url, token=token)
    assert said.exit_code == 4 and "broke off" in said.stderr
    assert 0 < Photo.objects.count() < 20
