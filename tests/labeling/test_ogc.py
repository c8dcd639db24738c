"""OGC API – Features: what QGIS and GDAL ask in the order in which they do, and what the standard demands beside it."""

import re
from datetime import date, datetime
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from jsonschema import Draft4Validator
from rest_framework.test import APIClient

from accounts.actions import grant, make_token
from labeling.presenters.ogc import CRS84, OPENAPI
from species.access import observation_scope
from species.actions import photos
from species.models import Observation
from tests import universe
from tests.problems import refusals

ROOT = "/api/ogc/"
HERE = "http://testserver"
JSON, GEOJSON = "application/json", "application/geo+json"
EXACT, SQUARE = [11.39325, 47.26812], [11.35, 47.25]
KINDS = ["observations", "occurrences"]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def ask(address: str, person=None, accept: str = "*/*", **parameters):
    api = APIClient()
    if person is not None:
        api.force_authenticate(person)
    return api.get(address, parameters, headers={"Accept": accept})


def items(kind: str, person=None, **parameters) -> dict:
    """A page of a collection, checked for what the standard says of each."""
    answer = ask(f"{ROOT}collections/{kind}/items", person, **parameters)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == GEOJSON
    page = answer.json()
    assert page["type"] == "FeatureCollection" and page["numberReturned"] == len(page["features"])
    assert datetime.fromisoformat(page["timeStamp"]).tzinfo and page["timeStamp"].endswith("Z")
    assert {"self", "collection"} <= set(links(page))
    return page


def links(said: dict) -> dict[str, dict]:
    return {each["rel"]: each for each in said["links"]}


def ids(page: dict) -> list[str]:
    return [each["id"] for each in page["features"]]


def sample(alice, number: int = 0, **fields) -> Observation:
    place = {"latitude": EXACT[1], "longitude": EXACT[0], "uncertainty_m": 8} | fields
    return universe.sighting(alice, seed=f"ogc {number}", size=(64, 32), **place)


def of(kind: str, sighting: Observation) -> str:
    return str(sighting.pk if kind == "observations" else sighting.occurrences.get().pk)


# --- what programs ask --------------------------------------------------------------------------------------

ANY_API = (
    "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json"
)
ANY_ITEMS = f"{GEOJSON}, {JSON}"
# Written down by hand from what the two say in their logs, with the paths of this site.
QGIS = [
    ("GET", "/api/ogc", JSON),
    ("GET", "/api/ogc/api", ANY_API),
    ("GET", "/api/ogc/collections", JSON),
    ("GET", "/api/ogc/conformance", JSON),
    ("GET", "/api/ogc/collections/occurrences", JSON),
    ("GET", "/api/ogc/collections/occurrences/items?limit=10", ANY_ITEMS),
    ("OPTIONS", "/api/ogc/collections/occurrences/items", ""),
    ("GET", "/api/ogc/collections/occurrences/items?limit=1000&bbox=11.2,47.1,11.5,47.4", ANY_ITEMS),
    (
        "GET",
        "/api/ogc/collections/occurrences/items?limit=200&bbox=-180,-90,180,90&datetime=2015-01-01T00:00:00Z/..",
        ANY_ITEMS,
    ),
]
GDAL = [
    ("GET", "/api/ogc/collections", JSON),
    ("GET", "/api/ogc/", JSON),
    ("GET", "/api/ogc/api", ANY_API),
    ("GET", "/api/ogc/collections/observations/items?limit=1000", ANY_ITEMS),
    (
        "GET",
        "/api/ogc/collections/observations/items?limit=1000"
        "&bbox=11.199999999999999,47.100000000000001,11.5,47.399999999999999",
        ANY_ITEMS,
    ),
    ("GET", "/api/ogc/collections/observations/items?limit=1000&datetime=2015-10-01T%2F2015-10-31T", ANY_ITEMS),
    ("GET", "/api/ogc/collections/observations/items?limit=1000&datetime=..%2F2015-10-31T12:00:00Z", ANY_ITEMS),
]  # fmt: skip


