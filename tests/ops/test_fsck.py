"""Rows and files are compared, and only what is nobody's is ever removed."""

import io
import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from home import kept_uploads
from jobs import leases, worker
from jobs.actions import enqueue
from jobs.models import Job, State
from labeling.models import Verdict
from ml.actions import promotions, runs
from ml.models import Model, TrainingRun
from ml.serving import model_store
from ops import fsck
from research.models import Dataset
from species import ingest, tasks
from species.actions import tallies
from species.models import Observation, Occurrence, Photo, Status, Tally, Taxon
from tests import universe
from tests.ml.folder import write_folder
from tests.research import building

pytestmark = pytest.mark.django_db(transaction=True)

OLD = 7200


def look(*options: str, grace: float = 3600) -> tuple[int, str]:
    """Exit status and what it said."""
    said = io.StringIO()
    try:
        call_command("fsck", *options, f"--grace={grace}", stdout=said)
    except SystemExit as ended:
        return ended.code, said.getvalue()
    return 0, said.getvalue()


def leave(path: Path, seconds: float = OLD) -> Path:
    """A file that a killed process left so long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left")
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


@pytest.fixture
def store(settings) -> Path:
    return Path(settings.FILES)


@pytest.fixture
def photo(alice) -> Photo:
    return universe.sighting(alice).photos.get()


@pytest.fixture
def model(tree, alice, bob, ada, tmp_path) -> Model:
    """Live, of a run on a dataset of one verified photo."""
    building.agreed(alice, tree["chub"], [bob], seed="agreed")
    folder = write_folder(tmp_path / "made")
    run = TrainingRun.objects.create(dataset=building.freeze(ada), created_by=ada)
    model = runs.finish(
        run=run,
        metrics={},
        history=[],
        card=json.loads((folder / "card.json").read_text()),
        sha256=model_store.store(folder),
        predictions=default_storage.save(f"runs/{run.pk}/predictions-1.jsonl", ContentFile(b"{}\n")),
    )
    promotions.promote(model=model, by=ada, reason="The first.")
    return model


def test_a_whole_site_is_in_its_place(model):
    kept_uploads.hold(b"asked about", address="192.0.2.1")
    status, said = look("--deep", grace=0)
    # Original and three renditions, manifest, model folder, predictions, what is held.
    assert (status, said) == (0, "Everything is in its place: 10 files, each of them referred to.\n")


@pytest.mark.parametrize("which", ["original", "rendition", "manifest", "model", "predictions"])
def test_a_reference_without_its_file_is_a_fault(model, which):
    photo = Photo.objects.get()
    name = {
        "original": photo.original_name,
        "rendition": photo.rendition_name(1008),
        "manifest": model.run.dataset.manifest_name,
        "model": f"{model.folder_name}/weights.safetensors",
        "predictions": model.run.predictions,
    }[which]
    default_storage.delete(name)
    status, said = look()
    assert status == 1 and f"{name} is missing." in said and "1 faults, 0 files" in said
    assert look("--mend", grace=0)[0] == 1, "what is lost no mending brings back"


@pytest.mark.parametrize(
    "name",
    [
        "originals/ab/ab12",
        "renditions/12/12345678-1234-1234-1234-123456789abc-0123456789abcdef-320.jpg",
        "renditions/12/nonsense.jpg",
        "originals/ab/.incoming-abc",
        "datasets/12345678-1234-1234-1234-123456789abc/renditions.json",
        "datasets/stray",
        "models/abcd/model.onnx",
        "runs/12345678-1234-1234-1234-123456789abc/predictions-3.jsonl",
        "held/.incoming-abc",
    ],
)
def test_a_file_that_nobody_refers_to_is_said_and_only_when_old_and_asked_removed(photo, store, name):
    young = leave(store / name, 60)
    status, said = look("--mend")
    assert status == 0 and young.exists() and "1 files are nobody's yet" in said
    old = leave(store / name)
    status, said = look()
    assert status == 1 and f"Nobody refers to {name}." in said and old.exists()
    status, said = look("--mend")
    assert status == 0 and f"Removed {name}" in said and not old.exists()
    assert look("--deep", grace=0)[0] == 0


def test_what_another_form_of_a_photos_name_would_be_is_not_the_photos(photo, store):
    stray = leave(store / f"renditions/{str(photo.pk)[:2]}/{photo.pk}-{'0' * 16}-320.jpg")
    assert look("--mend")[0] == 0 and not stray.exists()
    assert default_storage.exists(photo.rendition_name(320))


def test_what_others_see_in_the_place_of_a_photo_is_expected_beside_it(alice, store):
    sighting = universe.sighting(alice, surroundings="softened", size=(64, 48))
    photo = sighting.photos.get()
    assert look("--deep", grace=0)[0] == 0, "the next sweep makes a job of it"
    Observation.objects.update(updated=timezone.now() - timedelta(hours=1))
    assert "1 photos wait for the pictures that others may see of them" in look()[1]
    tasks.find_photos_to_render()
    assert look("--deep", grace=0)[0] == 0, "there is a job"
    worker.run_due()
    name = photo.rendition_name(1008, "softened")
    assert look("--deep", grace=0) == (0, "Everything is in its place: 7 files, each of them referred to.\n")
    stray = leave(store / photo.rendition_name(1008, "cropped-0123456789ab"))
    assert look("--mend")[0] == 0 and not stray.exists() and default_storage.exists(name)
    default_storage.delete(name)
    assert f"{name} is missing." in look()[1]


def test_what_is_shown_of_a_photo_otherwise_than_chosen_is_settled_anew(alice):
    universe.sighting(alice, surroundings="softened", size=(64, 48))
    Photo.objects.update(shown_as="")
    status, said = look("--deep")
    assert status == 1 and "shows more or less than its owner allows." in said
    assert "Settled what sighting" in look("--deep", "--mend")[1]
    assert Photo.objects.get().shown_as == "softened"


def test_files_outside_of_what_the_site_keeps_are_left_alone(photo, store):
    other = leave(store / "somebody-elses" / "file")
    assert look("--mend", grace=0)[0] == 0 and other.exists()


def test_a_file_that_found_its_row_meanwhile_is_kept(alice, store, monkeypatch):
    """The upload that fsck took for a stray is finished while it is being removed."""
    data = universe.photo_bytes("meanwhile")
    first = ingest.receive(data=data, owner=alice).photo
    name = first.original_name
    row = Photo.objects.filter(pk=first.pk).values().get()
    Photo.objects.filter(pk=first.pk).delete()
    leave(store / name).write_bytes(data)
    delete = default_storage.delete

    def finish(stray):
        delete(stray)
        Photo.objects.create(**row)

    monkeypatch.setattr(type(default_storage._wrapped), "delete", lambda self, stray: finish(stray))
    assert not fsck.mend(name)
    assert default_storage.open(name).read() == data


def test_what_work_leaves_on_this_machine_goes_when_nobody_works_in_it(model, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    held_job = leases.claim(enqueue(kind="train", arguments={"run": str(model.run.pk)}).pk)
    at_work = Path(settings.RUNS) / f"{model.run.pk}-{held_job.fence}"
    left = Path(settings.RUNS) / f"{model.run.pk}-{held_job.fence + 7}"
    strays = [
        left / "out" / "progress.jsonl",
        leave(Path(settings.MODELS) / ".incoming-x").rename(Path(settings.MODELS) / ".incoming-y"),
        leave(settings.FILE_UPLOAD_TEMP_DIR / "tmpx.upload.jpg"),
    ]
    for path in (at_work / "manifest.json", strays[0]):
        leave(path)
    status, said = look()
    assert status == 1 and "0 faults, 3 files" in said
    assert look("--mend")[0] == 0
    assert not any(path.exists() for path in [*strays, left]) and at_work.exists()


def test_what_is_unfinished_has_a_job(model, ada):
    Dataset.objects.create(title="Stuck", version=9, salt="s", created_by=ada)
    TrainingRun.objects.create(dataset=model.run.dataset, created_by=ada)
    given_up = enqueue(kind="train", arguments={})
    Job.objects.filter(pk=given_up.pk).update(state=State.WAITING)
    TrainingRun.objects.create(dataset=model.run.dataset, created_by=ada, job=given_up)
    status, said = look()
    assert status == 1 and "2 faults" in said
    assert "Stuck v9 is being frozen, and no job does it." in said
    assert "is not finished, and no job does it." in said


def test_depth_reads_every_file(model, store):
    photo = Photo.objects.get()
    for name in (
        photo.original_name,
        photo.rendition_name(1008),
        f"{model.folder_name}/weights.safetensors",
    ):
        (store / name).write_bytes(b"other bytes")
    assert look()[0] == 0
    status, said = look("--deep")
    assert status == 1 and "3 faults" in said
    assert f"{photo.original_name} holds other bytes" in said
    assert f"{photo.rendition_name(1008)} is not the picture that" in said
    assert "are not the ones that were stored" in said
    (store / model.run.dataset.manifest_name).write_bytes(b"{}")
    assert "is not the one that was frozen" in look("--deep")[1]


def test_names_that_break_the_rules_are_said(tree):
    assert look()[0] == 0
    Taxon.objects.filter(label="chub").update(common_names={"en": ["Chub"]}, sensitive="very")
    Taxon.objects.filter(label="bream").update(rank="order")
    code, said = look()
    assert code == 1
    assert "Squalius cephalus: Sensitive is generalized, private, or nothing." in said
    assert "table of language to name" in said
    assert "Abramis brama is an order, and cannot stand under Abramis" in said


@pytest.mark.parametrize("where", ["occurrence", "verdict"])
def test_depth_computes_every_verdict(model, where):
    rows = {"occurrence": Occurrence, "verdict": Verdict}[where].objects
    given = {"exported_taxon": None} if where == "occurrence" else {}
    rows.update(status=Status.NEEDS_ID, **given)
    assert look()[0] == 0
    status, said = look("--deep")
    assert status == 1 and f"The verdict on occurrence {Occurrence.objects.get().pk} is not what" in said


@pytest.mark.parametrize("form", [{"explanation": {"version": 99}}, {"status": Status.NEEDS_ID}])
def test_verdicts_are_settled_anew_when_told_to(model, form):
    Verdict.objects.update(**form)
    assert look()[0] == 0
    assert look("--deep")[0] == 1
    status, said = look("--deep", "--mend")
    assert status == 0 and "Settled 1 verdicts anew." in said
    assert Verdict.objects.get().explained().status == "verified"
    assert look("--deep")[0] == 0


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (Photo, {"shown": False}),
        (Observation, {"shown": False}),
        (Occurrence, {"shown": False, "listed": False}),
    ],
)
def test_what_is_shown_is_settled_anew_when_told_to(alice, photo, model, wrong):
    universe.sighting(alice, seed="another")
    model.objects.filter(pk__in=[photo.pk, photo.observation_id, photo.occurrences.get().pk]).update(**wrong)
    assert look()[0] == 0, "only in depth"
    status, said = look("--deep")
    assert status == 1 and said.count("shows more or less than its owner allows.") == 1
    assert f"Sighting {photo.observation_id} shows" in said
    status, said = look("--deep", "--mend")
    assert status == 0 and f"Settled what sighting {photo.observation_id} shows.\n" in said
    assert list(model.objects.values_list("shown", flat=True)) == [True, True]
    assert look("--deep")[0] == 0


def test_a_hidden_photo_that_a_column_shows_is_hidden(alice):
    photo = universe.sighting(alice, consents=[]).photos.get()
    Photo.objects.update(shown=True)
    Observation.objects.update(shown=True)
    Occurrence.objects.update(shown=True)
    tallies.recount()
    assert look("--deep")[0] == 1
    assert look("--deep", "--mend")[0] == 0
    photo.refresh_from_db()
    assert not photo.shown and not Observation.objects.filter(shown=True).exists()
    assert not Tally.objects.total("kind").exists() and look("--deep")[0] == 0


def test_counters_are_counted_anew_when_told_to(photo):
    right = set(Tally.objects.total("kind", "status", "value"))
    Tally.objects.filter(kind="all").update(count=7)
    assert look()[0] == 0
    status, said = look("--deep")
    assert status == 1 and "1 counters are not what they count." in said and "1 faults" in said
    status, said = look("--deep", "--mend")
    assert status == 0 and "Counted anew what is shown.\n" in said
    assert set(Tally.objects.total("kind", "status", "value")) == right
    assert look("--deep")[0] == 0
