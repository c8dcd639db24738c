"""The real training program on a few real photos, start to end, and how it stops."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.numpy
import timm
import torch
from django.conf import settings

from ml.vision.cache import UPRIGHT
from ml.vision.session import Session
from ml.vision.train import deal
from ml.vision.training_manifest import ManifestRefused, parse
from species.images.decode import upright

pytestmark = pytest.mark.training

OPTIONS = {"size": [64, 96], "batch_size": 8, "bootstrap": 50, "recipe": "one_cycle"} | {
    "epochs_frozen": 1,
    "epochs_unfrozen": 1,
}
TUNED = {"size": [64, 96], "bootstrap": 50, "recipe": "tuned", "seeds": 2, "epochs_tuned": 4}
SPECIES = ("chub", "perch", "rainbow trout")


def program(folder: Path) -> list[str]:
    return [sys.executable, "-m", "ml.vision.train", str(folder / "manifest.json"), str(folder / "out")]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{settings.ROOT}{os.pathsep}{settings.ROOT / 'platform'}"}


def write(folder: Path, content: dict) -> None:
    (folder / "manifest.json").write_text(json.dumps(content))


def finish(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        program(folder), env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def content(sample_data) -> dict:
    """Three species, of each two organisms to learn from, one to choose by, one to test on; two photos each."""
    folder = sample_data / "fishcam"
    with (folder / "observations.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    photos = []
    for species in SPECIES:
        ours = [row for row in rows if row["vernacular_name"] == species]
        for number, video in enumerate(list(dict.fromkeys(row["observation_id"] for row in ours))[:4]):
            for row in [row for row in ours if row["observation_id"] == video][:2]:
                photos.append(
                    {
                        "id": row["file"],
                        "path": str(folder / row["file"]),
                        "sha256": row["sha256"],
                        "occurrence": video,
                        "group": video,
                        "label": species.replace(" ", "_"),
                        "split": ("train", "train", "validation", "test")[number],
                    }
                )
    classes = [species.replace(" ", "_") for species in SPECIES]
    taxa = {label: f"id of {label}" for label in classes}
    return {"dataset_hash": "d" * 64, "classes": classes, "taxa": taxa, "photos": photos, "options": OPTIONS}


@pytest.fixture(scope="module")
def trained(content, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    folder = tmp_path_factory.mktemp("run")
    write(folder, content)
    done = finish(folder)
    assert done.returncode == 0, done.stderr
    return folder / "out", done


def test_the_model_folder_holds_four_files_and_no_pickle(trained):
    out, _ = trained
    model = out / "model"
    names = ["card.json", "known.safetensors", "model.onnx", "weights.safetensors"]
    assert sorted(path.name for path in model.iterdir()) == names
    for path in out.rglob("*"):
        if path.is_file():
            start = path.read_bytes()[:4]
            assert not start.startswith((b"\x80\x02", b"\x80\x04", b"PK")), f"{path.name} looks pickled"
    weights = safetensors.numpy.load_file(model / "weights.safetensors")
    assert sum(value.size for value in weights.values()) > 3_000_000


def test_the_card_says_what_it_is(trained, content):
    card = json.loads((trained[0] / "model" / "card.json").read_text())
    metrics = json.loads((trained[0] / "metrics.json").read_text())
    assert card["architecture"] == "tf_efficientnet_lite0"
    assert card["classes"] == content["classes"] and card["taxa"] == content["taxa"]
    assert card["dataset_hash"] == "d" * 64
    assert card["input"] == {
        "size": [64, 96],
        "resize": "squash",
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "upright": 1008,
    }
    assert card["temperature"] > 0 and 0 < card["threshold"] <= 1
    assert card["trained_on"] == {"photos": 12, "occurrences": 6, "groups": 6, "drawings": 0}
    assert card["calibrated_on"] == "validation photos"
    assert card["metrics"]["validation"]["photo"]["n"] == 6
    assert card["metrics"]["photo"]["n"] == 6 and card["metrics"]["occurrence"]["n"] == 3
    assert {"torch", "fastai", "onnx", "python"} <= set(card["versions"])
    # Six validation photos are too few to set a threshold: the groups that were learned from, each by the others.
    assert card["known"]["set_on"] == "held-out groups" and card["known"]["threshold"] > 0
    # Six photos say whether any of the tuning is kept, and may say otherwise on another processor.
    whole = metrics["kept"] == 0
    assert card["known"]["features"] == (
        "the whole network's" if whole else "its lower half's, which is not tuned"
    )


def test_what_is_unlike_fish_is_told_from_fish(trained, sample_data, content):
    """In the file that is served, by the code that serves it."""
    session = Session.load(trained[0] / "model")

    def distance(path: Path) -> float:
        return session.look(np.asarray(upright(path.read_bytes(), UPRIGHT))).distance

    fish = [distance(Path(photo["path"])) for photo in content["photos"] if photo["split"] == "train"]
    foreign = [distance(path) for path in sorted((sample_data / "metadata" / "nature").glob("*.jpg"))]
    assert max(fish) < 1 < np.median(foreign)


def test_onnx_answers_as_torch_did(trained):
    card = json.loads((trained[0] / "model" / "card.json").read_text())
    assert card["onnx"]["checked"] == card["onnx"]["same_answer"] == 6
    assert card["onnx"]["largest_difference"] < 1e-3
    assert card["onnx"]["largest_difference_of_distances"] < 1e-3


def test_the_served_model_repeats_the_recorded_predictions(trained, content):
    """From the original's bytes through the code that serves, with one thread, as the web process does."""
    out, _ = trained
    session = Session.load(out / "model")
    lines = [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
    paths = {photo["id"]: Path(photo["path"]) for photo in content["photos"]}
    assert [line["id"] for line in lines] == [p["id"] for p in content["photos"] if p["split"] == "test"]
    for line in lines:
        answer = dict(session.predict(np.asarray(upright(paths[line["id"]].read_bytes(), UPRIGHT))))
        np.testing.assert_allclose([answer[name] for name in session.classes], line["probs"], atol=1e-5)
        assert max(answer, key=answer.get) == line["answer"]
    right = np.mean([line["answer"] == line["label"] for line in lines])
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["measured_on"] == "test"
    assert metrics["photo"]["accuracy"] == pytest.approx(right)
    assert metrics["frozen_head"]["photo"]["n"] == 6


def test_progress_only_grows_and_is_on_both_channels(trained):
    out, done = trained
    lines = (out / "progress.jsonl").read_text().splitlines()
    assert lines == done.stdout.splitlines()
    said = [json.loads(line) for line in lines]
    counts = [line["done"] for line in said]
    assert counts == sorted(counts)
    assert said[-1]["stage"] == "done" and said[-1]["done"] == said[-1]["total"]
    assert {"pixels", "head", "frozen", "unfrozen", "export"} <= {line["stage"] for line in said}
    epochs = [line for line in said if line.get("metrics")]
    assert [(line["stage"], line["epoch"]) for line in epochs] == [("frozen", 1), ("unfrozen", 1)]
    assert all({"train_loss", "valid_loss", "accuracy"} == set(line["metrics"]) for line in epochs)


def test_it_ends_with_its_parent_and_on_sigterm(content, tmp_path):
    """Asked to train for hours, twice at once; one loses its parent's pipe, the other is told to stop."""
    running = []
    for name in ("left", "stopped"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, content | {"options": OPTIONS | {"epochs_frozen": 1000, "head": "random"}})
        running.append(
            subprocess.Popen(
                program(tmp_path / name), env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        )
    left, stopped = running
    try:
        for each in running:
            while b'"frozen"' not in each.stdout.readline():
                assert each.poll() is None
        left.stdin.close()
        stopped.send_signal(signal.SIGTERM)
        since = time.monotonic()
        for each in running:
            assert each.wait(timeout=20) == -signal.SIGTERM
        assert time.monotonic() - since < 5
    finally:
        for each in running:
            each.kill()
            each.stdout.close()
            each.wait()
    for name in ("left", "stopped"):
        assert not (tmp_path / name / "out" / "model").exists()


def test_all_photos_for_training_leaves_the_model_unmeasured(content, tmp_path):
    """A first model on everything, with another network and its weights from a local file."""
    arch = "mobilenetv3_small_050"
    torch.save(timm.create_model(arch, pretrained=False).state_dict(), tmp_path / "weights.pth")
    options = OPTIONS | {"arch": arch, "weights": str(tmp_path / "weights.pth"), "resize": "pad"}
    photos = [photo | {"split": "train"} for photo in content["photos"]]
    write(tmp_path, content | {"photos": photos, "options": options | {"epochs_frozen": 0, "flip": False}})
    done = finish(tmp_path)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    card = json.loads((tmp_path / "out" / "model" / "card.json").read_text())
    assert metrics["measured_on"] is None and metrics["photo"] is None and metrics["occurrence"] is None
    assert card["metrics"]["photo"] is None
    assert card["weights"] == "weights.pth" and str(tmp_path) not in json.dumps(card)
    assert card["calibrated_on"] == "held-out groups, by the head alone"
    assert card["onnx"]["checked"] == card["onnx"]["same_answer"] == 24
    assert not (tmp_path / "out" / "predictions.jsonl").exists()
    assert Session.load(tmp_path / "out" / "model").classes == tuple(content["classes"])


@pytest.fixture(scope="module")
def folded(content, tmp_path_factory) -> dict:
    """Measured by two folds with frozen heads, on photos that name no folds."""
    folder = tmp_path_factory.mktemp("folds")
    write(folder, content | {"options": OPTIONS | {"kfold": 2, "epochs_frozen": 0, "epochs_unfrozen": 0}})
    done = finish(folder)
    assert done.returncode == 0, done.stderr
    assert not (folder / "out" / "model").exists()
    lines = [json.loads(line) for line in (folder / "out" / "predictions.jsonl").read_text().splitlines()]
    return json.loads((folder / "out" / "metrics.json").read_text()) | {"lines": lines}


def test_folds_hold_out_every_photo_once_and_whole_groups(folded, content):
    assert folded["measured_on"] == "folds"
    assert sorted(line["id"] for line in folded["lines"]) == sorted(p["id"] for p in content["photos"])
    fold_of: dict[str, set] = {}
    for line in folded["lines"]:
        fold_of.setdefault(line["occurrence"], set()).add(line["fold"])
    assert all(len(folds) == 1 for folds in fold_of.values())
    assert folded["photo"]["n"] == 24 and folded["occurrence"]["n"] == 12
    assert 0 <= folded["refused"] <= 1 and folded["seeds"] == []
    assert len(folded["folds"]) == 2
    assert all(part["photo"]["intervals"]["accuracy"] for part in folded["folds"])


def test_a_head_that_nothing_tuned_is_the_frozen_head(folded):
    assert folded["photo"]["confusion"] == folded["frozen_head"]["photo"]["confusion"]


def test_a_class_on_the_test_side_alone_is_in_no_model(content, tmp_path):
    """And one that the test side lacks is said; every figure stays defined."""
    photos = [dict(photo) for photo in content["photos"]]
    for photo in photos:
        if photo["label"] == "perch":
            photo["split"] = "test"
        elif photo["label"] == "chub" and photo["split"] == "test":
            photo["split"] = "validation"
    write(tmp_path, content | {"photos": photos, "options": OPTIONS | {"epochs_unfrozen": 0}})
    done = finish(tmp_path)
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "out" / "model" / "card.json").read_text())
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    for said in (card, metrics):
        assert said["classes"] == ["chub", "rainbow_trout"]
        assert said["classes_left_out"] == ["perch"] and said["left_out"] == {"no_training_photo": 8}
    assert metrics["not_asked"] == {"test": ["chub"], "validation": []}
    assert metrics["photo"]["n"] == 2 and set(metrics["photo"]["per_class"]) == {"chub", "rainbow_trout"}
    assert metrics["photo"]["per_class"]["chub"]["recall"] is None
    assert 0 <= metrics["photo"]["accuracy"] <= 1 and 0 <= metrics["photo"]["balanced_accuracy"] <= 1
    assert Session.load(tmp_path / "out" / "model").classes == ("chub", "rainbow_trout")


