"""GeoJSON and KML: points of what everybody may know, in forms that map programs read."""

import json
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import geopandas
import pyogrio
import pytest

from tests.research.exports.conftest import Files, changed

KML = "{http://www.opengis.net/kml/2.2}"
WHEN = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\dZ?)?)?)?")


def on_earth(longitude: float, latitude: float) -> bool:
    return abs(longitude) <= 180 and abs(latitude) <= 90


def geojson_faults(files: Files) -> Iterator[str]:
    try:
        said = json.loads(files["occurrences.geojson"])
    except ValueError:
        yield "no JSON"
        return
    if said.get("type") != "FeatureCollection":
        yield "no collection"
    if "crs" in said:
        yield "another datum than WGS84"
    ids = [each.get("id") for each in said.get("features", [])]
    if None in ids or len(set(ids)) != len(ids):
        yield "ids"
    for each in said.get("features", []):
        if (
            each.get("type") != "Feature"
            or not isinstance(each.get("properties"), dict)
            or "geometry" not in each
        ):
            yield "no feature"
            continue
        geometry, told = each["geometry"], each["properties"]
        if geometry is not None:
            if geometry.get("type") != "Point" or len(geometry.get("coordinates", [])) != 2:
                yield "no point"
            elif not on_earth(*geometry["coordinates"]):
                yield "nowhere on earth"
            if not told.get("coordinateUncertaintyInMeters"):
                yield "certain of a place"
        elif told.get("coordinateUncertaintyInMeters"):
            yield "uncertain of no place"
        if told.get("eventDate") and not WHEN.fullmatch(told["eventDate"]):
            yield "no date"
        if not told.get("license"):
            yield "no licence"


def kml_faults(files: Files) -> Iterator[str]:
    try:
        root = ElementTree.fromstring(files["doc.kml"])
    except ElementTree.ParseError:
        yield "no XML"
        return
    if root.tag != f"{KML}kml" or root.find(f"{KML}Document") is None:
        yield "no KML"
    ids = [each.get("id") for each in root.iter(f"{KML}Placemark")]
    if None in ids or len(set(ids)) != len(ids):
        yield "ids"
    for each in root.iter(f"{KML}Placemark"):
        if not each.findtext(f"{KML}name"):
            yield "no name"
        parts = (each.findtext(f"{KML}Point/{KML}coordinates") or "").split(",")
        if len(parts) != 2:
            yield "no point"
        else:
            try:
                if not on_earth(*map(float, parts)):
                    yield "nowhere on earth"
            except ValueError:
                yield "no numbers"
        when = each.findtext(f"{KML}TimeStamp/{KML}when")
        if when is not None and not WHEN.fullmatch(when):
            yield "no date"
        for data in each.iter(f"{KML}Data"):
            if not data.get("name") or data.find(f"{KML}value") is None:
                yield "data without a name"


def with_features(change: Callable[[dict], object], key: str = "geometry") -> Callable[[Files], Files]:
    """Of the first feature that has a place."""

    def edit(files: Files) -> Files:
        said = json.loads(files["occurrences.geojson"])
        change(next(each for each in said["features"] if each[key]))
        return files | {"occurrences.geojson": json.dumps(said).encode()}

    return edit


def whole(change: Callable[[dict], object]) -> Callable[[Files], Files]:
    def edit(files: Files) -> Files:
        said = json.loads(files["occurrences.geojson"])
        change(said)
        return files | {"occurrences.geojson": json.dumps(said).encode()}

    return edit


