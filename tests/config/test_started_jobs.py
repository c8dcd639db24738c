"""Whatever starts a job answers 202 and where that is, and whoever started it may follow it."""

import pytest

from config.description import Generator
from jobs import worker
from jobs.models import Job

# What has to be so before it can be asked.
UNDONE = "/api/v1/taxon-changes/{id}/undo POST"


def starting() -> list[str]:
    paths = Generator().get_schema(request=None, public=True)["paths"]
    return sorted(
        f"{path} {method.upper()}"
        for path, methods in paths.items()
        for method, said in methods.items()
        if "202" in said["responses"] and "/webhooks/" not in path  # followed by its delivery
    )


def test_every_one_of_them_says_where_the_job_is():
    paths = Generator().get_schema(request=None, public=True)["paths"]
    found = starting()
    assert {each.split("/")[3].split(" ")[0] for each in found} == {
        "datasets",
        "imports",
        "jobs",
        "predictions:batch",
        "runs",
        "takeouts",
        "taxon-changes",
    }
    for path, method in (each.split(" ") for each in found):
        said = paths[path][method.lower()]["responses"]
        assert said["202"]["headers"]["Location"]["required"], path
        assert not said.keys() & {"200", "201", "204"}, f"{path} answers this and nothing else"


@pytest.mark.django_db
@pytest.mark.parametrize("operation", starting())
def test_the_job_is_there_for_whoever_started_it(scene, ada, operation):
    path, method = operation.split(" ")
    short = operation.removeprefix("/api/v1/")
    noun = path.split("/")[3]
    client = scene.clients["admin"]
    if operation == UNDONE:
        assert client.post(path.replace("undo", "apply").format(id=scene.rows[noun])).status_code == 202
        worker.run_due()
    before = set(Job.objects.values_list("pk", flat=True))
    answer = client.post(path.format(id=scene.rows.get(noun, "")), scene.bodies.get(short, {}), format="json")
    assert answer.status_code == 202, answer.json()
    job = client.get(answer["Location"])
    assert job.status_code == 200 and job.json()["state"] == "waiting"
    if "retry" not in operation:
        assert Job.objects.exclude(pk__in=before).filter(pk=job.json()["id"]).exists()