@pytest.mark.parametrize("asked", [QGIS, GDAL], ids=["QGIS", "GDAL"])
def test_what_programs_ask_is_answered_in_a_form_that_they_read(alice, tree, asked):
    sample(alice, local_date=date(2015, 10, 10))
    for method, address, accept in asked:
        headers = {"Accept": accept} if accept else {}
        answer = APIClient().generic(method, address, headers=headers)
        if answer.status_code == 301:
            # Both go where they are sent.
            answer = APIClient().generic(method, answer.headers["Location"], headers=headers)
        assert answer.status_code == 200, (address, answer.content)
        form = answer.headers["Content-Type"]
        assert form in {each.strip() for each in accept.split(",")} or not accept, (address, form)
        if "/items?" in address:
            assert len(answer.json()["features"]) == 1


def test_a_walk_along_the_links_reaches_everything(alice, tree):
    """From the landing page as GDAL goes: no address is known beforehand."""
    sightings = [sample(alice, number) for number in range(5)]
    landing = ask(ROOT).json()
    assert {each["rel"] for each in landing["links"]} == {
        *("self", "service-desc", "service-doc", "conformance", "data"),
    }
    for each in landing["links"]:
        answer = ask(each["href"], accept=each["type"])
        form = answer.headers["Content-Type"].replace(" ", "").replace(";charset=utf-8", "")
        assert (answer.status_code, form) == (200, each["type"])
    classes = ask(links(landing)["conformance"]["href"]).json()["conformsTo"]
    assert {each.rpartition("/")[2] for each in classes} == {"core", "geojson", "oas30"}
    collections = ask(links(landing)["data"]["href"]).json()["collections"]
    assert [each["id"] for each in collections] == KINDS
    for collection in collections:
        assert collection["itemType"] == "feature" and collection["crs"] == [CRS84]
        assert ask(links(collection)["self"]["href"]).json() == collection
        address, seen = f"{links(collection)['items']['href']}?limit=2", []
        while address:
            page = ask(address).json()
            assert links(page)["self"]["href"] == address
            assert len(page["features"]) == page["numberReturned"] <= 2 and "numberMatched" not in page
            seen += page["features"]
            address = links(page).get("next", {}).get("href")
        assert [each["id"] for each in seen] == [of(collection["id"], each) for each in sightings]
        for each in seen:
            answer = ask(f"{links(collection)['items']['href']}/{each['id']}")
            assert answer.headers["Content-Type"] == GEOJSON
            one = answer.json()
            led = links(one)
            assert set(led) == {"self", "alternate", "collection"}
            assert one == each | {"links": one["links"]}
            assert all(ask(each["href"], accept=each["type"]).status_code == 200 for each in led.values())


def test_head_and_whatever_is_accepted(alice, tree):
    sample(alice)
    for address, form in (
        (ROOT, JSON),
        (f"{ROOT}conformance", JSON),
        (f"{ROOT}collections", JSON),
        (f"{ROOT}collections/occurrences", JSON),
        (f"{ROOT}collections/occurrences/items", GEOJSON),
        (f"{ROOT}api", OPENAPI),
    ):
        for accept in ("text/html,application/xhtml+xml;q=0.9", "image/png", JSON, GEOJSON, "*/*"):
            for asked in (address, f"{address}?f=json"):
                got = ask(asked, accept=accept)
                head = APIClient().head(asked, headers={"Accept": accept})
                for answer in (got, head):
                    assert (answer.status_code, answer.headers["Content-Type"]) == (200, form)
                assert head.content == b""


def test_the_landing_page_without_its_slash(db):
    for method in ("get", "head"):
        answer = getattr(APIClient(), method)("/api/ogc?f=json", follow=True)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, JSON)


def test_the_description_is_of_these_routes_and_what_programs_look_for(db):
    said = ask(f"{ROOT}api").json()
    assert said["openapi"].startswith("3.0.")
    assert said["servers"] == [{"url": f"{HERE}/api/ogc"}]
    assert set(said["paths"]) == {
        *("/", "/conformance", "/collections", "/collections/{collectionId}"),
        *(f"/collections/{kind}/items" for kind in KINDS),
        *(f"/collections/{kind}/items/{{id}}" for kind in KINDS),
    }
    limit = said["components"]["parameters"]["limit"]
    assert (limit["schema"]["maximum"], limit["schema"]["minimum"], limit["schema"]["default"]) == (
        200,
        1,
        30,
    )
    for kind in KINDS:
        parameters = said["paths"][f"/collections/{kind}/items"]["get"]["parameters"]
        named = {each["$ref"].rpartition("/")[2] for each in parameters if "$ref" in each}
        assert named == {"bbox", "datetime", "limit"}
        assert {"f", "bbox-crs", "cursor", "taxon", "status"} <= {each.get("name") for each in parameters}
    # Whatever is referred to is there.
    for reference in re.findall(r'"#/([^"]+)"', ask(f"{ROOT}api").content.decode()):
        part = said
        for name in reference.split("/"):
            part = part[name]


