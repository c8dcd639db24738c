"""No question narrows a place that is not public below its square: two libraries that differ in nothing but the places
behind their squares, and hidden ones, answer every question alike, byte for byte; and a search by halves ends at the
middle of a square. The same of days within the months that others are told, and of hours within days.
"""

import random
import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from labeling.actions import rulings
from species.actions import observations, tallies
from species.models import Observation, Occurrence
from species.places.cells import RESOLUTIONS, parent
from species.places.geoprivacy import generalize
from tests import universe
from tests.conftest import person

pytestmark = [pytest.mark.django_db, pytest.mark.both]

SOUTH, WEST, HIGH, WIDE = 46.9, 10.8, 0.6, 0.9  # some fifty squares
# What of an answer is another one each time, whoever asks.
FRESH = re.compile(rb'(name="csrfmiddlewaretoken" value="|name="csrf-token" content="|nonce=")[^"]*"')


@pytest.fixture
def library(alice, bob, rita, tree, full) -> list[Observation]:
    """In rough areas by choice or by what they are, or hidden; under names that are public in none of them."""
    dice, made = random.Random(7), []
    owners = [alice, bob, person("Dora")]
    for number in range(100 if full else 24):
        sensitive = number % 4 == 3
        made.append(
            universe.sighting(
                dice.choice(owners),
                seed=number,
                size=(64, 48),
                latitude=SOUTH + HIGH * dice.random(),
                longitude=WEST + WIDE * dice.random(),
                uncertainty_m=8,
                privacy="private" if number % 5 == 4 else "open" if sensitive else "generalized",
            )
        )
        label = "bull_trout" if sensitive else dice.choice(["brown_trout", "chub"])
        rulings.rule(occurrence=made[-1].occurrences.get(), taxon=tree[label], reason="Seen.", by=rita)
    assert not Observation.objects.filter(place_shown="exact").exists()
    return made


def elsewhere(dice: random.Random) -> None:
    """Every place moves within its square, and what is hidden anywhere; what follows is settled anew."""
    for sighting in Observation.objects.all():
        if sighting.place_shown == "withheld":
            place = dice.uniform(-80, 80), dice.uniform(-170, 170)
        else:
            edges = generalize(sighting.latitude, sighting.longitude).bounds
            place = dice.uniform(edges.south, edges.north), dice.uniform(edges.west, edges.east)
        # Past the actions, which would say when somebody edited it: that is public, and differs.
        Observation.objects.filter(pk=sighting.pk).update(latitude=place[0], longitude=place[1])
        observations.generalize_held(observations.lock(sighting))
    tallies.recount()


def box(dice: random.Random) -> str:
    size = 10 ** dice.uniform(-4, 0.3)
    south, west = SOUTH + HIGH * dice.random() - size / 2, WEST + WIDE * dice.random() - size / 2
    return f"{west:.6f},{south:.6f},{west + size:.6f},{south + size:.6f}"


def circle(dice: random.Random) -> dict[str, object]:
    latitude, longitude = SOUTH + HIGH * dice.random(), WEST + WIDE * dice.random()
    return {"near": f"{latitude:.6f},{longitude:.6f}", "radius": int(10 ** dice.uniform(0, 5))}


def question(dice: random.Random, sightings: list[Observation], cells: list[str]) -> tuple[str, dict]:
    """An address and its query, as a script would try them."""
    one = dice.choice(sightings)
    cell = dice.choice(cells)
    near = (
        {"cell": parent(cell, dice.choice((1, *RESOLUTIONS)))} if dice.random() < 0.3 else {"bbox": box(dice)}
    )
    if dice.random() < 0.3:
        near = circle(dice)
    more = dice.choice(
        [
            {},
            {"taxon": "bull_trout"},
            {"status": "verified"},
            {"order": "oldest"},
            {"order": "newest"},
            {"month": 5},
            {"uncertainty_max": dice.choice((30, 3000, 20_000))},
            {"has": "place"},
            {"lacks": "place"},
        ]
    )
    view = {"view": box(dice), "zoom": dice.randrange(21)}
    filters = {name: value for name, value in more.items() if name != "order"}
    occurrence = one.occurrences.get().pk
    return dice.choice(
        [
            (reverse("gallery"), near | more),
            (reverse("gallery"), {"at": f"{SOUTH},{WEST},{dice.randrange(21)}"} | filters),
            (reverse("gallery"), {"q": dice.choice(["trout", "47.1", str(WEST)])} | near),
            (reverse("explore_cells"), view | filters),
            (reverse("explore_cells"), view | filters | {"bbox": box(dice)}),
            (reverse("explore_cells"), view | {"who": str(one.observer_id)}),
            (reverse("api-cell-list"), view | filters | {"bbox": box(dice)}),
            (reverse("explore_card"), near | {"cell": cell}),
            (reverse("explore_card"), {"observation": str(one.pk)}),
            (reverse("api-observation-list"), {"bbox": box(dice), "page_size": dice.choice((1, 3, 100))}),
            (
                reverse("api-observation-list"),
                {"bbox": box(dice)}
                | {k: v for k, v in more.items() if k not in ("month", "uncertainty_max", "has", "lacks")},
            ),
            (reverse("api-occurrence-list"), near | more),
            (reverse("taxon_range", args=[dice.choice(["bull_trout", "salmonidae", "chub"])]), {}),
            (reverse("taxon", args=[dice.choice(["bull_trout", "salmonidae", "chub"])]), {}),
            (reverse("api-observation-detail", args=[one.pk]), {}),
            (reverse("api-occurrence-detail", args=[occurrence]), {}),
            (reverse("observation", args=[one.pk]), {}),
        ]
    )


