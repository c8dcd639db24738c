"""Nothing unknown is passed over, and nothing that can be sent breaks an operation: asked of every one that the
description names.
"""

import json
import re
from functools import cache
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from accounts import actions as accounts
from accounts.actions import make_token
from config.problems import MEDIA_TYPE
from config.strict import is_text, operations
from jobs import actions as jobs
from labeling.actions import (
    all_boxed,
    boxes,
    comments,
    field_marks,
    flags,
    identifications,
    leases,
    passes,
    rulings,
    sanctions,
)
from labeling.actions.suggestions import suggest
from look import unknown
from notices import actions as notices
from notices.models import Notification
from species import uploads
from species.actions import taxon_changes, trips
from tests import universe
from tests.problems import refusals
from webhooks import actions as webhooks

# Of no name that anybody would have to look up.
PROGRAM = "https://93.184.216.34/hook"
# What is refused and how is said before a database is asked.
pytestmark = pytest.mark.once

EVIL_JSON = [
    *[
        '"\\ud83d"',
        '"\\ude00\\ud83d"',
        '"\\u0000"',
        '"a\\u0000"',
        '"\\ufeff"',
        '"\\u202e"',
        '"\\ufffe"',
        '""',
        '" "',
    ],
    *["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e308", "5e-324", "1" + "0" * 400, "9" * 5000],
    *[
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "2147483648",
        "32768",
        "-1",
        "0.5",
    ],
    *[
        "true",
        "null",
        "[]",
        "{}",
        "[[1]]",
        '["\\ud83d"]',
        '{"\\ud83d": 1}',
        '{"a": {"\\u0000": []}}',
        '{"a": 1}',
    ],
    *['"nan"', '"inf"', '"-1e999"', '"1_000"', '"٣"', '"2024-13-45"', '"0001-01-01T00:00:00+14:00"'],
    *['"9999-12-31T23:59:59-14:00"', '"0000-00-00"', '"00000000-0000-0000-0000-000000000000"', '"\'; --"'],
    *[
        f'"{"x" * 100_000}"',
        "[" * 15 + "]" * 15,
        "[" * 50 + "]" * 50,
        '"' + "é" * 5001 + '"',
        '{"a": 1, "a": 2}',
    ],
]
EVIL_TEXT = [
    *[
        "%00",
        "a%00b",
        "%ff",
        "%ed%a0%bd",
        "%ef%bf%be",
        "%EF%BB%BF",
        "%",
        "%zz",
        "+",
        "nan",
        "-1",
        "0",
        "1e400",
    ],
    *[
        "9" * 400,
        "9223372036854775808",
        "true",
        "[]",
        "{}",
        "null",
        "x" * 2000,
        "%F0%9F%90%9F",
        "'%3B--",
        "..%2f",
    ],
    *[
        "2024-13-45",
        "0001-01-01",
        "0001-01-01T00:00:00%2B14:00",
        "99999-01-01",
        "00000000-0000-0000-0000-000000000000",
        "nan,nan,nan,nan",
    ],
    *["inf,1,2,3", "1,2,3", "1,2,3,4,5", "~", "2020-01-01T00:00:00~x", "MjA=", "cD0wMDAw"],
]
EVIL_BODIES = [
    *[
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"{",
        b"[",
        b'"',
        b"\x00",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"true",
    ],
    *[
        b'{"\xed\xa0\xbd": 1}',
        b'{"\\ud83d": 1}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"{}{}",
        b"NaN",
        b"[1, {}]",
    ],
]


