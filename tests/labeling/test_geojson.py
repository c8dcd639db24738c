"""GeoJSON of lists and single rows: the same rows as in JSON, where their reader may know that they were."""

from datetime import date

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.actions import grant
from config.description import Generator
from species.access import observation_scope
from species.actions import photos
from species.models import Observation
from tests import universe
from tests.problems import refusals

GEOJSON = "application/geo+json"
EXACT, SQUARE = [11.39325, 47.26812], [11.35, 47.25]
KINDS = ["observation", "occurrence"]
# Who sees how much of Alice's sighting: docs/access.md.
POINTS = {
    None: SQUARE,
    "alice": EXACT,
    "colleague": EXACT,
    "charlie": SQUARE,
    "rita": EXACT,
    "ada": EXACT,
}


def speaking_for(person=None) -> APIClient:
    api = APIClient()
    if person is not None:
        api.force_authenticate(person)
    return api


def ask(address: str, person=None, accept: str = GEOJSON, **parameters):
    return speaking_for(person).get(address, parameters, headers={"Accept": accept})


def features(answer) -> list[dict]:
    """Of a page, checked for what RFC 7946 asks of every one."""
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == GEOJSON
    said = answer.json()
    assert said["type"] == "FeatureCollection"
    for each in said["features"]:
        assert each["type"] == "Feature" and set(each) >= {"id", "geometry", "properties"}
        assert each["geometry"] is None or each["geometry"]["type"] == "Point"
    return said["features"]


def listing(kind: str) -> str:
    return reverse(f"api-{kind}-list")


def single(kind: str, sighting: Observation) -> str:
    row = sighting if kind == "observation" else sighting.occurrences.get()
    return reverse(f"api-{kind}-detail", args=[row.pk])


def sample(alice, number: int = 0, **fields) -> Observation:
    place = {"latitude": EXACT[1], "longitude": EXACT[0], "uncertainty_m": 8} | fields
    return universe.sighting(alice, seed=f"map {number}", size=(64, 32), **place)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", POINTS)
def test_everybody_gets_the_place_that_they_may_know(occurrence, colleague, kind, who, request):
    person = request.getfixturevalue(who) if who else None
    point = POINTS[who]
    for found in (
        features(ask(listing(kind), person))[0],
        ask(single(kind, occurrence.observation), person).json(),
    ):
        assert found["geometry"] == {"type": "Point", "coordinates": point}
        assert found["properties"]["generalized"] == (point == SQUARE)
    for answer in (ask(listing(kind), person), ask(single(kind, occurrence.observation), person)):
        told = "47.268" in answer.content.decode() or "11.393" in answer.content.decode()
        assert told == (point == EXACT)
        assert ("no-store" in answer.headers.get("Cache-Control", "")) == told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("privacy", "others", "uncertainty"),
    [("open", EXACT, 8), ("generalized", SQUARE, 6725), ("private", None, None)],
)
def test_by_what_its_observer_chose(alice, tree, kind, privacy, others, uncertainty):
    sample(alice, privacy=privacy)
    [found] = features(ask(listing(kind)))
    assert (found["geometry"] or {}).get("coordinates") == others
    properties = found["properties"]
    assert properties["coordinateUncertaintyInMeters"] == pytest.approx(uncertainty, rel=0.05)
    assert properties["generalized"] == bool(properties["dataGeneralizations"]) == (privacy == "generalized")
    assert bool(properties["informationWithheld"]) == (privacy == "private")
    [own] = features(ask(listing(kind), alice))
    assert own["geometry"]["coordinates"] == EXACT
    assert own["properties"]["coordinateUncertaintyInMeters"] == 8


