"""A model goes live by itself only where it was shown to be no worse than what is live: whoever tries to slip in."""

import math
from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from jobs import worker
from jobs.actions import enqueue
from ml.actions import gate, promotions
from ml.models import Model, Promotion, TrainingRun
from ml.queries.promotions import live_model

METRICS = {
    "measured_on": "folds",
    "photo": {"ece": 0.04},
    "recipe": {"name": "tuned", "reason": "84 groups lie between 20 and 1,000."},
    "against_frozen": {
        "photos_right": {"before": 0.58, "after": 0.67, "difference": 0.09, "interval": [0.02, 0.16]}
    },
}


@pytest.fixture
def frozen(make_model, ada) -> Model:
    model = make_model("frozen", metrics={"recipe": {"name": "frozen"}})
    promotions.promote(model=model, by=ada, reason="The first one.")
    return model


@pytest.fixture
def better(frozen, make_model) -> Model:
    return make_model("better", order=(1, 2, 0), metrics={"recipe": {"name": "tuned"}, "photo": None})


def measured(model: Model, **changes) -> None:
    """The run by folds that speaks for it."""
    TrainingRun.objects.create(
        dataset=model.run.dataset,
        kind=TrainingRun.Kind.KFOLD,
        options={"kfold": 3},
        metrics=deepcopy(METRICS) | changes,
        finished_at=model.created,
    )


def against(**changes) -> dict:
    return {"against_frozen": {"photos_right": METRICS["against_frozen"]["photos_right"] | changes}}


def test_what_is_better_goes_live_without_anybody(better):
    measured(better)
    promotion, checks = promotions.promote_better(model=better)
    assert live_model() == better and gate.passes(checks)
    assert promotion.by is None
    assert "67.0 % are right" in promotion.reason and "+2.0 and +16.0" in promotion.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (against(interval=[-0.05, 0.16]), "between -5.0"),
        (against(difference=-0.01, interval=[-0.015, 0.01]), "between -1.5"),
        (against(interval=None), "Nothing was held out"),
        ({"against_frozen": None}, "Nothing was held out"),
        ({"photo": {"ece": 0.051}}, "calibration error is 5.1"),
    ],
)
def test_what_was_not_shown_to_be_as_good_waits_for_a_person(better, frozen, changes, said):
    measured(better, **changes)
    promotion, checks = promotions.promote_better(model=better)
    assert promotion is None and live_model() == frozen
    [stopped] = [check for check in checks if not check.passed]
    assert said in stopped.text


@pytest.mark.parametrize(
    "changes",
    [
        against(interval=[math.nan, math.nan]),
        against(difference=math.nan),
        {"photo": {"ece": math.nan}},
    ],
    ids=["interval", "difference", "calibration"],
)
def test_figures_that_are_no_numbers_do_not_pass(better, changes, monkeypatch):
    """No database keeps them, so the gate is handed them."""
    run = TrainingRun(metrics=deepcopy(METRICS) | changes)
    monkeypatch.setattr(gate.runs, "measurements", lambda models: {better.pk: run})
    assert [check.passed for check in gate.judge(better)].count(False) == 1


def test_what_nobody_measured_waits(better, frozen):
    promotion, checks = promotions.promote_better(model=better)
    assert promotion is None and live_model() == frozen
    assert [check.passed for check in checks].count(None) == 2


def test_figures_of_another_recipe_do_not_speak_for_it(better, frozen):
    measured(better)
    TrainingRun.objects.filter(kind=TrainingRun.Kind.KFOLD).update(options={"kfold": 3, "seeds": 9})
    assert promotions.promote_better(model=better)[0] is None


@pytest.mark.parametrize("onnx", [{"checked": 10, "same_answer": 9}, {"checked": 0, "same_answer": 0}, None])
def test_what_answers_otherwise_when_served_waits(better, frozen, onnx):
    measured(better)
    better.card["onnx"] = onnx
    assert promotions.promote_better(model=better)[0] is None


def test_what_is_live_must_be_what_it_was_compared_with(better, frozen, make_model, ada):
    measured(better)
    other = make_model("other", sharpness=5.0, metrics={"recipe": {"name": "tuned"}})
    promotions.promote(model=other, by=ada, reason="A person's choice.")
    promotion, checks = promotions.promote_better(model=better)
    assert promotion is None and live_model() == other
    assert "a person decides" in " ".join(check.text for check in checks)


def test_the_same_recipe_again_gains_nothing(frozen, make_model):
    again = make_model("again", sharpness=5.0, metrics={"recipe": {"name": "frozen"}})
    measured(again)
    assert promotions.promote_better(model=again)[0] is None and live_model() == frozen


def test_where_nothing_is_live_the_gate_does_not_decide(make_model):
    model = make_model("first", metrics={"recipe": {"name": "tuned"}})
    measured(model)
    assert promotions.promote_better(model=model)[0] is None


def test_a_person_who_was_faster_is_not_overruled(better, frozen, make_model, ada, monkeypatch):
    """Another model goes live after the gate has looked, before it opens."""
    measured(better)
    other = make_model("other", sharpness=5.0)
    judge = gate.judge

    def meanwhile(model):
        checks = judge(model)
        promotions.promote(model=other, by=ada, reason="A person's choice.")
        return checks

    monkeypatch.setattr(gate, "judge", meanwhile)
    assert promotions.promote_better(model=better)[0] is None and live_model() == other


@pytest.mark.parametrize("name", ["model.onnx", "card.json", "weights.safetensors"])
def test_a_corrupt_folder_is_stopped(better, frozen, name):
    measured(better)
    default_storage.save(f"{better.folder_name}/{name}", ContentFile(b"something else"))
    with pytest.raises(ValidationError, match="nothing changed"):
        promotions.promote_better(model=better)
    assert live_model() == frozen


def test_renamed_classes_are_stopped(better, frozen):
    measured(better)
    better.classes = ["brook_trout", "brown_trout", "chub"]
    with pytest.raises(ValidationError, match="other classes"):
        promotions.promote_better(model=better)


@pytest.mark.django_db(transaction=True)
def test_the_job_says_what_stopped_it(better, frozen, ada):
    job = enqueue(kind="promote_better", by=ada, arguments={"run": str(better.run_id)}, title="Better")
    worker.run_due()
    job.refresh_from_db()
    assert "waits for a person" in job.message and "Nothing was held out" in job.message
    assert Promotion.objects.count() == 1
