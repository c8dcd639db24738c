"""The place of a sighting in a browser: a pin by mouse, finger and keys, the device, and the square of the others."""

import json
import math
import random
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from species.actions import observations, waters
from species.models import Observation, PlaceSource
from species.places import geoprivacy
from tests.end_to_end.test_drafts import browsing, draft, kept, of
from tests.species.queries.test_places import WATERS

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

ZOOM = 12
START = (47.9180, 13.7990)


def pixels(latitude: float, longitude: float, zoom: int = ZOOM) -> tuple[float, float]:
    """Where a point lies on the whole map at a zoom, in pixels (Web Mercator)."""
    size = 256 * 2**zoom
    sine = math.sin(math.radians(latitude))
    return (
        (longitude + 180) / 360 * size,
        (0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * size,
    )


def degrees(x: float, y: float, zoom: int = ZOOM) -> tuple[float, float]:
    size = 256 * 2**zoom
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / size)))), x / size * 360 - 180


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Pixels at zoom 12 between two places."""
    return math.dist(pixels(*one), pixels(*other))


def open_map(page: Page, observation: Observation, at: tuple[float, float] | None = START):
    """The field of a draft with its map ready, looked at from zoom 12 around a place."""
    found = of(page, observation)
    canvas = found.locator("[data-map]")
    canvas.scroll_into_view_if_needed()
    expect(canvas).to_have_attribute("data-ready", "yes")
    if at:
        view(page, observation, at)
    return found


def view(page: Page, observation: Observation, at: tuple[float, float], zoom: int = ZOOM) -> None:
    page.evaluate(
        """async ([id, at, zoom]) => {
            document.querySelector(`#${id} [data-place]`).placeField.map.setView(at, zoom, { animate: false });
        }""",
        [f"draft-{observation.pk}", list(at), zoom],
    )


def at_pixel(page: Page, found, dx: float, dy: float, centre: tuple[float, float]) -> tuple[tuple, tuple]:
    """A point of the screen so far from the middle of the map, and the degrees that lie there."""
    box = found.locator("[data-map]").evaluate(
        "(e) => ({x: e.getBoundingClientRect().x + e.clientLeft, y: e.getBoundingClientRect().y + e.clientTop,"
        " width: e.clientWidth, height: e.clientHeight})"
    )
    x, y = round(box["x"] + box["width"] / 2 + dx), round(box["y"] + box["height"] / 2 + dy)
    real = (x - box["x"] - box["width"] / 2, y - box["y"] - box["height"] / 2)
    # Leaflet lays the centre on a whole pixel.
    middle = pixels(*centre)
    return (x, y), degrees(middle[0] + real[0], middle[1] + real[1])


def save(page: Page, found) -> None:
    with page.expect_navigation():
        found.get_by_role("button", name="Save for later").click()
    expect(page.get_by_text("Saved. Only you see it.").first).to_be_visible()


def stored(observation: Observation) -> tuple[float, float]:
    observation.refresh_from_db()
    return observation.latitude, observation.longitude


def put(observation: Observation, place: tuple[float, float], uncertainty: float) -> None:
    said = {
        "latitude": place[0],
        "longitude": place[1],
        "uncertainty_m": uncertainty,
        "place_source": "device",
    }
    observations.describe(observation=observation, by=observation.observer, **said)


@pytest.fixture
def known(tmp_path) -> None:
    path = tmp_path / "waters.geojson"
    path.write_text(json.dumps(WATERS))
    waters.prepare(path)


@pytest.fixture
def visit(browser, live_server, alice):
    """Opens the page of Alice's drafts; every word on the console fails the test, a breach of the policy is one."""
    said: list[str] = []

    @contextmanager
    def visit(**options):
        with browsing(browser, live_server, alice, **options) as page:
            page.on("console", lambda message: said.append(message.text))
            page.goto("/upload")
            yield page

    yield visit
    assert said == []


