import pytest
from django.urls import reverse

from jobs import actions, leases
from jobs.models import Job, State
from jobs.registry import job


@pytest.fixture
def made(alice) -> list[Job]:
    job("grow")(lambda context: None)
    return [actions.enqueue(kind="grow", by=alice, title=f"Grow {number}") for number in range(3)]


def test_the_admin_stops_and_retries_through_the_actions(client, ada, made):
    leases.fail(leases.claim(made[0].pk), message="No.", error="", permanent=True)
    client.force_login(ada)
    address = reverse("admin:jobs_job_changelist")
    chosen = {"_selected_action": [str(each.pk) for each in made]}
    page = client.post(address, {"action": "cancel_jobs"} | chosen, follow=True).content.decode()
    assert "2 stopped" in page
    assert "“Grow 0” has already ended" in page
    client.post(address, {"action": "retry_jobs"} | chosen, follow=True)
    assert set(Job.objects.values_list("state", flat=True)) == {State.WAITING}


def test_rows_are_looked_at_and_not_written(client, ada, rita, made):
    client.force_login(ada)
    address = reverse("admin:jobs_job_change", args=[made[0].pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"state": "done"}).status_code == 403
    assert client.get(reverse("admin:jobs_job_add")).status_code == 403
    client.force_login(rita)
    assert client.get(address).status_code in (302, 403)
