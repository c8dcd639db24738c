"""Datasets say as much of a time as its observer tells others, and are split by the true day all the same."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest

from research.exports import FORMATS
from research.manifest import store, training_manifest
from research.manifest.store import canonical
from research.queries.datasets import stands
from species.actions import observations
from species.models import Observation, Trip
from tests.research.building import agreed, freeze, opened

FIRST = datetime(2015, 10, 3, 14, 37, 21)
# One square of 11 km, and so one cell; the last has no public place.
WHERE = [(47.26812, 11.39325), (47.23, 11.31)]


@pytest.fixture
def library(tree, alice, bob):
    """Ten sightings of two kinds on five days in October, two on each, in one square or hidden; some on one trip."""
    trip = Trip.objects.create(person=alice, name="A week out")
    found = []
    for number in range(10):
        latitude, longitude = WHERE[number % 2]
        organism = agreed(
            alice,
            tree["chub" if number < 5 else "brown_trout"],
            [bob],
            seed=f"told {number}",
            size=(160, 80),
            observed_at=FIRST + timedelta(days=2 * (number % 5), minutes=number),
            utc_offset=120,
            latitude=latitude,
            longitude=longitude,
            privacy="private" if number in (4, 9) else "generalized",
            **({"trip": trip} if number in (0, 1, 5) else {}),
        )
        found.append(organism.observation)
    return found


def tell(sightings: list[Observation], precision: str) -> None:
    for each in sightings:
        observations.describe(observation=each, by=each.observer, time_precision=precision)


@pytest.mark.parametrize("told", [slice(0, 10), slice(0, 5), slice(3, 7)], ids=["all", "half", "some"])
def test_the_split_is_that_of_the_true_days(library, rosa, told):
    before = store.read(freeze(rosa))
    tell(library[told], "month")
    after = store.read(freeze(rosa))
    for name in ("photos", "dropped", "dropped_by", "dropped_from", "leaks", "salt", "shares"):
        assert after["split"][name] == before["split"][name]
    sides = [{each["id"]: each["side"] for each in content["photos"]} for content in (before, after)]
    assert sides[0] == sides[1]
    dropped = [
        {(each["photo"], each["reason"], each["side"]) for each in content["split"]["dropped_photos"]}
        for content in (before, after)
    ]
    assert dropped[0] == dropped[1]


@pytest.mark.parametrize("precision", ["day", "month"])
def test_no_file_tells_more(library, rosa, precision):
    told = library[:5]
    tell(told, precision)
    content = store.read(freeze(rosa))
    said = {each["id"]: each for each in content["observations"]}
    for each in told:
        row = said.get(str(each.pk))
        if row is None:
            continue  # the split dropped its photo
        day = each.local_date.isoformat()
        left = {"local_date": day} if precision == "day" else {"local_date": None, "month": "2015-10"}
        assert {name: row[name] for name in ("observed_at", "utc_offset", *left)} == {
            "observed_at": None,
            "utc_offset": None,
            **left,
        }
        assert f"only the {precision} is told" in row["dataGeneralizations"]
        assert precision == "day" or row["trip"] is None
        assert ("2015-10-" in json.dumps(row)) == (precision == "day")
    for name, format in FORMATS.items():
        archive = opened(format.write(content))
        texts = "".join(
            # Parquet has numbers between its texts.
            archive.read(each).decode(errors="ignore")
            for each in archive.namelist()
            if not each.endswith(".jpg")
        )
        for each in told:
            assert each.observed_text not in texts, name
        # Those of others on the same days say theirs.
        assert library[5].observed_text in texts or name == "coco"
    rows = csv.DictReader(
        io.StringIO(opened(FORMATS["csv"].write(content)).read("photos.csv").decode(), newline="")
    )
    of_told = [row for row in rows if row["observation_id"] in {str(each.pk) for each in told}]
    assert of_told and all(len(row["local_date"]) == (10 if precision == "day" else 7) for row in of_told)
    assert {row["observed_at"] + row["utc_offset"] for row in of_told} == {""}
    readme = opened(FORMATS["coco"].write(content)).read("README.txt").decode()
    assert ("no more than the month" in readme) == (precision == "month")


def test_groups_do_not_tell_the_day(library, rosa):
    tell(library[:5], "month")
    content = store.read(freeze(rosa))
    photos = {each["id"]: each for each in content["photos"]}
    hidden, groups = {str(each.pk) for each in library[:5]}, {}
    for photo in photos.values():
        groups.setdefault(photo["group"], set()).add(photo["observation"] in hidden)
    assert all(len(kinds) == 1 for kinds in groups.values()), "none has the group of one whose day is told"
    where = {each["id"]: (each["place"] or {}).get("h3_5") for each in content["observations"]}
    mixed = {(photo["side"], where[photo["observation"]], photo["group"]) for photo in photos.values()
             if photo["observation"] in hidden}  # fmt: skip
    assert len(mixed) == len({each[:2] for each in mixed}), "one group for each side and place"
    for link in content["split"]["dropped_photos"]:
        assert link["reason"] != "trip_day" or (link["other"], link["other_side"]) == ("", "")


def test_what_is_told_as_it_is_is_frozen_as_ever(library, rosa):
    before = store.read(freeze(rosa))
    for each in library:
        observations.describe(observation=each, by=each.observer, privacy="open")
    opened_up = store.read(freeze(rosa))
    tell(library, "month")
    after = store.read(freeze(rosa))
    assert canonical(_hashed(after)) == canonical(_hashed(opened_up))
    assert all("month" not in each for each in (*before["observations"], *after["observations"]))


def _hashed(content: dict) -> dict:
    return {name: value for name, value in content.items() if name != "dataset"}


def test_folds_keep_a_hidden_day_together(library, rosa, tmp_path):
    """Whoever reads the manifest does not know the day, so all of that month there is in one fold."""
    tell(library[:1], "month")
    given = training_manifest.training_manifest(freeze(rosa), tmp_path, kfold=2)
    sighting_of = {str(photo.pk): each for each in library for photo in each.photos.all()}
    fold = {sighting_of[photo["id"]].pk: photo["fold"] for photo in given["photos"]}
    here = [each for each in library if each.privacy == "generalized" and each.pk in fold]
    assert len({fold[each.pk] for each in here}) == 1 and len(set(fold.values())) == 2


def test_a_choice_before_it_is_published_is_heard(library, rosa):
    organism = library[0].occurrences.get()
    before = stands(organism)
    tell(library[:1], "day")
    organism.refresh_from_db()
    organism.observation.refresh_from_db()
    assert stands(organism) != before
