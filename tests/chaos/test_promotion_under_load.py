"""Models are promoted back and forth while everybody asks: no error, no mixed answer, no late one."""

import json
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import pytest
import requests
from onnx import helper, numpy_helper

from tests.end_to_end.site import Site
from tests.ml.folder import colour_photo, write_folder

pytestmark = pytest.mark.long

# What each model can answer, and what it answers to a red photo.
CLASSES = {
    "one": ["brook_trout", "brown_trout", "rainbow_trout"],
    "two": ["chub", "bream", "huchen"],
    "broken": ["grayling", "roach", "perch"],
}
NEW_WITHIN = 5.0  # seconds after the promotion was answered
CLIENTS = 6
WIDTH = 400_000  # of a layer that only weighs something: 10 MB per model, so that a leak is seen
MAY_GROW_MB = 25.0

MODELS = """
import json
from django.core.management import call_command
from django.utils import timezone
from accounts import actions as accounts
from accounts.models import Role, User
from ml.models import Model
from research.models import Dataset

admin = User.objects.get(role=Role.ADMIN)
Dataset.objects.create(
    title="Colours", version=1, state=Dataset.State.FROZEN, salt="s", created_by=admin,
    frozen_at=timezone.now(), content_hash="0" * 64,
)
made = {{}}
for name in {names!r}:
    with open("/dev/null", "w") as nowhere:
        call_command("add_model", {folder!r} + "/" + name, dataset=1, by=admin.email, stdout=nowhere)
    model = Model.objects.order_by("version").last()
    made[name] = {{"id": str(model.pk), "name": model.name, "sha256": model.sha256}}
print(json.dumps({{"models": made, "token": accounts.make_token(user=admin, name="c", by=admin).secret}}))
"""
AROUND_THE_CHECK = """
from accounts.models import Role, User
from ml.actions import promotions
from ml.models import Model

admin = User.objects.get(role=Role.ADMIN)
promotions._go_live(model=Model.objects.get(pk="{id}"), by=admin, reason="It broke just after the check.")
"""


def heavy(model: Path) -> None:
    """The same answers from a network with a wide layer before them."""
    network = onnx.load(str(model / "model.onnx"))
    [weights] = [each for each in network.graph.initializer if each.name == "weights"]
    small = numpy_helper.to_array(weights)
    spread = np.zeros((3, WIDTH), np.float32)
    spread[np.arange(WIDTH) % 3, np.arange(WIDTH)] = 3 / WIDTH
    network.graph.initializer.remove(weights)
    network.graph.initializer.append(numpy_helper.from_array(spread, "spread"))
    network.graph.initializer.append(numpy_helper.from_array(small[np.arange(WIDTH) % 3], "weights"))
    [place] = [at for at, node in enumerate(network.graph.node) if node.op_type == "MatMul"]
    pooled = network.graph.node[place].input[0]
    network.graph.node[place].input[0] = "wide"
    network.graph.node.insert(place, helper.make_node("MatMul", [pooled, "spread"], ["wide"]))
    onnx.save(network, str(model / "model.onnx"))


@pytest.fixture
def site(tmp_path, migrated):
    # By the second, as what is counted is kept for as long as it counts: a list of all answers of an hour, read and
    # written at each of them, is memory that grows with every answer.
    site = Site(tmp_path, like=migrated, WRITES_PER_STRANGER="10000/second")
    try:
        yield site.start()
    finally:
        site.close()


@dataclass
class Answer:
    at: float  # when it had arrived
    model: str  # "one" or "two"


