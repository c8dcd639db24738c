import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from ml.actions import runs
from ml.models import Model, TrainingRun
from research.models import Dataset


def test_a_run_has_a_job_on_the_training_queue(dataset, ada, settings):
    run = runs.start(dataset=dataset, by=ada, options={"epochs_unfrozen": 1})
    assert run.job.kind == "train"
    assert run.job.queue == settings.TRAIN_QUEUE
    assert run.job.arguments == {"run": str(run.pk)}


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "rita"])
def test_only_an_admin_starts_one(request, who, dataset):
    with pytest.raises(PermissionDenied):
        runs.start(dataset=dataset, by=request.getfixturevalue(who))
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"epoch": 3}, "epoch"),
        ({"size": 224}, "size"),
        ({"device": "cuda"}, "device"),
        ({"lr": "fast"}, "lr"),
        ({"arch": "hf_hub:somebody/anything"}, "arch"),
        ({"arch": "hf-hub:somebody/anything"}, "arch"),
        ({"arch": "https://example.org/net.pth"}, "arch"),
        ({"arch": "local-dir:/etc"}, "arch"),
        ({"arch": "../resnet34"}, "arch"),
        ({"arch": "resnet34 "}, "arch"),
        ({"arch": ["resnet34"]}, "arch"),
        ({"arch": None}, "arch"),
        ({"arch": ""}, "arch"),
        ({"weights": "https://example.org/net.pth"}, "weights"),
    ],
)
def test_wrong_options_are_named(dataset, ada, options, names):
    with pytest.raises(ValidationError, match=names):
        runs.start(dataset=dataset, by=ada, options=options)


def test_only_a_frozen_dataset_is_trained_on(dataset, ada):
    Dataset.objects.update(state=Dataset.State.FREEZING)
    dataset.refresh_from_db()
    with pytest.raises(ValidationError, match="frozen"):
        runs.start(dataset=dataset, by=ada)


def test_finishing_twice_makes_one_model(make_model):
    model = make_model()
    again = runs.finish(run=model.run, metrics={}, history=[], card=model.card, sha256=model.sha256)
    assert again == model
    assert Model.objects.count() == 1


def test_versions_count_up(make_model):
    assert [make_model("a").version, make_model("b", sharpness=5.0).version] == [1, 2]


def test_a_measuring_run_makes_no_model(dataset, ada):
    run = TrainingRun.objects.create(dataset=dataset, kind=TrainingRun.Kind.KFOLD, created_by=ada)
    assert runs.finish(run=run, metrics={"photo": {}}, history=[]) is None
    run.refresh_from_db()
    assert run.finished_at <= timezone.now()


@pytest.mark.parametrize("arch", ["hf_hub:somebody/anything", "https://example.org/net.pth"])
def test_an_architecture_comes_from_the_list_through_every_door(client, dataset, ada, settings, arch):
    client.force_login(ada)
    form = {"dataset": str(dataset.pk), "kind": "model", "arch": arch, "resize": "squash"}
    assert client.post(reverse("start_run"), form).status_code == 400
    said = {"dataset": str(dataset.pk), "options": {"arch": arch}}
    answer = client.post("/api/v1/runs", said, content_type="application/json")
    assert answer.status_code == 400 and "must be one of tf_efficientnet_lite0" in answer.content.decode()
    settings.TRAIN_OPTIONS = {"arch": arch}
    with pytest.raises(ValidationError, match="must be one of"):
        runs.start(dataset=dataset, by=ada)
    assert not TrainingRun.objects.exists()
    settings.TRAIN_OPTIONS = {}
    assert client.post(reverse("start_run"), form | {"arch": "resnet34"}).status_code == 302
    assert TrainingRun.objects.get().options["arch"] == "resnet34"