GEOJSON: dict[str, Callable[[Files], Files]] = {
    "half a file": lambda files: files | {"occurrences.geojson": files["occurrences.geojson"][:-3]},
    "no collection": whole(lambda said: said.update(type="Features")),
    "another datum": whole(lambda said: said.update(crs={"type": "name"})),
    "twice": whole(lambda said: said["features"].append(said["features"][0])),
    "no id": with_features(lambda each: each.pop("id")),
    "no geometry": with_features(lambda each: each.pop("geometry")),
    "no properties": with_features(lambda each: each.update(properties=None)),
    "latitude first": with_features(lambda each: each["geometry"].update(coordinates=[47.2, 111.3])),
    "degrees as a text": with_features(lambda each: each["geometry"].update(coordinates=[11.3])),
    "certain of a place": with_features(lambda each: each["properties"].update(coordinateUncertaintyInMeters=None)),
    "no date": with_features(lambda each: each["properties"].update(eventDate="1 April")),
    "no licence": with_features(lambda each: each["properties"].update(license="")),
}  # fmt: skip
PLACEMARKS: dict[str, Callable[[Files], Files]] = {
    "half a file": lambda files: files | {"doc.kml": files["doc.kml"][:-8]},
    "another space of names": lambda files: changed(files, "doc.kml", "opengis.net/kml/2.2", "example.org/kml"),
    "no document": lambda files: files
    | {"doc.kml": files["doc.kml"].replace(b"<Document>", b"<Folder>").replace(b"</Document>", b"</Folder>")},
    "no id": lambda files: files
    | {"doc.kml": re.sub(rb'Placemark id="[^"]*"', b"Placemark", files["doc.kml"], count=1)},
    "one id": lambda files: files
    | {"doc.kml": re.sub(rb'Placemark id="[^"]*"', b'Placemark id="o"', files["doc.kml"])},
    "no name": lambda files: files
    | {"doc.kml": re.sub(rb"(<Placemark [^>]*><name>)[^<]*", rb"\1", files["doc.kml"], count=1)},
    "no point": lambda files: files
    | {"doc.kml": re.sub(rb"<Point>.*?</Point>", b"", files["doc.kml"], count=1)},
    "spaces between": lambda files: files
    | {"doc.kml": re.sub(rb"<coordinates>([^,]*),", rb"<coordinates>\1 ", files["doc.kml"], count=1)},
    "nowhere": lambda files: files
    | {"doc.kml": re.sub(rb"<coordinates>[^,]*,", b"<coordinates>999,", files["doc.kml"], count=1)},
    "no number": lambda files: files
    | {"doc.kml": re.sub(rb"<coordinates>[^,]*,", b"<coordinates>here,", files["doc.kml"], count=1)},
    "no date": lambda files: files
    | {"doc.kml": re.sub(rb"<when>[^<]*", b"<when>1 April", files["doc.kml"], count=1)},
    "data of nothing": lambda files: files
    | {"doc.kml": re.sub(rb'Data name="[^"]*"', b"Data", files["doc.kml"], count=1)},
}  # fmt: skip


@pytest.mark.parametrize("name", GEOJSON)
def test_broken_geojson_is_refused(name, from_golden, written):
    files = written(from_golden, "geojson", pictures=False)
    assert list(geojson_faults(files)) == []
    assert list(geojson_faults(GEOJSON[name](files))) != []


@pytest.mark.parametrize("name", PLACEMARKS)
def test_broken_kml_is_refused(name, from_golden, written):
    files = written(from_golden, "kml", pictures=False)
    assert list(kml_faults(files)) == []
    assert list(kml_faults(PLACEMARKS[name](files))) != []


def test_points_are_those_of_the_manifest_and_no_others(from_golden, written):
    places = {each["id"]: each["place"] for each in from_golden["observations"]}
    files = written(from_golden, "geojson", pictures=False)
    features = json.loads(files["occurrences.geojson"])["features"]
    assert len(features) == len(from_golden["occurrences"])
    for each in features:
        place = places[each["properties"]["observation"]]
        assert (each["geometry"] is None) == (place is None)
        if place:
            assert each["geometry"]["coordinates"] == [place["longitude"], place["latitude"]]
    root = ElementTree.fromstring(written(from_golden, "kml", pictures=False)["doc.kml"])
    marked = {each.get("id", "").removeprefix("o-") for each in root.iter(f"{KML}Placemark")}
    assert marked == {each["id"] for each in features if each["geometry"]}


def test_a_title_is_no_markup(from_golden, written):
    from_golden["dataset"]["title"] = "<b>&</b>"
    for each in from_golden["observations"]:
        each["locality"] = "]]><Inn>"
    assert list(kml_faults(written(from_golden, "kml", pictures=False))) == []


def test_gdal_opens_both_and_finds_the_same_points(from_golden, written, tmp_path):
    (tmp_path / "a.geojson").write_bytes(
        written(from_golden, "geojson", pictures=False)["occurrences.geojson"]
    )
    (tmp_path / "a.kml").write_bytes(written(from_golden, "kml", pictures=False)["doc.kml"])
    features = geopandas.read_file(tmp_path / "a.geojson", engine="pyogrio")
    assert len(features) == len(from_golden["occurrences"])
    placed = {(each.x, each.y) for each in features.geometry if each is not None}
    layers = [name for name, _ in pyogrio.list_layers(tmp_path / "a.kml")]
    marked = [geopandas.read_file(tmp_path / "a.kml", layer=name, engine="pyogrio") for name in layers]
    assert {(each.x, each.y) for layer in marked for each in layer.geometry} == placed
    assert sum(map(len, marked)) == sum(each is not None for each in features.geometry)