@dataclass
class Load:
    """Clients of the oldest route and of the newest, who ask without pause."""

    site: Site
    names: dict[str, str]  # what answers are signed with, to "one" …
    answers: list[Answer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self.photo = colour_photo("brook_trout")

    def __enter__(self):
        asks = (self.old_route, self.new_route)
        self.threads = [threading.Thread(target=self.ask, args=(asks[n % 2],)) for n in range(CLIENTS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def ask(self, route) -> None:
        http = requests.Session()
        while not self.over.is_set():
            try:
                self.answers.append(Answer(model=route(http), at=time.monotonic()))
            except Exception as error:
                self.failures.append(repr(error)[:500])

    def old_route(self, http) -> str:
        answer = http.post(f"{self.site.url}/api/predict", files={"image": self.photo}, timeout=60)
        assert answer.status_code == 200, answer.text
        return next(name for name, classes in CLASSES.items() if classes[0] == answer.json()["class"])

    def new_route(self, http) -> str:
        answer = http.post(f"{self.site.url}/api/v1/predictions", files={"file": self.photo}, timeout=60)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        signed = self.names[said["model"]]
        labels = [each["label"] for each in said["predictions"]]
        assert sorted(labels) == sorted(CLASSES[signed]) and labels[0] == CLASSES[signed][0], said
        return signed

    def wait_for(self, model: str) -> None:
        """Until each client could have been answered twice, and always by this model."""
        deadline = time.monotonic() + 60
        while {each.model for each in self.answers[-2 * CLIENTS :]} != {model}:
            assert time.monotonic() < deadline, f"{model} does not answer: {self.failures[:3]}"
            time.sleep(0.1)


def web_processes(site: Site) -> dict[int, float]:
    """Process id of each gunicorn worker to its resident memory in MB."""
    found = {}
    for pid in site.processes():
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        programs = [Path(f"/proc/{each}/cmdline").read_bytes() for each in (pid, parent)]
        if all(b"gunicorn" in program for program in programs):
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            found[pid] = pages * os.sysconf("SC_PAGESIZE") / 1e6
    return found


def test_promotions_under_load(site, tmp_path, full, record):
    for name, classes in CLASSES.items():
        folder = write_folder(tmp_path / "out" / name / "model", classes=classes, sharpness=4 + len(name))
        heavy(folder)
        (tmp_path / "out" / name / "metrics.json").write_text("{}")
    made = json.loads(site.shell(MODELS.format(folder=str(tmp_path / "out"), names=list(CLASSES))))
    models = made["models"]
    admin = {"Authorization": f"Token {made['token']}"}

    def promote(name: str) -> requests.Response:
        address = f"{site.url}/api/v1/models/{models[name]['id']}/promote"
        return requests.post(address, json={"reason": "Back and forth."}, headers=admin, timeout=60)

    assert promote("one").status_code == 200
    late: list[float] = []
    with Load(site, {model["name"]: name for name, model in models.items()}) as load:
        load.wait_for("one")
        promotions = 20 if full else 3
        for number in range(promotions):
            new = ("two", "one")[number % 2]
            answer = promote(new)
            promoted = time.monotonic()
            assert answer.status_code == 200, answer.text
            load.wait_for(new)
            if full:
                time.sleep(max(0.0, promoted + NEW_WITHIN + 0.5 - time.monotonic()))
            late.append(max([each.at - promoted for each in load.answers if each.model != new], default=0))
            if number == 1:
                before = web_processes(site)
        after = web_processes(site)

        # Broken in the store: whoever promotes it is told, and nothing changes.
        store = site.var / "files" / "models" / models["broken"]["sha256"] / "model.onnx"
        whole = store.read_bytes()
        store.write_bytes(whole[: len(whole) // 2])
        refused = promote("broken")
        assert refused.status_code == 400 and "cannot be loaded" in refused.text
        # Broken after the check: it is live by its row, and what was live before goes on.
        site.shell(AROUND_THE_CHECK.format(**models["broken"]))
        asked = len(load.answers)
        time.sleep(3)
        assert len(load.answers) > asked
        assert {each.model for each in load.answers[asked:]} == {new}
    assert load.failures == []

    # Processes that start now answer alike.
    former = set(web_processes(site))
    for pid in former:
        os.kill(pid, signal.SIGTERM)
    site.wait(
        lambda: len(set(web_processes(site)) - former) == 2 and not former & set(web_processes(site)),
        60,
        "web",
    )
    with Load(site, load.names) as again:
        again.wait_for(new)
        # Mended and promoted again, it answers.
        store.write_bytes(whole)
        assert promote("broken").status_code == 200
        again.wait_for("broken")
    assert again.failures == []
    assert {each.model for each in again.answers} == {new, "broken"}

    grown = max(after[pid] - before[pid] for pid in before)
    record(
        "promotions under load",
        promotions=promotions,
        answers=len(load.answers),
        slowest_until_the_last_old_answer_s=round(max(late), 2),
        memory_grown_mb=round(grown, 1),
        memory_mb=round(max(after.values())),
    )
    assert grown < MAY_GROW_MB
    if full:
        assert max(late) < NEW_WITHIN
