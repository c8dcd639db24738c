"""How fast libraries are drawn, how alike the drawings are, and how well a linear model tells them apart.

    python benchmarks/drawings.py [--photos 1000]

The table goes to standard output and into `benchmarks/RESULTS.md`, between its marks.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Before this folder, in which a module is called drawings too.
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import drawings  # noqa: E402
from drawings.sightings import sightings  # noqa: E402
from ml.vision import backbones  # noqa: E402
from species.images.perceptual import phash  # noqa: E402

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
START, END = "<!-- drawings: start -->", "<!-- drawings: end -->"
NEAR = 4
LEARNT, ASKED = 420, 200
TWELVE_MEGAPIXELS = (4000, 3000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=1000)
    photos = parser.parse_args().photos
    lines = ["| subject | drawn per CPU second | at 12 megapixels | kB each | near-duplicates | told apart |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for subject in drawings.SUBJECTS:
        each_s, kilobytes, alike = collection(subject, photos)
        large_s = seconds_each(drawings.fresh(subject, 20, size=TWELVE_MEGAPIXELS), 20)
        lines.append(
            f"| {subject} | {1 / each_s:.1f} | {1 / large_s:.1f} | {kilobytes:.0f} "
            f"| {alike} of {photos} | {told_apart(subject):.1%} |"
        )
        print("\n".join(lines), flush=True)
    text = RESULTS.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    RESULTS.write_text(f"{before}{START}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")


def seconds_each(made: Iterable[object], count: int) -> float:
    begun = time.process_time()
    for _ in made:
        pass
    return (time.process_time() - begun) / count


def collection(subject: str, photos: int) -> tuple[float, float, int]:
    """CPU seconds and kilobytes per drawing, and how many have a near-duplicate in another sighting."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = time.process_time()
        drawings.draw(folder, subject, photos, seed=1)
        seconds = (time.process_time() - begun) / photos
        files = sorted(folder.rglob("*.jpg"), key=lambda path: path.stem)
        size = sum(path.stat().st_size for path in files) / photos / 1000
        hashes = np.array(
            [int(phash(ImageOps.exif_transpose(Image.open(path))), 16) for path in files], np.uint64
        )
    sighted = [each.number for each in islice(sightings(subject, 1), photos) for _ in range(each.photos)]
    of = np.array(sighted[:photos])
    distance = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
    alike = (distance <= NEAR) & (of[:, None] != of[None, :])
    return seconds, size, int(alike.any(1).sum())


def told_apart(subject: str) -> float:
    """Share of fresh drawings, half of them stored turned, that a logistic regression on frozen ImageNet
    features names rightly.
    """
    torch.set_num_threads(1)
    backbone = backbones.find("tf_efficientnet_lite0")
    network = torch.nn.Sequential(backbone.body(), backbones.Pool(1280)).eval()
    learnt, labels = features(network, backbone, drawings.fresh(subject, LEARNT, seed=1))
    asked, truth = features(network, backbone, drawings.fresh(subject, ASKED, seed=2, rotated=0.5))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300)).fit(learnt, labels)
    return float((model.predict(asked) == truth).mean())


def features(network: torch.nn.Module, backbone: backbones.Backbone, drawn: Iterable[drawings.Fresh]):
    mean, std = (torch.tensor(each)[:, None, None] for each in (backbone.mean, backbone.std))
    rows, labels = [], []
    for each in drawn:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(each.data))).resize(
            (224, 224), Image.Resampling.BILINEAR
        )
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255
        with torch.no_grad():
            rows.append(network(((pixels - mean) / std)[None])[0].numpy())
        labels.append(each.label)
    return np.stack(rows), np.array(labels)


if __name__ == "__main__":
    main()