@pytest.mark.parametrize("kind", KINDS)
def test_no_place_is_no_geometry(alice, tree, kind):
    universe.sighting(alice, seed="nowhere")
    for person in (None, alice):
        [found] = features(ask(listing(kind), person))
        assert found["geometry"] is None and found["properties"]["coordinateUncertaintyInMeters"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_sightings_and_drafts_are_where_they_are_in_json(alice, bob, rita, ada, charlie, tree, kind):
    hidden = sample(alice)
    photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=alice)
    sample(alice, 1, published=False)
    grant(user=bob, scope=observation_scope(hidden.pk), purpose="to measure it", by=ada)
    for person in (None, alice, bob, charlie, rita, ada):
        rows = ask(listing(kind), person, "application/json").json()["results"]
        assert [each["id"] for each in features(ask(listing(kind), person))] == [each["id"] for each in rows]
        codes = {ask(single(kind, hidden), person, each).status_code for each in (GEOJSON, "*/*")}
        assert len(codes) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_properties_are_the_row_without_its_place(occurrence, alice, kind):
    for address in (listing(kind), single(kind, occurrence.observation)):
        answers = [ask(address, alice, accept).json() for accept in ("application/json", GEOJSON)]
        row, found = (
            answers if address != listing(kind) else (answers[0]["results"][0], answers[1]["features"][0])
        )
        assert found["id"] == row["id"]
        kept = {name: value for name, value in row.items() if name not in ("id", "place", "exact")}
        assert found["properties"].items() >= kept.items()
        assert found["properties"].keys() - row.keys() <= {
            *("eventDate", "generalized", "coordinateUncertaintyInMeters", "dataGeneralizations"),
            "informationWithheld",
        }


def test_the_time_that_is_told_is_that_of_the_sighting(alice, tree):
    sample(alice, local_date=date(2015, 10, 10), time_precision="month")
    for kind in KINDS:
        assert features(ask(listing(kind)))[0]["properties"]["eventDate"] == "2015-10"
        assert features(ask(listing(kind), alice))[0]["properties"]["eventDate"] == "2015-10-10"


@pytest.mark.parametrize("kind", KINDS)
def test_pages_filters_and_cursors_are_those_of_json(alice, tree, kind):
    for number in range(5):
        sample(alice, number)
    sample(alice, 5, latitude=-40, longitude=170)
    box = {"bbox": "11,47,12,48", "page_size": "2"}
    rows = [each["id"] for each in ask(listing(kind), accept="*/*", bbox=box["bbox"]).json()["results"]]
    seen, page = [], ask(listing(kind), **box)
    while True:
        found = features(page)
        seen += [each["id"] for each in found]
        links = {each["rel"]: each for each in page.json()["links"]}
        assert ("prev" in links) == (len(seen) > 2)
        if "next" not in links:
            break
        assert links["next"]["type"] == GEOJSON
        page = ask(links["next"]["href"])
    assert seen == rows and len(rows) == 5
    back = ask(links["prev"]["href"])
    assert [each["id"] for each in features(back)] == rows[2:4]
    # A cursor of one goes on in the other.
    following = ask(links["prev"]["href"], accept="*/*").json()
    assert [each["id"] for each in following["results"]] == rows[2:4]


def test_a_box_around_the_true_place_finds_nothing_for_anybody(sighting_of_alice, alice, charlie, rita):
    for person in (None, alice, charlie, rita):
        for kind in KINDS:
            longitude, latitude = EXACT
            near = f"{longitude - 0.001},{latitude - 0.001},{longitude + 0.001},{latitude + 0.001}"
            assert features(ask(listing(kind), person, bbox=near)) == []
            assert len(features(ask(listing(kind), person, bbox="11.34,47.24,11.36,47.26"))) == 1


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("application/geo+json", GEOJSON),
        ("application/geo+json, application/json", GEOJSON),
        ("application/json, application/geo+json", "application/json"),
        ("application/json;q=0.5, application/geo+json", GEOJSON),
        ("application/geo+json;q=0.1, application/json;q=0.2", "application/json"),
        ("application/geo+json, */*;q=0.1", GEOJSON),
    ],
)
def test_the_form_that_is_preferred(occurrence, accept, form):
    for kind in KINDS:
        for address in (listing(kind), single(kind, occurrence.observation)):
            headers = {"Accept": accept} if accept else {}
            for method in ("get", "head"):
                answer = getattr(speaking_for(), method)(address, headers=headers)
                assert (answer.status_code, answer.headers["Content-Type"]) == (200, form)
                assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "accept", [",", ";;;", "/", "*", "application/*;q=nan", "a/b;q=banana, */*", "\xff/\xff"]
)
def test_whatever_is_said_to_be_accepted_is_answered(occurrence, accept):
    for kind in KINDS:
        assert ask(listing(kind), accept=accept).status_code in (200, 406)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_a_problem_all_the_same(occurrence, kind):
    for asked in ({"bbox": "1,2"}, {"zzz": "1"}, {"format": "geojson"}, {"page_size": "0"}, {"cursor": "x"}):
        answer = ask(listing(kind), **asked)
        assert list(refusals(answer, 400)) == list(asked)
        assert "Accept" in answer.headers["Vary"]
    missing = reverse(f"api-{kind}-detail", args=["00000000-0000-4000-8000-000000000000"])
    assert refusals(ask(missing), 404)
    assert refusals(ask(listing(kind), accept="image/png"), 406)


