"""Does the product answer as its training program measured? `python benchmarks/fold_zero.py [DATA]`

Trains on folds 1-3 of the fish-pass photos with fold 0 as the test, puts that model live on a site of its own,
POSTs every original of fold 0 to `/api/classify`, and compares: the share answered rightly must be the run's
accuracy to the last photo, and every single answer the one the run wrote down.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from config.settings import SAMPLE_DATA  # noqa: E402
from tests.end_to_end.site import Site  # noqa: E402

LABELS = {"nase": "common_nase", "bream": "bream"}


def manifest(data: Path, options: dict) -> dict:
    with (data / "observations.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    photos = [
        {
            "id": row["file"],
            "path": str(data / row["file"]),
            "sha256": row["sha256"],
            "occurrence": row["observation_id"],
            "group": row["observation_id"],
            "label": row["vernacular_name"].replace(" ", "_"),
            "split": "test" if row["fold"] == "0" else "train",
        }
        for row in rows
    ]
    classes = sorted({photo["label"] for photo in photos})
    return {"dataset_hash": "0" * 64, "classes": classes, "photos": photos, "options": options}


def train(folder: Path, content: dict) -> Path:
    (folder / "manifest.json").write_text(json.dumps(content))
    out = folder / "out"
    subprocess.run(
        [sys.executable, "-m", "ml.vision.train", str(folder / "manifest.json"), str(out)],
        check=True,
        cwd=ROOT,
        stdin=subprocess.DEVNULL if os.environ.get("DETACHED") else None,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"},
    )
    return out


FROZEN = """
from django.utils import timezone
from accounts.models import User
from research.models import Dataset
Dataset.objects.create(title="Fold 0", version=1, state="frozen", salt="-", content_hash="0" * 64,
                       created_by=User.objects.get(role="admin"), frozen_at=timezone.now())
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=SAMPLE_DATA / "fishcam")
    parser.add_argument("--options", type=json.loads, default={}, help='e.g. {"epochs_unfrozen": 0}')
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.monotonic()
        content = manifest(asked.data, asked.options)
        out = train(folder, content)
        trained = time.monotonic() - started
        metrics = json.loads((out / "metrics.json").read_text())
        card = json.loads((out / "model" / "card.json").read_text())
        said = {}
        for line in (out / "predictions.jsonl").read_text().splitlines():
            row = json.loads(line)
            said[row["id"]] = row
        site = Site(folder / "site")
        (folder / "site").mkdir()
        try:
            site.start()
            site.shell(FROZEN)
            site.manage(
                "add_model", str(out), "--dataset", "1", "--by", "admin@localhost", "--promote", "Fold 0."
            )
            site.wait_for_model(30)
            right = same = 0
            test = [photo for photo in content["photos"] if photo["split"] == "test"]
            started = time.monotonic()
            for photo in test:
                with open(photo["path"], "rb") as file:
                    answer = requests.post(site.url + "/api/classify", files={"file": file}, timeout=60)
                label = answer.json()["class"]
                right += label == photo["label"]
                same += label == said[photo["id"]]["answer"]
            seconds = time.monotonic() - started
        finally:
            site.close()
    accuracy = metrics["photo"]["accuracy"]
    print(f"trained in {trained / 60:.1f} min; {len(test)} originals of fold 0 in {seconds:.0f} s over HTTP")
    print(f"the run:  {accuracy:.4f} of {metrics['photo']['n']} photos")
    print(f"the site: {right / len(test):.4f}, {same} of {len(test)} answers the same as the run's")
    print(f"ONNX against torch: {card['onnx']['same_answer']} of {card['onnx']['checked']} the same")
    same_all = same == len(test) and card["onnx"]["same_answer"] == card["onnx"]["checked"] == len(test)
    return 0 if same_all and right == round(accuracy * len(test)) else 1


if __name__ == "__main__":
    sys.exit(main())
