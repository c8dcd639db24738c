"""API tokens: shown once, kept as a digest, dead when revoked."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import actions, tokens
from accounts.models import ApiToken


@pytest.fixture
def made(alice) -> actions.NewToken:
    return actions.make_token(user=alice, name=" my phone ", by=alice)


def ask(header: str):
    """Somebody's own drafts: an answer that depends on who asks."""
    return APIClient().get(reverse("api-observation-list"), {"state": "draft"}, HTTP_AUTHORIZATION=header)


def test_the_secret_is_nowhere_in_the_database(made):
    row = ApiToken.objects.values().get()
    assert made.secret.startswith("aqua_") and len(made.secret) > 40
    assert not any(made.secret in str(value) for value in row.values())
    assert made.secret.startswith(row["prefix"]) and len(row["prefix"]) < 12
    assert (row["digest"], row["name"]) == (tokens.digest(made.secret), "my phone")


def test_two_are_never_the_same():
    assert len({tokens.make() for _ in range(50)}) == 50


@pytest.mark.parametrize("word", ["Token", "token", "Bearer"])
def test_it_opens_the_api_in_the_persons_name(made, word):
    assert ask(f"{word} {made.secret}").status_code == 200
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token aqua_wrong",
        "Token two words",
        "Token \xe9",
        "Bearer ",
        "Token " + "x" * 5000,
        "Basic YTpi",
        "Digest username=a",
        "aqua_wrong",
        "Token, Bearer",
        "\xff",
    ],
)
def test_a_wrong_one_is_told_so(made, header):
    answer = ask(header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert "detail" in answer.json()


def test_the_secret_under_another_scheme_is_told_so_everywhere(client, made, alice):
    """Also to somebody whose browser is logged in: the header says who they mean to be."""
    client.force_login(alice)
    for method, path in (("get", "/api/v1/taxa"), ("post", "/api/v1/observations")):
        answer = getattr(client, method)(path, HTTP_AUTHORIZATION=f"ApiKey {made.secret}")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token"), path
        assert "Authorization: Token" in answer.json()["detail"]


def test_an_empty_header_is_none(client, made):
    assert client.get("/api/v1/taxa", HTTP_AUTHORIZATION=" ").status_code == 200


def test_a_revoked_one_or_that_of_a_closed_account_opens_nothing(made, alice):
    alice.is_active = False
    alice.save()
    assert ask(f"Token {made.secret}").status_code == 401
    alice.is_active = True
    alice.save()
    assert ask(f"Token {made.secret}").status_code == 200
    actions.revoke_token(token=made.token, by=alice)
    assert ask(f"Token {made.secret}").status_code == 401


def test_using_it_writes_at_most_once_a_minute(made, django_assert_num_queries):
    ask(f"Token {made.secret}")
    before = ApiToken.objects.get().last_used_at
    ask(f"Token {made.secret}")
    assert ApiToken.objects.get().last_used_at == before


def test_only_the_person_makes_one_and_only_they_or_an_admin_revoke(made, alice, bob, rita, ada):
    for person in (bob, rita, ada):
        with pytest.raises(PermissionDenied):
            actions.make_token(user=alice, name="in your name", by=person)
    for person in (bob, rita):
        with pytest.raises(PermissionDenied):
            actions.revoke_token(token=made.token, by=person)
    assert actions.revoke_token(token=made.token, by=ada).revoked_at is not None
    assert ApiToken.objects.count() == 1


def test_a_new_password_ends_all_of_a_persons_tokens_and_nobody_elses(alice, bob, ada):
    for person in (alice, alice, bob):
        actions.make_token(user=person, name="one", by=person)
    for person in (bob, ada):
        with pytest.raises(PermissionDenied):
            actions.set_password(user=alice, password="another trout in other reeds", by=person)
    with pytest.raises(PermissionDenied):
        actions.revoke_tokens(user=alice, by=bob)
    actions.set_password(user=alice, password="another trout in other reeds", by=alice)
    assert [token.user for token in ApiToken.objects.filter(revoked_at=None)] == [bob]
    assert actions.revoke_tokens(user=bob, by=ada) == 1