def test_answers_are_as_the_description_says(alice, tree):
    sample(alice, local_date=date(2015, 10, 10))
    said = ask(f"{ROOT}api").json()
    for path, methods in said["paths"].items():
        kind = "observations" if "observations" in path else "occurrences"
        address = path.replace("{collectionId}", kind).replace("{id}", of(kind, Observation.objects.get()))
        content = methods["get"]["responses"]["200"]["content"]
        answer = ask(f"{said['servers'][0]['url']}{address}")
        assert list(content) == [answer.headers["Content-Type"]]
        schema = next(iter(content.values()))["schema"]
        # OpenAPI's own word for null, in that of JSON Schema.
        text = nullable({**schema, "components": said["components"]})
        assert not list(Draft4Validator(text).iter_errors(answer.json()))


def nullable(schema):
    if isinstance(schema, dict):
        found = {name: nullable(each) for name, each in schema.items()}
        return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") is True else found
    return [nullable(each) for each in schema] if isinstance(schema, list) else schema


# --- what is asked for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_boxes(alice, tree, kind):
    here = of(kind, sample(alice))
    west, east = (
        of(kind, sample(alice, number, latitude=-17, longitude=longitude))
        for number, longitude in ((1, 179.87), (2, -179.87))
    )
    of(kind, universe.sighting(alice, seed="nowhere"))
    for box, found in {
        "11,47,12,48": [here],
        "11,47,0,12,48,4000": [here],
        "-180,-90,180,90": [here, west, east],
        "170,-20,-170,-10": [west, east],
        "170,-20,0,-170,-10,0": [west, east],
        "170,-20,180,-10": [west],
        "0,0,1,1": [],
    }.items():
        assert ids(items(kind, bbox=box)) == found, box
    assert ids(items(kind, bbox="11,47,12,48", **{"bbox-crs": CRS84})) == [here]


@pytest.mark.parametrize("kind", KINDS)
def test_times(alice, tree, kind):
    day = of(kind, sample(alice, local_date=date(2015, 10, 10)))
    month = of(kind, sample(alice, 1, local_date=date(2015, 10, 20), time_precision="month"))
    moment = of(kind, sample(alice, 2, observed_at=datetime(2016, 1, 1, 12, 30), utc_offset=60))
    of(kind, sample(alice, 3))
    for asked, found in {
        "2015-10-10": [day, month],
        "2015-10-11": [month],
        "2015-10-10T12:30:00Z": [day, month],
        "2015-10-11T01:00:00+02:00": [day, month],
        "2015-10-10t12:30:00.25z": [day, month],
        "2015-10-31/2015-11-30": [month],
        "2015-11-01/2015-11-30": [],
        "2015-09-01/2015-10-01": [month],
        "../2015-10-10": [day, month],
        "/2015-10-10": [day, month],
        "2015-10-31/..": [month, moment],
        "2015-11-01/": [moment],
        "2016-01-01T00:00:00Z/2016-01-01T23:59:59Z": [moment],
        "2015-10-10T/2015-10-10T": [day, month],
        "0001-01-01/9999-12-31": [day, month, moment],
    }.items():
        assert ids(items(kind, datetime=asked)) == found, asked


@pytest.mark.parametrize("kind", KINDS)
def test_limits(alice, tree, kind):
    for number in range(3):
        sample(alice, number)
    assert items(kind, limit="2")["numberReturned"] == 2
    for more in ("3", "200", "201", "1000000"):
        page = items(kind, limit=more)
        assert (page["numberReturned"], page["numberMatched"]) == (3, 3)
        assert not {"next", "prev"} & set(links(page))
    last = ask(links(items(kind, limit="2"))["next"]["href"]).json()
    assert "numberMatched" not in last and {"prev"} <= set(links(last))


