"""Photos in pieces (tus 1.0): once each, counted once, gone when they are over; by tuspy, through a cut line."""

import base64
import hashlib
import io
import tracemalloc
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient
from tusclient.client import TusClient

from accounts import actions as accounts
from home.actions import leaving
from species import uploads
from species.images.refusals import MAX_BYTES
from species.models import Allowance, Photo, Upload
from tests import universe
from tests.clients.python.cutting import proxy
from tests.problems import problem, refusals

DATA = universe.photo_bytes("in pieces", (320, 160))
AT = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}


def token(person, **more) -> dict[str, str]:
    secret = accounts.make_token(user=person, name="test", by=person, **more).secret
    return {"Authorization": f"Token {secret}"}


@pytest.fixture
def api(alice) -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=token(alice)["Authorization"])
    return client


def said(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def begin(api, length: int = len(DATA), metadata: str = "", **headers):
    return api.post(AT, headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata} | headers)


def piece(api, where: str, offset: int, data: bytes, kind="application/offset+octet-stream", **headers):
    return api.patch(where, data, content_type=kind, headers=TUS | {"Upload-Offset": str(offset)} | headers)


def used(person) -> int:
    return sum(Allowance.objects.filter(who=f"person {person.pk}").values_list("used", flat=True))


def stored() -> list[str]:
    try:
        return default_storage.listdir(uploads.FOLDER)[1]
    except FileNotFoundError:
        return []


def test_in_three_pieces_it_is_a_photo_of_a_sighting(api, alice):
    sighting, id = universe.sighting(alice, seed="draft", published=False), uuid4()
    metadata = said(
        filename="IMG_1.jpg", id=str(id), observation=str(sighting.pk), consents="show", credit="Me"
    )
    before = used(alice)
    begun = begin(api, metadata=metadata)
    assert begun.status_code == 201 and begun["Tus-Resumable"] == "1.0.0" and begun["Upload-Expires"]
    where = begun["Location"]
    assert where.endswith(f"{AT}/{id}") and used(alice) == before + len(DATA)
    assert begin(api, metadata=metadata)["Location"] == where, "begun twice, it is the same"
    first = piece(api, where, 0, DATA[:100])
    assert first.status_code == 204 and first["Upload-Offset"] == "100"
    again = piece(api, where, 0, DATA[:100])
    assert problem(again, 409)["code"] == "other_offset"
    assert "byte 100" in problem(again, 409)["detail"]
    piece(api, where, 100, DATA[100:200])
    assert len(stored()) == 2 and list(uploads.files_expected(uploads.FOLDER)) == [
        f"{uploads.FOLDER}/{name}" for name in sorted(stored())
    ]
    stands = api.head(where, headers=TUS)
    assert (stands["Upload-Offset"], stands["Upload-Length"]) == ("200", str(len(DATA)))
    assert "no-store" in stands["Cache-Control"]
    last = piece(api, where, 200, DATA[200:])
    assert last.status_code == 204 and last["Content-Location"] == f"/api/v1/photos/{id}"
    photo = Photo.objects.get(pk=id)
    assert photo.sha256 == hashlib.sha256(DATA).hexdigest() and photo.observation_id == sighting.pk
    assert (photo.file_name, photo.credit) == ("IMG_1.jpg", "Me")
    assert set(photo.consents.filter(granted=True).values_list("purpose", flat=True)) == {"show"}
    assert stored() == [] and used(alice) == before + len(DATA), "counted once"
    row = api.get(where).json()
    assert (row["state"], row["photo"], row["offset"]) == ("done", str(id), len(DATA))
    assert piece(api, where, len(DATA), b"").status_code == 204, "asked once more, it is done"


