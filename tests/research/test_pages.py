"""Pages of datasets: who may do what, what they say, and how many queries they take."""

import re
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions as accounts
from jobs import worker
from look.site import site
from research.actions import datasets
from research.manifest import store
from research.models import Dataset
from species.actions import photos
from tests.research.building import freeze, opened

EVERYBODY = ("anonymous", "owner", "colleague", "stranger", "reviewer", "researcher", "admin")


@pytest.fixture
def site_noun() -> dict[str, str]:
    """What the site calls one and many of its organisms, as `site.yaml` has it."""
    return site()["noun"]


@pytest.fixture
def people(alice, bob, charlie, rita, rosa, ada):
    accounts.grant(user=bob, scope="all", purpose="A joint paper", by=ada)
    everybody = (None, alice, bob, charlie, rita, rosa, ada)
    return dict(zip(EVERYBODY, everybody, strict=True))


def browse(client, person):
    client.logout()
    if person:
        client.force_login(person)
    return client


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def urls(dataset) -> dict[str, str]:
    return {
        "list": reverse("datasets"),
        "page": reverse("dataset", args=[dataset.pk]),
        "manifest": reverse("dataset_manifest", args=[dataset.pk]),
        "export": reverse("dataset_export", args=[dataset.pk, "csv"]),
        "freeze": reverse("freeze_dataset"),
        "retire": reverse("retire_dataset", args=[dataset.pk]),
    }


SIGN_IN = 302
#             anonymous  owner  colleague  stranger  reviewer  researcher  admin
TABLE = {
    "list": (200, 200, 200, 200, 200, 200, 200),
    "page": (200, 200, 200, 200, 200, 200, 200),
    "manifest": (SIGN_IN, 200, 200, 200, 200, 200, 200),
    "export": (SIGN_IN, 200, 200, 200, 200, 200, 200),
    "freeze": (SIGN_IN, 403, 403, 403, 403, 302, 302),
    "retire": (SIGN_IN, 403, 403, 403, 403, 403, 302),
}


@pytest.mark.parametrize("what", TABLE)
def test_who_may(what, dataset, people, client):
    forms = {"freeze": {"title": "Mine"}, "retire": {"reason": "A mistake"}}
    for who, expected in zip(EVERYBODY, TABLE[what], strict=True):
        browse(client, people[who])
        before = list(Dataset.objects.values_list("state", flat=True))
        url = urls(dataset)[what]
        response = client.post(url, forms[what]) if what in forms else client.get(url)
        assert response.status_code == expected, (what, who)
        if who == "anonymous" and expected == SIGN_IN:
            assert response["Location"].startswith(reverse("account_login"))
        if what in forms and (expected == 403 or who == "anonymous"):
            assert list(Dataset.objects.values_list("state", flat=True)) == before


@pytest.mark.parametrize("what", ["freeze", "retire"])
def test_writing_is_never_by_a_link(what, dataset, ada, client):
    assert browse(client, ada).get(urls(dataset)[what]).status_code == 405


def test_the_page_says_what_is_in_it(dataset, client, site_noun):
    said = text(client.get(urls(dataset)["page"]))
    assert f"7 photos of 6 {site_noun['many']} in 3 classes" in said
    assert "Brown trout Salmo trutta" in said and "Oncorhynchus clarkii × Oncorhynchus mykiss" in said
    assert dataset.content_hash in said and "@misc{dataset-" in said
    assert "3 of 3 classes have fewer than 10 groups on the test side" in said
    assert "CC-BY-4.0 7" in said
    assert "Nearly the same picture 0" in said
    assert "Sign in to download" in said


def test_no_page_names_an_organism_that_site_yaml_does_not(dataset, client, ada, site_noun, monkeypatch):
    monkeypatch.setitem(site_noun, "one", "dish")
    monkeypatch.setitem(site_noun, "many", "dishes")
    browse(client, ada)
    for what in ("list", "page"):
        main = client.get(urls(dataset)[what]).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
        assert not re.search(r"\bfish\b", main, re.IGNORECASE)
    assert "6 dishes" in text(client.get(urls(dataset)["page"]))


def test_a_stranger_s_words_are_not_markup(library, rosa, client):
    evil = "<script>alert(1)</script>"
    dataset = freeze(rosa, title=evil, note=evil)
    for what in ("list", "page"):
        assert evil not in client.get(urls(dataset)[what]).content.decode()


def test_while_it_is_frozen_the_page_shows_how_far(library, rosa, charlie, client):
    dataset = datasets.freeze(title="Trout", by=rosa)
    url = urls(dataset)["page"]
    assert "It is being frozen." in text(client.get(url))
    assert "<progress" not in client.get(url).content.decode()
    assert "<progress" in browse(client, rosa).get(url).content.decode()
    assert "<progress" not in browse(client, charlie).get(url).content.decode()
    worker.run_due()
    assert "<progress" not in browse(client, rosa).get(url).content.decode()


def test_a_failed_freeze_says_why_and_offers_another_try(rosa, client):
    dataset = freeze(rosa)
    page = browse(client, rosa).get(urls(dataset)["page"])
    assert "Nothing is verified yet." in text(page)
    assert reverse("retry_job", args=[dataset.job_id]) in page.content.decode()
    assert client.get(urls(dataset)["export"]).status_code == 409
    assert "Not frozen" in text(client.get(urls(dataset)["list"]))