@pytest.mark.parametrize("kind", KINDS)
def test_the_filters_of_the_list_and_its_address(alice, bob, tree, kind):
    sample(alice), sample(bob, 1)
    known = items(kind, status="needs_id", taxon="brown_trout", f="json", limit="1000")
    assert ids(known) == []
    page = items(kind, status="needs_id", bbox="11,47,12,48", limit="1", order="newest")
    listed = ask(links(page)["alternate"]["href"]).json()
    assert [each["id"] for each in listed["results"]] == ids(page) and listed["next"]
    assert "alternate" not in links(items(kind, datetime="2015-10-10"))
    assert "alternate" not in links(items(kind, bbox="11,47,0,12,48,1"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("bbox", each) for each in ("1,2,3", "1,2,3,4,5", "a,b,c,d", "0,10,1,-10", "0,0,5,1,1,1", "0,0,nan,1,1,nan")],
        *[("bbox", each) for each in ("181,0,182,1", "0,0,nan,1", "0,0,1,91")],
        *[("datetime", each) for each in ("yesterday", "2015-13-01", "..", "../..", "/", "2015-10-10T12:30:00")],
        *[("datetime", each) for each in ("2015/2016/2017", "2016-01-01/2015-01-01", "20151010")],
        *[("datetime", each) for each in ("2015-10-10T25:00:00Z", "0001-01-01T00:00:00+14:00")],
        *[("datetime", each) for each in ("٢٠١٥-10-10", "2015-W01-1")],
        *[("limit", each) for each in ("0", "-1", "ten", "1.5", "9" * 400, "")],
        *[("bbox-crs", each) for each in ("EPSG:4326", "http://www.opengis.net/def/crs/EPSG/0/4326")],
        *[("f", "html"), ("crs", CRS84), ("page_size", "10"), ("offset", "10"), ("zzz", "1"), ("state", "draft")],
        *[("cursor", "x"), ("status", "x"), ("resultType", "hits")],
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_name(sighting_of_alice, tree, alice, kind, name, value):
    address = f"{ROOT}collections/{kind}/items"
    for accept in ("*/*", GEOJSON):
        answer = ask(address, alice, accept, **{name: value})
        assert list(refusals(answer, 400)) == [name]


def test_what_is_not_there(sighting_of_alice, tree):
    for address in (
        f"{ROOT}collections/rivers",
        f"{ROOT}collections/rivers/items",
        f"{ROOT}collections/occurrences/items/{UNKNOWN}",
        f"{ROOT}collections/occurrences/items/1",
        f"{ROOT}collections/occurrences/items/{sighting_of_alice.pk}",
        f"{ROOT}nothing",
        f"{ROOT}collections.json",
        f"{ROOT}collections/observations/items/{sighting_of_alice.pk}.json",
    ):
        for accept in ("*/*", "text/html", GEOJSON):
            assert refusals(ask(address, accept=accept), 404)
    for address in ("", "conformance", "collections", "collections/occurrences", "api"):
        assert list(refusals(ask(f"{ROOT}{address}", zzz="1"))) == ["zzz"]
        assert list(refusals(ask(f"{ROOT}{address}", f="xml"))) == ["f"]


def test_nothing_is_written_here(sighting_of_alice, alice):
    api = APIClient()
    api.force_authenticate(alice)
    one = f"{ROOT}collections/observations/items/{sighting_of_alice.pk}"
    for method in ("post", "put", "patch", "delete"):
        for address in (ROOT, f"{ROOT}collections/observations/items", one):
            assert refusals(getattr(api, method)(address, {}, format="json"), 405)
    assert APIClient().options(one).headers["Allow"] == "GET, HEAD, OPTIONS"


# --- who may know what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("privacy", ["open", "generalized", "private"])
def test_everybody_gets_the_place_that_they_may_know(alice, bob, charlie, rita, ada, tree, kind, privacy):
    sighting = sample(alice, privacy=privacy)
    grant(user=bob, scope=observation_scope(sighting.pk), purpose="to measure it", by=ada)
    others = {"open": EXACT, "generalized": SQUARE, "private": None}[privacy]
    one = f"{ROOT}collections/{kind}/items/{of(kind, sighting)}"
    for person in (None, alice, bob, charlie, rita, ada):
        told = others if person in (None, charlie) else EXACT
        [found] = items(kind, person)["features"]
        answers = [ask(one, person), ask(f"{ROOT}collections/{kind}/items", person)]
        for each in (found, answers[0].json()):
            assert (each["geometry"] or {}).get("coordinates") == told
        for answer in answers:
            private = person not in (None, charlie)
            assert ("no-store" in answer.headers.get("Cache-Control", "")) == private
            if told != EXACT:
                assert "47.268" not in answer.content.decode() and "11.393" not in answer.content.decode()
        # Whoever asks, a box finds what is public of a place, and so tells no more.
        near = "11.393,47.268,11.394,47.269"
        assert len(items(kind, person, bbox=near)["features"]) == (privacy == "open")
        square = len(items(kind, person, bbox="11.34,47.24,11.36,47.26")["features"])
        assert square == (privacy == "generalized")
        world = items(kind, person, bbox="-180,-90,180,90")
        assert world["numberMatched"] == (privacy != "private")


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_sightings_and_drafts(alice, bob, charlie, rita, ada, tree, kind):
    hidden, draft = sample(alice), sample(alice, 1, published=False)
    name = of(kind, hidden)
    photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=alice)
    grant(user=bob, scope=observation_scope(hidden.pk), purpose="to measure it", by=ada)
    for person in (None, alice, bob, charlie, rita, ada):
        sees = person in (alice, rita, ada)
        assert ids(items(kind, person)) == ([name] if sees else [])
        answer = ask(f"{ROOT}collections/{kind}/items/{name}", person)
        assert answer.status_code == (200 if sees else 404)
        for each in (draft.pk, *draft.occurrences.values_list("pk", flat=True)):
            assert ask(f"{ROOT}collections/{kind}/items/{each}", person).status_code == 404


