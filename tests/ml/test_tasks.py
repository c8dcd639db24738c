import json
from datetime import date
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from jobs import actions as jobs
from jobs import leases, worker
from jobs.actions import enqueue
from jobs.models import Job, State
from labeling.models import Identification, Suggestion
from ml.actions import promotions, runs
from ml.actions.suggestions import follow_tree
from ml.models import TrainingRun
from ml.serving import model_store
from ml.tasks import suggestions, training
from species.models import Occurrence, Photo, Status
from species.storage import DurableFileSystemStorage
from tests import universe
from tests.research import building


@pytest.fixture
def photos(tree, alice):
    return [universe.sighting(alice, seed=seed).photos.get() for seed in range(3)]


@pytest.mark.django_db(transaction=True)
def test_the_live_model_speaks_of_every_photo_once(photos, live):
    suggestions.ask_for_suggestions()
    assert worker.run_due() == 1
    said = Suggestion.objects.filter(source=live.name)
    assert set(said.values_list("photo", flat=True)) == {photo.pk for photo in photos}
    for suggestion in said:
        assert suggestion.dataset_hash == live.run.dataset.content_hash
        assert sum(each["probability"] for each in suggestion.answers) == pytest.approx(1)
        assert suggestion.uncertainty == pytest.approx(1 - suggestion.answers[0]["probability"])
    suggestions.ask_for_suggestions()
    worker.run_due()
    assert Suggestion.objects.count() == len(photos)