def test_an_etag_is_of_one_form_and_a_write_names_that_of_json(occurrence, alice):
    for kind in KINDS:
        address = single(kind, occurrence.observation)
        tags = {}
        for accept in ("application/json", GEOJSON):
            tags[accept] = ask(address, alice, accept).headers["ETag"]
            known = {"Accept": accept, "If-None-Match": tags[accept]}
            assert speaking_for(alice).get(address, headers=known).status_code == 304
        assert len(set(tags.values())) == 2
    address = single("observation", occurrence.observation)
    wrong, right = (ask(address, alice, accept).headers["ETag"] for accept in (GEOJSON, "application/json"))
    for tag, code in ((wrong, 412), (right, 200)):
        headers = {"If-Match": tag}
        assert speaking_for(alice).put(address, {"note": "By the weir."}, headers=headers).status_code == code


def test_what_is_written_is_answered_in_json_alone(sighting_of_alice, alice):
    address = single("observation", sighting_of_alice)
    answer = speaking_for(alice).put(address, {"note": "no"}, headers={"Accept": GEOJSON})
    assert refusals(answer, 406)
    sighting_of_alice.refresh_from_db()
    assert sighting_of_alice.note == ""


@pytest.mark.parametrize("kind", KINDS)
def test_no_more_queries_than_json_however_many(alice, bob, ada, tree, kind, django_assert_num_queries):
    number = {"observation": 6, "occurrence": 3}[kind]
    sample(alice)
    for rows in (1, 4):
        for each in range(len(Observation.objects.all()), rows):
            sample(alice, each)
        for accept in (GEOJSON, "application/json"):
            with django_assert_num_queries(number):
                answer = ask(listing(kind), accept=accept)
        assert len(answer.json()["results"]) == rows
    grant(user=bob, scope="all", purpose="a study", by=ada)
    _, mine = universe.imported(bob)
    # And the grants, of somebody who ran an import as well.
    with django_assert_num_queries(number + 1):
        found = features(ask(listing(kind), bob))
    assert [each["geometry"] and each["geometry"]["coordinates"] for each in found] == [*[EXACT] * 4, None]


def test_the_description_says_both_forms():
    described = Generator().get_schema(request=None, public=True)
    for path in ("/api/v1/observations", "/api/v1/occurrences"):
        for each, name in ((path, "FeatureCollection"), (f"{path}/{{id}}", "Feature")):
            operation = described["paths"][each]["get"]
            content = operation["responses"]["200"]["content"]
            assert set(content) == {"application/json", GEOJSON}
            assert content[GEOJSON]["schema"] == {"$ref": f"#/components/schemas/{name}"}
            assert "format" not in [parameter["name"] for parameter in operation["parameters"]]
    assert set(described["paths"]["/api/v1/observations/{id}"]["put"]["responses"]["200"]["content"]) == {
        "application/json"
    }


@pytest.mark.parametrize("noun", ["occurrences", "observations"])
def test_a_page_is_counted_and_linked_as_in_json(client, alice, noun):
    for seed in range(3):
        universe.sighting(alice, seed=seed, size=(64, 48))
    path = f"/api/v1/{noun}?page_size=2&count=exact"
    plain, features = client.get(path), client.get(path, HTTP_ACCEPT="application/geo+json")
    assert features["Link"] == plain["Link"] and 'rel="next"' in plain["Link"]
    told = features.json()
    assert (told["count"], told["count_is"]) == (3, "exact") and len(told["features"]) == 2
    assert "count" not in client.get(f"/api/v1/{noun}", HTTP_ACCEPT="application/geo+json").json()
