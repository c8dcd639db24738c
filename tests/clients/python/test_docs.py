"""The lines of docs/api.md do what stands above them, as they stand there."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from labeling.models import Identification
from species.models import Observation, State
from tests.ml.folder import CLASSES, colour_photo
from tests.research.building import agreed, freeze

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

ROOT = Path(settings.ROOT)


def block(language: str) -> str:
    section = (ROOT / "docs" / "api.md").read_text().split("\n## One line per task\n")[1].split("\n## ")[0]
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)
    return found


@pytest.fixture
def shell(live_server, token, tmp_path):
    """Where the lines run: with the first line's address and token, and a photo. Each starts with what it is given."""
    (tmp_path / "fish.jpg").write_bytes(colour_photo("brown_trout"))
    env = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    env |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "clients" / "python")}

    def run(*words: str, **ids: object) -> str:
        names = {name: str(id) for name, id in ids.items()}
        done = subprocess.run(words, env=env | names, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run.first = lambda text: text.replace("https://fish.example", live_server.url).replace("aqua_…", token)
    return run


@pytest.fixture
def library(alice, bob, charlie, ada, tree, live):
    """A published dataset, and a model that names colours."""
    for number in range(2):
        agreed(bob, tree["brown_trout"], [charlie], seed=number)
    return freeze(ada, title="Trout of the Enns")


def test_each_line_of_curl_does_what_stands_above_it(shell, library, alice, tmp_path):
    first, *lines = block("sh").splitlines()
    said = [shell.first(first)]
    answers = {}
    ids = {"DATASET": library.pk}
    for line in lines:
        if line.startswith("#"):
            task = re.split("[,;:]", line.removeprefix("# "))[0]
            continue
        text = shell("bash", "-euo", "pipefail", "-c", "\n".join([*said, line]), **ids)
        answer = json.loads(text) if text else {}
        answers.setdefault(task, []).append(answer)
        if task == "upload a photo":
            ids["SIGHTING"] = answer["observation"]
        if task == "publish it":
            ids["ORGANISM"] = answer["occurrences"][0]["id"]
    assert len(answers) == 7
    assert len(answers["list sightings"][0]["results"]) == 2
    own = Observation.objects.get(observer=alice)
    assert (str(own.pk), own.state) == (ids["SIGHTING"], State.PUBLISHED)
    assert Identification.objects.get(person=alice).taxon.label == "brown_trout"
    assert answers["predict"][0]["predictions"][0]["label"] == "brown_trout"
    [archive] = tmp_path.glob("trout-of-the-enns-v*-csv.zip")
    assert zipfile.ZipFile(archive).testzip() is None
    classes, old = answers.popitem()[1]
    assert classes == CLASSES and old == {"class": "brown_trout", "success": True}


def test_the_lines_of_python_do_the_same(shell, library, alice, live_server, token, tmp_path):
    said = shell(
        sys.executable, "-c", block("python"), AQUAVISION_URL=live_server.url, AQUAVISION_TOKEN=token
    )
    *listed, guesses, file = said.splitlines()
    assert len(listed) == 2 and "'brown_trout'" in guesses
    assert zipfile.ZipFile(tmp_path / file).testzip() is None
    assert Observation.objects.get(observer=alice).state == State.PUBLISHED
    assert Identification.objects.get(person=alice).taxon.label == "brown_trout"


def tasks(language: str) -> list[str]:
    """What stands above the lines, as far as the first comma or the like."""
    said = [line.removeprefix("# ") for line in block(language).splitlines() if line.startswith("#")]
    return [re.split("[,;:]", each)[0] for each in said]


def test_both_have_a_line_for_each_task():
    assert tasks("python") == [
        "list sightings",
        "upload a photo",
        "publish it",
        "name an organism",
        "predict",
        "download a dataset",
    ]
    assert tasks("sh") == [*tasks("python"), "as on the first of these sites"]