def test_a_token_says_who_asks(alice, charlie, tree):
    sample(alice)
    for person, told in ((alice, EXACT), (charlie, SQUARE)):
        secret = make_token(user=person, name="QGIS", by=person).secret
        answer = APIClient().get(
            f"{ROOT}collections/occurrences/items", headers={"Authorization": f"Token {secret}"}
        )
        assert answer.json()["features"][0]["geometry"]["coordinates"] == told
    wrong = APIClient().get(ROOT, headers={"Authorization": "Token aqua_nobody"})
    assert refusals(wrong, 401)


# --- what it costs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "queries"), [("observations", 6), ("occurrences", 3)])
def test_as_many_queries_as_in_the_list_however_many(alice, tree, kind, queries, django_assert_num_queries):
    for rows in (1, 4):
        for number in range(Observation.objects.count(), rows):
            sample(alice, number)
        for asked in ({}, {"limit": "2"}, {"bbox": "-180,-90,180,90"}):
            with django_assert_num_queries(queries):
                items(kind, **asked)
        one = of(kind, Observation.objects.first())
        with django_assert_num_queries(queries - 1):
            ask(f"{ROOT}collections/{kind}/items/{one}")
    for address in ("", "api", "conformance", "collections", f"collections/{kind}"):
        with django_assert_num_queries(0):
            ask(f"{ROOT}{address}")


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_it_is_not_sent_it_again(alice, tree, kind):
    sighting = sample(alice)
    for address in ("", "api", f"collections/{kind}", f"collections/{kind}/items",
                    f"collections/{kind}/items/{of(kind, sighting)}"):  # fmt: skip
        tag = ask(f"{ROOT}{address}").headers["ETag"]
        again = APIClient().get(f"{ROOT}{address}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    address = f"{ROOT}collections/{kind}/items"
    known = ask(address).headers["ETag"]
    sample(alice, 1)
    assert APIClient().get(address, headers={"If-None-Match": known}).status_code == 200


def test_links_are_whole_addresses_of_this_site(alice, tree):
    sample(alice)
    assert reverse("ogc-list") == ROOT
    for address in ("", "collections", "collections/observations/items"):
        for each in ask(f"{ROOT}{address}").json()["links"]:
            assert each["href"].startswith(f"{HERE}/") and urlsplit(each["href"]).path
