"""Apps that act for people: asked for by PKCE, within the six scopes, for an hour, and ended by their person."""

import base64
import hashlib
import re
import secrets
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken
from oauth2_provider.models import Grant as Code
from rest_framework.test import APIClient

from accounts import actions, delegations, departures
from tests import universe
from tests.problems import problem

BACK = "https://fish.example/back"
SIGHTINGS = "/api/v1/observations"


@pytest.fixture
def app(bob) -> Application:
    return delegations.register(user=bob, name="River diary", addresses=[BACK], by=bob)


class Flow:
    """As an app goes through it, in the browser of `client`."""

    def __init__(self, client, app) -> None:
        self.client, self.app = client, app
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def ask(self, **more):
        said = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": BACK,
            "scope": "read observe",
            "state": "here",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        } | more
        self.asked = f"/oauth/authorize/?{urlencode({k: v for k, v in said.items() if v is not None})}"
        return self.client.get(self.asked)

    def answer(self, page, **pressed):
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
        return self.client.post(self.asked, fields | pressed)

    def token(self, **said):
        body = urlencode({"client_id": self.app.client_id} | said)
        return Client().post("/oauth/token/", body, content_type="application/x-www-form-urlencoded")

    def exchange(self, code: str, **more):
        said = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        return self.token(**said | {"code_verifier": self.verifier} | more)

    def code(self, **more) -> str:
        back = self.answer(self.ask(**more), allow="true")
        assert back.status_code == 302 and back["Location"].startswith(BACK), back.content
        said = parse_qs(urlsplit(back["Location"]).query)
        assert said["state"] == ["here"] and said["iss"] == ["http://testserver"]
        return said["code"][0]

    def whole(self, **more) -> dict:
        answer = self.exchange(self.code(**more))
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def flow(client, app, alice) -> Flow:
    client.force_login(alice)
    return Flow(client, app)


def bearer(token: str) -> APIClient:
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return api


def test_the_whole_way(flow, alice):
    page = flow.ask()
    text = page.content.decode()
    assert page.status_code == 200 and "River diary" in text and BACK in text
    assert "Add, change and delete your sightings and photos" in text and "Rule and settle" not in text
    assert "https://fish.example" in page["Content-Security-Policy"], "or the browser stops on its way back"
    given = flow.whole()
    assert (given["token_type"], given["expires_in"], set(given["scope"].split())) == (
        "Bearer",
        3600,
        {"read", "observe"},
    )
    me = bearer(given["access_token"]).get("/api/v1/me").json()
    assert me["id"] == str(alice.pk) and set(me["scopes"]) == {"read", "observe"}


def test_it_may_what_it_was_let_and_no_more(flow, alice):
    sighting = universe.sighting(alice, seed="hers")
    api = bearer(flow.whole(scope="read")["access_token"])
    assert api.get(f"{SIGHTINGS}/{sighting.pk}").status_code == 200
    refused = api.put(f"{SIGHTINGS}/{sighting.pk}", {"note": "x"}, format="json")
    assert problem(refused, 403)["code"] == "insufficient_scope"
    original = f"/photos/{sighting.photos.get().pk}/original"
    assert api.get(original).status_code in (200, 302), "what an answer points to, as well"
    observing = bearer(flow.whole(scope="observe")["access_token"])
    assert observing.get(original).status_code == 403
    assert observing.put(f"{SIGHTINGS}/{sighting.pk}", {"note": "x"}, format="json").status_code == 200
    assert observing.post("/api/v1/tokens", {"name": "more"}, format="json").status_code == 403


def test_nothing_that_opens_something_is_stored(flow):
    code = flow.code()
    given = flow.exchange(code).json()
    rows = [*AccessToken.objects.values(), *RefreshToken.objects.values()]
    stored = " ".join(str(value) for row in rows for value in row.values())
    assert given["access_token"] not in stored and given["refresh_token"] not in stored
    assert Application.objects.get().client_secret == "", "there is none to lose"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "read everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
    ],
)
def test_what_is_asked_otherwise_is_refused_to_the_app_before_anybody_is_asked(flow, said, told):
    answer = flow.ask(**said)
    assert answer.status_code == 302 and answer["Location"].startswith(BACK)
    assert told in answer["Location"] or "unsupported" in answer["Location"]
    assert "state=here" in answer["Location"]
    assert not Code.objects.exists()


def test_who_asks_for_elsewhere_or_is_not_known_is_sent_nowhere(flow):
    for said in ({"redirect_uri": "https://evil.example/"}, {"client_id": "unknown"}):
        answer = flow.ask(**said)
        assert answer.status_code == 400 and "cannot be let in" in answer.content.decode()


def test_no_is_no_and_nobody_is_asked_to_log_in(flow, client):
    refused = flow.answer(flow.ask(), deny="true")
    assert "error=access_denied" in refused["Location"] and not Code.objects.exists()
    client.logout()
    assert "/accounts/login/" in flow.ask()["Location"]


def test_a_code_is_good_once_and_for_whoever_asked(flow):
    code = flow.code()
    assert flow.exchange(code, code_verifier=secrets.token_urlsafe(48)).status_code == 400
    code = flow.code()
    assert flow.exchange(code).status_code == 200
    assert flow.exchange(code).status_code == 400


def test_it_ends_after_an_hour_and_goes_on_by_the_refresh_token_which_is_good_once(flow):
    first = flow.whole()
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    ended = bearer(first["access_token"]).get(SIGHTINGS)
    assert problem(ended, 401)["code"] == "token_ended"
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = flow.token(**again).json()
    assert bearer(second["access_token"]).get(SIGHTINGS).status_code == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert flow.token(**again).status_code == 400
    # Whoever has the old one has stolen it, or the other has: nobody goes on.
    third = flow.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert third.status_code == 400


