"""`aquavision export`, `predict` and `label`, at a real site."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
from django.conf import settings

from labeling.models import Identification
from tests import universe
from tests.clients.python.cutting import WAYS, proxy
from tests.ml.folder import colour_photo
from tests.research.building import agreed, freeze

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def as_alice(run, live_server, token, quick):
    def do(*words, input: str | None = None):
        return run(*words, url=live_server.url, token=token, input=input)

    return do


@pytest.fixture
def frozen(alice, bob, charlie, ada, tree):
    for number in range(3):
        agreed(alice, tree["brown_trout"], [bob, charlie], seed=number)
    return freeze(ada, title="Trout of the Enns")


def test_a_dataset_is_listed_and_taken_away_whole(as_alice, frozen, tmp_path):
    listed = as_alice("export")
    assert listed.exit_code == 0, listed.output
    assert f"{frozen.pk}  Trout of the Enns, version 1 (csv, coco, dwca, " in listed.stdout
    assert "kml, manifest)" in listed.stdout
    said = as_alice("export", str(frozen.pk)[:6], "--to", tmp_path / "out")
    assert said.exit_code == 0, said.output
    [archive] = (tmp_path / "out").iterdir()
    assert archive.name.startswith("trout-of-the-enns-v1-") and said.stdout.strip() == str(archive)
    with zipfile.ZipFile(archive) as whole:
        assert whole.testzip() is None
        assert len(list(csv.DictReader(io.StringIO(whole.read("photos.csv").decode())))) == 3
    said = as_alice("export", "newest", "--format", "manifest", "--to", tmp_path)
    assert said.exit_code == 0, said.output
    manifest = json.loads((tmp_path / f"manifest-{frozen.content_hash[:16]}.json").read_text())
    assert manifest["dataset"]["content_hash"] == frozen.content_hash


def test_an_archive_comes_whole_through_a_line_that_breaks(run, live_server, token, quick, frozen, tmp_path):
    with proxy(live_server.url, every=2) as line:
        for _ in WAYS:
            said = run("export", "newest", "--to", tmp_path, url=line.url, token=token)
            assert said.exit_code == 0, said.output
            [archive] = tmp_path.glob("*.zip")
            with zipfile.ZipFile(archive) as whole:
                assert whole.testzip() is None
        assert set(line.cut) == set(WAYS)
    assert list(tmp_path.glob(".*.part*")) == []


def test_what_is_no_dataset_and_no_format_is_said(as_alice, frozen, tmp_path):
    said = as_alice("export", "zzz", "--to", tmp_path)
    assert said.exit_code == 1 and "0 frozen datasets begin with zzz" in said.stderr
    said = as_alice("export", "newest", "--format", "xlsx", "--to", tmp_path)
    assert said.exit_code == 1 and "There is no format xlsx" in said.stderr
    assert not list(tmp_path.glob("*.part"))


def test_the_first_guesses_are_told(as_alice, live, tree, tmp_path):
    (tmp_path / "x.png").write_bytes(colour_photo("brown_trout"))
    said = as_alice("predict", tmp_path / "x.png", "-k", "2")
    assert said.exit_code == 0, said.output
    first, *guesses = said.stdout.splitlines()
    assert first.startswith(f"{tmp_path / 'x.png'}: brown_trout (") and live.name in first
    assert len(guesses) == 2 and guesses[0].endswith("%  brown_trout")


def test_without_a_model_it_is_said_in_the_sites_words(as_alice, db, tmp_path):
    (tmp_path / "x.png").write_bytes(colour_photo("brown_trout"))
    said = as_alice("predict", tmp_path / "x.png")
    assert said.exit_code == 1 and "No model is live" in said.stderr


def test_what_waits_is_named_skipped_and_left(as_alice, alice, bob, tree, live_server):
    waiting = [universe.sighting(bob, seed=number) for number in range(4)]
    # By its name; skipped; a text that several begin with, chosen by number; then the end.
    said = as_alice("label", input="Forelle\n\nSalmo\n1\nq\n")
    assert said.exit_code == 0, said.output
    assert "2 named." in said.stdout and f"{live_server.url}/sightings/{waiting[3].pk}" in said.stdout
    named = {each.occurrence.observation: each for each in Identification.objects.all()}
    assert set(named) == {waiting[0], waiting[2]}
    assert named[waiting[0]].taxon.label == "brown_trout"
    assert {each.person for each in named.values()} == {alice}
    assert all(each.model_on_screen == "" and not each.others_on_screen for each in named.values())
    # What was named or skipped waits no more.
    again = as_alice("label", input="q\n")
    assert str(waiting[3].pk) in again.stdout
    assert not any(str(waiting[number].pk) in again.stdout for number in range(3))


def test_a_name_that_nobody_knows_is_asked_for_again(as_alice, bob, tree):
    universe.sighting(bob)
    said = as_alice("label", "--where", "place=Enns", input="")
    assert said.exit_code == 0 and "0 named." in said.stdout, said.output
    said = as_alice("label", "--where", "status", input="")
    assert said.exit_code == 1 and "name=value" in said.stderr
    said = as_alice("label", input="qqqqqqqqqqqq\nbrown_trout\n")
    assert said.exit_code == 0 and "1 named." in said.stdout, said.output


def test_it_is_a_program_of_its_own_that_knows_no_django(live_server, frozen, token, tmp_path):
    client = f"{settings.ROOT}/clients/python"
    env = {"PYTHONPATH": client, "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-m", "aquavision", "export"],
        env=env | {"AQUAVISION_URL": live_server.url, "AQUAVISION_TOKEN": token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0 and str(frozen.pk) in said.stdout, said.stderr
    code = "import sys, aquavision.commands; assert not {'django', 'config', 'species'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, check=True)