@pytest.fixture
def rows(tree, ada, alice, request):
    """By the first word of a path, the id of a row that Ada may ask for and change; all of one site."""
    sighting = universe.sighting(alice, seed="evil", photos=2)
    occurrence, photo = sighting.occurrences.get(), sighting.photos.first()
    said = identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=ada)
    unnamed = universe.sighting(alice, seed="unnamed").occurrences.get()
    universe.sighting(alice, seed="waits")
    bob = accounts.sign_up(email="bob@example.org", password="a trout in the reeds", display_name="Bob")
    notices.notify(user=ada, kind="told", text="There is news.")
    told = Notification.objects.get(user=ada)
    found = {
        "observations": sighting.pk,
        "occurrences": occurrence.pk,
        "photos": photo.pk,
        "identifications": said.pk,
        "boxes": boxes.draw(occurrence=occurrence, photo=photo, x=0, y=0, width=1, height=1, by=ada).pk,
        "all_boxed": all_boxed.add(photo=photo, by=ada).pk,
        "field-marks": field_marks.point(
            occurrence=occurrence, photo=photo, mark="a scar", x=0.5, y=0.5, by=ada
        ).pk,
        "flags": flags.raise_flag(photo=photo, kind="rights", by=ada).pk,
        "rulings": rulings.rule(occurrence=occurrence, taxon=None, reason="Blurred.", by=ada).pk,
        "comments": comments.add(observation=sighting, text="Which river?", by=ada).pk,
        "import-batches": universe.imported(ada)[0].pk,
        "jobs": jobs.enqueue(kind="resettle", title="Settle", by=ada).pk,
        "webhooks": webhooks.add(url=PROGRAM, events=["model.live"], by=ada).pk,
        "taxa": "brown_trout",
        "taxon-changes": taxon_changes.propose(
            kind="merge", old=[tree["bream"]], new=[tree["chub"]], reason="One species.", by=ada
        ).pk,
        "trips": trips.start(by=ada, name="The weir").pk,
        "users": alice.pk,
        "uploads": uploads.begin(by=ada, id=uuid4(), length=10, said={}).pk,
        **dict.fromkeys(("takeouts", "predictions"), uuid4()),
        "tokens": make_token(user=ada, name="another", by=ada).token.pk,
        "notices": told.pk,
        "passes": passes.add(occurrence=unnamed, kind="cannot_tell", by=ada).pk,
        "tasks": leases.take(by=ada, gold=False).pk,
        "reports": sanctions.report(by=alice, person=bob, reason="Rude.").pk,
        "suspensions": sanctions.suspend(person=bob, reason="Spam.", by=ada).pk,
        "suggestions": suggest(
            photo=photo,
            source="m",
            answers=[{"label": "chub", "probability": 0.5}],
            taxon=None,
            uncertainty=0.5,
        ).pk,
    }
    if apps.is_installed("research") and apps.is_installed("ml"):
        live = request.getfixturevalue("live")
        found |= {"models": live.pk, "runs": live.run_id, "datasets": live.run.dataset_id}
    return {name: str(id) for name, id in found.items()}


@pytest.fixture
def api(ada, monkeypatch) -> APIClient:
    """Ada's, by her token. One test asks more than a person may write in an hour."""
    rates = dict.fromkeys(SimpleRateThrottle.THROTTLE_RATES, "1000000/hour")
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(user=ada, name='evil', by=ada).secret}")
    return client


@cache
def described() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def asked() -> list[tuple[str, str]]:
    return [(method, path) for path, methods in described()["paths"].items() for method in methods]


def address(path: str, rows: dict[str, str]) -> str:
    noun = next((each for each in path.split("/") if each in rows), "")
    some = {
        "id": rows.get(noun, ""),
        "endpoint": rows.get(noun, ""),
        "label": "brown_trout",
        "name": "coco",
        "queue": "disputed",
    }
    return path.format_map(some | {"collectionId": "occurrences"})


def body(path: str, method: str, rows: dict[str, str]) -> dict:
    """What the operation would take, so that what is wrong with one field is met where it is used."""
    named = {"occurrence": rows["occurrences"], "taxon": "brown_trout"}
    return {
        "/api/v1/boxes": {
            **{"occurrence": rows["occurrences"], "photo": rows["photos"]},
            **{"x": 0, "y": 0, "width": 1, "height": 1},
        },
        "/api/v1/all_boxed": {"photo": rows["photos"]},
        "/api/v1/identifications": named,
        "/api/v1/comments": {"observation": rows["observations"], "text": "Which river?"},
        "/api/v1/flags": {"photo": rows["photos"], "kind": "rights"},
        "/api/v1/rulings": {**named, "reason": "Seen."},
        "/api/v1/datasets": {"title": "T"},
        "/api/v1/imports": {
            "table": "url,scientific_name\nhttps://example.org/1.jpg,Salmo trutta\n",
            "source": "S",
            "licence": "NONE",
        },
        "/api/v1/runs": {"dataset": rows.get("datasets")},
        "/api/v1/taxon-changes": {"kind": "merge", "old": ["chub"], "new": ["bream"], "reason": "One."},
        "/api/v1/webhooks": {"url": PROGRAM, "events": ["model.live"]},
    }.get(path if method == "post" else "", {})


