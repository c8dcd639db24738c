"""KML 2.2 (opengeospatial.org/standards/kml), which earth viewers open: a placemark per organism with a place."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from research.exports.archive import Content, images
from research.exports.geojson import features
from research.exports.readme import entries

SAYS = ["doc.kml: a placemark per organism whose place is public, in a folder per class"]
SHOWN = ("scientificName", "recordedBy", "locality", "coordinateUncertaintyInMeters", "license")


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    yield "doc.kml", document(manifest)
    if pictures:
        yield from images(manifest["photos"])


def document(manifest: dict[str, Any]) -> Iterator[bytes]:
    """A folder at a time; organisms without a public place are in none."""
    about = manifest["dataset"]
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>{escape(about['title'])}, version {about['version']}</name>"
        f"<description>{escape(about['citation'])}</description>\n"
    ).encode()
    placed = [each for each in features(manifest) if each["geometry"]]
    for category in manifest["categories"]:
        here = [each for each in placed if each["properties"]["label"] == category["label"]]
        if here:
            yield f"<Folder><name>{escape(category['name'])}</name>\n".encode()
            yield from (placemark(each, category["name"]) for each in here)
            yield b"</Folder>\n"
    yield b"</Document></kml>\n"


def placemark(feature: dict[str, Any], name: str) -> bytes:
    said, (longitude, latitude) = feature["properties"], feature["geometry"]["coordinates"]
    when = said["eventDate"]
    data = "".join(
        f"<Data name={quoteattr(key)}><value>{escape(str(said[key]))}</value></Data>"
        for key in SHOWN
        if said[key] not in (None, "")
    )
    return (
        f"<Placemark id={quoteattr('o-' + feature['id'])}><name>{escape(name)}</name>"
        f"{f'<TimeStamp><when>{when}</when></TimeStamp>' if when else ''}"
        f"<ExtendedData>{data}</ExtendedData>"
        f"<Point><coordinates>{longitude},{latitude}</coordinates></Point></Placemark>\n"
    ).encode()
