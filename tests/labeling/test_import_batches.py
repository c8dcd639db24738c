"""The pages and operations of imports as a whole."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from jobs import worker
from labeling.imports.run import ImportRefused, import_collection
from labeling.queries.rulings import trust_in
from species.actions import import_batches
from species.models import BatchWithdrawal, ImportBatch
from tests import universe
from tests.conftest import person

LIST = "/api/v1/import-batches"


@pytest.fixture
def batch(tree, ada) -> ImportBatch:
    return universe.imported(ada)[0]


@pytest.fixture
def page(batch) -> str:
    return reverse("import_batch", args=[batch.pk])


def test_they_are_for_reviewers(client, batch, page, request):
    for address in (page, reverse("import_batches"), LIST, f"{LIST}/{batch.pk}"):
        assert client.get(address).status_code in (302, 401)
    for name, status in {"alice": 403, "bob": 403, "charlie": 403, "rita": 200, "ada": 200}.items():
        client.force_login(request.getfixturevalue(name))
        for address in (
            page,
            reverse("import_batches"),
            LIST,
            f"{LIST}/{batch.pk}",
            f"{LIST}/{batch.pk}/figures",
        ):
            assert client.get(address).status_code == status, (name, address)
        if status == 403:
            assert client.post(page, {"then": "withdraw", "reason": "Mine."}).status_code == 403
    assert not BatchWithdrawal.objects.exists()


def test_withdrawn_and_restored_by_the_page(client, batch, page, rita):
    sighting = batch.observations.get()
    client.force_login(rita)
    refused = client.post(page, {"then": "withdraw", "reason": " "})
    assert refused.status_code == 400 and not BatchWithdrawal.objects.exists()
    answer = client.post(page, {"then": "withdraw", "reason": "Not theirs to give."}, follow=True)
    assert "It is withdrawn" in answer.text and "Not theirs to give." in answer.text
    worker.run_due(["celery"])
    assert Client().get(sighting.get_absolute_url()).status_code == 404
    assert client.get(sighting.get_absolute_url()).status_code == 200  # a reviewer's
    answer = client.post(page, {"then": "restore"}, follow=True)
    worker.run_due(["celery"])
    assert "It is withdrawn" not in answer.text and "restored" in answer.text
    assert Client().get(sighting.get_absolute_url()).status_code == 200


def test_what_came_with_it_is_counted(client, batch, page, rita):
    client.force_login(rita)
    said = client.get(f"{LIST}/{batch.pk}/figures").json()
    assert said == {
        **{"sightings": 1, "shown": 1, "photos": 1},
        **{"verified": 0, "needs_id": 1, "disputed": 0, "more": False},
    }
    assert "Sightings" in client.get(page).text


def test_trusted_and_not_any_more(client, batch, page, rita):
    client.force_login(rita)
    answer = client.post(page, {"then": "trust", "reason": "Named in the hand."}, follow=True)
    assert "Named in the hand." in answer.text
    assert trust_in(batch.source).reason == "Named in the hand."
    client.post(page, {"then": "distrust"})
    assert trust_in(batch.source) is None


def test_by_the_api(batch, rita):
    client = APIClient()
    client.force_login(rita)
    assert client.get(LIST).json()["results"][0]["withdrawal"] is None
    here = f"{LIST}/{batch.pk}"
    assert client.post(f"{here}/withdraw", {}, format="json").status_code == 400
    said = client.post(f"{here}/withdraw", {"reason": "Wrong names."}, format="json").json()
    assert said["withdrawal"]["reason"] == "Wrong names." and said["withdrawal"]["by"]["name"] == "Rita"
    assert client.post(f"{here}/restore").json()["withdrawal"] is None
    assert client.post(f"{here}/restore").status_code == 200


def test_lists_cost_the_same_however_many_there_are(client, batch, rita, django_assert_max_num_queries):
    client.force_login(rita)
    for number in range(5):
        universe.imported(person(f"Operator{number}", "reviewer"), seed=f"more {number}")
    for address in (reverse("import_batches"), LIST, batch.get_absolute_url()):
        with django_assert_max_num_queries(9):
            client.get(address)


def test_what_is_withdrawn_is_not_imported_again(batch, rita, tmp_path, ada):
    (tmp_path / "brown_trout").mkdir()
    (tmp_path / "brown_trout" / "a.jpg").write_bytes(universe.photo_bytes("again"))
    said = {"path": tmp_path, "source": "Twice", "by": rita, "licence": "MIT", "consents": ["show"]}
    assert import_collection(**said).new == 1
    again = ImportBatch.objects.get(source__display_name="Twice")
    import_batches.withdraw(batch=again, reason="Wrong names.", by=ada)
    with pytest.raises(ImportRefused, match="Ada withdrew what was imported so before: “Wrong names.”"):
        import_collection(**said)
    import_batches.restore(batch=again, by=ada)
    assert import_collection(**said).known == 1
