import json

import pytest
from django.utils import timezone

from ml.actions import promotions, runs
from ml.models import Model, TrainingRun
from ml.serving import model_store, server
from research.models import Dataset
from tests.ml.folder import write_folder


@pytest.fixture(autouse=True)
def fresh_server(monkeypatch):
    """No test answers from a model that another one loaded."""
    monkeypatch.setattr(server, "_server", None)


@pytest.fixture
def dataset(ada) -> Dataset:
    """A frozen dataset; its rows are what the freeze tests are about, here it only has to be one."""
    return Dataset.objects.create(
        title="Trout",
        version=1,
        state=Dataset.State.FROZEN,
        salt="s",
        created_by=ada,
        frozen_at=timezone.now(),
        content_hash="ab" * 32,
    )


@pytest.fixture
def make_model(dataset, ada, tmp_path):
    """Write a folder as the training program would, and record it as the run's model."""

    def make(name: str = "one", *, metrics: dict | None = None, **folder) -> Model:
        path = write_folder(tmp_path / name, dataset_hash=dataset.content_hash, metrics=metrics, **folder)
        run = TrainingRun.objects.create(dataset=dataset, created_by=ada)
        sha256 = model_store.store(path)
        card = json.loads((path / "card.json").read_text())
        return runs.finish(run=run, metrics=metrics or {}, history=[], card=card, sha256=sha256)

    return make


@pytest.fixture
def live(make_model, ada) -> Model:
    model = make_model("live")
    promotions.promote(model=model, by=ada, reason="It names colours.")
    return model
