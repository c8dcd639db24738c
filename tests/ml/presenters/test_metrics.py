"""One figure per model: home, its identification, its page, its run's page and the table of versions quote the same."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from ml.actions import promotions
from ml.models import TrainingRun
from ml.presenters.metrics import figures
from ml.queries.runs import measurements
from tests.home.test_home import show
from tests.look.pages import Page
from tests.ml.folder import colour_photo
from tests.ml.test_pages import figures as measure

NUMBER = re.compile(r"\d+\.\d %")
SENTENCES = {
    "own": "Of 6 fish it never saw, it names 50.0 % rightly.",
    "folds": "Of 6 fish held out fold by fold, it names 50.0 % rightly.",
    "none": "How often it is right is not measured yet.",
}


def fold(model, ada, metrics=None, **fields) -> TrainingRun:
    return TrainingRun.objects.create(
        dataset=model.run.dataset,
        kind=TrainingRun.Kind.KFOLD,
        metrics=measure("folds") if metrics is None else metrics,
        created_by=ada,
        **{"finished_at": timezone.now(), "options": {"kfold": 5}} | fields,
    )


@pytest.fixture(params=["own", "folds", "none"])
def known(request, make_model, ada, tree):
    """A live model, and how it was measured."""
    model = make_model("live", metrics=measure() if request.param == "own" else None)
    if request.param != "none":
        # Where a model has test groups of its own, a later k-fold run does not speak for it.
        fold(
            model,
            ada,
            metrics=measure("folds") if request.param == "folds" else {**measure(), "occurrence": {}},
        )
    promotions.promote(model=model, by=ada, reason="It names colours.")
    return request.param, model


def test_five_pages_say_the_same(client, known):
    how, model = known
    pages = {
        "home": client.get(reverse("home")),
        "opinion": show(client, colour_photo("brown_trout"), HX_Request="true"),
        "model": client.get(reverse("model", args=[model.pk])),
        "run": client.get(reverse("run", args=[model.run_id])),
    }
    texts = {name: Page(answer.content.decode()).text for name, answer in pages.items()}
    for name, text in texts.items():
        assert SENTENCES[how] in text, name
        for other in set(SENTENCES) - {how}:
            assert SENTENCES[other] not in text, name
    versions = texts["model"].split("Version by version")[1]
    assert ("not measured yet" if how == "none" else "50.0 %") in versions
    assert set(NUMBER.findall(versions)) == (set() if how == "none" else {"50.0 %"})
    if how == "none":
        assert not any(NUMBER.search(text) for text in (texts["home"], texts["opinion"], texts["run"]))


def test_a_number_never_leaves_its_unit(client, known):
    how, model = known
    html = client.get(reverse("model", args=[model.pk])).content.decode()
    assert not re.search(r"\d\s*\n?[ \n]%", html)


def test_confidence_is_repeated_as_truth_only_where_it_is_honest(client, make_model, ada, tree):
    model = make_model("live", metrics=measure())
    promotions.promote(model=model, by=ada, reason="It names colours.")
    sure = "When it is this sure, it is right about"
    for error, said in ((0.02, True), (0.3, False)):
        model.run.metrics["photo"]["ece"] = error
        model.run.save()
        text = Page(show(client, colour_photo("brown_trout")).content.decode()).text
        assert (sure in text) is said


def test_another_recipe_an_unfinished_run_and_an_empty_one_measure_nothing(make_model, ada, tree):
    model = make_model("live")
    fold(model, ada, options={"kfold": 5, "epochs_unfrozen": 0})
    fold(model, ada, finished_at=None)
    fold(model, ada, metrics={"classes_left_out": ["bream"]})
    assert measurements([model]) == {}
    right = fold(model, ada)
    fold(model, ada, metrics={})
    assert measurements([model]) == {model.pk: right}, "the newest that measured anything"


def test_many_versions_cost_one_query(make_model, ada, tree, django_assert_num_queries):
    models = [make_model(f"m{n}", sharpness=4.0 + n, metrics=measure() if n == 0 else None) for n in range(3)]
    with django_assert_num_queries(1):
        found = figures(models)
    assert {each.share for each in found.values()} == {"50.0\N{NO-BREAK SPACE}%", "not measured yet"}