def answer(client: Client, address: str, query: dict) -> tuple:
    found = client.get(address, query)
    headers = sorted((name, value) for name, value in found.headers.items() if "nonce" not in value)
    return found.status_code, headers, FRESH.sub(b"", found.content)


def differing(one: tuple, other: tuple) -> list:
    """What is not the same in two answers, line by line."""
    lines = zip(one[2].splitlines(), other[2].splitlines(), strict=False)
    found = [pair for pair in lines if pair[0] != pair[1]][:3]
    return found + ([] if one == other else [one[:2], other[:2]])


class _Undo(Exception):
    pass


@contextmanager
def another_library(dice: random.Random, differs: Callable[[random.Random], None] = elsewhere):
    try:
        with transaction.atomic():
            differs(dice)
            yield
            raise _Undo
    except _Undo:
        pass


def test_places_behind_squares_change_no_answer(library, full, record):
    dice = random.Random(11)
    sightings = list(Observation.objects.order_by("created"))
    cells = sorted({each.public_h3_5 for each in sightings} - {""})
    asked = [question(dice, sightings, cells) for _ in range(1000 if full else 80)]
    client = Client()
    before = [answer(client, *each) for each in asked]
    assert len({content for _, _, content in before}) > len(asked) / 4, "the questions tell something"
    assert not [each for each, (status, *_) in zip(asked, before, strict=True) if status >= 500]
    with another_library(dice):
        for each, told in zip(asked, before, strict=True):
            assert differing(answer(client, *each), told) == [], each
    record("questions about places behind squares", questions=len(asked), sightings=len(sightings))


def test_a_search_by_halves_ends_at_the_middle_of_a_square(library):
    client = Client()
    for sighting in library[:10]:
        sighting.refresh_from_db()

        def found(west, south, east, north, id=str(sighting.pk)):
            query = {"bbox": f"{west},{south},{east},{north}", "page_size": 200}
            rows = client.get(reverse("api-observation-list"), query).json()["results"]
            return id in [row["id"] for row in rows]

        edges = [WEST - 1, SOUTH - 1, WEST + WIDE + 1, SOUTH + HIGH + 1]
        if sighting.place_shown == "withheld":
            assert not found(-180, -90, 180, 90)
            continue
        for _ in range(24):
            for first, last in ((0, 2), (1, 3)):
                half = list(edges)
                half[last] = (edges[first] + edges[last]) / 2
                if found(*half):
                    edges = half
                else:
                    edges[first] = half[last]
        middle = generalize(sighting.latitude, sighting.longitude)
        assert abs(edges[0] - middle.longitude) < 1e-6 and abs(edges[1] - middle.latitude) < 1e-6


def test_what_is_hidden_is_in_no_cell(library, alice):
    client = Client()
    world = {"view": "-180,-90,180,90"}
    public = Occurrence.objects.filter(shown=True).exclude(observation__place_shown="withheld").count()
    hidden = Occurrence.objects.filter(shown=True, observation__place_shown="withheld").count()
    for zoom in (0, 1, 3, 4):
        told = client.get(reverse("explore_cells"), world | {"zoom": zoom}).json()
        assert (told["total"], told["nowhere"]) == (public, hidden)
    before = client.get(reverse("explore_cells"), world | {"zoom": 3}).json()
    universe.sighting(alice, seed="alone", size=(64, 48), latitude=-20, longitude=30, privacy="private")
    after = client.get(reverse("explore_cells"), world | {"zoom": 3}).json()
    assert after["nowhere"] == before["nowhere"] + 1 and after["cells"] == before["cells"]


@pytest.fixture
def months(alice, bob, rita, tree, full) -> list[Observation]:
    """Of 2015, of whose times others are told the day or the month; the zone tells as much as the season's half."""
    dice, made = random.Random(8), []
    for number in range(60 if full else 18):
        made.append(
            universe.sighting(
                dice.choice([alice, bob]),
                seed=number,
                size=(64, 48),
                latitude=SOUTH + HIGH * dice.random(),
                longitude=WEST + WIDE * dice.random(),
                privacy="private" if number % 5 == 4 else "open" if number % 3 == 0 else "generalized",
                time_precision="day" if number % 4 == 3 else "month",
                observed_at=datetime(2015, dice.randint(3, 11), dice.randint(1, 28), 12, 30, 15),
                utc_offset=dice.choice([60, 120]),
            )
        )
        label = "bull_trout" if number % 3 == 0 else dice.choice(["brown_trout", "chub"])
        rulings.rule(occurrence=made[-1].occurrences.get(), taxon=tree[label], reason="Seen.", by=rita)
    assert not Observation.objects.filter(time_shown="exact").exists()
    return made


