"""A dataset after a merge holds what it held, under one name; undone, it is the same file to the byte."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from jobs import worker
from labeling.actions import identifications, reapplied
from labeling.imports import run
from labeling.models import Identification
from research.manifest import store
from species.actions import taxa, taxon_changes
from species.models import Occurrence, Rank, Taxon, TaxonChange
from species.queries import taxon_changes as queries
from species.taxonomy import taxa_file
from tests.research.building import agreed, freeze


def merge(tree, old: str, new: str, by) -> TaxonChange:
    return taxon_changes.propose(kind="merge", old=[tree[old]], new=[tree[new]], reason="One species.", by=by)


def split(tree, old: str, new: list[str], by, areas=None) -> TaxonChange:
    named = [tree[label] for label in new]
    where = {tree[label].pk: given for label, given in (areas or {}).items()}
    return taxon_changes.propose(
        kind="split", old=[tree[old]], new=named, reason="Two species.", by=by, areas=where
    )


def contents(dataset) -> bytes:
    return store.canonical(store.read(dataset))


@pytest.fixture
def brook(sample_data, tmp_path, rita, alice, bob, db) -> None:
    """The first frame of every chub and every nase that swam past a camera in a brook, as experts named them, and
    fifteen that people agree on.
    """
    taxa.load(
        file=taxa_file.read(settings.ROOT / "data" / "taxa" / "trout.yaml", ranks=frozenset(Rank.values))
    )
    camera, folder = sample_data / "fishcam", tmp_path / "brook"
    with (camera / "observations.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["vernacular_name"] in ("chub", "common nase")]
    first = list({row["observation_id"]: row for row in reversed(rows)}.values())
    for row in first:
        target = folder / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(camera / row["file"], target)
    with (folder / "observations.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, first[0].keys())
        table.writeheader()
        table.writerows(first)
    said = {"licence": "MIT", "credit": "© somebody", "consents": ["show", "research"]}
    report = run.import_collection(
        path=Path(folder), source="fishcam", by=rita, trust=True, reason="Named by experts.", **said
    )
    assert report.problems == []
    for number in range(15):
        name = "Squalius cephalus" if number % 5 < 3 else "Chondrostoma nasus"
        agreed(alice, Taxon.objects.get(scientific_name=name), [bob], seed=f"brook {number}", size=(160, 80))


def test_nase_into_chub_is_45_chub_and_undone_leaves_no_trace(brook, rosa, ada):
    worker.run_due()
    named = Counter(Occurrence.objects.verified().values_list("agreed_taxon__scientific_name", flat=True))
    assert named == {"Squalius cephalus": 28, "Chondrostoma nasus": 17}
    before = freeze(rosa)
    tree = {taxon.scientific_name: taxon for taxon in Taxon.objects.all()}
    change = merge(tree, "Chondrostoma nasus", "Squalius cephalus", ada)
    taxon_changes.apply(change=change, by=ada)
    worker.run_due()
    change.refresh_from_db()
    assert change.state == "applied" and change.applied_at and change.job.state == "done"
    chub = tree["Squalius cephalus"]
    assert Occurrence.objects.verified().filter(agreed_taxon=chub).count() == 45
    between = freeze(rosa)
    assert between.summary["photos"] >= before.summary["photos"]
    assert [each["occurrences"] for each in between.summary["classes"]] == [45]
    taxon_changes.undo(change=change, by=ada)
    worker.run_due()
    change.refresh_from_db()
    assert change.state == "undone"
    after = freeze(rosa)
    assert after.content_hash == before.content_hash and contents(after) == contents(before)


def test_a_split_undone_leaves_no_trace_either(library, rosa, ada, tree):
    before, votes = freeze(rosa), Identification.objects.filter(withdrawn_at=None).count()
    change = split(tree, "chub", ["chub", "bream"], ada)
    taxon_changes.apply(change=change, by=ada)
    worker.run_due()
    between = freeze(rosa)
    assert [each["label"] for each in store.read(between)["categories"]] == ["brown_trout", "cutbow"]
    assert Identification.objects.filter(withdrawn_at=None).count() == votes
    taxon_changes.undo(change=change, by=ada)
    worker.run_due()
    after = freeze(rosa)
    assert after.content_hash == before.content_hash and contents(after) == contents(before)


def test_a_freeze_does_not_publish_half_a_split(library, rosa, ada, tree):
    """It does itself what the job has not done yet, and takes no dataset of before."""
    change = split(tree, "chub", ["chub", "bream"], ada)
    taxon_changes.apply(change=change, by=ada)
    change.job.delete()
    dataset = freeze(rosa)
    assert dataset.state == "frozen"
    assert [each["label"] for each in store.read(dataset)["categories"]] == ["brown_trout", "cutbow"]


def test_a_split_that_begins_while_a_dataset_is_read_has_it_read_again(library, rosa, ada, tree, monkeypatch):
    from research import tasks  # noqa: PLC0415

    real, begun = tasks.build, []

    def build(*args, **options):
        if not begun:
            begun.append(taxon_changes.apply(change=split(tree, "chub", ["chub", "bream"], ada), by=ada))
        return real(*args, **options)

    monkeypatch.setattr(tasks, "build", build)
    dataset = freeze(rosa)
    assert dataset.state == "frozen"
    assert [each["label"] for each in store.read(dataset)["categories"]] == ["brown_trout", "cutbow"]


def test_the_preview_counts_datasets_with_the_class(dataset, ada, tree):
    told = {each.many: each for each in queries.preview(merge(tree, "chub", "bream", ada))}
    assert told["datasets with this class"].count == 1
    assert told["datasets with this class"].pages == ((str(dataset), f"/datasets/{dataset.pk}/"),)
    assert told["votes for it"].count == 4 and told["sightings named so by everybody"].count == 2
    others = {each.many: each.count for each in queries.preview(merge(tree, "bream", "chub", ada))}
    assert others["datasets with this class"] == 0


def test_votes_cast_while_a_split_is_undone_are_frozen_as_they_were_said(rosa, ada, alice, bob, tree):
    occurrence = agreed(alice, tree["chub"], [bob])
    change = split(tree, "chub", ["chub", "bream"], ada)
    taxon_changes.apply(change=change, by=ada)
    worker.run_due()
    for person in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=person)
    taxon_changes.undo(change=change, by=ada)
    worker.run_due()
    assert [each["label"] for each in store.read(freeze(rosa))["categories"]] == ["bream"]
    assert not reapplied.queries.to_give_back(change).exists()
