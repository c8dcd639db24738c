"""The same rows give the same bytes, whatever order, clock or database they are in."""

import hashlib
import json
import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from labeling.actions import identifications
from research.exports import FORMATS
from research.manifest import store
from research.models import Dataset
from research.queries import photos
from species.actions import observations, occurrences
from species.models import Photo
from tests import universe
from tests.conftest import person
from tests.research import golden
from tests.research.building import freeze, opened

# The suite runs on SQLite and on PostgreSQL, and this is the hash on both. It changes when what a manifest
# says changes: then FORMAT has to change with it.
GOLDEN = "6191b3bbdad0ef0931819ac9d4c469c55770a0cf2c81c458ffaa310f9c0b42b6"


class _Undo(Exception):
    pass


def frozen_from(seed: int) -> tuple[str, bytes]:
    """Hash and canonical bytes of the golden universe, inserted in one order and taken away again."""
    try:
        with transaction.atomic():
            golden.plant(seed)
            dataset = freeze(User.objects.get(email="rosa@example.org"))
            assert dataset.state == "frozen", dataset.summary
            found = dataset.content_hash, store.canonical(store.read(dataset))
            raise _Undo
    except _Undo:
        return found


@pytest.mark.django_db
def test_the_hash_is_the_same_on_every_database():
    digest, content = frozen_from(seed=1)
    assert digest == GOLDEN, json.loads(content)["split"]


@pytest.mark.django_db
def test_the_order_of_rows_does_not_matter():
    first, content = frozen_from(seed=1)
    second, again = frozen_from(seed=2)
    assert content == again
    assert first == second == hashlib.sha256(content).hexdigest()


@pytest.mark.django_db
def test_the_golden_universe_says_what_it_drops():
    content = json.loads(frozen_from(seed=1)[1])
    dropped = content["split"]["dropped_by"]
    assert all(dropped.values()), dropped
    kept = {photo["id"] for photo in content["photos"]}
    assert kept.isdisjoint(each["photo"] for each in content["split"]["dropped_photos"])
    assert content["split"]["leaks"] == 0


def test_one_changed_row_changes_the_hash(dataset, library, rosa):
    again = freeze(rosa)
    assert again.content_hash == dataset.content_hash
    Photo.objects.filter(pk=library[0].photos.first().pk).update(credit="Somebody else")
    assert freeze(rosa).content_hash != dataset.content_hash


def test_title_version_and_note_are_outside_the_hash(dataset, rosa):
    other = freeze(rosa, title="Another name", note="For the workshop")
    assert other.version == dataset.version + 1
    assert other.content_hash == dataset.content_hash
    about = store.read(other)["dataset"]
    assert (about["title"], about["version"], about["note"]) == ("Another name", 2, "For the workshop")


def test_the_readme_s_recipe_gives_the_hash(dataset):
    with default_storage.open(dataset.manifest_name) as file:
        content = json.load(file)
    content.pop("dataset")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == dataset.content_hash


def test_it_copies_what_exports_print(dataset, library, alice):
    content = store.read(dataset)
    assert [each["label"] for each in content["categories"]] == ["brown_trout", "chub", "cutbow"]
    assert [each["id"] for each in content["categories"]] == [1, 2, 3]
    cutbow = content["categories"][2]
    assert cutbow["hybrid_of"] == ["Oncorhynchus clarkii", "Oncorhynchus mykiss"]
    assert [each["rank"] for each in cutbow["lineage"]] == ["class", "order", "family", "genus"]
    first = next(each for each in content["occurrences"] if each["id"] == str(library[0].pk))
    assert first["measurements"] == [{"kind": "total_length", "value": 312.0, "unit": "mm", "method": ""}]
    assert (first["votes"]["agreeing"], first["votes"]["disagreeing"], first["votes"]["people"]) == (2, 0, 2)
    assert first["votes"]["score"] == 1.0 and first["votes"]["posterior"] == pytest.approx(16 / 17, abs=1e-6)
    row = library[0].photos.first()
    photo = next(each for each in content["photos"] if each["id"] == str(row.pk))
    with default_storage.open(row.rendition_name(1008)) as file:
        stored = file.read()
    assert photo["rendition"]["sha256"] == hashlib.sha256(stored).hexdigest()
    assert photo["rendition"]["bytes"] == len(stored)
    assert (photo["rendition"]["width"], photo["rendition"]["height"]) == row.rendition_size(1008)
    assert (photo["sha256"], photo["credit"], photo["licence"]) == (row.sha256, "Alice", "CC-BY-4.0")
    assert photo["train"] is True and photo["organisms"] == 1