class TestThePin:
    def test_by_mouse_and_dragged(self, visit, alice):
        observation = draft(alice, "mouse")
        with visit() as page:
            found = open_map(page, observation)
            point, there = at_pixel(page, found, 61, -43, START)
            page.mouse.click(*point)
            expect(found.locator(".m-pin")).to_be_focused()
            kept(found)
            save(page, found)
            assert apart(stored(observation), there) <= 1
            assert observation.place_source == PlaceSource.MAP_PIN
            assert 100 < observation.uncertainty_m < 1000

            found = open_map(page, observation, stored(observation))
            (x, y), _ = at_pixel(page, found, 0, 0, stored(observation))
            page.mouse.move(x, y - 25)
            page.mouse.down()
            page.mouse.move(x + 30, y + 10, steps=4)
            page.mouse.move(x + 72, y + 29, steps=4)
            page.mouse.up()
            before = stored(observation)
            save(page, found)
            moved = [
                new - old for new, old in zip(pixels(*stored(observation)), pixels(*before), strict=True)
            ]
        assert moved == pytest.approx([72, 54], abs=1)

    def test_by_finger(self, visit, alice):
        observation = draft(alice, "finger")
        with visit(width=360) as page:
            touched(page)
            found = open_map(page, observation)
            point, there = at_pixel(page, found, -31, 22, START)
            finger(page, point)
            expect(found.locator(".m-pin")).to_be_visible()
            save(page, found)
            assert apart(stored(observation), there) <= 1

            found = open_map(page, observation, stored(observation))
            (x, y), _ = at_pixel(page, found, 0, 0, stored(observation))
            before = stored(observation)
            finger(page, (x, y - 25), (x + 10, y - 20), (x + 30, y + 5), (x + 41, y + 12))
            save(page, found)
            moved = [
                new - old for new, old in zip(pixels(*stored(observation)), pixels(*before), strict=True)
            ]
        assert moved == pytest.approx([41, 37], abs=1)

    def test_by_keys_alone(self, visit, alice):
        observation = draft(alice, "keys")
        with visit() as page:
            found = open_map(page, observation)
            found.get_by_role("button", name="Put the pin in the middle").focus()
            page.keyboard.press("Enter")
            pin = found.locator(".m-pin")
            expect(pin).to_be_focused()
            for key in ["ArrowRight"] * 5 + ["ArrowUp"] * 3:
                page.keyboard.press(key)
            size = float(found.locator("[name=uncertainty_m]").input_value())
            page.keyboard.press("+")
            larger = float(found.locator("[name=uncertainty_m]").input_value())
            page.keyboard.press("Shift+ArrowDown")
            page.keyboard.press("-")
            smaller = float(found.locator("[name=uncertainty_m]").input_value())
            expect(pin).to_have_attribute("aria-label", re.compile("^Pin at 47[.]"))
            expect(found.locator("[data-place-says]")).to_have_text(re.compile("give or take"))
            save(page, found)
        assert larger > size > smaller
        x, y = pixels(*START)
        assert apart(stored(observation), degrees(x + 5, y - 3)) <= 1

    def test_the_circle_by_its_edge(self, visit, alice):
        observation = draft(alice, "edge")
        put(observation, START, 1500)
        with visit() as page:
            found = open_map(page, observation)
            edge = found.locator(".m-handle").bounding_box()
            x, y = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 40, y, steps=5)
            page.mouse.up()
            save(page, found)
        observation.refresh_from_db()
        pixel = 40_075_016 * math.cos(math.radians(START[0])) / 256 / 2**ZOOM
        assert observation.uncertainty_m == pytest.approx(1500 + 40 * pixel, abs=100)
        assert (observation.latitude, observation.longitude) == pytest.approx(START, abs=1e-6)


def touched(page: Page):
    """A screen that is touched: maps are a little higher on it, so it is one before anything is measured."""
    screen = page.context.new_cdp_session(page)
    screen.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    return screen


def finger(page: Page, *points: tuple[float, float]) -> None:
    """One finger down, along, and up again, as a screen reports it."""
    screen = touched(page)

    def send(kind: str, *at: tuple[float, float]) -> None:
        screen.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]}
        )

    send("touchStart", points[0])
    for point in points[1:]:
        send("touchMove", point)
        page.wait_for_timeout(60)
    send("touchEnd")


