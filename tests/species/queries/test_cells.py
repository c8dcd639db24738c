"""Sums of the map's counters: what a fresh count of the library comes to, whatever is asked, gathered or not."""

import random
from datetime import date
from itertools import product

import pytest

from labeling.actions import rulings
from species.actions import tallies
from species.models import Taxon
from species.places.cells import WORLD, Box
from species.queries import cells, taxa
from species.queries.cells import Asked, Count
from tests import oracle, universe

ALPS = Box(9.0, 46.0, 13.0, 48.5)
PLACES = [(47.27, 11.39), (47.6, 12.9), (46.62, 13.85), (47.31, 11.42), (-44.1, 169.2), (0.01, 179.99)]
LABELS = ["brown_trout", "river_trout", "chub", "salmo", None]


@pytest.fixture
def library(alice, bob, rita, tree):
    """Twenty sightings; Rita rules what some are."""
    dice = random.Random(4)
    for number in range(20):
        place = dice.choice(PLACES)
        sighting = universe.sighting(
            dice.choice([alice, bob]),
            seed=number,
            size=(64, 48),
            latitude=place[0],
            longitude=place[1],
            privacy=dice.choice(["open", "generalized", "private"]),
            local_date=dice.choice([date(2015, 5, 1), date(2016, 5, 2), date(2016, 11, 3), None]),
            consents=["research"] if number % 7 == 6 else None,
        )
        label = dice.choice(LABELS)
        if label and number % 7 != 6:
            rulings.rule(
                occurrence=sighting.occurrences.get(),
                taxon=tree[label],
                reason="Seen.",
                by=rita,
                confirmed=True,
            )
    return tree


def sums(found: cells.Hexagons) -> dict[str, tuple[int, int]]:
    return {cell: (count.all, count.verified) for cell, count in found.counts.items()}


def test_hexagons_of_a_view_are_a_fresh_count(library):
    for box, zoom in product((WORLD, ALPS), range(11)):
        found = cells.in_view(box, zoom, Asked())
        fresh, nowhere = oracle.hexagons(found.resolution)
        if box is WORLD:
            assert sums(found) == fresh
        else:
            assert sums(found).items() <= fresh.items() and found.counts
        assert found.nowhere.all == nowhere > 0


def test_so_they_are_behind_filters(library):
    labels = (None, "brown_trout", "salmo", "chub", "salmonidae", "actinopterygii")
    for label, status, months in product(labels, ("", "verified", "needs_id"), ((), (5,), (5, 11))):
        taxon = Taxon.objects.filter(label=label).first() if label else None
        behind_filters(taxon, status, months)


def behind_filters(taxon: Taxon | None, status: str, months: tuple[int, ...]) -> None:
    asked = Asked.of(taxon, status=status, months=months)
    found = cells.in_view(WORLD, 3, asked)
    inside = None if taxon is None else taxa.inside([taxon])
    fresh, nowhere = oracle.hexagons(2, status=status, months=months, taxa=inside)
    assert (sums(found), found.nowhere.all) == (fresh, nowhere)
    every_month, _ = oracle.hexagons(2, status=status, taxa=inside)
    dated = [oracle.hexagons(2, status=status, months=(month,), taxa=inside)[0] for month in range(1, 13)]
    assert found.months == [sum(count for count, _ in each.values()) for each in dated]
    assert sum(found.months) <= sum(count for count, _ in every_month.values())


def test_all_taxa_but_few_are_counted_by_what_they_are_not(library, tree):
    """The root of a tree is not looked for by its thousands of names."""
    root = tree["brown_trout"]
    while root.parent is not None:
        root = root.parent
    assert Asked.of(root).taxa is None and Asked.of(root).others is not None
    assert Asked.of(tree["chub"]).taxa == [tree["chub"].pk]


def test_too_many_are_told_as_larger_ones(library, monkeypatch):
    whole = sums(cells.in_view(ALPS, 8, Asked()))
    monkeypatch.setattr(cells, "MOST", len(whole) - 1)
    found = cells.in_view(ALPS, 8, Asked())
    assert found.resolution < 5 and len(found.counts) < len(whole)
    assert sum((count for count in found.counts.values()), Count()).all == sum(
        each[0] for each in whole.values()
    )


def test_views_gathered_or_not(library, django_assert_num_queries):
    west = cells.in_view(Box(179, -1, 180, 1), 8, Asked())
    across = cells.in_view(Box(179, -1, -179, 1), 8, Asked())
    assert across.counts and sums(west).items() <= sums(across).items()
    rows = oracle.cells_shown()
    for box, zoom in ((WORLD, 1), (WORLD, 3), (ALPS, 8)):
        found, again = cells.in_view(box, zoom, Asked()), cells.gathered(rows, box, zoom)
        assert (sums(again), again.nowhere, again.months) == (sums(found), found.nowhere, found.months)
    with django_assert_num_queries(1):
        before = cells.in_view(ALPS, 8, Asked(status="verified", months=(5, 6)))
    [around, *_] = cells.in_view(ALPS, 1, Asked()).counts
    with django_assert_num_queries(1):
        assert cells.within(around, Asked()).all > 0
    tallies.gather()
    assert cells.in_view(ALPS, 8, Asked(status="verified", months=(5, 6))) == before
