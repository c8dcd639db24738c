"""Every address that the API hands out opens with the token that got it."""

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.actions import make_token
from labeling.actions import identifications
from tests import universe

HERE = "http://testserver/"


def texts(value) -> list[str]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [text for each in inner for text in texts(each)]
    return [value] if isinstance(value, str) else []


def lists() -> list[str]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [path for path in paths if "get" in paths[path] and "{" not in path and path != "/api/v1/schema"]


def speaking_for(person) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user=person, name='phone', by=person).secret}")
    return client


@pytest.mark.parametrize("who", ["alice", "bob", "rita", "ada"])
def test_it_opens(who, alice, bob, rita, ada, tree, request):
    draft = universe.sighting(alice, seed="draft", published=False)
    hidden = universe.sighting(alice, seed="hidden", consents=[])
    shown = universe.sighting(alice, seed="shown", photos=2)
    for sighting in (hidden, shown):
        identifications.add(occurrence=sighting.occurrences.get(), taxon=tree["brown_trout"], by=alice)
    client = speaking_for(request.getfixturevalue(who))
    rows = [*[f"observations/{each.pk}" for each in (draft, hidden, shown)], "observations?state=draft"]
    rows += [f"photos/{each.photos.first().pk}" for each in (draft, hidden, shown)]
    rows += [f"occurrences/{each.occurrences.get().pk}" for each in (hidden, shown)]
    queue, opened = [f"{path}?page_size=1" for path in lists()] + [f"/api/v1/{row}" for row in rows], set()
    while queue:
        at = queue.pop()
        answer = client.get(at)
        if at.startswith(HERE):
            assert answer.status_code == 200, (at, answer.status_code)
        opened.add(at)
        if answer.headers["Content-Type"] == "application/json":
            queue += [text for text in texts(answer.json()) if text.startswith(HERE) and text not in opened]
    renditions = [at for at in opened if at.endswith(".jpg")]
    seen = {"alice": 4, "bob": 2, "rita": 3, "ada": 3}[who]
    assert len(renditions) == 3 * seen


def test_a_wrong_token_is_nobody_elses_there_either(alice, client):
    photo = universe.sighting(alice, seed="draft", published=False).photos.get()
    for at in (f"/photos/{photo.pk}/320.jpg", f"/photos/{photo.pk}/original"):
        assert client.get(at).status_code == 404
        for header in ("Token aqua_wrong", "Basic eDp5", "Token"):
            answer = client.get(at, headers={"Authorization": header})
            assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
            assert answer.json()["detail"]