class TestOtherWays:
    def test_the_device_and_what_happens_on_refusal(self, visit, alice):
        observation = draft(alice, "device")
        with visit() as page:
            found = open_map(page, observation, at=None)
            found.get_by_role("button", name="Use my device’s place").click()
            expect(found.locator("[data-place-says]")).to_contain_text("did not let the page ask")
            page.context.grant_permissions(["geolocation"])
            page.context.set_geolocation({"latitude": 47.5, "longitude": 13.5, "accuracy": 24})
            found.get_by_role("button", name="Use my device’s place").click()
            expect(found.locator("[data-place-says]")).to_have_text("The device says so, give or take 24 m.")
            save(page, found)
        assert stored(observation) == (47.5, 13.5)
        assert (observation.place_source, observation.uncertainty_m) == (PlaceSource.DEVICE, 24)

    def test_a_named_water_and_words_of_ones_own(self, visit, alice, known):
        observation, other = draft(alice, "named"), draft(alice, "words")
        with visit() as page:
            found = open_map(page, observation, at=None)
            found.locator("[name=place_name]").press_sequentially("grosse mueh")
            found.get_by_role("option", name=re.compile("Große Mühl")).click()
            expect(found.locator("[name=latitude]")).to_have_value(re.compile("^48.4"))
            save(page, found)
            found = of(page, other)
            found.locator("[name=place_name]").fill("Where the willow leans")
            save(page, found)
        stored(observation)
        assert observation.place.name == "Große Mühl" and observation.place_source == PlaceSource.PLACE_NAME
        assert 6000 < observation.uncertainty_m < 8000
        stored(other)
        assert (other.place.name, other.latitude) == ("Where the willow leans", None)

    def test_the_last_place_is_where_the_next_one_begins(self, visit, alice):
        placed, observation = draft(alice, "placed"), draft(alice, "next")
        put(placed, START, 50)
        with visit() as page:
            found = open_map(page, observation, at=None)
            centre = page.evaluate(
                """async (id) => {
                    const { lat, lng } = document.querySelector(`#${id} [data-place]`).placeField.map.getCenter();
                    return [lat, lng];
                }""",
                f"draft-{observation.pk}",
            )
            assert centre == pytest.approx(START, abs=1e-3)
            found.get_by_role("button", name="Where the last one was").click()
            save(page, found)
        assert stored(observation) == pytest.approx(START, abs=1e-6)

    def test_without_scripts_there_are_a_name_and_degrees(self, visit, alice):
        observation = draft(alice, "plain")
        with visit(scripts=False) as page:
            found = of(page, observation)
            assert not found.locator("[data-map]").is_visible()
            assert not found.get_by_role("button", name="Use my device’s place").is_visible()
            found.locator("[name=place_name]").fill("Traun at Gmunden")
            found.locator("[name=latitude]").fill("47,918")
            found.locator("[name=longitude]").fill("13.799")
            found.locator("[name=uncertainty_m]").fill("200")
            save(page, found)
        assert stored(observation) == (47.918, 13.799)
        assert observation.place.name == "Traun at Gmunden"


class TestWhatOthersSee:
    def test_the_square_stands_beside_the_pin_and_a_name_may_ask_for_it(self, visit, alice, tree):
        observation = draft(alice, "floor")
        with visit() as page:
            found = open_map(page, observation)
            others, square = found.locator("[data-others]"), found.locator(".m-cell")
            expect(others).to_have_text("No place yet, so others see none.")
            page.mouse.click(*at_pixel(page, found, 10, 10, START)[0])
            expect(others).to_have_text("Others see the square of about 11 km, always the same one.")
            expect(square).to_have_count(1)
            found.get_by_label("Exact", exact=True).check()
            expect(others).to_have_text("Others see the pin and its circle.")
            expect(square).to_have_count(0)
            found.locator("[name=name]").fill("bull trout")
            found.locator("[name=note]").focus()
            why = "always the same one, because Bull trout is protected."
            expect(others).to_have_text(f"Others see the square of about 11 km, {why}")
            expect(square).to_have_count(1)
            found.locator("[name=name]").fill("Hucho hucho")
            found.locator("[name=note]").focus()
            expect(others).to_have_text("Others see no place, because Huchen is protected.")
            expect(square).to_have_count(0)

    def test_the_arithmetic_of_the_square_is_the_servers(self, visit):
        chance = random.Random(7)
        points = [(chance.uniform(-90, 90), chance.uniform(-180, 180)) for _ in range(3000)]
        edges = [round(-90 + step * 0.1, 6) for step in range(0, 1801, 7)]
        points += [(edge, edge * 2) for edge in edges] + [
            (90, 180),
            (-90, -180),
            (0, 0),
            (89.99999951, 179.9999996),
        ]
        with visit() as page:
            squares = page.evaluate(
                """async (points) => {
                    const { squareOf } = await import("/static/species/squares.js");
                    return points.map(([latitude, longitude]) => {
                        const { south, west, north, east } = squareOf(latitude, longitude);
                        return [south, west, north, east];
                    });
                }""",
                points,
            )
        for point, square in zip(points, squares, strict=True):
            assert tuple(square) == geoprivacy.generalize(*point).bounds, point


def gpx(points: list[tuple[datetime, float, float]]) -> str:
    held = "".join(
        f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><time>{at.isoformat().replace("+00:00", "Z")}</time></trkpt>'
        for at, lat, lon in points
    )
    return f'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{held}</trkseg></trk></gpx>'


MORNING = datetime(2025, 6, 1, 6, 0, tzinfo=UTC)


def walk(minutes: int = 240) -> list[tuple[datetime, float, float]]:
    """A point every half minute; five minutes of walking, then five of standing still."""
    points, latitude = [], 47.9
    for step in range(2 * minutes):
        if step // 10 % 2 == 0:
            latitude += 0.0002
        points.append((MORNING + timedelta(seconds=30 * step), latitude, 13.8))
    return points


ESTIMATE = """async ([text, shots]) => {
    const { parse, estimate, positionAt } = await import("/static/labeling/tracks.js");
    let points;
    try { points = parse(text); } catch (error) { return error.message; }
    const found = estimate(points, shots);
    const places = shots.map((each) => positionAt(points, each.at - found.ahead));
    return { ...found, places };
}"""


