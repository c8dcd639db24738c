"""Refusals of the API as RFC 9457 writes them."""

import pytest
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from config.description import Generator
from config.problems import MEDIA_TYPE, OURS, refuse
from tests.problems import problem, refusals

NOWHERE = "00000000-0000-4000-8000-000000000000"


def refused(data, status=400, method="post", query=""):
    response = Response(data, status=status)
    refuse(response, Request(getattr(APIRequestFactory(), method)(f"/api/v1/x{query}")))
    assert response.content_type == MEDIA_TYPE
    return response.data


def test_each_part_is_pointed_at():
    data = {
        "note": [ErrorDetail("Too long.", "max_length")],
        "photos": {"0": {"id": ["No such photo."]}, "a/b~c": ["Odd."]},
        "boxes": [{}, {"x": ["Not a number."]}],
    }
    said = refused(data)
    assert [(each["pointer"], each["code"]) for each in said["errors"]] == [
        ("#/note", "max_length"),
        ("#/photos/0/id", "invalid"),
        ("#/photos/a~1b~0c", "invalid"),
        ("#/boxes/1/x", "invalid"),
    ]
    assert said["code"] == "invalid" and said["detail"].startswith("note: Too long.")


def test_what_stands_in_the_address_is_named_as_that():
    assert refused({"bbox": ["Four numbers."]}, method="get")["errors"][0]["parameter"] == "bbox"
    [error] = refused({"zzz": ["Unknown."]}, query="?zzz=1")["errors"]
    assert error["parameter"] == "zzz" and "pointer" not in error
    assert refused({"If-Match": ["Leave it out."]})["errors"][0]["header"] == "If-Match"


def test_the_whole_is_refused_in_one_sentence():
    for data in (
        {"detail": ErrorDetail("Say who you are.", "not_authenticated")},
        {"non_field_errors": [ErrorDetail("Say who you are.", "not_authenticated")]},
        [ErrorDetail("Say who you are.", "not_authenticated")],
    ):
        said = refused(data, 401)
        assert (said["code"], said["detail"]) == ("not_authenticated", "Say who you are.")
        assert "errors" not in said
    said = refused({"detail": "It has no photo.", "code": "empty"}, 503)
    assert (said["code"], said["detail"], said["status"]) == ("empty", "It has no photo.", 503)


def test_a_field_called_code_is_a_field():
    assert refused({"code": ["Unknown."]})["errors"][0]["pointer"] == "#/code"


def test_a_name_may_be_empty():
    said = refused({"": ["Unknown."]}, method="get")
    assert said["errors"][0]["parameter"] == "" and said["detail"] == ": Unknown."
    assert refused({"": ["Unknown."]})["errors"][0]["pointer"] == "#/"


def test_a_refusal_is_made_once():
    response = Response({"detail": "No."}, status=404)
    request = Request(APIRequestFactory().get("/api/v1/x"))
    refuse(response, request)
    once = response.data
    refuse(response, request)
    assert response.data is once


@pytest.mark.parametrize("status", [400, 402, 418, 429, 500, 599])
def test_every_status_has_a_title_and_a_code(status):
    said = refused({}, status)
    assert said["title"] and said["code"] and said["detail"] and said["status"] == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/v1/taxa/", 404),
        ("get", f"/api/v1/observations/{NOWHERE.upper()}", 404),
        ("put", f"/api/v1/observations/{NOWHERE}", 401),
        ("post", "/api/v1/taxa", 401),
        ("get", "/api/v1/taxa?page_size=banana", 400),
        ("post", "/api/v1/predictions", 400),
    ],
)
def test_wherever_it_is_refused(client, db, method, path, status):
    problem(getattr(client, method)(path), status)


def test_two_things_are_told_apart(client, alice):
    client.force_login(alice)
    answer = client.put(
        f"/api/v1/observations/{NOWHERE}?zzz=1", {"latitude": "north"}, content_type="application/json"
    )
    assert list(refusals(answer)) == ["zzz"]
    answer = client.put(
        f"/api/v1/observations/{NOWHERE}",
        {"latitude": "north", "privacy": "secret"},
        content_type="application/json",
    )
    assert set(refusals(answer)) <= {"latitude", "privacy"}
    assert all(each["pointer"].startswith("#/") for each in answer.json()["errors"])


def test_every_operation_says_so():
    found = Generator().get_schema(public=True)
    for path, methods in found["paths"].items():
        for operation in methods.values():
            assert ("4XX" in operation["responses"]) == path.startswith(OURS), path
    assert set(found["components"]["schemas"]["Problem"]["required"]) == {
        "type",
        "title",
        "status",
        "code",
        "detail",
    }
