"""The library, at a real site."""

import base64
import hashlib

import pytest

from aquavision import Refused, Site
from labeling.models import Identification
from species.models import Observation, Photo
from tests import universe
from tests.clients.python.conftest import QUICK
from tests.clients.python.cutting import proxy
from tests.clients.python.scripted import answer, problem, scripted

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_a_list_is_walked_to_its_end(site, bob):
    made = [universe.sighting(bob, seed=number) for number in range(5)]
    rows = list(site.rows("observations", page_size=2, order="oldest", taxon=None))
    assert [each["id"] for each in rows] == [str(each.pk) for each in made]


def test_from_a_photo_to_a_name(site, alice, tree):
    data = universe.photo_bytes("one")
    photo = site.upload_photo(data, name="IMG_1.JPG", licence="CC0-1.0", consents=["show", "research"])
    assert photo["notice"] == "" and photo["file"]["name"] == "IMG_1.JPG"
    assert photo["consents"] == {"show": True, "research": True, "train": False}
    site.describe(photo["observation"], note="Under the bridge.", observed_at="2015-10-10")
    sighting = site.publish(photo["observation"])
    assert site.publish(photo["observation"])["published_at"] == sighting["published_at"]
    assert (sighting["state"], sighting["note"], sighting["eventDate"]) == (
        "published",
        "Under the bridge.",
        "2015-10-10",
    )
    said = site.identify(sighting["occurrences"][0]["id"], "brown_trout", confidence="sure")
    assert said["taxon"] == "brown_trout"
    assert Identification.objects.get().person == alice
    assert Photo.objects.get().licence == "CC0-1.0"


def test_its_digest_goes_with_a_photo_and_other_bytes_are_sent_again():
    data = universe.photo_bytes("one")
    taken = answer({"id": "1", "observation": "2", "notice": ""}, "201 Created")
    broken = problem("422 Unprocessable Content", "These are other bytes.", "digest_mismatch")
    with scripted(broken, taken) as script, Site(script.url, "aqua_x", patience=QUICK) as asked:
        assert asked.upload_photo(data)["observation"] == "2"
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert len(script.questions) == 2
    for question in script.questions:
        assert f"Repr-Digest: sha-256=:{digest}:".lower().encode() in question.lower()


def test_the_same_photo_again_is_the_same_one(site, tmp_path):
    (tmp_path / "a.jpg").write_bytes(universe.photo_bytes("one"))
    assert site.find_photo(tmp_path / "a.jpg") is None
    first, again = site.upload_photo(tmp_path / "a.jpg"), site.upload_photo(str(tmp_path / "a.jpg"))
    assert first["id"] == again["id"] == site.photo_id(universe.photo_bytes("one"))
    assert "sent this photo before" in again["notice"]
    assert site.find_photo(tmp_path / "a.jpg")["id"] == first["id"]
    assert Photo.objects.count() == Observation.objects.count() == 1


def test_the_same_photo_of_two_people_is_two(site, live_server, bob, token_of):
    data = universe.photo_bytes("one")
    first = site.upload_photo(data)
    with Site(live_server.url, token_of(bob), patience=QUICK) as other:
        assert other.find_photo(data) is None
        assert other.upload_photo(data)["id"] != first["id"]
        with pytest.raises(Refused) as refused:
            other.describe(first["observation"], note="Mine.")
    assert refused.value.status == 404 and Photo.objects.count() == 2


def test_a_name_that_is_sent_again_stands_once(live_server, token, sighting_of_alice, tree):
    organism = sighting_of_alice.occurrences.get()
    with proxy(live_server.url, every=2) as line, Site(line.url, token, patience=QUICK) as asked:
        for label in ("brown_trout", "chub", "brown_trout"):
            assert asked.identify(organism.pk, label)["taxon"] == label
        assert line.asked["POST"] > 3, "some were asked again"
    assert Identification.objects.get(withdrawn_at=None).taxon.label == "brown_trout"


def test_a_refusal_says_what_is_wrong_with_which_part(site):
    photo = site.upload_photo(universe.photo_bytes("one"))
    with pytest.raises(Refused, match="privacy: ") as refused:
        site.describe(photo["observation"], privacy="hide it")
    assert refused.value.errors[0]["pointer"] == "#/privacy" and refused.value.status == 400
    with pytest.raises(Refused) as refused:
        site.upload_photo(b"no photo at all")
    assert refused.value.errors[0]["code"] == "not_an_image"
    with pytest.raises(ValueError, match="at least one consent"):
        site.upload_photo(universe.photo_bytes("two"), consents=[])
    with pytest.raises(Refused, match="sightngs"):
        site.get("observations", sightngs=1)


def test_nobody_may_look_and_a_wrong_token_may_not(live_server, sighting_of_alice):
    with Site(live_server.url, patience=QUICK) as nobody:
        assert [each["id"] for each in nobody.rows("observations")] == [str(sighting_of_alice.pk)]
        with pytest.raises(Refused) as refused:
            nobody.publish(sighting_of_alice.pk)
    assert refused.value.status == 401
    with Site(live_server.url, "aqua_wrong", patience=QUICK) as wrong:
        with pytest.raises(Refused, match="unknown or was revoked"):
            wrong.get("observations")