class TestTracks:
    def test_twenty_photos_are_matched_and_a_clock_that_is_off_is_noticed(self, visit):
        track = walk()
        chance = random.Random(3)
        # One takes photos where one stands, all morning.
        standing = [each for step, each in enumerate(track) if step // 10 % 2 == 1 and 1 < step % 10 < 8]
        taken = [*sorted(chance.sample(standing, 18)), track[15], track[-5]]
        with visit() as page:
            for zone, off in product((True, False), (0, 3600, -3600, 2700)):
                # A clock without a zone is here one of a zone: an hour ahead is as it should be.
                usual = 0 if zone else 3600
                shots = [{"at": (at.timestamp() + usual + off) * 1000, "zone": zone} for at, _, _ in taken]
                found = page.evaluate(ESTIMATE, [gpx(track), shots])
                assert (found["ahead"], found["placed"]) == ((usual + off) * 1000, 20), (zone, off)
                assert found["expected"] == usual * 1000
                for (_, latitude, longitude), there in zip(taken, found["places"], strict=True):
                    away = geoprivacy.distance_m(latitude, longitude, there["latitude"], there["longitude"])
                    # In 60 s one walks 44 m here.
                    assert away < 44, (zone, off)

    def test_photos_that_tell_their_place_say_how_far_off_to_the_second(self, visit):
        track = walk()
        shots = [
            {"at": (at.timestamp() + 754) * 1000, "zone": True, "latitude": lat, "longitude": lon}
            for at, lat, lon in (track[44], track[205], track[361])
        ]
        with visit() as page:
            found = page.evaluate(ESTIMATE, [gpx(track), shots])
        assert abs(found["ahead"] - 754_000) <= 150_000
        assert all(found["places"])

    def test_a_file_that_is_no_track_is_said_kindly(self, visit):
        bad = '<gpx><trkpt lat="x" lon="1"><time>2025-06-01T06:00:00Z</time></trkpt></gpx>'
        entities = '<!DOCTYPE g [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>'
        timeless = '<gpx><trkpt lat="1" lon="1"/><trkpt lat="1" lon="2"/></gpx>'
        with visit() as page:
            for text in ("", "a photo, by mistake"):
                assert "cannot be read" in page.evaluate(ESTIMATE, [text, []])
            for text in ("<gpx/>", "<gpx><trk>", timeless, bad, entities):
                assert "no track with times" in page.evaluate(ESTIMATE, [text, []])

    def test_from_the_file_to_the_drafts(self, visit, alice):
        track = walk()
        mine = [draft(alice, f"track {number}") for number in range(2)]
        for number, observation in enumerate(mine):
            at = track[75 + 100 * number][0] + timedelta(hours=1)
            observations.describe(observation=observation, by=alice, observed_at=at, utc_offset=120)
        with visit() as page:
            page.set_default_timeout(20_000)
            found = open_map(page, mine[0], at=None)
            file = {"name": "day.gpx", "mimeType": "application/gpx+xml", "buffer": gpx(track).encode()}
            found.locator("[data-track-file]").set_input_files(file)
            expect(found.locator("[data-track-says]")).to_contain_text("2 of 2 photos lie on this track.")
            found.locator("[data-track-ahead]").fill("1:00:00")
            found.get_by_role("button", name="Place all 2 sightings").click()
            kept(found)
            kept(of(page, mine[1]))
            save(page, found)
        assert stored(mine[0])[0] == pytest.approx(track[75][1], abs=0.0005)
        assert mine[0].place_source == PlaceSource.GPX


class TestTheMap:
    @pytest.mark.parametrize("width", [360, 1280])
    def test_land_and_waters_are_drawn_and_nothing_is_asked_elsewhere(
        self, visit, alice, known, live_server, width
    ):
        observation = draft(alice, "map")
        asked: list[str] = []
        with visit(width=width) as page:
            page.on("request", lambda request: asked.append(request.url))
            found = open_map(page, observation)
            expect(found.locator("[data-map]")).to_have_attribute("data-drawn", "fine")
            expect(found.locator(".m-river").first).to_be_attached()
            expect(found.get_by_text("Drawn for tests")).to_be_visible()
            land = "(e) => getComputedStyle(e.querySelector('.m-land')).fill"
            light = found.locator("[data-map]").evaluate(land)
            page.emulate_media(color_scheme="dark")
            assert found.locator("[data-map]").evaluate(land) != light
            for tool in found.locator(".map-tools .btn").all():
                box = tool.bounding_box()
                assert box["width"] >= 44 and box["height"] >= 44
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert asked and all(each.startswith((live_server.url, "blob:", "data:")) for each in asked)
