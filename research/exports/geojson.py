"""GeoJSON (RFC 7946): a point for each organism whose place is public, and those without one."""

import json
from collections.abc import Iterator
from typing import Any

from research.exports.archive import Content, images
from research.exports.readme import entries
from research.exports.told import event_date, least, status

SAYS = [
    "occurrences.geojson: a feature per organism; its point is the middle of as much as everybody may know, and "
    "coordinateUncertaintyInMeters says how much that is",
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    yield "occurrences.geojson", collection(manifest)
    if pictures:
        yield from images(manifest["photos"])


def collection(manifest: dict[str, Any]) -> Iterator[bytes]:
    """A FeatureCollection, a feature at a time."""
    yield b'{"type":"FeatureCollection","features":['
    for at, each in enumerate(features(manifest)):
        yield (b",\n" if at else b"\n") + json.dumps(each, ensure_ascii=False, sort_keys=True).encode()
    yield b"\n]}\n"


def features(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sightings = {each["id"]: each for each in manifest["observations"]}
    photos = {each["id"]: each for each in manifest["photos"]}
    for each in manifest["occurrences"]:
        sighting = sightings[each["observation"]]
        shown = [photos[photo] for photo in each["photos"]]
        place = sighting["place"]
        yield {
            "type": "Feature",
            "id": each["id"],
            "geometry": place and {"type": "Point", "coordinates": [place["longitude"], place["latitude"]]},
            "properties": {
                "label": each["label"],
                "scientificName": each["scientific_name"],
                "taxonRank": each["rank"],
                "eventDate": event_date(sighting),
                "recordedBy": sighting["observer"],
                "locality": sighting.get("locality", ""),
                "place_shown": sighting.get("place_shown", ""),
                "coordinateUncertaintyInMeters": place and place["uncertainty_m"],
                "dataGeneralizations": sighting.get("dataGeneralizations", ""),
                "informationWithheld": sighting.get("informationWithheld", ""),
                "identificationVerificationStatus": status(each["votes"]),
                "license": least(one["licence"] for one in shown),
                "photos": [one["file"] for one in shown],
                "drawn": all(one.get("drawn", False) for one in shown),
                "side": shown[0]["side"],
                "observation": sighting["id"],
            },
        }
