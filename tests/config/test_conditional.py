"""ETags: nobody overwrites what they have not seen, and nobody is sent again what they have."""

import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import actions as accounts
from config.conditional import describe
from config.description import Generator
from labeling.actions import boxes, comments, identifications
from tests import universe
from tests.problems import refusals

PEOPLE = ["alice", "bob", "charlie", "rita", "ada", None]


def speaking_for(person) -> APIClient:
    api = APIClient(enforce_csrf_checks=True)
    if person is not None:
        secret = accounts.make_token(user=person, name="test", by=person).secret
        api.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return api


@pytest.fixture
def sighting(alice, tree):
    return universe.sighting(alice, seed="tag", photos=2, note="By the weir.")


def url_of(sighting) -> str:
    return reverse("api-observation-detail", args=[sighting.pk])


@pytest.fixture
def singles(sighting, tree, bob) -> list[str]:
    """An address of each kind of thing that has one."""
    occurrence, photo = sighting.occurrences.get(), sighting.photos.first()
    said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    written = comments.add(observation=sighting, text="Where was it?", by=bob)
    drawn = boxes.draw(photo=photo, occurrence=occurrence, x=0.1, y=0.1, width=0.5, height=0.5, by=bob)
    named = {
        "observation": sighting,
        "photo": photo,
        "occurrence": occurrence,
        "identification": said,
        "comment": written,
        "box": drawn,
    }
    rows = [reverse(f"api-{kind}-detail", args=[each.pk]) for kind, each in named.items()]
    return [*rows, reverse("api-taxon-detail", args=[tree["chub"].label])]


def test_whoever_has_it_is_not_sent_it_again(singles, alice):
    api = speaking_for(alice)
    for address in singles:
        first = api.get(address)
        tag = first.headers["ETag"]
        assert first.status_code == 200 and tag.startswith('"'), address
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            again = api.get(address, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag), address
        assert api.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
        assert api.head(address).headers["ETag"] == tag


def test_a_list_and_what_becomes_of_its_tag(sighting, alice):
    api, address = speaking_for(alice), reverse("api-observation-list")
    tag = api.get(address).headers["ETag"]
    assert api.get(address, headers={"If-None-Match": tag}).status_code == 304
    universe.sighting(alice, seed="another")
    assert api.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_another_reader_of_another_answer_has_another_tag(sighting, alice, charlie):
    own, others = (speaking_for(each).get(url_of(sighting)) for each in (alice, charlie))
    assert own.json() != others.json() and own.headers["ETag"] != others.headers["ETag"]


def test_who_has_seen_it_as_it_is_writes(sighting, alice):
    api = speaking_for(alice)
    tag = api.get(url_of(sighting)).headers["ETag"]
    answer = api.put(url_of(sighting), {"note": "Below the weir."}, headers={"If-Match": tag})
    assert answer.status_code == 200
    assert api.get(url_of(sighting)).headers["ETag"] != tag
    sighting.refresh_from_db()
    assert sighting.note == "Below the weir."


@pytest.mark.parametrize("said", ['"made up"', "{}", 'W/"made up"', "banana"])
def test_who_has_not_overwrites_nothing(sighting, alice, said):
    api = speaking_for(alice)
    stale = said.format(api.get(url_of(sighting)).headers["ETag"])
    assert api.put(url_of(sighting), {"note": "By the mill."}).status_code == 200
    for write in (
        lambda headers: api.put(url_of(sighting), {"note": "Below the weir."}, headers=headers),
        lambda headers: api.delete(url_of(sighting), headers=headers),
    ):
        refused = write({"If-Match": stale})
        assert list(refusals(refused, 412)) == ["detail"]
    sighting.refresh_from_db()
    assert (sighting.note, sighting.state) == ("By the mill.", "published")


def test_what_hangs_on_it_is_compared_as_well(singles, sighting, alice, bob):
    """A word withdrawn, by the tag of the word; a photo split off, by the tag of the photo."""
    said = next(each for each in singles if "/identifications/" in each)
    api = speaking_for(bob)
    tag = api.get(said).headers["ETag"]
    assert api.post(f"{said}/withdraw", headers={"If-Match": '"another"'}).status_code == 412
    assert api.get(said).json()["withdrawn_at"] is None
    assert api.post(f"{said}/withdraw", headers={"If-Match": tag}).status_code == 200
    photo = reverse("api-photo-detail", args=[sighting.photos.first().pk])
    api = speaking_for(alice)
    assert api.post(f"{photo}/split", headers={"If-Match": '"another"'}).status_code == 412
    assert sighting.photos.count() == 2


