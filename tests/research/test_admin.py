"""The admin shows datasets and changes none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from research.models import Dataset, DatasetPhoto

LISTS = (
    "admin:research_dataset_changelist",
    "admin:research_datasetphoto_changelist",
    "admin:research_datasetperson_changelist",
)


@pytest.mark.parametrize("page", LISTS)
def test_admins_alone_look(page, dataset, client, alice, bob, charlie, rita, rosa, ada):
    for person in (alice, bob, charlie, rosa):
        client.force_login(person)
        assert client.get(reverse(page)).status_code == 302
    client.force_login(rita)
    assert client.get(reverse(page)).status_code == 403
    client.force_login(ada)
    shown = client.get(reverse(page))
    assert shown.status_code == 200
    assert "Trout of the Enns v1" in shown.content.decode()


def test_photos_have_thumbnails(dataset, client, ada):
    client.force_login(ada)
    shown = client.get(reverse(LISTS[1])).content.decode()
    assert shown.count("-320") == 0 and shown.count("/320.jpg") == 7


def test_nothing_is_changed_here(dataset, client, ada):
    client.force_login(ada)
    row = DatasetPhoto.objects.first()
    for model, pk in (("dataset", dataset.pk), ("datasetphoto", row.pk)):
        assert client.get(reverse(f"admin:research_{model}_add")).status_code == 403
        assert client.get(reverse(f"admin:research_{model}_delete", args=[pk])).status_code == 403
        url = reverse(f"admin:research_{model}_change", args=[pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"title": "Mine", "side": "test"}).status_code == 403
    assert Dataset.objects.get().title == "Trout of the Enns"


@pytest.mark.parametrize("page", LISTS)
def test_lists_take_few_queries(page, dataset, client, ada):
    client.force_login(ada)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(page))
    assert len(queries) <= 7
