"""/me and /tokens: one's own, and nobody else's."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import actions
from accounts.models import ApiToken, KeptAnswer, User
from tests.problems import problem, refusals

ME, TOKENS = "/api/v1/me", "/api/v1/tokens"


def by_session(person) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def by_token(person, *scopes: str) -> tuple[APIClient, ApiToken]:
    new = actions.make_token(user=person, name="a program", by=person, scopes=scopes or None)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {new.secret}")
    return client, new.token


class TestMe:
    def test_who_asks(self, alice, django_assert_num_queries):
        client, _ = by_token(alice, "read")
        client.get(ME)
        with django_assert_num_queries(1):
            said = client.get(ME).json()
        assert (said["id"], said["email"], said["role"]) == (str(alice.pk), alice.email, "contributor")
        assert said["scopes"] == ["read"] and "named" in said["news"] and "password" not in said
        assert by_session(alice).get(ME).json()["scopes"] is None

    def test_a_stranger_is_nobody(self, db):
        problem(APIClient().get(ME), 401)
        problem(APIClient().patch(ME, {"display_name": "Eve"}), 401)

    def test_what_is_left_out_stays(self, alice):
        client, _ = by_token(alice)
        before = client.get(ME).json()
        after = client.patch(
            ME, {"privacy": "private", "consents_to_train": False, "news": ["settled"]}
        ).json()
        assert after == before | {"privacy": "private", "consents_to_train": False, "news": ["settled"]}
        alice.refresh_from_db()
        assert (alice.privacy, alice.consents_to_train, alice.display_name) == ("private", False, "Alice")

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ({"display_name": " \u200b "}, "display_name"),
            ({"privacy": "hide it"}, "privacy"),
            ({"news": ["gossip"]}, "news"),
            ({"role": "admin"}, "role"),
            ({"email": "eve@example.org"}, "email"),
            ({"licence": "BSD", "display_name": "Lissy"}, "licence"),
        ],
    )
    def test_what_cannot_be_is_refused_by_name_and_nothing_changes(self, alice, said, name):
        client, _ = by_token(alice)
        before = User.objects.values().get(pk=alice.pk)
        assert name in refusals(client.patch(ME, said))
        assert User.objects.values().get(pk=alice.pk) == before


class TestTokens:
    def test_made_by_a_session_and_shown_once(self, alice):
        client = by_session(alice)
        end = timezone.now() + timedelta(days=30)
        answer = client.post(TOKENS, {"name": "sync", "scopes": ["observe", "read"], "expires_at": end})
        assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
        made = answer.json()
        assert made["scopes"] == ["read", "observe"] and made["token"].startswith(made["prefix"])
        [listed] = client.get(TOKENS).json()["results"]
        assert listed == {name: value for name, value in made.items() if name != "token"}
        program = APIClient()
        program.credentials(HTTP_AUTHORIZATION=f"Token {made['token']}")
        assert program.get(ME).json()["scopes"] == ["read", "observe"]

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ({}, "name"),
            ({"name": "x", "scopes": []}, "scopes"),
            ({"name": "x", "scopes": ["root"]}, "scopes"),
            ({"name": "x", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
            ({"name": "x", "expires_at": "2101-01-01T00:00:00Z"}, "expires_at"),
            ({"name": "x", "expires_at": "soon"}, "expires_at"),
        ],
    )
    def test_nonsense_makes_none(self, alice, said, name):
        refused = refusals(by_session(alice).post(TOKENS, said))
        assert [each for each in refused if each.startswith(name)], refused
        assert not ApiToken.objects.exists()

    def test_a_token_makes_none_and_ends_itself_alone(self, alice):
        client, own = by_token(alice, "read", "export")
        _, other = by_token(alice)
        problem(client.post(TOKENS, {"name": "another"}), 403)
        problem(client.delete(f"{TOKENS}/{other.pk}"), 403)
        assert client.delete(f"{TOKENS}/{own.pk}").status_code == 204
        problem(client.get(ME), 401)
        assert list(alice.api_tokens.open()) == [other]

    def test_nobody_sees_or_ends_anothers(self, alice, bob, charlie, rita, ada):
        _, token = by_token(alice)
        for person in (bob, charlie, rita, ada):
            client = by_session(person)
            assert client.get(TOKENS).json()["results"] == []
            problem(client.get(f"{TOKENS}/{token.pk}"), 404)
            problem(client.delete(f"{TOKENS}/{token.pk}"), 404)
        problem(APIClient().get(TOKENS), 401)
        assert by_session(alice).get(f"{TOKENS}/{token.pk}").status_code == 200

    def test_what_ended_or_was_revoked_is_not_listed(self, alice):
        for change in ({"expires_at": timezone.now()}, {"revoked_at": timezone.now()}):
            _, token = by_token(alice)
            ApiToken.objects.filter(pk=token.pk).update(**change)
        assert by_session(alice).get(TOKENS).json()["results"] == []

    def test_queries(self, alice, django_assert_num_queries):
        for _ in range(3):
            client, _ = by_token(alice)
        client.get(TOKENS)
        with django_assert_num_queries(3):
            assert len(client.get(TOKENS).json()["results"]) == 3

    def test_what_is_told_once_is_kept_nowhere(self, alice):
        """Not even for a request that is sent again: that makes another one."""
        client = by_session(alice)
        told = [
            client.post(TOKENS, {"name": "x"}, HTTP_IDEMPOTENCY_KEY="a").json()["token"] for _ in range(2)
        ]
        assert len(set(told)) == 2 and not KeptAnswer.objects.exists()
