import math

import pytest
from django.core.exceptions import ValidationError

from labeling.actions.suggestions import suggest
from labeling.models import Identification, Region, Suggestion, Verdict
from labeling.queries import photos_without_suggestions_from
from species.actions import photos
from species.models import Status
from tests.universe import sighting

ANSWERS = [{"label": "brown_trout", "probability": 0.75}, {"label": "rainbow_trout", "probability": 0.25}]


def guess(photo, taxon=None, source="resnet34-v7", answers=ANSWERS, uncertainty=0.25, **more):
    return suggest(photo=photo, source=source, answers=answers, taxon=taxon, uncertainty=uncertainty, **more)


def test_a_guess_is_no_identification(occurrence, photo, tree):
    guess(photo, tree["brown_trout"])
    occurrence.refresh_from_db()
    assert occurrence.status == Status.NEEDS_ID and occurrence.agreed_taxon is None
    assert not Identification.objects.exists() and not Verdict.objects.exists()


def test_said_again_it_replaces_what_the_same_model_said(photo, tree):
    first = guess(photo, tree["brown_trout"])
    again = guess(photo, None, uncertainty=0.5, dataset_hash="ab" * 32)
    assert first.pk == again.pk
    kept = Suggestion.objects.get()
    assert (kept.taxon, kept.uncertainty, kept.dataset_hash) == (None, 0.5, "ab" * 32)
    guess(photo, source="resnet34-v8")
    assert Suggestion.objects.count() == 2


def test_a_region_has_its_own(occurrence, photo):
    region = Region.objects.create(occurrence=occurrence, photo=photo, x=0, y=0, width=0.5, height=0.5)
    guess(photo)
    guess(photo, region=region)
    guess(photo, region=region)
    assert Suggestion.objects.count() == 2


def test_a_region_of_another_photo_is_refused(occurrence, alice):
    one, other = occurrence.photos.order_by("position")
    region = Region.objects.create(occurrence=occurrence, photo=one, x=0, y=0, width=1, height=1)
    with pytest.raises(ValidationError):
        guess(other, region=region)


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [{"label": "a"}],
        [{"probability": 0.5}],
        [{"label": "a", "probability": "much"}],
        [{"label": "a", "probability": 1.5}],
        [{"label": "a", "probability": -0.1}],
        [{"label": "a", "probability": math.nan}],
        [{"label": "a", "probability": 0.2}, {"label": "b", "probability": 0.8}],
    ],
)
def test_answers_that_are_none(photo, answers):
    with pytest.raises(ValidationError):
        guess(photo, answers=answers)
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("bad", [{"uncertainty": 1.1}, {"uncertainty": math.nan}, {"source": " "}])
def test_what_a_guess_must_say(photo, bad):
    with pytest.raises(ValidationError):
        guess(photo, **bad)


def test_work_is_found_by_query(occurrence, alice):
    first, second = occurrence.photos.order_by("created", "id")
    sighting(alice, seed="draft", published=False)
    hidden = sighting(alice, seed="hidden").photos.get()
    photos.say(photo=hidden, purpose="show", granted=False, by=alice)
    assert list(photos_without_suggestions_from("v1")) == [first, second]
    guess(first, source="v1")
    region = Region.objects.create(occurrence=occurrence, photo=second, x=0, y=0, width=1, height=1)
    guess(second, source="v1", region=region)
    assert list(photos_without_suggestions_from("v1")) == [second]
    assert list(photos_without_suggestions_from("v2")) == [first, second]


def test_finding_work_is_one_query(occurrence, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(photos_without_suggestions_from("v1"))
