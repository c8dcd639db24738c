"""A model's class is a taxon: what it is called may change under a live model, and what it is may be merged."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs import worker
from labeling.actions.suggestions import suggest
from labeling.models import Suggestion
from labeling.queries.verdicts import not_following
from ml import tasks
from ml.actions import promotions, runs
from ml.models import Model, TrainingRun
from ml.queries import models
from ml.serving import model_store
from ml.tasks import suggestions as suggestion_tasks
from species import ingest
from species.actions import observations, taxa
from species.models import Taxon
from tests import universe
from tests.ml.folder import CLASSES, colour_photo, write_folder


def ask(client, label: str) -> dict:
    file = SimpleUploadedFile("x", colour_photo(label))
    return client.post("/api/v1/predictions", {"file": file}).json()


def follow() -> None:
    suggestion_tasks.find_suggestions_of_another_tree()
    worker.run_due()


@pytest.fixture
def photo(alice, tree):
    """What the model calls a brown trout."""
    sighting = observations.start(by=alice)
    ingest.receive(data=colour_photo("brown_trout"), owner=alice, observation=sighting)
    observations.publish(observation=sighting, by=alice)
    return sighting.photos.get()


@pytest.fixture
def guess(live, photo) -> Suggestion:
    """What the live model says of Alice's photo."""
    tasks.suggestions.ask_for_suggestions()
    worker.run_due()
    return Suggestion.objects.get(photo=photo)


def renamed(ada, label: str, new: str) -> Taxon:
    taxon = Taxon.objects.get(label=label)
    taxon.label = new
    return taxa.save(taxon=taxon, by=ada)


def merged(ada, label: str, into: Taxon | None) -> Taxon:
    taxon = Taxon.objects.get(label=label)
    taxon.synonym_of = into
    return taxa.save(taxon=taxon, by=ada)


def test_another_label_is_the_same_taxon(client, ada, tree, live):
    before = ask(client, "brown_trout")
    renamed(ada, "brown_trout", "salmo_trutta")
    after = ask(client, "brown_trout")
    assert after["taxon"] == "salmo_trutta"
    assert after["predictions"][0] == before["predictions"][0] | {"label": "salmo_trutta"}
    assert client.get("/api/classes").json() == sorted(CLASSES)
    file = SimpleUploadedFile("x", colour_photo("brown_trout"))
    assert client.post("/api/predict", {"image": file}).json()["class"] == "brown_trout"


def test_labels_that_change_places_change_no_answer(client, ada, tree, live):
    swapped = universe.TREE.replace(
        "common_names: {en: brown trout", "label: rainbow_trout, common_names: {en: Brown trout"
    )
    swapped = swapped.replace(
        "common_names: {en: rainbow trout", "label: brown_trout, common_names: {en: Rainbow trout"
    )
    taxa.load(file=universe.taxa_file.parse(swapped))
    assert ask(client, "brown_trout")["taxon"] == "rainbow_trout"
    assert Taxon.objects.get(label="rainbow_trout").pk == tree["brown_trout"].pk


def test_a_merger_of_two_classes_is_one_answer(client, ada, tree, live):
    apart = {each["label"]: each["probability"] for each in ask(client, "brook_trout")["predictions"]}
    merged(ada, "brook_trout", tree["rainbow_trout"])
    answer = ask(client, "brook_trout")
    assert answer["taxon"] == "rainbow_trout"
    together = {each["label"]: each["probability"] for each in answer["predictions"]}
    assert together == {
        "rainbow_trout": pytest.approx(apart["brook_trout"] + apart["rainbow_trout"]),
        "brown_trout": apart["brown_trout"],
    }
    assert list(together) == ["rainbow_trout", "brown_trout"]
    assert client.get("/api/classes").json() == sorted(CLASSES)
    merged(ada, "brook_trout", None)
    assert {each["label"]: each["probability"] for each in ask(client, "brook_trout")["predictions"]} == apart


def test_a_class_that_was_merged_away_answers_as_what_it_is_now(client, ada, tree, live):
    merged(ada, "brown_trout", tree["chub"])
    assert ask(client, "brown_trout")["taxon"] == "chub"


def test_two_halves_of_one_taxon_are_sure_together(client, ada, tree, make_model):
    """0.5 and 0.3 of two names that are one now: above the threshold of 0.6, it is no genus any more."""
    model = make_model(sharpness=0.6)
    promotions.promote(model=model, by=ada, reason="Unsure.")
    assert ask(client, "brook_trout")["rolled_up"] is True
    merged(ada, "brook_trout", tree["rainbow_trout"])
    assert ask(client, "brook_trout") | {"predictions": [], "seconds": 0.1} == {
        "model": model.name,
        "model_version": model.version,
        "seconds": 0.1,
        "dataset_hash": model.run.dataset.content_hash,
        "threshold": 0.6,
        "taxon": "rainbow_trout",
        "rolled_up": False,
        "predictions": [],
        "distance": None,  # an older model knows none
    }


