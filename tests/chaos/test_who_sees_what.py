"""What is kept as a column is what the states, the consents and the photos say, after whatever people did."""

import random

import pytest

from labeling.models import Box, Identification, Ruling
from labeling.queries.gallery import gallery
from labeling.queries.listing import visible_to
from species.actions import observations, tallies
from species.models import CellTally, Observation, Occurrence, Photo, State, Tally
from species.places.cells import WORLD
from species.queries import cells, visibility
from species.queries.cells import Asked
from tests import oracle, universe
from tests.chaos import acts

pytestmark = [pytest.mark.django_db, pytest.mark.both]

NAMES = ["brown_trout", "rainbow_trout", "bull_trout", "salmo"]


@pytest.fixture
def library(alice, bob, charlie, rita, tree):
    for owner, seed in ((alice, "one"), (alice, "two"), (bob, "three")):
        universe.sighting(owner, seed=seed, photos=2, published=seed != "two", size=(64, 48))
    return [alice, bob, charlie, rita]


def ids(rows) -> list:
    return sorted(rows.values_list("pk", flat=True))


def test_columns_say_what_was_said(library, tree, full, record):
    dice = random.Random(20)
    states = 1000 if full else 60
    for _ in range(states):
        try:
            acts.act(dice, library, tree)
        except acts.REFUSALS:
            pass
        for person in (None, *library):
            assert ids(Photo.objects.visible_to(person)) == ids(oracle.photos(person))
            assert ids(Observation.objects.visible_to(person)) == ids(oracle.observations(person))
            assert ids(gallery(person)) == ids(oracle.gallery(person))
            for model in (Identification, Box, Ruling):
                rows = visible_to(model.objects.all(), person)
                if model is Box:
                    rows = rows.filter(photo__in=Photo.objects.visible_to(person))
                assert ids(rows) == ids(oracle.said(model, person))
        assert not visibility.differing().exists()
        assert tallies.differing() == []
        found = cells.in_view(WORLD, 3, Asked())
        told = {cell: (count.all, count.verified) for cell, count in found.counts.items()}
        assert (told, found.nowhere.all) == oracle.hexagons(2)
        if dice.random() < 0.2:
            tallies.gather()
    tallies.gather()
    for model in (Tally, CellTally):
        keys = list(model.objects.values_list(*model.KEY))
        assert len(keys) == len(set(keys))
    record("what each of five people sees, against the old queries", states=states)


def test_fsck_finds_and_mends_what_a_column_says_wrongly(library):
    shown = Photo.objects.filter(shown=True).first()
    Photo.objects.filter(pk=shown.pk).update(shown=False)
    Occurrence.objects.filter(observation=shown.observation).update(shown=False)
    assert [each.pk for each in visibility.differing()] == [shown.observation_id]
    observations.mend(visibility.differing().get())
    assert not visibility.differing().exists()
    shown.refresh_from_db()
    assert shown.shown


def test_a_draft_shows_nothing(library):
    draft = Observation.objects.get(state=State.DRAFT)
    assert not draft.shown and not Photo.objects.filter(observation=draft, shown=True).exists()
