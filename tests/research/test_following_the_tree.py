"""What is frozen is of the tree as it is: nothing is lost by a merger, and undone it leaves no trace."""

import pytest

from jobs import worker
from labeling import tasks as labeling_tasks
from labeling.models import Verdict
from research import tasks
from research.actions import datasets
from research.manifest import store
from research.manifest.training_manifest import training_manifest
from species.actions import taxa
from species.models import Taxon
from species.queries import taxa as taxon_queries
from tests.research.building import agreed, freeze


def merge(ada, taxon: Taxon, into: Taxon | None) -> None:
    taxon = Taxon.objects.get(pk=taxon.pk)
    taxon.synonym_of = into
    taxa.save(taxon=taxon, by=ada)


def labels(dataset) -> list[str]:
    return [each["label"] for each in store.read(dataset)["categories"]]


@pytest.mark.parametrize("swept", [True, False], ids=["after the sweep", "before the sweep"])
def test_a_merger_loses_no_photo_and_undone_leaves_no_trace(swept, library, rosa, ada, tree):
    def follow():
        if swept:
            labeling_tasks.find_verdicts_of_another_tree()
            worker.run_due()

    before = freeze(rosa)
    merge(ada, tree["cutbow"], tree["chub"])
    follow()
    between = freeze(rosa)
    assert labels(before) == ["brown_trout", "chub", "cutbow"] and labels(between) == ["brown_trout", "chub"]
    assert between.summary["photos"] == before.summary["photos"] == 7
    assert {row["label"] for row in store.read(between)["occurrences"]} == {"brown_trout", "chub"}
    merge(ada, tree["cutbow"], None)
    follow()
    after = freeze(rosa)
    assert after.content_hash == before.content_hash
    assert store.canonical(store.read(after)) == store.canonical(store.read(before))


def test_a_tree_that_moves_while_a_dataset_is_read_has_it_read_again(library, rosa, ada, tree, monkeypatch):
    real, moved = tasks.build, []

    def build(*args, **options):
        if not moved:
            moved.append(True)
            merge(ada, tree["cutbow"], tree["chub"])
        return real(*args, **options)

    monkeypatch.setattr(tasks, "build", build)
    dataset = freeze(rosa)
    assert dataset.state == "frozen" and labels(dataset) == ["brown_trout", "chub"]


def test_a_verdict_that_came_in_of_another_tree_is_none_to_freeze(library, rosa, tree, monkeypatch):
    """Somebody's page began on the tree before and wrote last."""
    real, written = tasks.build, []

    def build(*args, **options):
        if not written:
            written.append(Verdict.objects.filter(occurrence=library[0]).update(tree_version="0" * 64))
        return real(*args, **options)

    monkeypatch.setattr(tasks, "build", build)
    assert freeze(rosa).state == "frozen"
    assert not Verdict.objects.exclude(tree_version=taxon_queries.tree().version).exists()


def test_a_broken_tree_is_no_ground_for_a_dataset(library, rosa, tree):
    Taxon.objects.filter(label="squalius").update(parent=tree["chub"])
    dataset = datasets.freeze(title="Trout", by=rosa)
    worker.run_due()
    dataset.refresh_from_db()
    assert dataset.state == "failed" and "contradict each other" in dataset.summary["why"]


def test_categories_and_what_is_trained_on_say_which_taxon(library, rosa, ada, alice, bob, tree, tmp_path):
    dataset = freeze(rosa)
    ids = {each["label"]: each["taxon"] for each in store.read(dataset)["categories"]}
    assert ids == {label: str(tree[label].pk) for label in ("brown_trout", "chub", "cutbow")}
    said = training_manifest(dataset, tmp_path)
    assert said["taxa"] == {label: ids[label] for label in said["classes"]}


def test_a_synonym_that_was_named_counts_as_what_it_is(rosa, alice, bob, tree):
    agreed(alice, tree["salmo_fario"], [bob])
    assert labels(freeze(rosa)) == ["brown_trout"]
