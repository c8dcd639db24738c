"""What the database itself refuses, whoever writes."""

from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.models import Box, Flag, Identification, Region, Reliability, Ruling, Suggestion, Verdict


@contextmanager
def refused(constraint: str, *columns: str):
    """PostgreSQL names the constraint; SQLite a unique one by its columns, or by its name where partial."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        yield
    text = str(error.value)
    assert constraint in text or (columns and all(column in text for column in columns)), text


WHOLE = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}


def box(occurrence, photo, person, **sides):
    return Box.objects.create(occurrence=occurrence, photo=photo, person=person, **(WHOLE | sides))


def test_identification_one_stands(occurrence, tree, alice, bob):
    row = {"occurrence": occurrence, "taxon": tree["brown_trout"]}
    Identification.objects.create(person=alice, withdrawn_at=timezone.now(), **row)
    Identification.objects.create(person=alice, **row)
    Identification.objects.create(person=bob, **row)
    with refused("identification_one_stands", "occurrence_id", "person_id"):
        Identification.objects.create(person=alice, **row)


def test_box_one_stands(occurrence, photo, alice, bob):
    box(occurrence, photo, alice, withdrawn_at=timezone.now())
    box(occurrence, photo, alice)
    box(occurrence, photo, bob)
    with refused("box_one_stands", "occurrence_id", "photo_id", "person_id"):
        box(occurrence, photo, alice)


@pytest.mark.parametrize(
    "sides", [{"x": -0.1}, {"y": -0.1}, {"width": 0}, {"height": 0}, {"x": 0.1}, {"y": 0.1}, {"width": 1.1}]
)
def test_box_and_region_within_the_image(occurrence, photo, alice, sides):
    with refused("box_within_the_image"):
        box(occurrence, photo, alice, **sides)
    with refused("region_within_the_image"):
        Region.objects.create(occurrence=occurrence, photo=photo, **(WHOLE | sides))


def test_region_once_per_photo(occurrence, photo):
    Region.objects.create(occurrence=occurrence, photo=photo, **WHOLE)
    with refused("region_once_per_photo", "occurrence_id", "photo_id"):
        Region.objects.create(occurrence=occurrence, photo=photo, **WHOLE)


def guess(photo, **more):
    row = {"source": "v1", "answers": [], "uncertainty": 0.5} | more
    return Suggestion.objects.create(photo=photo, **row)


def test_suggestion_once_per_photo(photo):
    guess(photo)
    guess(photo, source="v2")
    with refused("suggestion_once_per_photo", "photo_id", "source"):
        guess(photo)


def test_suggestion_once_per_region(occurrence, photo):
    region = Region.objects.create(occurrence=occurrence, photo=photo, **WHOLE)
    guess(photo)
    guess(photo, region=region)
    with refused("suggestion_once_per_region", "photo_id", "source", "region_id"):
        guess(photo, region=region)


@pytest.mark.parametrize("uncertainty", [-0.01, 1.01])
def test_suggestion_uncertainty(photo, uncertainty):
    with refused("suggestion_uncertainty_0_to_1"):
        guess(photo, uncertainty=uncertainty)


def ruling(rita, **more):
    return Ruling.objects.create(**({"reviewer": rita, "reason": "Sure."} | more))


def test_ruling_on_one_or_on_a_source(occurrence, tree, source, rita):
    for wrong in (
        {},
        {"occurrence": occurrence, "source": source},
        {"source": source, "taxon": tree["brown_trout"]},
        {"taxon": tree["brown_trout"]},
    ):
        with refused("ruling_on_one_or_on_a_source"):
            ruling(rita, **wrong)


def test_ruling_has_a_reason(occurrence, rita):
    with refused("ruling_has_a_reason"):
        ruling(rita, occurrence=occurrence, reason="")


def test_ruling_one_stands(occurrence, rita, ada):
    ruling(rita, occurrence=occurrence, withdrawn_at=timezone.now())
    ruling(rita, occurrence=occurrence)
    with refused("ruling_one_stands", "occurrence_id"):
        ruling(ada, occurrence=occurrence)


def test_ruling_one_trust_stands(source, rita, ada):
    ruling(rita, source=source, withdrawn_at=timezone.now())
    ruling(rita, source=source)
    with refused("ruling_one_trust_stands", "source_id"):
        ruling(ada, source=source)


def test_reliability_once(tree, alice):
    row = {"person": alice, "clade": tree["salmo"], "value": 0.8}
    Reliability.objects.create(version="1", **row)
    Reliability.objects.create(version="2", **row)
    with refused("reliability_once", "version", "person_id", "clade_id"):
        Reliability.objects.create(version="1", **row)


@pytest.mark.parametrize("value", [0, 1, -0.5, 1.5])
def test_reliability_0_to_1(tree, alice, value):
    with refused("reliability_0_to_1"):
        Reliability.objects.create(version="1", person=alice, clade=tree["salmo"], value=value)


def test_verdict_verified_has_a_taxon(occurrence):
    with refused("verdict_verified_has_a_taxon"):
        Verdict.objects.create(
            occurrence=occurrence, status="verified", tree_version="", reliability_version=""
        )


def flag(photo, by, **more):
    return Flag.objects.create(photo=photo, by=by, **({"kind": "person"} | more))


def test_flag_one_stands(photo, alice, bob, rita):
    flag(photo, alice, resolved_at=timezone.now(), resolved_by=rita)
    flag(photo, alice)
    flag(photo, alice, kind="rights")
    flag(photo, bob)
    with refused("flag_one_stands", "photo_id", "by_id", "kind"):
        flag(photo, alice)


def test_flag_resolved_by_somebody(photo, alice, rita):
    for wrong in ({"resolved_at": timezone.now()}, {"resolved_by": rita}):
        with refused("flag_resolved_by_somebody"):
            flag(photo, alice, **wrong)