def test_a_place_goes_by_its_name_where_that_tells_no_more(library, alice, rosa):
    pool, lake = universe.place(name="Alder pool"), universe.place(name="Alder lake", uncertainty_m=30_000)
    for organism, place in zip(library, (pool, lake), strict=False):
        where = {"latitude": 47.26812, "longitude": 11.39325, "place_source": "map_pin", "place": place}
        observations.describe(observation=organism.observation, by=alice, **where)
    occurrences.say_origin(occurrence=library[0], means="stocked", by=alice)
    content = store.read(freeze(rosa))
    told = {each["id"]: each["locality"] for each in content["observations"]}
    assert [told[str(each.observation_id)] for each in library[:3]] == ["", "Alder lake", ""]
    origins = {each["id"]: each["establishmentMeans"] for each in content["occurrences"]}
    assert [origins[str(each.pk)] for each in library[:2]] == ["stocked", ""]
    tables = opened(FORMATS["csv"].write(content))
    photos, organisms = (tables.read(name).decode() for name in ("photos.csv", "occurrences.csv"))
    assert "Alder lake" in photos and "Alder pool" not in photos and ",stocked," in organisms


def test_exact_places_and_addresses_are_not_in_it(dataset, library):
    text = json.dumps(store.read(dataset))
    sighting = library[0].observation
    assert sighting.public_latitude is not None
    for exact in (sighting.latitude, sighting.longitude):
        assert f"{exact:.3f}" not in text
    assert "example.org" not in text


def test_a_hidden_place_leaves_no_trace(library, rosa, alice):
    observations.describe(observation=library[0].observation, by=alice, privacy="private")
    content = store.read(freeze(rosa))
    assert all(each["place"] is None for each in content["observations"])
    said = [each["informationWithheld"] for each in content["observations"] if each["informationWithheld"]]
    assert said == ["The place is hidden, as its observer chose."]


def test_a_place_says_by_which_rule_it_is_rough(library, rosa, alice, charlie, tree):
    observations.describe(observation=library[0].observation, by=alice, privacy="open")
    for each in [person("Dora"), person("Emil"), charlie]:
        taxon = tree["bull_trout"] if each == charlie else tree["brown_trout"]
        identifications.add(occurrence=library[0], taxon=taxon, by=each)
    content = store.read(freeze(rosa))
    rough = next(each for each in content["observations"] if each["place"])
    assert (rough["place"]["latitude"], rough["place"]["longitude"]) == (47.25, 11.35)
    assert rough["dataGeneralizations"].endswith("because somebody named a protected species here.")


def test_groups_are_numbered_and_keep_an_observation_together(dataset):
    content = store.read(dataset)
    assert all(re.fullmatch(r"g\d{4}", photo["group"]) for photo in content["photos"])
    sides: dict[str, set] = {}
    for photo in content["photos"]:
        sides.setdefault(photo["group"], set()).add(photo["side"])
    assert all(len(each) == 1 for each in sides.values())


def test_a_manifest_that_is_not_the_frozen_one_is_refused(dataset):
    changed = store.read(dataset)
    changed["photos"][0]["credit"] = "Mallory"
    for damage in (b"", b"{", b"{}", b"[]", json.dumps(changed).encode(), None):
        default_storage.delete(dataset.manifest_name)
        if damage is not None:
            default_storage.save(dataset.manifest_name, ContentFile(damage))
        with pytest.raises(store.Unreadable, match="Trout of the Enns v1"):
            store.read(dataset)


def test_gathering_takes_the_same_queries_for_one_and_for_many(library, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        found = list(photos.gather())
        assert len(found) == 6
        for organism in found:
            assert str(organism.observation.observer) and organism.verdict.explanation
            assert [photo.owner for photo in organism.frozen_photos]


def test_a_dataset_is_not_made_of_nothing(db):
    assert not Dataset.objects.exists()
    assert list(photos.gather()) == []
