"""A photo as the whole body of a request, and the digest beside it, through each of the two forms."""

import base64
import hashlib
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts import actions as accounts
from species.images.refusals import MAX_BYTES
from species.models import Allowance, Photo
from tests import universe
from tests.problems import problem, refusals

DATA = universe.photo_bytes("as it is")


@pytest.fixture
def api(alice) -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    secret = accounts.make_token(user=alice, name="test", by=alice).secret
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def at(id) -> str:
    return f"/api/v1/photos/{id}"


def raw(api, id, data: bytes = DATA, said: str = "", kind: str = "image/jpeg", **headers):
    return api.put(f"{at(id)}{said}", data, content_type=kind, headers=headers)


def form(api, id, data: bytes = DATA, **headers):
    return api.put(at(id), {"file": SimpleUploadedFile("x.jpg", data)}, format="multipart", headers=headers)


def digest(data: bytes, name: str = "sha256", says: str = "sha-256") -> str:
    return f"{says}=:{base64.b64encode(hashlib.new(name, data).digest()).decode()}:"


def nothing_kept(alice) -> bool:
    stored = default_storage.exists(Photo(sha256=hashlib.sha256(DATA).hexdigest()).original_name)
    used = sum(Allowance.objects.filter(who=f"person {alice.pk}").values_list("used", flat=True))
    return not stored and not Photo.objects.exists() and not used


def test_the_body_is_the_photo_and_the_address_says_the_rest(api, alice):
    id, sighting = uuid4(), universe.sighting(alice, seed="draft", published=False)
    said = f"?observation={sighting.pk}&licence=CC0-1.0&credit=A.%20Angler&consents=show&consents=train"
    answer = raw(api, id, said=said, **{"Content-Disposition": 'attachment; filename="C:\\DCIM\\IMG_7.jpg"'})
    assert answer.status_code == 201, answer.json()
    row = answer.json()
    assert (row["id"], row["observation"], row["licence"]) == (str(id), str(sighting.pk), "CC0-1.0")
    assert row["credit"] == "A. Angler" and row["file"]["name"] == "IMG_7.jpg"
    assert row["file"]["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert row["consents"] == {"show": True, "research": False, "train": True}
    assert raw(api, id).status_code == 200, "the same one again"
    assert form(api, id).status_code == 200, "and through the other form"
    assert Photo.objects.filter(owner=alice, sha256=row["file"]["sha256"]).count() == 1


def test_a_name_in_no_encoding_is_passed_over(api):
    said = {"Content-Disposition": "attachment; filename*=banana''x.jpg"}
    assert raw(api, uuid4(), **said).json()["file"]["name"] in ("", "photo", "banana''x.jpg")


def test_whatever_kind_of_image_it_says_that_it_is(api):
    """What it is, its bytes say."""
    assert raw(api, uuid4(), kind="image/heic").status_code == 201
    answer = raw(api, uuid4(), b"%PDF-1.7 no photo", kind="image/jpeg")
    assert answer.status_code == 400 and problem(answer)["errors"][0]["code"] == "not_an_image"
    assert raw(api, uuid4(), kind="application/pdf").status_code == 415


@pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (b"\0" * (MAX_BYTES + 5), "too_large")])
def test_none_and_too_much(api, alice, data, code):
    answer = raw(api, uuid4(), data)
    assert answer.status_code == 400 and problem(answer)["errors"][0]["code"] == code
    assert nothing_kept(alice)


def test_what_is_said_beside_it_is_refused_as_in_a_form(api, alice, bob):
    theirs = universe.sighting(bob, seed="theirs", published=False)
    assert raw(api, uuid4(), said=f"?observation={theirs.pk}").status_code == 404
    assert refusals(raw(api, uuid4(), said="?licence=cc-by-4.0")) == {
        "licence": ["“cc-by-4.0” is none of the choices. Do you mean “CC-BY-4.0”?"]
    }
    assert "colour" in refusals(raw(api, uuid4(), said="?colour=red"))
    beside = api.put(
        f"{at(uuid4())}?credit=me", {"file": SimpleUploadedFile("x.jpg", DATA)}, format="multipart"
    )
    assert beside.status_code == 400 and "in the form" in refusals(beside)["credit"][0]
    assert not Photo.objects.filter(owner=alice).exists()


def test_nobody_and_a_token_for_other_things_send_none(api, alice):
    assert raw(APIClient(), uuid4()).status_code == 401
    narrow = accounts.make_token(user=alice, name="narrow", by=alice, scopes=["read"]).secret
    api.credentials(HTTP_AUTHORIZATION=f"Token {narrow}")
    assert raw(api, uuid4()).status_code == 403


@pytest.mark.parametrize("send", [raw, form])
class TestDigest:
    def test_the_right_one(self, api, send):
        assert send(api, uuid4(), **{"Repr-Digest": digest(DATA)}).status_code == 201
        both = f"{digest(DATA, 'sha512', 'sha-512')}, {digest(DATA)}, unixsum=:AAAA:"
        assert send(api, uuid4(), **{"Repr-Digest": both}).status_code == 200

    @pytest.mark.parametrize(
        "said", [digest(b"other"), f"{digest(DATA)}, {digest(b'', 'sha512', 'sha-512')}"]
    )
    def test_a_wrong_one_keeps_nothing(self, api, send, alice, said):
        answer = send(api, uuid4(), **{"Repr-Digest": said})
        assert problem(answer, 422)["code"] == "digest_mismatch"
        assert nothing_kept(alice)

    @pytest.mark.parametrize(
        "said", ["banana", "sha-256=abc", "sha-256=:YQ==:", "sha-256=:YQ=", "unixsum=:AAAA:"]
    )
    def test_one_that_cannot_be_compared(self, api, send, alice, said):
        answer = send(api, uuid4(), **{"Repr-Digest": said})
        assert answer.status_code == 400 and problem(answer)["errors"][0]["header"] == "Repr-Digest"
        assert nothing_kept(alice)
