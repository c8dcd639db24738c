"""A token does what it was made for: every operation says which scope it takes, and none is without one."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.test import APIClient

from accounts import actions
from accounts.models import ApiToken
from accounts.token_scopes import TokenScope
from config.api import StrictRouter
from config.description import Generator
from tests import universe
from tests.problems import problem


def caller(person, *scopes: str, **said) -> APIClient:
    client = APIClient()
    secret = actions.make_token(user=person, name="a program", by=person, scopes=scopes, **said).secret
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def operations() -> list[tuple[str, str, str]]:
    """Method, path and the scope of every operation under /api/v1 that takes a token."""
    paths = Generator().get_schema(request=None, public=True)["paths"]
    return [
        (method, path, scope)
        for path, methods in paths.items()
        for method, said in methods.items()
        for each in said.get("security", [])
        for scope in each.get("token", [])
    ]


def test_every_operation_says_one():
    said = operations()
    assert len(said) > 60 and {scope for _, _, scope in said} == {*TokenScope.values}
    read = {path for method, path, scope in said if method == "get" and scope == TokenScope.REVIEW}
    named = {"quality", "reports", "suspensions", "suspensions/{id}"}
    named |= {"import-batches", "import-batches/{id}", "import-batches/{id}/figures"}
    assert read == {f"/api/v1/{each}" for each in named}
    others = {scope for method, path, scope in said if method == "get" and path not in read}
    assert others == {TokenScope.READ, TokenScope.EXPORT}
    assert not [path for method, path, scope in said if method != "get" and scope == TokenScope.READ]


def test_an_app_s_token_takes_the_same_as_a_personal_one():
    described = Generator().get_schema(request=None, public=True)
    for methods in described["paths"].values():
        for said in methods.values():
            asked = {name: scopes for each in said.get("security", []) for name, scopes in each.items()}
            assert asked["oauth2"] == asked["token"], said["operationId"]
    code = described["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]
    assert {*code["scopes"]} == {*TokenScope.values}
    assert code["authorizationUrl"] == "/oauth/authorize/" and code["tokenUrl"] == "/oauth/token/"


@pytest.mark.django_db
def test_each_is_refused_without_its_scope_before_anything_is_looked_for(ada):
    """By an admin's token with all others: what is missing is the scope alone."""
    known = "11111111-1111-4111-8111-111111111111"
    clients = {
        each: caller(ada, *(other for other in TokenScope.values if other != each))
        for each in TokenScope.values
    }
    for method, path, scope in operations():
        if path == "/api/v1/schema":
            continue
        address = re.sub(
            "{(.*?)}",
            lambda part: {"name": "coco", "label": "chub", "queue": "disputed"}.get(part[1], known),
            path,
        )
        answer = getattr(clients[scope], method)(address)
        assert answer.status_code == 403, (method, path)
        refusal = problem(answer, 403)
        assert refusal["code"] == "insufficient_scope" and scope in refusal["detail"], (method, path)


def test_a_viewset_that_writes_and_says_none_is_not_registered():
    class Silent(viewsets.GenericViewSet):
        serializer_class = serializers.Serializer

        def create(self, request):
            raise AssertionError("nobody comes here")

    with pytest.raises(ImproperlyConfigured, match="Silent"):
        StrictRouter().register("silent", Silent, basename="silent")


@pytest.mark.django_db
class TestOfAPerson:
    def test_reading_does_not_write(self, alice):
        reader = caller(alice, "read")
        assert reader.get(reverse("api-observation-list")).status_code == 200
        refused = reader.put("/api/v1/observations/11111111-1111-4111-8111-111111111111", {})
        assert problem(refused, 403)["code"] == "insufficient_scope"

    def test_a_scope_gives_no_right_that_the_person_lacks(self, alice):
        answer = caller(alice, "export").post(reverse("api-dataset-list"), {"title": "All of it"})
        assert problem(answer, 403)["code"] == "permission_denied"

    def test_pictures_are_read_too(self, alice):
        photo = universe.sighting(alice).photos.get()
        address = f"/photos/{photo.pk}/original"
        assert caller(alice, "read").get(address).status_code in (200, 302)
        assert caller(alice, "observe").get(address).status_code == 403

    def test_it_ends_when_it_says_so(self, alice):
        client = caller(alice, "read", expires_at=timezone.now() + timedelta(minutes=1))
        assert client.get(reverse("api-taxon-list")).status_code == 200
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        refused = problem(client.get(reverse("api-taxon-list")), 401)
        assert refused["code"] == "token_ended" and "ended on" in refused["detail"]

    def test_a_session_is_not_narrowed(self, client, alice):
        client.force_login(alice)
        assert client.get(reverse("api-observation-list"), {"state": "draft"}).status_code == 200
