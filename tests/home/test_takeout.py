"""One file with everything that is one's own: complete, nobody else's, once at a time, and gone after a week."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from home import takeouts
from home.actions import takeout as actions
from home.queries import mine
from jobs import worker
from jobs.models import Job
from labeling.actions import comments, field_marks, flags, identifications
from notices.models import Notification
from species.actions import photos
from species.models import Photo
from tests import universe

PAGE = "/accounts/everything/"


@pytest.fixture
def journey(alice, bob, tree, sighting_of_alice):
    """Something of Alice's in most tables, and of Bob's beside it."""
    occurrence = sighting_of_alice.occurrences.get()
    photo = sighting_of_alice.photos.first()
    other = universe.sighting(
        bob, seed="bob", latitude=46.98765, longitude=12.34567, note="Bob's secret pool"
    )
    theirs = other.occurrences.get()
    identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice, note="=SUM(A1)")
    identifications.add(occurrence=theirs, taxon=tree["rainbow_trout"], by=alice)
    identifications.add(occurrence=occurrence, taxon=tree["rainbow_trout"], by=bob, note="Bob's own words")
    comments.add(observation=sighting_of_alice, text="Below the weir.", by=alice)
    flags.raise_flag(photo=other.photos.get(), kind="other", reason="upside down", by=alice)
    field_marks.point(occurrence=occurrence, photo=photo, mark="red spots", x=0.5, y=0.5, by=alice)
    photos.say(photo=photo, purpose="train", granted=False, by=alice)
    universe.sighting(alice, seed="draft", published=False)
    return sighting_of_alice


def gathered(person) -> zipfile.ZipFile:
    job = actions.ask(user=person, by=person)
    worker.run_due()
    job.refresh_from_db()
    assert job.state == "done", job.error
    with default_storage.open(takeouts.name(job)) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def table(archive, name: str) -> list[dict]:
    said = json.loads(archive.read(f"json/{name}.json"))
    rows = list(csv.DictReader(io.StringIO(archive.read(f"csv/{name}.csv").decode())))
    assert len(rows) == len(said)
    return said


def test_it_opens_and_holds_everything(journey, alice):
    archive = gathered(alice)
    assert archive.testzip() is None
    own = Photo.objects.filter(owner=alice)
    files = {name: archive.read(name) for name in archive.namelist() if name.startswith("originals/")}
    assert {Path(name).stem for name in files} == {str(photo.pk) for photo in own}
    for photo in own:
        with default_storage.open(photo.original_name) as file:
            assert files[f"originals/{photo.pk}.jpg"] == file.read()
    assert table(archive, "account")[0]["email"] == "alice@example.org"
    sightings = {row["id"]: row for row in table(archive, "observations")}
    assert sightings[str(journey.pk)]["latitude"] == 47.26812
    assert {row["state"] for row in sightings.values()} == {"published", "draft"}
    assert {row["taxon"] for row in table(archive, "identifications")} == {
        "Salmo trutta",
        "Oncorhynchus mykiss",
    }
    assert [row["text"] for row in table(archive, "comments")] == ["Below the weir."]
    assert [row["mark"] for row in table(archive, "field_marks")] == ["red spots"]
    assert [row["reason"] for row in table(archive, "flags")] == ["upside down"]
    consents = table(archive, "consents")
    train = [row for row in consents if row["purpose"] == "train" and row["photo"] == str(own.first().pk)]
    assert sorted((row["granted"], row["superseded_at"] is None) for row in train) == [
        (False, True),
        (True, False),
    ]
    assert all(row["by_you"] for row in consents)


def test_every_column_is_explained_and_no_cell_is_run(journey, alice):
    archive = gathered(alice)
    said = archive.read("README.txt").decode()
    for each in mine.tables():
        assert f"csv/{each.name}.csv" in archive.namelist() and each.what in said
        for name, column in each.columns.items():
            assert f"    {name}: {column.meaning}" in said
    assert "'=SUM(A1)" in archive.read("csv/identifications.csv").decode()
    assert table(archive, "identifications")[0]["note"] in ("=SUM(A1)", "")


def test_nothing_private_of_others_is_in_it(journey, alice, bob):
    archive = gathered(alice)
    everything = b"".join(
        archive.read(name) for name in archive.namelist() if not name.startswith("originals/")
    )
    for secret in (b"bob@example.org", b"46.98765", b"Bob's secret pool", b"Bob's own words"):
        assert secret not in everything


def test_every_table_that_leads_to_a_person_is_taken_away_or_has_a_reason():
    """A new table must not be forgotten here."""
    # Held for a day, what the site did itself, what is about others, and what is said of somebody else.
    without = {
        *("accounts.KeptAnswer", "accounts.Departure", "species.PersonWords", "labeling.Reliability"),
        "labeling.ReviewCase",
        # For a minute, beside a token that is taken away, and of ways to log in that this site does not have.
        *("oauth2_provider.Grant", "oauth2_provider.RefreshToken"),
        *("oauth2_provider.IDToken", "oauth2_provider.DeviceGrant"),
        *("research.Dataset", "ml.TrainingRun", "ml.Promotion"),
    }
    taken = {table.rows(User()).model._meta.label for table in mine.tables()}
    leading = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if not field.auto_created and field.is_relation and field.related_model is User
    }
    assert leading - taken == without
    assert {"mfa.Authenticator", "labeling.Caution", "labeling.Suspension", "accounts.Withheld"} <= taken


def test_asking_twice_is_the_same_and_only_its_own_person_gets_it(client, journey, alice, bob, ada):
    client.force_login(alice)
    assert client.post(PAGE).status_code == 302
    client.post(PAGE)
    job = Job.objects.get(kind="takeout")
    assert client.get(PAGE + "file/")["Location"] == PAGE
    worker.run_due()
    assert Notification.objects.get(user=alice, kind="takeout").url == PAGE
    page = client.get(PAGE)
    assert b"Download it" in page.content
    answer = client.get(PAGE + "file/")
    assert answer["Cache-Control"] == "private, no-store" and answer["Content-Type"] == "application/zip"
    ends = parsedate_to_datetime(answer["Sunset"]) - timezone.now()
    assert takeouts.LASTS - timedelta(minutes=5) < ends <= takeouts.LASTS
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None
    for person in (bob, ada):
        client.force_login(person)
        assert client.get(PAGE + "file/")["Location"] == PAGE
    client.logout()
    assert client.get(PAGE).status_code == client.get(PAGE + "file/").status_code == 302
    # When the week is over.
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - takeouts.LASTS - timedelta(minutes=1))
    job.refresh_from_db()
    client.force_login(alice)
    assert client.get(PAGE + "file/")["Location"] == PAGE
    assert default_storage.exists(takeouts.name(job))
    takeouts.forget_old()
    assert not default_storage.exists(takeouts.name(job))


def test_by_the_api_it_is_a_job_with_a_file(client, journey, alice, bob, ada):
    client.force_login(alice)
    at = "/api/v1/takeouts"
    answer = client.post(at)
    job = answer.json()
    assert answer.status_code == 202 and answer["Location"] == f"/api/v1/jobs/{job['id']}"
    assert client.post(at).json()["id"] == job["id"], "while one is at it, it is the same one"
    assert client.get(f"{at}/{job['id']}/file").status_code == 404 and job["result"] is None
    worker.run_due()
    result = client.get(answer["Location"]).json()["result"]
    assert result == f"http://testserver{at}/{job['id']}/file"
    file = client.get(result)
    assert file["Content-Type"] == "application/zip" and file["Cache-Control"] == "private, no-store"
    assert parsedate_to_datetime(file["Sunset"]) > timezone.now()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content)))
    assert archive.testzip() is None and table(archive, "account")[0]["email"] == "alice@example.org"
    for person in (bob, ada):
        client.force_login(person)
        assert client.get(result).status_code == 404
    client.logout()
    assert client.get(result).status_code == client.post(at).status_code == 401
    Job.objects.filter(pk=job["id"]).update(finished_at=timezone.now() - takeouts.LASTS)
    client.force_login(alice)
    assert client.get(result).status_code == 404


def test_what_a_killed_attempt_left_is_swept_and_what_is_at_work_is_not(alice):
    job = actions.ask(user=alice, by=alice)
    half = f"takeouts/{job.pk}-1.zip"
    default_storage.save(half, io.BytesIO(b"half"))
    takeouts.forget_old()
    assert default_storage.exists(half)
    worker.run_due()
    job.refresh_from_db()
    default_storage.save(f"takeouts/{job.pk}-{job.fence + 1}.zip", io.BytesIO(b"another"))
    takeouts.forget_old()
    assert default_storage.listdir("takeouts")[1] == [takeouts.name(job).split("/")[1]]
    assert list(takeouts.files_expected("takeouts")) == [takeouts.name(job)]


def test_nobody_takes_away_anothers(alice, ada):
    with pytest.raises(PermissionDenied):
        actions.ask(user=alice, by=ada)


def test_it_takes_as_many_queries_for_one_row_as_for_many(alice, tree, django_assert_max_num_queries):
    for number in range(3):
        universe.sighting(alice, seed=number)
    job = actions.ask(user=alice, by=alice)
    with django_assert_max_num_queries(2 * len(mine.tables()) + 30):
        worker.run(job.pk)