def send(client: APIClient, method: str, at: str, said: str | bytes):
    return client.generic(method.upper(), at, said, content_type="application/json")


def is_refusal(answer) -> bool:
    """4xx (or what a full house says), in JSON that a program can read."""
    assert answer.headers["Content-Type"] in (MEDIA_TYPE, "application/json"), answer.headers
    answer.json()
    return 400 <= answer.status_code < 500


def takes_json(method: str, path: str) -> bool:
    content = described()["paths"][path][method].get("requestBody", {}).get("content", {})
    return not content or "application/json" in content


def test_an_unknown_parameter_is_refused_by_name(api, rows):
    for method, path in asked():
        answer = api.generic(method.upper(), f"{address(path, rows)}?zzz=1")
        assert list(refusals(answer, 400)) == ["zzz"], (method, path, answer.content)


def test_an_unknown_field_is_refused_by_name(api, rows):
    for method, path in asked():
        if (method, path) == ("patch", "/api/v1/uploads/{id}"):
            continue  # A piece of a file: no body has fields there.
        if takes_json(method, path):
            answer = send(api, method, address(path, rows), '{"zzz": 1}')
        else:
            part = {"zzz": SimpleUploadedFile("x", b"x"), "file": SimpleUploadedFile("y", b"y")}
            answer = getattr(api, method)(address(path, rows), part, format="multipart")
        assert list(refusals(answer, 400)) == ["zzz"], (method, path, answer.content)


@pytest.mark.parametrize("at", ["/api/v1/", "/api/v1/schema", "/api/v1/taxa", "/api/v1/taxa/brown_trout"])
@pytest.mark.parametrize(
    "asked", ["zzz=1", "format=json&format=yaml", "format=banana", "%00=1", "%ff=1", "zzz"]
)
def test_addresses_without_filters_take_none(api, tree, at, asked):
    assert is_refusal(api.get(f"{at}?{asked}"))


def test_every_parameter_that_is_taken_is_described():
    assert operations()["/api/v1/observations", "get"].parameters >= {"bbox", "cursor", "page_size", "taxon"}
    assert "state" not in operations()["/api/v1/datasets", "post"].fields


@pytest.mark.parametrize(
    ("asked", "named", "meant"),
    [
        ("identifications?standng=true", "standng", "standing"),
        ("observations?observed_on=2024-01-01", "observed_on", "observed_to"),
        ("occurrences?satus=verified", "satus", "status"),
    ],
)
def test_the_nearest_name_is_offered(client, tree, asked, named, meant):
    answer = client.get(f"/api/v1/{asked}")
    assert answer.status_code == 400
    assert f"Do you mean “{meant}”?" in refusals(answer)[named][0]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("occurrences?status=verifid", "verified"),
        ("observations?state=Publish", "published"),
        ("taxa?rank=specis", "species"),
        ("jobs?state=runing", "running"),
        ("taxa?order=new", "newest"),
        ("taxa?parent=salmoo", "salmo"),
        ("observations?taxon=brown_truot", "brown trout"),
        ("occurrences?taxon=brown_truot", "brown trout"),
    ],
)
def test_the_nearest_value_is_offered(api, tree, asked, meant):
    answer = api.get(f"/api/v1/{asked}")
    name, _, value = asked.partition("?")[2].partition("=")
    assert list(refusals(answer)) == [name]
    [said] = refusals(answer)[name]
    assert f"“{value}”" in said and "Do you mean " in said and meant in said