def test_what_stands_of_a_photo_follows_the_tree_and_comes_back(client, ada, tree, guess, photo):
    before = Suggestion.objects.values("answers", "taxon", "uncertainty", "tree_version").get()
    assert [each["taxon"] for each in before["answers"]] == [
        str(tree[each["label"]].pk) for each in before["answers"]
    ]
    said = guess.taxon
    merged(ada, said.label, tree["chub"])
    url = f"/api/v1/occurrences/{photo.observation.occurrences.get().pk}"
    assert client.get(url).json()["suggestions"][0]["taxon"] == "chub", (
        "at once, before the worker has looked"
    )
    assert "1 suggestions are of another tree" in not_following()[0]
    follow()
    assert not not_following()
    now = Suggestion.objects.get()
    assert now.taxon == tree["chub"] and now.pk == guess.pk
    shown = client.get(url).json()["suggestions"][0]
    assert shown["taxon"] == shown["answers"][0]["label"] == "chub"
    assert "Chub" in client.get(photo.observation.get_absolute_url()).content.decode()
    merged(ada, said.label, None)
    follow()
    assert Suggestion.objects.values("answers", "taxon", "uncertainty", "tree_version").get() == before


def test_a_stored_answer_is_shown_by_todays_label(client, ada, tree, guess, photo):
    renamed(ada, guess.taxon.label, "another_name")
    assert not not_following(), "a label is not part of the tree"
    shown = client.get(f"/api/v1/occurrences/{photo.observation.occurrences.get().pk}").json()["suggestions"][
        0
    ]
    assert shown["taxon"] == shown["answers"][0]["label"] == "another_name"


def test_of_what_somebody_else_said_only_the_name_follows(ada, tree, photo):
    suggest(
        photo=photo, source="elsewhere", answers=[{"label": "brown_trout", "probability": 0.4}],
        taxon=tree["brown_trout"], uncertainty=0.6,
    )  # fmt: skip
    merged(ada, "brown_trout", tree["chub"])
    follow()
    assert Suggestion.objects.get().taxon == tree["chub"] and not not_following()


def test_a_card_says_which_taxa_and_one_without_is_read_by_its_labels(
    ada, dataset, tree, tmp_path, make_model
):
    old = make_model()
    assert old.taxa == {label: str(tree[label].pk) for label in CLASSES}
    path = write_folder(tmp_path / "new", dataset_hash=dataset.content_hash)
    card = json.loads((path / "card.json").read_text())
    elsewhere = "00000000-0000-4000-8000-000000000000"
    card["taxa"] = {"brown_trout": str(tree["chub"].pk), "rainbow_trout": elsewhere}
    (path / "card.json").write_text(json.dumps(card))
    run = TrainingRun.objects.create(dataset=dataset, created_by=ada)
    new = runs.finish(run=run, metrics={}, history=[], card=card, sha256=model_store.store(path))
    assert new.taxa == old.taxa | {"brown_trout": str(tree["chub"].pk)}
    promotions.promote(model=new, by=ada, reason="It says which.")


def test_a_label_that_nobody_knew_is_looked_up_when_somebody_does(client, ada, tree, make_model):
    model = make_model(classes=["brook_trout", "unheard_of", "rainbow_trout"])
    promotions.promote(model=model, by=ada, reason="It knows more than we do.")
    assert ask(client, "brown_trout")["taxon"] is None
    taxa.save(
        taxon=Taxon(scientific_name="Salmo novus", rank="species", label="unheard_of", parent=tree["salmo"]),
        by=ada,
    )
    assert ask(client, "brown_trout")["taxon"] == "unheard_of"


def test_the_page_of_a_model_calls_things_by_their_names_of_today(client, ada, tree, live):
    Taxon.objects.filter(label="brook_trout").update(label="other", common_names={"en": "Speckled trout"})
    Taxon.objects.filter(label="brown_trout").update(synonym_of=tree["chub"])
    named = models.named(live)
    assert {label: taxon.name for label, taxon in named.items()} == {
        "brook_trout": "Speckled trout",
        "brown_trout": "Chub",
        "rainbow_trout": "Rainbow trout",
    }
    assert client.get(reverse("model", args=[live.pk])).status_code == 200


def test_models_made_before_are_given_the_taxa_of_their_labels(tree, live):
    Model.objects.update(taxa={})
    migration = import_module("ml.migrations.0004_classes_are_taxa")
    migration.name_taxa(apps, None)
    assert Model.objects.get().taxa == {label: str(tree[label].pk) for label in CLASSES}
