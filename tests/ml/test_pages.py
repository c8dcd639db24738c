"""Model and run pages: what they say, who may do what, and that they cost the same whatever is there."""

import json

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from labeling.models import ShownSuggestion, digest
from ml.actions import promotions
from ml.models import TrainingRun
from ml.queries import promotions as promotions_queries
from ml.vision.metrics import evaluate
from tests import universe
from tests.look.pages import Page, one_line
from tests.ml.folder import CLASSES

PEOPLE = ["alice", "bob", "charlie", "rita", "ada", None]


def figures(on: str = "test") -> dict:
    """Real figures of twelve made-up answers, two of them wrong."""
    labels = np.arange(12) % 3
    probabilities = np.full((12, 3), 0.1)
    probabilities[np.arange(12), labels] = 0.8
    probabilities[:2] = [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    measured = evaluate(
        probabilities,
        labels,
        [f"o{n // 2}" for n in range(12)],
        [f"g{n // 4}" for n in range(12)],
        CLASSES,
        bootstrap=50,
    )
    return {"measured_on": on, "classes": CLASSES, "folds": [{}, {}], **measured}


def get(client, person, name, **kwargs):
    if person:
        client.force_login(person)
    return client.get(reverse(name, kwargs=kwargs))


def test_before_any_model(client, db):
    response = get(client, None, "models")
    assert response.status_code == 200
    assert "No model is live" in response.content.decode()


def test_an_unmeasured_model_says_so(client, live):
    text = get(client, None, "models").content.decode()
    assert live.name in text
    assert "not measured yet" in text
    assert "It names colours." in text
    assert "Confusion" not in text


def test_a_measured_model_shows_its_figures(client, make_model, ada, tree):
    model = make_model(metrics=figures())
    promotions.promote(model=model, by=ada, reason="Measured.")
    text = get(client, None, "model", id=model.pk).content.decode()
    assert "83.3\N{NO-BREAK SPACE}%" in text, "10 of 12 photos"
    assert "Confusion matrix" in text
    assert "Reliability" in text
    assert "Rainbow trout" in text
    assert not Page(text).faults


def test_what_a_model_never_learned_and_what_it_was_not_asked_is_said(client, make_model, ada, tree):
    model = make_model(metrics=figures() | {"not_asked": {"test": ["brook_trout"]}})
    model.card |= {"classes_left_out": ["bream"], "left_out": {"no_training_photo": 3, "no_train_consent": 9}}
    model.save()
    text = one_line(get(client, None, "model", id=model.pk))
    assert "Left out of it, for want of photos to learn from: bream (3 photos)." in text
    assert "Measured on no photo of brook trout: how often that is right is not known" in text
    run = model.run
    run.metrics = run.metrics | {"classes_left_out": ["bream", "gone"]}
    run.save()
    text = one_line(get(client, None, "run", id=run.pk))
    assert "Left out, for want of photos to learn from: bream, gone." in text


def test_the_recipe_measured_by_folds_stands_in(client, live, ada):
    TrainingRun.objects.create(
        dataset=live.run.dataset,
        kind=TrainingRun.Kind.KFOLD,
        metrics=figures("folds"),
        created_by=ada,
        finished_at=timezone.now(),
    )
    text = get(client, None, "model", id=live.pk).content.decode()
    assert "grouped 2-fold" in text
    assert "83.3\N{NO-BREAK SPACE}%" in text


def test_another_recipe_does_not_stand_in(client, live, ada):
    TrainingRun.objects.create(
        dataset=live.run.dataset,
        kind=TrainingRun.Kind.KFOLD,
        options={"kfold": 5, "epochs_unfrozen": 0},
        metrics=figures("folds"),
        created_by=ada,
        finished_at=timezone.now(),
    )
    assert "not measured yet" in get(client, None, "model", id=live.pk).content.decode()


def test_misses_are_shown_to_whom_they_may_be(client, make_model, tree, alice):
    observation = universe.sighting(alice)
    photo = observation.photos.get()
    hidden = universe.sighting(alice, seed="draft", published=False).photos.get()
    model = make_model(metrics=figures())
    lines = [
        {"id": str(each.pk), "label": "brown_trout", "answer": "brook_trout", "probs": [0.9, 0.05, 0.05]}
        for each in (photo, hidden)
    ]
    model.run.predictions = default_storage.save(
        f"runs/{model.run_id}/predictions-1.jsonl",
        ContentFile("\n".join(json.dumps(line) for line in lines).encode()),
    )
    model.run.save()
    text = one_line(get(client, None, "model", id=model.pk))
    assert str(photo.pk) in text and str(hidden.pk) not in text
    assert "people say brown trout" in text
    # Whoever read it there has seen what the model says of this photo.
    client.force_login(alice)
    client.post(reverse("shown"))
    [seen] = ShownSuggestion.objects.all()
    assert (seen.source, seen.photo_digest) == (model.name, digest(photo.sha256))


@pytest.mark.parametrize("who", PEOPLE)
def test_only_an_admin_puts_a_model_live(request, client, who, live, make_model):
    other = make_model("two", sharpness=5.0)
    if who:
        client.force_login(request.getfixturevalue(who))
    response = client.post(reverse("promote", args=[other.pk]), {"reason": "Better."})
    assert response.status_code == (302 if who in ("ada", None) else 403)
    assert promotions_queries.live_model() == (other if who == "ada" else live)
    client.post(reverse("roll_back"))
    assert promotions_queries.live_model() == live


@pytest.mark.parametrize("who", PEOPLE)
def test_only_an_admin_starts_a_run(request, client, who, dataset):
    if who:
        client.force_login(request.getfixturevalue(who))
    response = client.post(
        reverse("start_run"), {"dataset": str(dataset.pk), "kind": "model", "resize": "pad"}
    )
    assert response.status_code == (302 if who in ("ada", None) else 403)
    assert TrainingRun.objects.count() == (1 if who == "ada" else 0)
    if who == "ada":
        assert TrainingRun.objects.get().options["resize"] == "pad"


def test_a_promotion_without_reason_loses_nothing(client, live, make_model, ada):
    other = make_model("two", sharpness=5.0)
    client.force_login(ada)
    response = client.post(reverse("promote", args=[other.pk]), {"reason": ""})
    assert response.status_code == 400
    assert promotions_queries.live_model() == live


def test_a_wrong_option_is_said_at_the_form(client, dataset, ada):
    client.force_login(ada)
    response = client.post(
        reverse("start_run"), {"dataset": str(dataset.pk), "kind": "kfold", "resize": "pad", "folds": "1"}
    )
    assert response.status_code == 400
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize(("name", "most"), [("models", 10), ("runs", 5)])
def test_pages_cost_the_same_for_one_and_for_many(
    client, live, make_model, name, most, django_assert_max_num_queries
):
    get(client, None, name)
    with django_assert_max_num_queries(most) as first:
        get(client, None, name)
    for number in range(6):
        make_model(f"more {number}", sharpness=5.0 + number)
    with django_assert_max_num_queries(len(first)):
        get(client, None, name)


def test_a_run_page_says_what_came_of_it(client, live):
    text = one_line(get(client, None, "run", id=live.run_id))
    assert live.name in text
    assert "it measured nothing by itself. How often it is right is not measured yet." in text


def test_a_run_page_says_which_recipe_and_why(client, live):
    assert "Which recipe" not in one_line(get(client, None, "run", id=live.run_id)), (
        "it is older than recipes"
    )
    TrainingRun.objects.update(finished_at=None)
    text = one_line(get(client, None, "run", id=live.run_id))
    assert "Chosen when it begins" in text and "20 to 1,000 groups" in text
    live.run.metrics = {"recipe": {"name": "tuned", "reason": "84 groups lie between 20 and 1,000."}}
    live.run.save()
    response = get(client, None, "run", id=live.run_id)
    text = one_line(response)
    assert "84 groups lie between 20 and 1,000." in text and "Chosen when it begins" not in text
    assert text.count('aria-current="true"') == 1 and "<b>tuned</b>" in text
    assert "Seed by seed" not in text and "Against the frozen network" not in text
    assert not Page(response.content.decode()).faults


def test_a_run_page_shows_every_seed_and_what_all_gain(client, live):
    seed = {"photo": 0.7143, "occurrence": 0.75, "photos_right": 0.655, "nll": 0.996}
    gain = {"before": 0.582, "after": 0.675, "difference": 0.093, "interval": [0.021, 0.164]}
    nll = {"before": 1.337, "after": 0.945, "difference": -0.392, "interval": None}
    live.run.metrics = {
        "recipe": {"name": "tuned", "reason": "Asked for by name."},
        "seeds": [{"seed": 1, **seed}, {"seed": 2, **seed, "photo": 0.594}],
        "against_frozen": {"photos_right": gain, "nll": nll},
    }
    live.run.save()
    response = get(client, None, "run", id=live.run_id)
    text = one_line(response)
    for said in ("71.4 %", "59.4 %", "+9.3 (+2.1 to +16.4)", "-0.392"):
        assert said in text, said
    assert not Page(response.content.decode()).faults


def test_a_model_page_says_what_it_recognises_as_foreign_and_what_not(client, make_model, ada, live):
    text = one_line(get(client, None, "model", id=live.pk))
    assert "made without a measure of what it does not know" in text and "Too far for a name" not in text
    knowing = make_model("knowing", known=True)
    text = one_line(get(client, None, "model", id=knowing.pk))
    assert "One of a name that it was not taught looks much like those that it was" in text
    assert "beyond 0.200" in Page(get(client, None, "model", id=knowing.pk).content.decode()).text.replace(
        "\n", " "
    )
