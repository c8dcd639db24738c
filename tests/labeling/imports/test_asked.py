"""`POST /imports`: a table of photos at addresses, refused before it is a job, taken in by one."""

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from jobs import worker
from jobs.models import Job
from labeling.imports import asked
from labeling.models import Identification
from species.models import Photo
from tests.problems import problem

AT = "/api/v1/imports"
SAID = {"source": "Fish of the Enns", "licence": "CC-BY-4.0", "consents": ["show", "research"]}


def of(person) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def table(*lines: str) -> str:
    return "\n".join(["url,label,observed_at", *lines])


def test_a_table_is_taken_in_by_a_job_and_again_it_changes_nothing(web, rita, tree):
    address, asked_for = web
    said = SAID | {"table": table(f"{address}/0.jpg,brown_trout,2015-04-13", f"{address}/gone.jpg,chub,")}
    for _ in range(2):
        answer = of(rita).post(AT, said, format="json")
        assert answer.status_code == 202, answer.content
        worker.run(answer.json()["id"])
        row = of(rita).get(answer["Location"]).json()
        assert row["state"] == "done" and "line 3" in row["message"] and "404" in row["message"]
    photo = Photo.objects.get()
    assert (photo.licence, photo.batch.operator) == ("CC-BY-4.0", rita)
    assert set(photo.consents.filter(granted=True).values_list("purpose", flat=True)) == {"show", "research"}
    said_of_it = Identification.objects.get()
    assert said_of_it.taxon.label == "brown_trout" and said_of_it.person.is_source
    assert asked_for.count("/0.jpg") == 1


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ({"table": "nothing"}, ""),
        ({"table": table()}, "names no photo"),
        ({"table": table("https://example.org/1.jpg,,")}, "line 2"),
        ({"licence": "free for all"}, "SPDX"),
        ({"trust": True}, "why this source is trusted"),
        ({"consents": ["sell"]}, "sell"),
        ({"source": "a" * 81}, "80"),
    ],
)
def test_what_is_wrong_is_said_before_there_is_a_job(rita, tree, bad, what):
    good = SAID | {"table": table("https://example.org/1.jpg,brown_trout,")}
    assert what in problem(of(rita).post(AT, good | bad, format="json"))["detail"]
    assert not Job.objects.filter(kind=asked.KIND).exists()


def test_no_line_names_a_file_of_this_machine(rita, tree):
    secret = django_settings.ROOT / "tests" / "conftest.py"
    for name in (str(secret), f"../../../..{secret}"):
        said = SAID | {"table": f"file,label\n{name},brown_trout\n"}
        assert of(rita).post(AT, said, format="json").status_code == 400
    assert not Job.objects.filter(kind=asked.KIND).exists()


def test_it_is_for_reviewers(alice, ada, tree):
    said = SAID | {"table": table("https://example.org/1.jpg,brown_trout,")}
    assert of(alice).post(AT, said, format="json").status_code == 403
    assert APIClient().post(AT, said, format="json").status_code == 401
    assert of(ada).post(AT, said, format="json").status_code == 202
