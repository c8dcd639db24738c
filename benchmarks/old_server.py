"""The server that this project descends from, as it was built: Flask, fastai's `learn.predict`, one at a time.

    python benchmarks/old_server.py PORT

A ResNet-34 whose weights are random: they cost what any cost. Says `ready` when it answers.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from fastai.vision.all import ImageDataLoaders, PILImage, Resize, load_learner, resnet34, vision_learner
from flask import Flask, request
from PIL import Image

CLASSES = ("brook_trout", "brown_trout", "rainbow_trout")


def learner():
    """Made, exported and loaded, as a training and its server did."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(8):
            for label in CLASSES:
                path = Path(folder) / label / f"{number}.jpg"
                path.parent.mkdir(exist_ok=True)
                Image.new("RGB", (64, 48), (number, 0, 0)).save(path)
        loaders = ImageDataLoaders.from_folder(
            folder, valid_pct=0.25, item_tfms=Resize(224), bs=4, num_workers=0
        )
        learn = vision_learner(loaders, resnet34, pretrained=False)
        learn.path = Path(folder)
        learn.export("export.pkl")
        return load_learner(Path(folder) / "export.pkl")


def main() -> None:
    learn = learner()
    app = Flask(__name__)

    @app.post("/api/classify")
    def classify():
        with learn.no_bar():
            label, _, probabilities = learn.predict(
                PILImage.create(io.BytesIO(request.files["image"].read()))
            )
        return {"class": label, "probability": float(probabilities.max())}

    print("ready", flush=True)
    app.run("127.0.0.1", int(sys.argv[1]), threaded=False)


if __name__ == "__main__":
    main()