@pytest.mark.parametrize(
    ("path", "wrong", "meant"),
    [
        ("identifications", {"taxon": "brown_truot"}, "brown_trout"),
        ("identifications", {"disagrees_with": "Chub"}, "chub"),
        ("identifications", {"confidence": "likly"}, "likely"),
        ("rulings", {"taxon": "bremm"}, "bream"),
        ("flags", {"kind": "righs"}, "rights"),
    ],
)
def test_so_is_that_of_a_field(api, rows, path, wrong, meant):
    answer = send(api, "post", f"/api/v1/{path}", json.dumps(body(f"/api/v1/{path}", "post", rows) | wrong))
    [name], [value] = wrong.keys(), wrong.values()
    assert list(refusals(answer)) == [name], answer.content
    [said] = refusals(answer)[name]
    assert f"“{value}”" in said and f"Do you mean “{meant}”?" in said


def test_where_none_is_near_all_choices_are_said(api, rows):
    at = f"/api/v1/observations/{uuid4()}"
    answer = send(api, "put", at, '{"privacy": "hide it"}')
    said = "“hide it” is none of the choices. They are: generalized, open, private."
    assert refusals(answer) == {"privacy": [said]}
    assert send(api, "put", at, '{"time_source": "", "place_source": ""}').status_code == 201


@pytest.mark.parametrize(
    ("name", "value", "meant"), [("licence", "cc-by-4.0", "CC-BY-4.0"), ("consents", "shw", "show")]
)
def test_in_a_form_too(api, name, value, meant):
    form = {"file": SimpleUploadedFile("x.jpg", universe.photo_bytes()), name: value}
    answer = api.put(f"/api/v1/photos/{uuid4()}", form, format="multipart")
    assert answer.status_code == 400
    assert refusals(answer) == {name: [f"“{value}” is none of the choices. Do you mean “{meant}”?"]}


@pytest.mark.parametrize(
    "asked",
    [
        *[
            "identifications?standing=banana",
            "boxes?standing=2",
            "observations?status=banana",
            "taxa?rank=banana",
        ],
        *[
            "observations?status=verified&status=needs_id",
            "observations?taxon=banana",
            "observations?state=x",
        ],
        *[
            "observations?observer=banana",
            "observations?observed_from=banana",
            "occurrences?status=",
            "taxa?rank=+",
        ],
        *[
            "taxa?page_size=0",
            "taxa?page_size=banana",
            "taxa?page_size=-1",
            "taxa?cursor=x",
            "taxa?parent=banana",
        ],
        *["observations?bbox=1,2,3", "observations?bbox=nan,nan,nan,nan", "taxa?search=%00", "taxa?search="],
        *["taxa?format=json", "observations?format=x", "taxa?search=trout&cursor=x", "rulings?source=x"],
    ],
)
def test_nonsense_is_no_filter_that_finds_everything(api, sighting_of_alice, tree, asked):
    answer = api.get(f"/api/v1/{asked}")
    name = asked.partition("?")[2].partition("=")[0]
    assert answer.status_code == 400, answer.content
    assert {name, "cursor"} & set(refusals(answer))


def test_any_json_in_any_field_is_answered(api, rows):
    """Half a character, NUL, no number, too large a number, the wrong type: never an error of ours."""
    for method, path in asked():
        described_as = (nameless(path), method)
        for field in sorted(operations()[described_as].fields) if takes_json(method, path) else []:
            for evil in EVIL_JSON:
                others = json.dumps(body(path, method, rows) | {field: None})
                said = others.replace(f'"{field}": null', f'"{field}": {evil}')
                at = address(path, rows)
                if method == "put":
                    at = at.replace(rows["observations"], str(uuid4()))
                answer = send(api, method, at, said)
                assert answer.headers["Content-Type"] in (MEDIA_TYPE, "application/json"), (field, evil[:80])
                assert answer.status_code < 500 and answer.json() is not None, (
                    path,
                    field,
                    evil[:80],
                    answer.content,
                )
                if "\\ud83d" in evil or "\\u0000" in evil:
                    said = {each.partition("/")[0] for each in refusals(answer)}
                    assert field in said, (field, evil, answer.content)


