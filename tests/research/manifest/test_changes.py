"""What changed from one version to the next, each thing by its reason; what was published stays as it was."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Licence
from labeling.actions import rulings
from research.downloads import changed
from research.manifest import store
from research.queries.fates import REASONS
from species.actions import photos, taxa
from species.models import Photo
from tests.research.building import agreed, freeze


@pytest.fixture
def later(dataset, library, alice, bob, rita, rosa, tree):
    """Frozen after one was withdrawn, two lost their licence or were hidden, one was ruled otherwise, and one added."""
    published = store.read(dataset)
    photos.say(photo=library[1].photos.get(), purpose="research", granted=False, by=alice)
    Photo.objects.filter(pk=library[2].photos.get().pk).update(licence=Licence.NONE)
    photos.say(photo=library[3].photos.get(), purpose="show", granted=False, by=alice)
    rulings.rule(occurrence=library[4], taxon=tree["bream"], reason="Its fins.", by=rita, confirmed=True)
    agreed(bob, tree["chub"], [alice], seed="added", size=(160, 80))
    found = freeze(rosa)
    assert store.read(dataset) == published
    return found


def test_each_thing_has_its_reason(dataset, later, library):
    found = changed(later, dataset)
    why = {each["photo"]: each["because"] for each in found["removed"]}
    assert why == {
        str(library[1].photos.get().pk): "withdrawn",
        str(library[2].photos.get().pk): "no_licence",
        str(library[3].photos.get().pk): "not_shown",
    }
    assert found["relabelled"] == [
        {"occurrence": str(library[4].pk), "from": "chub", "to": "bream", "because": "named_otherwise"}
    ]
    assert len(found["added"]) == found["counts"]["added"] == 1
    assert found["counts"]["removed_by"] == {"no_licence": 1, "not_shown": 1, "withdrawn": 1}


def test_names_that_are_merged_or_written_otherwise(dataset, library, rosa, ada, tree):
    tree["brown_trout"].label, tree["chub"].synonym_of = "sea_trout", tree["bream"]
    for each in (tree["brown_trout"], tree["chub"]):
        taxa.save(taxon=each, by=ada)
    found = changed(freeze(rosa), dataset)
    said = {(each["from"], each["to"], each["because"]) for each in found["relabelled"]}
    assert said == {("brown_trout", "sea_trout", "renamed"), ("chub", "bream", "merged")}
    assert found["counts"]["removed"] == found["counts"]["added"] == 0


def test_a_narrower_question_is_a_reason(dataset, rosa):
    found = changed(freeze(rosa, query="taxon=chub"), dataset)
    assert set(found["counts"]["removed_by"]) == {"not_asked_for"}


def test_nothing_changed(dataset, rosa):
    assert not any(changed(freeze(rosa), dataset)["counts"].values())


def test_by_page_and_api(dataset, later, charlie, client):
    client.force_login(charlie)
    page = client.get(reverse("dataset", args=[later.pk])).content.decode()
    assert reverse("dataset_changes", args=[later.pk]) in page
    said = " ".join(client.get(reverse("dataset_changes", args=[later.pk])).content.decode().split())
    assert "1 photo added, 3 removed, 1 is called otherwise" in said and REASONS["withdrawn"] in said
    assert client.get(reverse("dataset_changes", args=[dataset.pk])).status_code == 404
    api = APIClient()
    api.force_authenticate(charlie)
    answer = api.get(f"/api/v1/datasets/{later.pk}/changes", {"since": str(dataset.pk)})
    assert answer.json() == changed(later, dataset)
    assert api.get(f"/api/v1/datasets/{later.pk}/changes").status_code == 400
    assert api.get(f"/api/v1/datasets/{later.pk}/changes", {"since": str(charlie.pk)}).status_code == 400
    assert (
        APIClient().get(f"/api/v1/datasets/{later.pk}/changes", {"since": str(dataset.pk)}).status_code == 401
    )