def test_made_only_where_there_is_none(sighting, alice):
    api = speaking_for(alice)
    new = reverse("api-observation-detail", args=[uuid4()])
    assert api.put(new, {"note": "New."}, headers={"If-None-Match": "*"}).status_code == 201
    assert api.put(new, {"note": "Again."}, headers={"If-None-Match": "*"}).status_code == 412
    assert api.get(new).json()["note"] == "New."
    assert api.put(new, {"note": "Again."}, headers={"If-None-Match": '"a tag"'}).status_code == 400
    absent = reverse("api-observation-detail", args=[uuid4()])
    assert api.put(absent, {"note": "New."}, headers={"If-Match": "*"}).status_code == 412
    assert api.get(absent).status_code == 404


@pytest.mark.parametrize("condition", ["If-Match", "If-None-Match"])
def test_where_nothing_has_a_tag_none_is_asked(tree, alice, condition):
    api = speaking_for(alice)
    answer = api.post(reverse("api-identification-list"), {}, headers={condition: "*"})
    assert list(refusals(answer, 400)) == [condition]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_tag_tells_no_stranger_of_a_draft(request, who, alice):
    draft = universe.sighting(alice, seed="hidden", published=False)
    api = speaking_for(who and request.getfixturevalue(who))
    tag = speaking_for(alice).get(url_of(draft)).headers["ETag"]
    assert (api.get(url_of(draft), headers={"If-None-Match": tag}).status_code == 304) == (who == "alice")
    nothing = reverse("api-observation-detail", args=[uuid4()])
    for headers in ({"If-Match": '"x"'}, {"If-Match": tag}, {"If-Match": "*"}):
        there = api.delete(url_of(draft), headers=headers)
        if who == "alice" and headers["If-Match"] == '"x"':
            assert there.status_code == 412
        elif who != "alice":
            elsewhere = api.delete(nothing, headers=headers)
            assert (there.status_code, there.content) == (elsewhere.status_code, elsewhere.content)


def test_a_refused_write_leaves_nothing_behind(sighting, alice):
    """Conditions and what else is wrong are answered alike: as one act that was not done."""
    api = speaking_for(alice)
    tag = api.get(url_of(sighting)).headers["ETag"]
    body = {"note": "Elsewhere.", "latitude": 95, "longitude": 11}
    assert api.put(url_of(sighting), body, headers={"If-Match": tag}).status_code == 400
    assert api.get(url_of(sighting)).headers["ETag"] == tag


def test_of_two_who_saw_the_same_one_writes(transactional_db, alice):
    sighting = universe.sighting(alice, seed="race", note="First.")
    tag = speaking_for(alice).get(url_of(sighting)).headers["ETag"]
    people = [speaking_for(alice) for _ in range(4)]
    start, answers = threading.Barrier(len(people)), []

    def write(number: int, api: APIClient) -> None:
        start.wait()
        answer = api.put(url_of(sighting), {"note": f"Of {number}."}, headers={"If-Match": tag})
        answers.append((answer.status_code, number))
        connection.close()

    threads = [threading.Thread(target=write, args=each) for each in enumerate(people)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(code for code, _ in answers) == [200, 412, 412, 412]
    sighting.refresh_from_db()
    assert sighting.note == f"Of {min(answers)[1]}."


def test_every_write_to_a_single_thing_is_described_with_its_condition():
    found = Generator().get_schema(public=True)["paths"]
    taking = {
        (path, method)
        for path, methods in found.items()
        for method, operation in methods.items()
        if any(each["name"] == "If-Match" for each in operation.get("parameters", []))
    }
    assert ("/api/v1/observations/{id}", "put") in taking
    assert ("/api/v1/identifications/{id}/withdraw", "post") in taking
    assert ("/api/v1/identifications", "post") not in taking
    assert all("412" in found[path][method]["responses"] for path, method in taking)
    assert "304" in found["/api/v1/observations/{id}"]["get"]["responses"]
    assert describe({"paths": {}}, None, None, True) == {"paths": {}}