def test_any_body_is_answered(api, rows):
    for method, path in asked():
        for evil in EVIL_BODIES:
            answer = send(api, method, address(path, rows), evil)
            assert answer.status_code != 500, (method, path, evil[:40], answer.content)
            if evil not in (b"[]", b"null"):
                assert is_refusal(answer), (method, path, evil[:40], answer.content)


def test_any_form_is_answered(api, rows):
    for method, path in asked():
        at = address(path, rows)
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "text/plain",
            "",
            "x",
        ):
            for evil in (
                b"a=%ff",
                b"a=\xff",
                b"=",
                b"&&&",
                b"a=1&a=2",
                b"--b",
                b"--b\r\n\r\n\r\n--b--",
                b"%00=%00",
                b"\xff",
            ):
                answer = api.generic(method.upper(), at, evil, content_type=kind)
                assert answer.status_code != 500, (kind, evil, answer.content)


def test_any_text_in_any_parameter_is_answered(api, rows):
    for path in [path for method, path in asked() if method == "get"]:
        for name in sorted(operations()[nameless(path), "get"].parameters):
            for evil in EVIL_TEXT:
                answer = api.get(f"{address(path, rows)}?{name}={evil}")
                # The file of this dataset is not there.
                refused = answer.status_code < 500 or answer.json()["code"] == "unavailable"
                assert refused, (path, name, evil, answer.content)
                assert path.endswith("/schema") or answer.json() is not None


def test_any_text_in_any_path_is_answered(api, rows):
    for method, path in [each for each in asked() if "{" in each[1]]:
        for evil in EVIL_TEXT:
            at = re.sub("{[^}]*}", lambda _, evil=evil: evil, path)
            answer = api.generic(method.upper(), at)
            # A PUT makes the sighting or trip of any id, a DELETE discards it, and it can be restored.
            makes = path.startswith(("/api/v1/observations/", "/api/v1/trips/"))
            made = makes and answer.status_code in (200, 201, 204)
            assert made or is_refusal(answer), (method, at, answer.status_code)


def test_duplicate_names_are_refused(api, alice, sighting_of_alice):
    at = f"/api/v1/observations/{uuid4()}"
    answer = send(api, "put", at, '{"note": "a", "note": "b"}')
    assert answer.status_code == 400 and "note" in answer.json()["detail"]
    form = api.put(at, "note=a&note=b", content_type="application/x-www-form-urlencoded")
    assert list(refusals(form, 400)) == ["note"]


def test_a_dataset_is_not_frozen_of_everything_by_a_query_it_does_not_know(api, ada, tree):
    if not apps.is_installed("research"):
        pytest.skip("This floor is not here.")
    answer = api.post("/api/v1/datasets", {"title": "T", "query": {"taxno": "brown_trout"}}, format="json")
    assert list(refusals(answer, 400)) == ["query/taxno"]
    assert api.get("/api/v1/datasets").json()["results"] == []


def test_what_only_a_get_gives_is_taken_as_it_is_and_refused_as_another(api, ada):
    at = f"/api/v1/observations/{uuid4()}"
    got = api.put(at, {"note": "here"}, format="json").json()
    assert api.put(at, got | {"note": "there"}, format="json").json() == got | {
        "note": "there",
        "updated": api.get(at).json()["updated"],
    }
    for other in ({"state": "published"}, {"id": str(uuid4())}, {"place": {}}, {"observer": None}):
        answer = api.put(at, other, format="json")
        assert list(refusals(answer, 400)) == list(other)


def nameless(path: str) -> str:
    return re.sub("{[^}]*}", "{}", path)


@given(st.text(st.characters(codec=None, exclude_categories=[])) | st.text())
def test_text_is_what_can_be_written(text):
    try:
        text.encode()
        storable = "\0" not in text
    except UnicodeEncodeError:
        storable = False
    assert is_text({"a": [text]}) == is_text({text: 1}) == is_text([[{"a": text}]]) == storable
    unknown.sentence(text, {"taxon"}).encode()
    assert len(unknown.printable(text)) <= 80