def test_its_person_sees_and_revokes_it(flow, client, alice, bob, charlie):
    given = flow.whole()
    page = client.get("/accounts/settings/apps/").content.decode()
    assert "River diary" in page and "read, observe" in page
    [allowed] = delegations.of(alice)
    with pytest.raises(PermissionDenied):
        delegations.revoke(user=alice, app=allowed.pk, by=bob)
    client.force_login(charlie)
    client.post(f"/accounts/settings/apps/{allowed.pk}/revoke/")
    assert bearer(given["access_token"]).get(SIGHTINGS).status_code == 200, "nobody else's"
    client.force_login(alice)
    assert client.post(f"/accounts/settings/apps/{allowed.pk}/revoke/").status_code == 302
    assert bearer(given["access_token"]).get(SIGHTINGS).status_code == 401
    assert flow.token(grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code == 400
    assert delegations.of(alice) == []


def test_it_ends_its_own_token(flow):
    given = flow.whole()
    said = {"token": given["access_token"], "client_id": flow.app.client_id}
    assert Client().post("/oauth/revoke_token/", said).status_code == 200
    assert bearer(given["access_token"]).get(SIGHTINGS).status_code == 401


@pytest.mark.parametrize("how", ["password", "leaving", "finished", "app"])
def test_it_ends_with_a_new_password_with_leaving_and_with_the_app(flow, alice, bob, how):
    given = flow.whole()
    if how == "password":
        actions.set_password(user=alice, password="another trout in the reeds", by=alice)
    elif how == "app":
        delegations.withdraw(app=flow.app, by=bob)
    else:
        departure = departures.ask(user=alice, by=alice, photos="give", words="keep")
        if how == "finished":
            departures.finish(departure)
    assert bearer(given["access_token"]).get(SIGHTINGS).status_code == 401
    assert flow.token(grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code in (
        400,
        401,
    )
    assert not AccessToken.objects.exists() and not RefreshToken.objects.exists()


def test_whose_app_it_is_leaves_and_it_is_gone(flow, bob):
    given = flow.whole()
    departures.finish(departures.ask(user=bob, by=bob, photos="give", words="keep"))
    assert not Application.objects.exists()
    assert bearer(given["access_token"]).get(SIGHTINGS).status_code == 401


@pytest.mark.parametrize(
    "address",
    ["http://fish.example/", "javascript:alert(1)", "https://", "https://a@fish.example/", "https://*.example/",
     "https://fish.example/#here", "fish", "https://[::1/", "ftp://fish.example/"],
)  # fmt: skip
def test_nobody_is_sent_back_to_just_anywhere(bob, address):
    with pytest.raises(ValidationError):
        delegations.register(user=bob, name="x", addresses=[address], by=bob)
    assert not Application.objects.exists()


def test_people_register_their_own(client, alice, bob, ada):
    client.force_login(alice)
    at = "/accounts/settings/apps/"
    assert (
        client.post(at, {"name": "Diary", "addresses": f"{BACK}\nhttp://127.0.0.1:8111/"}).status_code == 302
    )
    app = Application.objects.get(user=alice)
    assert app.client_type == "public" and not app.skip_authorization
    assert app.client_id in client.get(at).content.decode()
    wrong = client.post(at, {"name": "Diary", "addresses": "http://fish.example"})
    assert wrong.status_code == 400 and "come back to" in wrong.content.decode()
    client.force_login(bob)
    assert client.post(f"{at}{app.pk}/take-away/").status_code == 404
    with pytest.raises(PermissionDenied):
        delegations.withdraw(app=app, by=bob)
    with pytest.raises(PermissionDenied):
        delegations.register(user=alice, name="x", addresses=[BACK], by=bob)
    client.force_login(ada)
    form = {"name": "The site's own", "user": "", "redirect_uris": BACK}
    assert client.post("/admin/oauth2_provider/application/add/", form).status_code == 302
    assert Application.objects.get(user=None).authorization_grant_type == "authorization-code"
    client.force_login(alice)
    assert client.post(f"{at}{app.pk}/take-away/").status_code == 302
    assert not Application.objects.filter(user=alice).exists()


def test_it_is_described_as_programs_look_for_it(client):
    said = client.get("/.well-known/oauth-authorization-server").json()
    assert said["issuer"] == "http://testserver"
    assert said["authorization_endpoint"] == "http://testserver/oauth/authorize/"
    assert said["token_endpoint"] == "http://testserver/oauth/token/"
    assert said["revocation_endpoint"] == "http://testserver/oauth/revoke_token/"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["response_types_supported"] == ["code"]
    assert set(said["grant_types_supported"]) == {"authorization_code", "refresh_token"}
    assert set(said["scopes_supported"]) == {"read", "observe", "identify", "review", "export", "ml"}
    assert said["token_endpoint_auth_methods_supported"] == ["none"]


def test_what_opens_nothing_any_more_goes(flow):
    flow.code()
    flow.whole()
    delegations.forget_old()
    assert (Code.objects.count(), AccessToken.objects.count(), RefreshToken.objects.count()) == (1, 1, 1)
    Code.objects.update(expires=timezone.now() - timedelta(seconds=1))
    AccessToken.objects.update(expires=timezone.now() - timedelta(days=31))
    delegations.forget_old()
    assert not (Code.objects.exists() or AccessToken.objects.exists() or RefreshToken.objects.exists())
