import pytest
from rest_framework.test import APIClient

from jobs import actions, worker
from jobs.models import Job
from jobs.registry import job

JOBS = "/api/v1/jobs"


@pytest.fixture
def api(db) -> APIClient:
    return APIClient()


@pytest.fixture
def alices(alice) -> Job:
    job("grow")(lambda context: None)
    return actions.enqueue(kind="grow", title="Grow it", by=alice, arguments={"secret": 1})


def test_only_ones_own_jobs_and_no_arguments(api, alice, bob, ada, alices):
    assert api.get(JOBS).status_code in (401, 403)
    api.force_authenticate(bob)
    assert api.get(JOBS).json()["results"] == []
    assert api.get(f"{JOBS}/{alices.pk}").status_code == 404
    assert api.post(f"{JOBS}/{alices.pk}/cancel").status_code == 404
    for person in (alice, ada):
        api.force_authenticate(person)
        (found,) = api.get(JOBS).json()["results"]
        assert (found["id"], found["title"], found["state"]) == (str(alices.pk), "Grow it", "waiting")
        assert not {"arguments", "error"} & set(found)


def test_cancel_and_retry(api, alice, alices):
    api.force_authenticate(alice)
    assert api.post(f"{JOBS}/{alices.pk}/cancel").json()["state"] == "cancelled"
    assert api.get(JOBS, {"state": "waiting"}).json()["results"] == []
    assert api.post(f"{JOBS}/{alices.pk}/retry").json()["state"] == "waiting"
    worker.run_due()
    answer = api.post(f"{JOBS}/{alices.pk}/cancel")
    assert answer.status_code == 400
    assert "already ended" in str(answer.json())


def test_the_list_asks_the_same_few_questions_however_long(api, alice, alices, django_assert_max_num_queries):
    api.force_authenticate(alice)
    with django_assert_max_num_queries(2) as first:
        assert len(api.get(JOBS).json()["results"]) == 1
    last = alices
    for number in range(4):
        last = actions.enqueue(kind="grow", title=f"Grow {number}", by=alice, after=last)
    with django_assert_max_num_queries(len(first)):
        assert len(api.get(JOBS).json()["results"]) == 5