@pytest.mark.django_db(transaction=True)
def test_of_what_it_was_never_taught_it_suggests_no_name(photos, make_model, ada):
    """And another tree does not make one of it: a photo that is too far away stays that."""
    model = make_model("knowing", known=True, sharpness=20.0)
    promotions.promote(model=model, by=ada, reason="It knows three colours.")
    suggestions.ask_for_suggestions()
    worker.run_due()
    said = list(Suggestion.objects.filter(source=model.name))
    assert len(said) == 3
    assert all(each.taxon is None and each.is_strange and each.uncertainty == 1 for each in said)
    assert max(each.answers[0]["probability"] for each in said) > float(model.card["threshold"]), (
        "a sure name else"
    )
    Suggestion.objects.update(tree_version="another")
    assert follow_tree() == 3
    assert all(each.taxon is None and each.is_strange for each in Suggestion.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_suggestion_is_never_a_vote(photos, live):
    suggestions.ask_for_suggestions()
    worker.run_due()
    assert not Identification.objects.exists()
    assert set(Occurrence.objects.values_list("status", flat=True)) == {Status.NEEDS_ID}


@pytest.mark.django_db(transaction=True)
def test_new_photos_are_found_without_anybody_telling(photos, live, alice, make_model, ada):
    suggestions.find_new_photos()
    worker.run_due()
    assert Suggestion.objects.count() == 3
    suggestions.find_new_photos()
    assert not Job.objects.unfinished().exists(), "nothing is new, so nothing is asked"
    universe.sighting(alice, seed="later")
    suggestions.find_new_photos()
    suggestions.find_new_photos()
    assert Job.objects.unfinished().count() == 1
    worker.run_due()
    assert Suggestion.objects.count() == 4
    promotions.promote(model=make_model("two", sharpness=5.0), by=ada, reason="Better.")
    suggestions.find_new_photos()
    worker.run_due()
    assert Suggestion.objects.count() == 8, "another model, another opinion of each"


@pytest.mark.django_db(transaction=True)
def test_an_unreadable_photo_is_skipped_and_not_asked_again(photos, live, settings):
    (settings.FILES / photos[0].original_name).write_bytes(b"rotten")
    suggestions.find_new_photos()
    worker.run_due()
    assert Suggestion.objects.count() == 2
    job = Job.objects.get(kind="suggest")
    assert job.state == State.DONE
    assert "1 could not be read" in job.message
    suggestions.find_new_photos()
    assert not Job.objects.unfinished().exists()


@pytest.mark.django_db(transaction=True)
def test_while_no_photo_can_be_opened_none_is_given_up(photos, live, no_decoder):
    suggestions.find_new_photos()
    worker.run_due()
    job = Job.objects.get(kind="suggest")
    assert (job.state, job.attempts) == (State.WAITING, 1) and "Tries again" in job.message


@pytest.mark.django_db(transaction=True)
def test_without_a_live_model_the_job_says_so(db):
    suggestions.ask_for_suggestions()
    worker.run_due()
    job = Job.objects.get()
    assert job.state == State.FAILED
    assert "No model is live" in job.error + job.message


@pytest.mark.django_db(transaction=True)
def test_the_first_model_is_promoted_by_its_job(make_model):

    model = make_model()
    enqueue(kind="promote_first", arguments={"run": str(model.run_id)})
    worker.run_due()
    assert model.promotions.get().ended_at is None
    assert "is live" in Job.objects.get().message


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_the_database_while_the_first_model_is_loaded(make_model, monkeypatch):
    within = []
    load = model_store.local
    monkeypatch.setattr(
        model_store, "local", lambda sha256: within.append(connection.in_atomic_block) or load(sha256)
    )
    enqueue(kind="promote_first", arguments={"run": str(make_model().run_id)})
    worker.run_due()
    assert Job.objects.get().state == State.DONE
    assert within and not any(within)


@pytest.mark.django_db(transaction=True)
def test_a_run_without_model_is_not_promoted(dataset, ada):

    run = TrainingRun.objects.create(dataset=dataset, created_by=ada)
    enqueue(kind="promote_first", arguments={"run": str(run.pk)})
    worker.run_due()
    assert Job.objects.get().state == State.FAILED


@pytest.mark.training
@pytest.mark.django_db(transaction=True)
def test_a_training_that_fails_leaves_no_pixels_of_anybodys_photos(tree, alice, bob, ada, settings, tmp_path):
    """An erased photo must not live on in what was decoded for a training."""
    for number in range(4):
        taxon = tree[("brown_trout", "chub")[number % 2]]
        building.agreed(alice, taxon, [bob], seed=number, local_date=date(2020, 5, 1 + number))
    dataset = building.freeze(ada)
    lost = Photo.objects.order_by("created", "id").last()
    default_storage.delete(lost.original_name)
    run = runs.start(dataset=dataset, by=ada)
    worker.run_due()
    run.job.refresh_from_db()
    assert str(lost.pk) in run.job.error
    [attempt] = Path(settings.RUNS).iterdir()
    given = json.loads((attempt / "manifest.json").read_text(encoding="utf-8"))
    assert Path(given["options"]["cache"]).parent == attempt
    assert '"pixels"' in (attempt / "out" / "progress.jsonl").read_text(encoding="utf-8")
    assert not (attempt / model_store.PIXELS).exists()
    assert list(tmp_path.rglob("*.npy")) == []


def test_what_killed_attempts_left_goes_as_soon_as_nobody_works_in_it(dataset, ada, settings):
    run = runs.start(dataset=dataset, by=ada)
    for _ in range(2):
        held = leases.claim(run.job_id)
        pixels = Path(settings.RUNS) / f"{run.pk}-{held.fence}" / model_store.PIXELS
        pixels.mkdir(parents=True)
        training.forget_attempts()
        assert pixels.is_dir(), "this attempt is at work"
        assert len(list(Path(settings.RUNS).iterdir())) == 1, "and the one before is not"
        if held.fence == 1:
            leases.release(held)
            checkpoint = pixels.parent / "out" / model_store.CHECKPOINTS / "1.safetensors"
            checkpoint.parent.mkdir(parents=True)
            checkpoint.touch()
            training.forget_attempts()
            assert checkpoint.exists() and not pixels.exists(), (
                "the next attempt goes on from there, without photos"
            )
    jobs.cancel(job=run.job, by=ada)
    leases.end_cancelled(held)
    training.forget_attempts()
    assert not pixels.exists() and pixels.parent.is_dir(), "what it said before it ended stays for the admin"
    Job.objects.update(state=State.DONE)
    training.forget_attempts()
    assert list(Path(settings.RUNS).iterdir()) == []


def test_an_attempt_goes_on_from_what_earlier_ones_had_whole(dataset, ada, settings, monkeypatch):
    run = runs.start(dataset=dataset, by=ada)
    earlier = Path(settings.RUNS) / f"{run.pk}-7" / "out" / model_store.CHECKPOINTS
    earlier.mkdir(parents=True)
    (earlier / "1.safetensors").write_bytes(b"whole")
    (earlier / ".2.safetensors").write_bytes(b"ha")
    of_another = Path(settings.RUNS) / f"{ada.pk}-7" / "out" / model_store.CHECKPOINTS
    of_another.mkdir(parents=True)
    (of_another / "3.safetensors").write_bytes(b"not ours")
    found = []
    monkeypatch.setattr(
        training, "_train", lambda context, run, folder: found.extend(folder.rglob("*.safetensors"))
    )
    worker.run_due(["celery", "gpu"])
    assert [path.name for path in found] == ["1.safetensors"]


@pytest.mark.training
@pytest.mark.django_db(transaction=True)
def test_no_file_is_written_while_the_database_is_held(tree, alice, bob, ada, settings, monkeypatch):
    """And of several attempts' predictions the one stays that the run names."""
    for number in range(6):
        taxon = tree[("brown_trout", "chub")[number % 2]]
        building.agreed(alice, taxon, [bob], seed=number, local_date=date(2020, 5, 1 + number))
    run = runs.start(
        dataset=building.freeze(ada),
        by=ada,
        kind=TrainingRun.Kind.KFOLD,
        options={"kfold": 2, "epochs_frozen": 1, "epochs_unfrozen": 0, "size": [32, 64]},
    )
    default_storage.save(f"runs/{run.pk}/predictions-0.jsonl", ContentFile(b"{}"))
    within = []
    save = DurableFileSystemStorage._save
    monkeypatch.setattr(
        DurableFileSystemStorage,
        "_save",
        lambda *given: within.append(connection.in_atomic_block) or save(*given),
    )
    worker.run_due()
    run.refresh_from_db()
    assert run.finished_at and within and not any(within)
    assert default_storage.listdir(f"runs/{run.pk}")[1] == ["predictions-1.jsonl"]
    assert run.predictions == f"runs/{run.pk}/predictions-1.jsonl"
    assert list(Path(settings.RUNS).iterdir()) == []