def on_other_days(dice: random.Random) -> None:
    """Every time moves within what is told of it."""
    for sighting in Observation.objects.all():
        day, last = sighting.public_first_day, sighting.public_last_day
        day += timedelta(days=dice.randint(0, (last - day).days))
        offset = dice.choice([0, 60, 120])
        local = datetime(day.year, day.month, day.day, dice.randrange(24), dice.randrange(60), tzinfo=UTC)
        Observation.objects.filter(pk=sighting.pk).update(
            local_date=day, utc_offset=offset, observed_at=local - timedelta(minutes=offset)
        )
        observations.generalize_held(observations.lock(sighting))
    tallies.recount()


def question_of_days(dice: random.Random, sightings: list[Observation], cells: list[str]) -> tuple[str, dict]:
    first = date(2015, 1, 1) + timedelta(days=dice.randrange(365))
    last = first + timedelta(days=dice.choice((0, 0, 1, 6, 13, 30, 61, 200)))
    days = dice.choice(({"since": first}, {"until": last}, {"since": first, "until": last}))
    api = {{"since": "observed_from", "until": "observed_to"}[name]: day for name, day in days.items()}
    more = dice.choice([{}, {"taxon": "bull_trout"}, {"status": "verified"}, {"order": "newest"}])
    size, near = {"page_size": dice.choice((1, 3, 100))}, {"cell": dice.choice(cells)}
    filters = {name: value for name, value in more.items() if name != "order"}
    month = {"month": dice.randint(1, 12)}
    view = {"view": box(dice), "zoom": dice.randrange(21)}
    address = reverse("api-observation-history", args=[dice.choice(sightings).pk])
    return dice.choice(
        [
            question(dice, sightings, cells),
            (reverse("gallery"), days | more),
            (reverse("gallery"), days | near | month),
            (reverse("explore_cells"), view | days | filters),
            (reverse("explore_cells"), {"view": "-180,-90,180,90", "zoom": 3} | days | filters),
            (reverse("api-cell-list"), view | days | filters),
            (reverse("explore_card"), near | days),
            (reverse("api-observation-list"), api | more | size),
            (reverse("api-observation-list"), api | {"bbox": box(dice)} | size),
            (reverse("api-occurrence-list"), days | more | size),
            (reverse("api-occurrence-list"), days | near | month),
            (address, {}),
        ]
    )


def test_days_behind_months_change_no_answer(months, full, record):
    dice = random.Random(12)
    sightings = list(Observation.objects.order_by("created"))
    cells = sorted({each.public_h3_5 for each in sightings} - {""})
    asked = [question_of_days(dice, sightings, cells) for _ in range(1000 if full else 120)]
    client = Client()
    before = [answer(client, *each) for each in asked]
    assert len({content for _, _, content in before}) > len(asked) / 4, "the questions tell something"
    assert not [each for each, (status, *_) in zip(asked, before, strict=True) if status >= 500]
    with another_library(dice, on_other_days):
        for each, told in zip(asked, before, strict=True):
            assert differing(answer(client, *each), told) == [], each
    record("questions about days behind months", questions=len(asked), sightings=len(sightings))


def test_a_search_by_halves_ends_at_the_ends_of_a_month(months):
    client, doors = Client(), {"api-observation-list": "id", "api-occurrence-list": "observation"}
    for sighting in months[:6]:
        sighting.refresh_from_db()
        told = sighting.public_first_day, sighting.public_last_day
        assert (told[0] == told[1]) == (sighting.time_precision == "day")
        for door, name in doors.items():
            ends = ("observed_from", "observed_to") if name == "id" else ("since", "until")

            def found(first, last, id=str(sighting.pk), door=door, ends=ends, name=name):
                query = {**dict(zip(ends, (first, last), strict=True)), "page_size": 200}
                return id in [str(row[name]) for row in client.get(reverse(door), query).json()["results"]]

            inside, outside = date(2014, 1, 1), date(2017, 1, 1)
            while outside - inside > timedelta(days=1):
                half = inside + (outside - inside) // 2
                inside, outside = (half, outside) if found(half, date(2017, 1, 1)) else (inside, half)
            assert inside == told[0]
            outside, inside = date(2014, 1, 1), date(2017, 1, 1)
            while inside - outside > timedelta(days=1):
                half = outside + (inside - outside) // 2
                outside, inside = (outside, half) if found(date(2014, 1, 1), half) else (half, inside)
            assert inside == told[1]