def test_the_form_freezes(library, rosa, client):
    browse(client, rosa)
    response = client.post(reverse("freeze_dataset"), {"title": " Trout of the Inn ", "note": "First try"})
    dataset = Dataset.objects.get()
    assert response["Location"] == urls(dataset)["page"]
    worker.run_due()
    dataset.refresh_from_db()
    assert (dataset.title, dataset.note, dataset.state) == ("Trout of the Inn", "First try", "frozen")
    assert "First try" in text(client.get(urls(dataset)["page"]))


def test_a_freeze_without_a_name_loses_nothing(rosa, client):
    browse(client, rosa)
    response = client.post(reverse("freeze_dataset"), {"title": "", "note": "A long note"})
    assert response.status_code == 400
    assert "A long note" in response.content.decode()
    assert not Dataset.objects.exists()


def test_downloads_are_the_dataset(dataset, charlie, client):
    browse(client, charlie)
    sent = client.get(urls(dataset)["manifest"])
    assert store.content_hash(sent.json()) == dataset.content_hash
    for format in ("csv", "coco"):
        response = client.get(reverse("dataset_export", args=[dataset.pk, format]))
        assert response.streaming and response["Content-Type"] == "application/zip"
        assert response["Content-Disposition"].endswith(f'-{format}.zip"')
        assert dataset.content_hash in response["ETag"]
        zipped = opened(response.streaming_content)
        assert len([name for name in zipped.namelist() if name.startswith("images/")]) == 7


def test_what_is_not_there_is_not_found(dataset, charlie, client):
    browse(client, charlie)
    assert client.get(reverse("dataset", args=[uuid4()])).status_code == 404
    assert client.get(reverse("dataset_export", args=[dataset.pk, "tarball"])).status_code == 404
    assert client.get(reverse("dataset_export", args=[uuid4(), "csv"])).status_code == 404


def test_a_retired_dataset_is_gone_with_its_reason(dataset, ada, client):
    browse(client, ada)
    assert client.post(urls(dataset)["retire"], {"reason": ""}).status_code == 400
    client.post(urls(dataset)["retire"], {"reason": "Two kinds were mixed up."})
    for what in ("manifest", "export"):
        response = client.get(urls(dataset)[what])
        assert response.status_code == 410
        assert "Two kinds were mixed up." in text(response)
    page = client.get(urls(dataset)["page"])
    assert page.status_code == 200 and "Two kinds were mixed up." in text(page)
    assert urls(dataset)["export"] not in page.content.decode()
    assert client.post(urls(dataset)["retire"], {"reason": "Again"}).status_code == 400


def test_a_lost_manifest_is_an_answer_and_no_crash(dataset, charlie, client):
    default_storage.delete(dataset.manifest_name)
    response = browse(client, charlie).get(urls(dataset)["export"])
    assert response.status_code == 503 and "cannot be read" in text(response)


def test_the_owner_of_a_photo_sees_which_datasets_hold_it(dataset, library, people, rosa, client):
    photo = library[1].photos.first()
    url = reverse("photo_datasets", args=[photo.pk])
    photos.say(photo=photo, purpose="research", granted=False, by=people["owner"])
    freeze(rosa, title="The next one")
    expected = (302, 200, 404, 404, 404, 404, 200)
    for who, status in zip(EVERYBODY, expected, strict=True):
        response = browse(client, people[who]).get(url)
        assert response.status_code == status, who
        if status == 200:
            assert "published in 1 dataset" in text(response)
            assert "Trout of the Enns v1" in text(response) and "The next one" not in text(response)
    assert browse(client, people["owner"]).get(reverse("photo_datasets", args=[uuid4()])).status_code == 404


def test_an_admin_erases_at_the_owner_s_wish(dataset, library, people, client):
    photo = library[1].photos.first()
    url = reverse("erase_from_datasets", args=[photo.pk])
    expected = (302, 403, 404, 404, 404, 404, 400)
    for who, status in zip(EVERYBODY, expected, strict=True):
        assert browse(client, people[who]).post(url).status_code == status, who
    assert client.post(url, {"sure": "on"})["Location"] == reverse("datasets")
    dataset.refresh_from_db()
    assert dataset.state == "retired"
    assert client.get(urls(dataset)["export"]).status_code == 410


def test_the_list_takes_the_same_queries_for_one_and_for_many(library, rosa, client):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("datasets"))
        return len(queries)

    browse(client, rosa)
    freeze(rosa)
    client.get(reverse("datasets"))
    one = count()
    for number in range(5):
        datasets.freeze(title=f"More {number}", by=rosa)
    assert count() == one <= 8


def test_a_page_of_a_dataset_takes_few_queries(dataset, rosa, client, django_assert_max_num_queries):
    browse(client, rosa)
    with django_assert_max_num_queries(5):
        client.get(urls(dataset)["page"])


def test_the_datasets_of_a_photo_take_the_same_queries_for_one_and_for_many(library, rosa, alice, client):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    url = reverse("photo_datasets", args=[library[0].photos.first().pk])
    freeze(rosa)
    browse(client, alice).get(url)
    one = count()
    for number in range(3):
        freeze(rosa, title=f"More {number}")
    assert "published in 4 datasets" in text(client.get(url))
    assert count() == one <= 8
