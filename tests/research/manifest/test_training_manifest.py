"""What the training program is given: files that are there, photos that may be trained on, sides that hold."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.files.storage.memory import InMemoryStorage
from django.db import transaction

from accounts.models import User
from ml.vision.training_manifest import parse
from research.manifest import store, training_manifest
from research.splits.sides import Shares
from species.actions import occurrences, photos
from species.models import Photo
from tests.research import golden
from tests.research.building import agreed, freeze


def test_it_is_what_the_training_program_reads(dataset, library, tmp_path):
    given = training_manifest.training_manifest(dataset, tmp_path)
    assert given["dataset_hash"] == dataset.content_hash
    assert given["classes"] == ["brown_trout", "chub", "cutbow"]
    assert given["needs_kfold"] is True and given["left_out"] == {}
    frozen = {photo["id"]: photo for photo in store.read(dataset)["photos"]}
    assert len(given["photos"]) == len(frozen) == 7
    for photo in given["photos"]:
        assert hashlib.sha256(Path(photo["path"]).read_bytes()).hexdigest() == photo["sha256"]
        assert (photo["split"], photo["group"]) == (frozen[photo["id"]]["side"], frozen[photo["id"]]["group"])
        assert [photo["occurrence"]] == frozen[photo["id"]]["occurrences"]
    json.dumps(given)


def test_the_training_program_takes_it(db, tmp_path):
    """Its own reader checks that no group and no file is on two sides, and in two folds."""
    with transaction.atomic():
        golden.plant()
    dataset = freeze(User.objects.get(email="rosa@example.org"))
    read = parse(training_manifest.training_manifest(dataset, tmp_path), tmp_path)
    assert read.left_out["no_training_photo"] == 7 and read.classes_left_out == ("rainbow_trout",)
    assert len(read.photos) + 7 == dataset.summary["train_photos"]
    folded = training_manifest.training_manifest(dataset, tmp_path, kfold=3) | {"options": {"kfold": 3}}
    assert {photo.fold for photo in parse(folded, tmp_path).photos} == {0, 1, 2}


def test_folds_keep_near_duplicates_together(db, tmp_path):
    """Both lie in train, so the split has no quarrel with them; cross-validation would."""
    with transaction.atomic():
        golden.plant()
    twins = list(Photo.objects.filter(position=0).order_by("sha256")[:8])
    Photo.objects.filter(pk__in=[photo.pk for photo in twins]).update(phash="0123456789abcdef")
    dataset = freeze(User.objects.get(email="rosa@example.org"), shares=Shares(0, 0))
    given = training_manifest.training_manifest(dataset, tmp_path, kfold=3)
    there = {photo["id"]: photo for photo in given["photos"]}
    mine = [there[str(photo.pk)] for photo in twins if str(photo.pk) in there]
    assert len({photo["group"] for photo in mine}) > 1
    assert len({photo["fold"] for photo in mine}) == 1


def test_more_folds_than_groups_is_said(dataset, tmp_path):
    with pytest.raises(training_manifest.NothingToTrainOn, match="50 folds"):
        training_manifest.training_manifest(dataset, tmp_path, kfold=50)


def test_only_photos_that_may_still_be_trained_on(library, rosa, alice, tmp_path):
    never, later = (organism.photos.first() for organism in library[3:5])
    photos.say(photo=never, purpose="train", granted=False, by=alice)
    dataset = freeze(rosa)
    photos.say(photo=later, purpose="train", granted=False, by=alice)
    given = training_manifest.training_manifest(dataset, tmp_path)
    assert {str(never.pk), str(later.pk)}.isdisjoint(photo["id"] for photo in given["photos"])
    # The second chub went, and one alone is no class.
    assert given["classes"] == ["brown_trout", "cutbow"] and given["classes_left_out"] == ["chub"]
    assert given["left_out"] == {
        "no_train_consent": 1,
        "too_few_of_its_class": 1,
        "train_consent_withdrawn": 1,
    }


def test_a_photo_that_shows_something_else_too_teaches_nothing(library, rosa, alice, tmp_path):
    photo = library[0].photos.first()
    occurrences.add(observation=library[0].observation, photos=[photo], by=alice)
    dataset = freeze(rosa)
    frozen = {each["id"]: each for each in store.read(dataset)["photos"]}
    assert frozen[str(photo.pk)]["organisms"] == 2
    given = training_manifest.training_manifest(dataset, tmp_path)
    assert str(photo.pk) not in {each["id"] for each in given["photos"]}
    assert given["left_out"] == {"shows_something_else_too": 1}


def test_one_class_is_nothing_to_tell_apart(tree, alice, bob, rosa, tmp_path):
    for number in range(2):
        day = date(2020, 1, 1 + number)
        agreed(alice, tree["chub"], [bob], seed=number, local_date=day, size=(160, 80))
    with pytest.raises(training_manifest.NothingToTrainOn, match="leaves 1 classes"):
        training_manifest.training_manifest(freeze(rosa), tmp_path)


def test_from_a_store_that_is_elsewhere_originals_are_copied_once(dataset, settings, tmp_path):
    here = storages["default"]
    elsewhere = InMemoryStorage()
    content = store.read(dataset)
    for name in [
        dataset.manifest_name,
        *(Photo(sha256=p["sha256"]).original_name for p in content["photos"]),
    ]:
        with here.open(name) as file:
            elsewhere.save(name, file)
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "tests.research.stores.Elsewhere", "OPTIONS": {"files": elsewhere}}
    }
    given = training_manifest.training_manifest(dataset, tmp_path / "copies")
    for photo in given["photos"]:
        path = Path(photo["path"])
        assert path.is_relative_to(tmp_path / "copies")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == photo["sha256"]
    for photo in given["photos"]:
        elsewhere.delete(Photo(sha256=photo["sha256"]).original_name)
    assert training_manifest.training_manifest(dataset, tmp_path / "copies") == given
    assert not list((tmp_path / "copies").rglob("tmp*"))
