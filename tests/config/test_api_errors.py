"""Whatever goes wrong under /api/ is JSON, with and without a slash, whatever the client says it accepts."""

import json

import pytest
from django.test import Client

from jobs.full_disk import TRY_LATER
from species.models import Observation
from tests.problems import problem

ACCEPTS = [None, "*/*", "text/html", "application/xml;q=0.9", "application/vnd.oai.openapi", "nonsense", ""]
NOWHERE = "00000000-0000-4000-8000-000000000000"


def said(answer, status: int) -> str:
    assert answer.status_code == status, answer.content[:500]
    if status >= 400 and answer.request["PATH_INFO"].startswith("/api/v1/"):
        return str(problem(answer, status))
    assert answer["Content-Type"] == "application/json"
    content = json.loads(answer.content)
    return str(content)


@pytest.fixture
def asking(client):
    """Asks as a browser does that shows what breaks, not as a test that raises it."""
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/api/nothing", {404}),
        ("get", "/api/v1/nothing", {404}),
        ("get", f"/api/v1/photos/{NOWHERE}", {404, 406}),
        ("get", f"/api/v1/photos/{NOWHERE}.json", {404}),
        ("delete", "/api/v1/taxa", {404, 405, 401, 403, 406}),
        ("post", "/api/v1/schema", {404, 405, 406}),
        ("post", "/api/docs", {404, 405}),
        ("delete", "/api/predict", {404, 405}),
        ("post", "/api/predict", {400, 404, 503}),
        ("get", "/api/classify", {400, 404}),
        ("get", "/api/v1/observations?bbox=1", {400, 404, 406}),
        ("put", f"/api/v1/observations/{NOWHERE}", {401, 403, 404, 406}),
    ],
)
def test_an_error_is_json(asking, db, method, path, statuses, slash, accept):
    address, _, query = path.partition("?")
    headers = {} if accept is None else {"Accept": accept}
    answer = getattr(asking, method)(f"{address}{slash}{'?' + query if query else ''}", headers=headers)
    assert answer.status_code in statuses
    said(answer, answer.status_code)


@pytest.mark.parametrize("debug", [True, False])
def test_what_is_nowhere_is_json_in_development_too(asking, db, settings, debug):
    settings.DEBUG = debug
    assert "There is nothing at this address." in said(asking.get("/api/v1/nothing"), 404)
    assert asking.get("/nothing")["Content-Type"].startswith("text/html"), "pages stay pages"


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("accept", ACCEPTS)
def test_what_breaks_is_json_and_tells_nothing(asking, alice, settings, monkeypatch, debug, accept):
    settings.DEBUG = debug
    monkeypatch.setattr("species.api.observations.ObservationViewSet.list", lambda *_, **__: 1 / 0)
    headers = {} if accept is None else {"Accept": accept}
    answer = asking.get("/api/v1/observations", headers=headers)
    text = said(answer, answer.status_code)
    assert answer.status_code in (500, 406) and "division" not in text


def test_a_full_disk_says_when_to_come_back(asking, alice, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("species.api.observations.ObservationViewSet.list", full)
    answer = asking.get("/api/v1/observations")
    assert TRY_LATER in said(answer, 507) and int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/api/v1/flags", "/api/v1/flags/", "/api/nothing"])
def test_a_request_without_its_csrf_token(alice, path):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(alice)
    answer = client.post(path, {}, "application/json")
    said(answer, answer.status_code)
    assert answer.status_code in (403, 404)


def test_a_host_that_this_site_does_not_answer_to(asking, settings):
    settings.ALLOWED_HOSTS = ["trout.example"]
    said(asking.get("/api/v1/taxa", headers={"Host": "carp.example"}), 400)


@pytest.mark.parametrize(
    "body", ["{", "", "[" * 100_000, '{"note": ' * 5_000, '{"a":"\\ud83', "\xff", "nul", '"text"', "[1, 2]"]
)
def test_broken_json_is_a_400(asking, alice, body):
    asking.force_login(alice)
    path = f"/api/v1/observations/{NOWHERE}"
    said(asking.put(path, body.encode("latin-1"), "application/json"), 201 if body == "" else 400)
    Observation.objects.all().delete()


@pytest.mark.parametrize(
    ("levels", "status"), [(15, 201), (20, 201), (21, 400), (22, 400), (900, 400), (5000, 400)]
)
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_json_is_so_deep_and_no_deeper(asking, alice, levels, status, opens, closes):
    """One level is the object that the body is."""
    asking.force_login(alice)
    inner = opens * (levels - 1) + ("1" if opens != "[" else "") + closes * (levels - 1)
    answer = asking.put(f"/api/v1/observations/{NOWHERE}", f'{{"zzz": {inner}}}', "application/json")
    # A field that nobody knows may be refused as well, in other words.
    text = said(answer, answer.status_code)
    assert ("nested" in text) == (status == 400)


@pytest.mark.parametrize("length", [256 * 1024, 256 * 1024 + 1, 3 * 1024 * 1024])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_is_so_long_and_no_longer(asking, alice, length, kind):
    asking.force_login(alice)
    start, end = ('{"note": "', '"}') if kind.endswith("json") else ("note=", "")
    body = start + "a" * (length - len(start) - len(end)) + end
    answer = asking.put(f"/api/v1/observations/{NOWHERE}", body, kind)
    text = said(answer, answer.status_code)
    if length > 256 * 1024:
        assert answer.status_code == 413 and "more than" in text
    else:
        assert answer.status_code == 400 and "5000" in text, "read, and the note found too long"


def test_json_routes_take_no_multipart_form(asking, alice):
    asking.force_login(alice)
    said(asking.post("/api/v1/flags", {"kind": "not_subject"}), 415)
