"""Numbers of classes: given once, and the same in every dataset of the site from then on."""

import importlib
import json

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from labeling.actions import rulings
from research.actions import datasets
from research.exports import FORMATS
from research.manifest import store
from research.models import CategoryNumber, Dataset
from species.models import Taxon
from tests.research.building import agreed, freeze, opened


def numbers(dataset: Dataset) -> dict[str, int]:
    """Label to number in a manifest, which its organisms agree with."""
    content = store.read(dataset)
    given = {each["label"]: each["id"] for each in content["categories"]}
    assert {(each["label"], each["category"]) for each in content["occurrences"]} <= set(given.items())
    return given


def test_one_more_class_moves_no_other(dataset, rosa, alice, bob, tree):
    first = numbers(dataset)
    assert first == {"brown_trout": 1, "chub": 2, "cutbow": 3}
    agreed(alice, tree["bream"], [bob], seed="bream", size=(160, 80))
    agreed(alice, tree["atlantic_salmon"], [bob], seed="salmon", size=(160, 80))
    second = freeze(rosa)
    assert numbers(second) == first | {"atlantic_salmon": 4, "bream": 5}
    assert [each["label"] for each in store.read(second)["categories"]] == sorted(numbers(second))
    again = freeze(rosa)
    assert again.content_hash == second.content_hash
    assert store.read(dataset)["categories"] == [
        each for each in store.read(second)["categories"] if each["label"] in first
    ]


def test_what_was_gone_comes_back_under_its_number(dataset, library, rosa, rita, tree):
    def rule(taxon):
        for organism in library[1::3]:
            rulings.rule(occurrence=organism, taxon=taxon, reason="Looked again.", by=rita, confirmed=True)
        return numbers(freeze(rosa))

    assert rule(tree["bream"]) == {"bream": 4, "brown_trout": 1, "cutbow": 3}
    assert rule(tree["huchen"]) == {"brown_trout": 1, "cutbow": 3, "huchen": 5}
    assert rule(tree["chub"]) == {"brown_trout": 1, "chub": 2, "cutbow": 3}


def test_a_new_label_keeps_the_number(dataset, rosa):
    Taxon.objects.filter(label="chub").update(label="a_chub")
    assert numbers(freeze(rosa)) == {"a_chub": 2, "brown_trout": 1, "cutbow": 3}


def test_a_number_is_not_given_again_when_the_name_is_gone(dataset, rosa, alice, bob, tree):
    CategoryNumber.objects.filter(number=3).update(taxon=alice.pk, number=9)
    assert numbers(freeze(rosa)) == {"brown_trout": 1, "chub": 2, "cutbow": 10}


def test_a_freeze_that_fails_gives_none(library, rosa, monkeypatch):
    monkeypatch.setattr(store, "write", lambda dataset, content: 1 / 0)
    freeze(rosa)
    assert not CategoryNumber.objects.exists()


def test_coco_says_the_same_numbers(dataset, rosa, alice, bob, tree):
    agreed(alice, tree["bream"], [bob], seed="bream", size=(160, 80))
    second = freeze(rosa)
    said = json.loads(opened(FORMATS["coco"].write(store.read(second))).read("annotations.json"))
    assert {each["name"]: each["id"] for each in said["categories"]} == numbers(second)


def test_of_two_that_were_frozen_at_once_one_reads_anew(dataset, rosa, tree):
    """Another dataset has given the next number since this one asked which it was."""
    with pytest.raises(datasets.NumbersTaken), transaction.atomic():
        datasets.publish(dataset=dataset, content_hash="ab" * 32, summary={}, numbers={tree["bream"].pk: 3})
    with pytest.raises(datasets.NumbersTaken), transaction.atomic():
        datasets.publish(dataset=dataset, content_hash="ab" * 32, summary={}, numbers={tree["chub"].pk: 7})
    assert dict(CategoryNumber.objects.values_list("taxon", "number")) == {
        tree["brown_trout"].pk: 1,
        tree["chub"].pk: 2,
        tree["cutbow"].pk: 3,
    }


def test_numbers_begin_at_1(tree):
    with pytest.raises(IntegrityError), transaction.atomic():
        CategoryNumber.objects.create(taxon=tree["chub"].pk, number=0)


def test_what_was_published_before_keeps_its_numbers(dataset, rosa, alice, bob, tree):
    """The newest dataset's, which ran from 1 by label; of an older one what the newest lacks."""
    CategoryNumber.objects.all().delete()
    Dataset.objects.create(
        title="Newer",
        version=2,
        state=Dataset.State.FAILED,
        salt="s",
        created_by=rosa,
        summary={"why": "Nothing is verified yet."},
    )
    newest = Dataset.objects.create(
        title="Newest",
        version=3,
        state=Dataset.State.FROZEN,
        salt="s",
        created_by=rosa,
        frozen_at=dataset.frozen_at,
        content_hash="ab" * 32,
        summary={"classes": [{"label": "bream"}, {"label": "cutbow"}, {"label": "gone"}]},
    )
    importlib.import_module("research.migrations.0004_categorynumber").number(apps, None)
    given = {str(row.taxon): row.number for row in CategoryNumber.objects.all()}
    named = {label: given.get(str(tree[label].pk)) for label in ("bream", "cutbow", "brown_trout", "chub")}
    assert named == {"bream": 1, "cutbow": 2, "brown_trout": 3, "chub": 4}
    newest.delete()