@pytest.fixture(scope="module")
def tuned(content, tmp_path_factory) -> Path:
    """By the recipe for some dozens of groups and more, from two seeds."""
    folder = tmp_path_factory.mktemp("tuned")
    write(folder, content | {"options": TUNED})
    done = finish(folder)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_several_upper_halves_answer_as_one_network(tuned):
    card = json.loads((tuned / "model" / "card.json").read_text())
    metrics = json.loads((tuned / "metrics.json").read_text())
    assert metrics["recipe"] == {"name": "tuned", "reason": "Asked for by name."}
    assert [each["seed"] for each in metrics["seeds"]] == [1, 2]
    assert all(0 <= each["photo"] <= 1 and each["nll"] > 0 for each in metrics["seeds"])
    assert set(metrics["against_frozen"]) == {"photo", "photos_right", "occurrence", "nll"}
    assert card["onnx"]["checked"] == card["onnx"]["same_answer"] == 6
    assert card["known"]["features"] == "its lower half's, which is not tuned"
    network = onnx.load(tuned / "model" / "model.onnx")
    shapes = [tuple(each.dims) for each in network.graph.initializer]
    lower = [shape for shape in shapes if shape == (32, 3, 3, 3)]
    assert len(lower) == 1, "the lower half is in it once"


def test_killed_and_gone_on_with_it_is_the_very_same_model(content, tuned, tmp_path):
    write(tmp_path, content | {"options": TUNED})
    with subprocess.Popen(
        program(tmp_path), env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killed:
        for line in killed.stdout:
            said = json.loads(line)
            if said["stage"] == "tuned" and said.get("metrics", {}).get("seed") == 2 and said["epoch"] == 2:
                killed.kill()
                break
    assert not (tmp_path / "out" / "model").exists()
    done = finish(tmp_path)
    assert done.returncode == 0, done.stderr
    epochs = [json.loads(line) for line in done.stdout.splitlines()]
    tuned_now = [
        (line["metrics"]["seed"], line["epoch"])
        for line in epochs
        if line["stage"] == "tuned" and "metrics" in line
    ]
    assert tuned_now == [(2, 3), (2, 4)] or tuned_now == [(2, 4)], "what was done is not done again"
    for name in ("weights.safetensors", "known.safetensors", "model.onnx"):
        assert (tmp_path / "out" / "model" / name).read_bytes() == (tuned / "model" / name).read_bytes(), name
    assert not (tmp_path / "out" / "checkpoints").exists()


def places_of(folds) -> list[tuple[list[int], list[int]]]:
    return [(train.tolist(), test.tolist()) for _, train, test in folds]


class TestFolds:
    def manifest(self, *photos: tuple[str, int], kfold: int = 2):
        rows = [
            {
                "id": str(number),
                "path": "x.jpg",
                "sha256": f"{number:064x}",
                "occurrence": str(number),
                "group": str(number),
                "label": label,
                "split": "train",
                "fold": fold,
            }
            for number, (label, fold) in enumerate(photos)
        ]
        classes = sorted({label for label, _ in photos})
        return parse(
            {"dataset_hash": "d", "classes": classes, "photos": rows, "options": {"kfold": kfold}}, Path()
        )

    def test_a_class_in_one_fold_alone_is_learned_and_not_asked_about(self):
        folds = deal(self.manifest(("a", 0), ("b", 0), ("c", 0), ("a", 1), ("b", 1)))
        assert places_of(folds) == [([3, 4], [0, 1]), ([0, 1, 2], [3, 4])]

    def test_a_fold_of_nothing_else_is_no_fold(self):
        folds = deal(self.manifest(("a", 0), ("b", 0), ("a", 1), ("b", 1), ("c", 2), kfold=3))
        assert [name for name, _, _ in folds] == ["0", "1"]

    def test_one_class_left_to_learn_from_is_refused(self):
        with pytest.raises(ManifestRefused, match="Without fold 0"):
            deal(self.manifest(("a", 0), ("b", 0), ("a", 1), ("a", 1)))

    def test_nothing_to_ask_about_is_refused(self):
        with pytest.raises(ManifestRefused, match="one fold alone"):
            deal(self.manifest(("a", 0), ("b", 0), ("c", 1), ("d", 1)))


def test_what_cannot_be_done_ends_with_2_and_says_why(content, tmp_path):
    photos = [dict(photo) for photo in content["photos"]]
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no more")
    photos[3] |= {"path": str(tmp_path / "broken.png")}
    write(tmp_path, content | {"photos": photos})
    done = finish(tmp_path)
    assert done.returncode == 2
    assert f"photo {photos[3]['id']}" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "metrics.json").exists()
