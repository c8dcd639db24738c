"""What stays in published datasets when a sighting of theirs is changed or deleted, and that this is said first."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from labeling.actions import drafts, identifications
from labeling.models import Verdict
from ops import fsck
from research.actions import datasets
from research.exports import FORMATS
from research.manifest import store
from research.models import Dataset, DatasetPhoto
from research.queries.datasets import train_withdrawn
from species import ingest
from species.actions import partings, published
from species.models import Observation, Photo, State
from tests import universe
from tests.research.building import freeze, opened


def sweep() -> None:
    drafts.clear(before=timezone.now() + timedelta(minutes=1))


def sound() -> None:
    found = fsck.look(grace=3600, deep=True)
    assert (found.faults, found.verdicts, found.counters, found.shown) == ([], [], [], [])


@pytest.fixture
def held(dataset, library) -> Observation:
    """The sighting with two photos, which the dataset holds."""
    sighting = library[0].observation
    assert DatasetPhoto.objects.filter(photo__observation=sighting).count() == 2
    return sighting


def test_said_before_anything_is_done(client, alice, held, dataset):
    client.force_login(alice)
    page = client.get(reverse("edit_sighting", args=[held.pk])).content.decode()
    assert "This sighting is in" in page and "a published dataset" in page and str(dataset) in page
    assert page.index("keeps what it has") < page.index("Save the changes")
    other = universe.sighting(alice, seed="in none")
    assert "published dataset" not in client.get(reverse("edit_sighting", args=[other.pk])).content.decode()


def test_of_several_it_says_how_many(client, alice, held, dataset, rosa):
    freeze(rosa, title="Once more")
    client.force_login(alice)
    page = client.get(reverse("edit_sighting", args=[held.pk])).content.decode()
    assert "2 published datasets" in page and "They keep what they have" in page


def test_deleted_the_dataset_stays_and_the_next_goes_without(
    client, alice, held, dataset, rosa, settings, django_capture_on_commit_callbacks
):
    before = store.read(dataset)
    names = [photo.rendition_name(2016) for photo in held.photos.all()]
    extra = ingest.receive(data=universe.photo_bytes("extra"), owner=alice, observation=held).photo
    published.withdraw(observation=held, by=alice)
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    held.refresh_from_db()
    assert held.state == State.KEPT and held.photos.count() == 2
    assert not Photo.objects.filter(pk=extra.pk).exists(), "no dataset rests on it"
    assert not default_storage.exists(extra.original_name)
    assert all(default_storage.exists(name) for name in names)
    assert store.read(dataset) == before
    assert train_withdrawn(dataset) == set(held.photos.values_list("pk", flat=True))
    assert opened(FORMATS["csv"].write(before)).namelist()
    assert not Verdict.objects.filter(occurrence__observation=held).exists()
    client.force_login(alice)
    for photo in held.photos.all():
        assert client.get(reverse("photo_rendition", args=[photo.pk, 320])).status_code == 404
        assert client.get(reverse("photo_original", args=[photo.pk])).status_code == 404
        assert client.get(reverse("photo_datasets", args=[photo.pk])).status_code == 404
    assert client.post(f"/api/v1/observations/{held.pk}/restore").status_code == 404
    sweep()
    assert freeze(rosa, title="The next").summary["photos"] == 5
    sound()


def test_an_admin_still_erases_it_and_takes_the_dataset_back(
    client, alice, ada, held, dataset, django_capture_on_commit_callbacks
):
    published.withdraw(observation=held, by=alice)
    sweep()
    client.force_login(ada)
    photos = list(held.photos.all())
    assert client.get(reverse("photo_datasets", args=[photos[0].pk])).status_code == 200
    for photo in photos:
        with django_capture_on_commit_callbacks(execute=True):
            datasets.erase(photo=photo, by=ada)
    assert not any(default_storage.exists(photo.original_name) for photo in photos)
    sweep()
    assert not Observation.objects.filter(pk=held.pk).exists()
    dataset.refresh_from_db()
    assert dataset.state == Dataset.State.RETIRED
    sound()


def test_a_removed_photo_stays_where_it_was_published(alice, held, dataset, rosa):
    photo = held.photos.order_by("position").last()
    edit = partings.remove(photo=photo, by=alice)
    sweep()
    photo.refresh_from_db()
    assert photo.observation.state == State.KEPT and default_storage.exists(photo.original_name)
    with pytest.raises(ValidationError, match="gone for good"):
        published.undo(edit=edit, by=alice)
    with pytest.raises(ValidationError, match="cannot come back"):
        with default_storage.open(photo.original_name) as file:
            ingest.receive(data=file.read(), owner=alice)
    assert freeze(rosa, title="The next").summary["photos"] == 6
    sound()


def test_what_a_freeze_has_just_listed_waits_for_its_end(alice, held, dataset):
    DatasetPhoto.objects.all().delete()
    DatasetPhoto.objects.create(dataset=dataset, photo=held.photos.first(), side="train")
    Dataset.objects.update(state=Dataset.State.FREEZING)
    published.withdraw(observation=held, by=alice)
    sweep()
    held.refresh_from_db()
    assert held.state == State.WITHDRAWN and held.photos.count() == 2
    DatasetPhoto.objects.all().delete()
    sweep()
    assert not Observation.objects.filter(pk=held.pk).exists()


def test_an_added_photo_waits_until_somebody_names_it_anew(alice, bob, tree, held, dataset, rosa):
    """Those who agreed have not seen it."""
    ingest.receive(data=universe.photo_bytes("extra"), owner=alice, observation=held)
    assert freeze(rosa, title="At once").summary["photos"] == 7
    organism = held.occurrences.get()
    identifications.add(occurrence=organism, taxon=organism.agreed_taxon, by=bob)
    assert freeze(rosa, title="Later").summary["photos"] == 8


def test_a_photo_that_was_split_off_waits_for_a_name(alice, held, dataset, rosa):
    partings.split(photo=held.photos.last(), by=alice)
    assert freeze(rosa, title="The next").summary["photos"] == 6
