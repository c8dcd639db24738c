"""Downloads: with and without photos, whole or from where one broke off, by page and API."""

import base64
import hashlib

import pytest
from django.urls import reverse

from research import downloads
from research.exports import FORMATS
from research.manifest import store
from tests.research.building import opened


@pytest.fixture
def address(dataset, charlie, client) -> str:
    client.force_login(charlie)
    return reverse("dataset_export", args=[dataset.pk, "csv"])


def got(client, url: str, **headers) -> tuple:
    response = client.get(url, headers=headers)
    return response, b"".join(response.streaming_content) if response.streaming else response.content


def test_a_download_that_broke_off_goes_on_where_it_was(dataset, address, client):
    whole, data = got(client, address)
    assert whole.status_code == 200 and int(whole["Content-Length"]) == len(data)
    assert whole["Accept-Ranges"] == "bytes"
    half = len(data) // 2
    rest, more = got(client, address, **{"Range": f"bytes={half}-", "If-Range": whole["ETag"]})
    assert rest.status_code == 206 and data[:half] + more == data
    assert rest["Content-Range"] == f"bytes {half}-{len(data) - 1}/{len(data)}"
    assert int(rest["Content-Length"]) == len(more)
    assert (
        hashlib.sha256(data).digest()
        == hashlib.sha256(b"".join(FORMATS["csv"].write(store.read(dataset)))).digest()
    )


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=5-9", 5, 9), ("bytes=-7", -7, None), ("bytes=10-999999999", 10, None)],
)
def test_parts(said, first, last, address, client):
    _, data = got(client, address)
    part, found = got(client, address, Range=said)
    assert part.status_code == 206 and found == data[first : None if last is None else last + 1]


@pytest.mark.parametrize("said", ["bytes=5-4", "bytes=0-1,4-5", "lines=1-2", "bytes=", "bytes=x-", "0-5"])
def test_what_is_no_one_part_is_answered_whole(said, address, client):
    response, data = got(client, address, Range=said)
    assert response.status_code == 200 and len(data) == int(response["Content-Length"])


def test_a_part_that_is_not_there(address, client):
    for said in ("bytes=999999999-", "bytes=-0"):
        response, _ = got(client, address, Range=said)
        assert response.status_code == 416 and response["Content-Range"].startswith("bytes */")


def test_a_part_of_another_content_is_answered_whole(address, client):
    response, _ = got(client, address, **{"Range": "bytes=5-", "If-Range": '"another"'})
    assert response.status_code == 200


def test_the_api_likewise(dataset, charlie, address, client):
    url = f"/api/v1/datasets/{dataset.pk}/exports/csv"
    whole, data = got(client, url)
    part, found = got(client, url, **{"Range": "bytes=100-199", "If-Range": whole["ETag"]})
    assert (part.status_code, found) == (206, data[100:200])
    alone, _ = got(client, url + "?images=false")
    assert alone["ETag"] != whole["ETag"] and int(alone["Content-Length"]) < len(data)
    assert got(client, url + "?images=perhaps")[0].status_code == 400
    assert got(client, url, **{"If-None-Match": whole["ETag"]})[0].status_code == 304


def test_without_photos(dataset, address, client):
    response, _ = got(client, reverse("dataset_data", args=[dataset.pk, "geojson"]))
    assert response["Content-Disposition"].endswith('-geojson-data.zip"')
    response, data = got(client, reverse("dataset_data", args=[dataset.pk, "geojson"]))
    assert not [name for name in opened([data]).namelist() if name.endswith(".jpg")]
    assert client.get(reverse("dataset_data", args=[dataset.pk, "tarball"])).status_code == 404
    client.logout()
    assert client.get(reverse("dataset_data", args=[dataset.pk, "geojson"])).status_code == 302


def test_the_page_says_what_opens_each(dataset, address, client):
    page = client.get(reverse("dataset", args=[dataset.pk])).content.decode()
    for format in FORMATS.values():
        assert format.title in page
        assert reverse("dataset_export", args=[dataset.pk, format.name]) in page
        assert reverse("dataset_data", args=[dataset.pk, format.name]) in page


def test_it_says_its_sha256_and_that_it_stays(dataset, address, client, monkeypatch):
    def said(data: bytes) -> str:
        return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"

    whole, data = got(client, address)
    assert whole["Repr-Digest"] == said(data) and "Sunset" not in whole
    part, _ = got(client, address, Range="bytes=0-0", **{"Want-Repr-Digest": "sha-256=1"})
    assert part["Repr-Digest"] == said(data), "of the whole"
    monkeypatch.setattr(downloads, "HASHED", 10)
    large, _ = got(client, address)
    assert "Repr-Digest" not in large, "nobody waits for it who has not asked"
    asked, _ = got(client, address, **{"Want-Repr-Digest": "sha-256=1"})
    assert asked["Repr-Digest"] == said(data)
    manifest, data = got(client, f"/api/v1/datasets/{dataset.pk}/manifest")
    assert manifest["Repr-Digest"] == said(data)
    row = client.get(f"/api/v1/datasets/{dataset.pk}").json()
    assert row["exports_expire"] is None and "csv" in row["formats"]