def test_where_only_post_comes_through_the_method_stands_in_a_header(api, alice):
    where = begin(api)["Location"]
    instead = {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    kind = "application/offset+octet-stream"
    assert api.post(where, DATA, content_type=kind, headers=TUS | instead).status_code == 204
    assert api.get(where).json()["state"] == "done" and Photo.objects.filter(owner=alice).count() == 1
    end = TUS | {"X-HTTP-Method-Override": "delete"}
    assert api.post(where, headers=end).status_code == 204 and api.get(where).status_code == 404
    # No other method, and nowhere else.
    assert api.post(where, headers=TUS | {"X-HTTP-Method-Override": "GET"}).status_code == 405
    photo = Photo.objects.get(owner=alice)
    assert api.post(f"/api/v1/photos/{photo.pk}", headers=end).status_code == 405


def test_a_photo_that_was_there_before_is_that_one_and_not_counted(api, alice):
    universe.sighting(alice, seed="other")
    before = api.put(f"/api/v1/photos/{uuid4()}", DATA, content_type="image/jpeg").json()
    count = used(alice)
    where = begin(api)["Location"]
    assert used(alice) == count + len(DATA)
    assert piece(api, where, 0, DATA)["Content-Location"].endswith(before["id"])
    assert (
        used(alice) == count
        and Photo.objects.filter(owner=alice, sha256=before["file"]["sha256"]).count() == 1
    )


def test_a_checksum_is_checked_and_a_wrong_piece_is_not_kept(api):
    where = begin(api)["Location"]

    def of(name: str, data: bytes) -> str:
        return f"{name} {base64.b64encode(hashlib.new(name, data).digest()).decode()}"

    wrong = piece(api, where, 0, DATA[:10], **{"Upload-Checksum": of("sha1", b"other")})
    assert problem(wrong, 460)["code"] == "checksum_mismatch" and stored() == []
    assert api.head(where, headers=TUS)["Upload-Offset"] == "0"
    assert piece(api, where, 0, DATA[:10], **{"Upload-Checksum": of("sha1", DATA[:10])}).status_code == 204
    assert piece(api, where, 10, DATA[10:], **{"Upload-Checksum": of("sha256", DATA[10:])}).status_code == 204
    for nonsense in ("md5 YQ==", "sha1", "sha1 !", "sha1 YQ=="):
        refused = piece(api, where, 10, b"", **{"Upload-Checksum": nonsense})
        assert refused.status_code == 400 and "Upload-Checksum" in refusals(refused)


@pytest.mark.parametrize(
    ("data", "headers", "code"),
    [
        (b"%PDF-1.7 no photo", {}, "not_an_image"),
        (DATA[: len(DATA) // 2], {}, "truncated"),
        (DATA, {"Repr-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(b'other').digest()).decode()}:"},
         "digest_mismatch"),
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_at_its_end_and_nothing_is_left(api, alice, data, headers, code):
    where = begin(api, len(data), **headers)["Location"]
    piece(api, where, 0, data[:10])
    refused = piece(api, where, 10, data[10:])
    assert refused.status_code == 400 and problem(refused)["errors"][0]["code"] == code
    assert piece(api, where, 10, data[10:]).status_code == 400, "and asked again"
    row = api.get(where).json()
    assert (row["state"], row["refused"], row["photo"]) == ("refused", code, None) and row["refusal"]
    assert stored() == [] and used(alice) == 0 and not Photo.objects.exists()


def test_it_is_refused_before_it_begins_where_that_is_known(api, alice, bob, settings):
    theirs = universe.sighting(bob, seed="bobs", published=False)
    assert begin(api, metadata=said(observation=str(theirs.pk))).status_code == 404
    assert begin(api, metadata=said(id=str(theirs.photos.get().pk))).status_code == 404
    assert problem(begin(api, 0))["errors"][0]["code"] == "empty"
    assert problem(begin(api, MAX_BYTES + 1))["errors"][0]["code"] == "too_large"
    for nonsense in (said(licence="mine"), said(colour="red"), "licence", "filename !", said(id="7")):
        assert "Upload-Metadata" in refusals(begin(api, metadata=nonsense)), nonsense
    for nonsense in ("", "-1", "ten", "9" * 30):
        assert "Upload-Length" in refusals(begin(api, **{"Upload-Length": nonsense}))
    assert begin(api, metadata=said(filename="a.jpg", filetype="image/jpeg")).status_code == 201
    settings.UPLOAD_BYTES_PER_DAY = len(DATA)
    full = begin(api)
    assert full.status_code == 429 and full["Retry-After"], "what was begun is counted as what was sent"


def test_the_version_is_asked_for_and_said(api):
    spoken = APIClient().options(AT)
    assert spoken.status_code == 204 and spoken["Tus-Version"] == "1.0.0"
    assert set(spoken["Tus-Extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}
    assert spoken["Tus-Max-Size"] == str(MAX_BYTES) and "sha1" in spoken["Tus-Checksum-Algorithm"]
    other = begin(api, **{"Tus-Resumable": "0.2.2"})
    assert other.status_code == 412 and other["Tus-Version"] == "1.0.0"
    assert "Tus-Resumable" in refusals(api.post(AT, headers={"Upload-Length": "10"}))
    where = begin(api)["Location"]
    assert piece(api, where, 0, b"x", kind="application/octet-stream").status_code == 415
    more = piece(api, where, 0, DATA + b"x")
    assert more.status_code == 413 and stored() == []


def test_others_find_nothing_and_a_token_for_other_things_may_not(api, alice, bob, ada):
    where = begin(api)["Location"]
    for person in (bob, ada):
        other = APIClient()
        other.credentials(HTTP_AUTHORIZATION=token(person)["Authorization"])
        assert other.head(where, headers=TUS).status_code == 404
        assert piece(other, where, 0, DATA).status_code == 404
        assert other.delete(where, headers=TUS).status_code == 404
        assert begin(other, metadata=said(id=where[-36:])).status_code == 404
    assert piece(APIClient(), where, 0, DATA).status_code == 401
    narrow = APIClient()
    narrow.credentials(HTTP_AUTHORIZATION=token(alice, scopes=["read"])["Authorization"])
    assert begin(narrow).status_code == 403 and narrow.head(where, headers=TUS).status_code == 200
    assert not Photo.objects.exists()


def test_ended_or_over_it_is_gone_and_its_bytes_are_free_again(api, alice):
    ended, over, done = (begin(api)["Location"] for _ in range(3))
    for where in (ended, over):
        piece(api, where, 0, DATA[:10])
    piece(api, done, 0, DATA)
    assert api.delete(ended, headers=TUS).status_code == 204
    assert api.head(ended, headers=TUS).status_code == api.delete(ended, headers=TUS).status_code == 404
    assert used(alice) == 2 * len(DATA)
    Upload.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert piece(api, over, 10, DATA[10:]).status_code == 404, "over before it is swept"
    uploads.forget_old()
    uploads.forget_old()
    assert not Upload.objects.exists() and stored() == [] and used(alice) == len(DATA)
    assert Photo.objects.filter(pk=done[-36:]).exists(), "what it became stays"


def test_a_piece_that_no_row_knows_is_swept_a_day_later(monkeypatch, db):
    default_storage.save(f"{uploads.FOLDER}/{uuid4()}-0-aaaa", io.BytesIO(b"x"))
    uploads.forget_old()
    assert len(stored()) == 1, "it may be on its way"
    monkeypatch.setattr(uploads, "LASTS", timedelta(seconds=-1))
    uploads.forget_old()
    assert stored() == []


def test_who_leaves_leaves_none(api, alice):
    piece(api, begin(api)["Location"], 0, DATA[:10])
    leaving.ask(user=alice, by=alice, photos="erase", words="keep")
    assert not Upload.objects.exists() and stored() == []


def test_what_arrives_is_not_held_in_memory(alice):
    """Of a piece, however long it is, a part is."""
    upload = uploads.begin(by=alice, id=uuid4(), length=MAX_BYTES, said={})
    body = io.BytesIO(bytes(MAX_BYTES - 1))
    tracemalloc.start()
    try:
        uploads.add(upload=upload, by=alice, offset=0, body=body, checksum=None)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.django_db(transaction=True)
def test_tuspy_sends_each_once_through_a_line_that_is_cut(live_server, alice, tmp_path):
    files = {f"{number}.jpg": universe.photo_bytes(f"cut {number}", (320, 160)) for number in range(6)}
    with proxy(live_server.url, every=5) as line:
        client = TusClient(f"{line.url}{AT}", headers=token(alice))
        for number, (name, data) in enumerate(files.items()):
            (tmp_path / name).write_bytes(data)
            metadata = {"filename": name, "id": str(uuid4())}
            uploader = client.uploader(
                str(tmp_path / name),
                chunk_size=len(data) // 4,
                retries=20,
                retry_delay=0,
                metadata=metadata,
                upload_checksum=bool(number % 2),
            )
            for _ in range(10):  # to begin is not tried again by itself
                try:
                    uploader.upload()
                    break
                except Exception as error:
                    last = error
            else:
                raise last
        assert len(line.cut) == 5, "each way was met"
    rows = Photo.objects.filter(owner=alice)
    assert sorted(rows.values_list("sha256", flat=True)) == sorted(
        hashlib.sha256(data).hexdigest() for data in files.values()
    )
    assert used(alice) == sum(map(len, files.values())) and stored() == []
