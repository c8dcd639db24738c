"""Rows that are seen somewhere as GeoJSON (RFC 7946), at the place that their reader may know."""

from collections.abc import Mapping, Sequence
from typing import Any

from species.models import Observation, Shown

MEDIA_TYPE = "application/geo+json"
# What is said beside the properties, or by the geometry.
APART = ("id", "place", "exact")


def point(sighting: Observation, exact: bool) -> dict[str, Any] | None:
    """Where it was for whoever may see the exact place, or for everybody else: degrees of WGS 84, longitude first; None
    where nothing is told.
    """
    longitude, latitude = (
        (sighting.longitude, sighting.latitude)
        if exact
        else (sighting.public_longitude, sighting.public_latitude)
    )
    if longitude is None or latitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def feature(row: Mapping[str, Any], sighting: Observation, exact: bool) -> dict[str, Any]:
    """`row`: what JSON says of it, to the same reader.

    How rough its point is is said as Darwin Core does: without that a square's middle would be taken for the spot.
    """
    geometry = point(sighting, exact)
    uncertainty = sighting.uncertainty_m if exact else sighting.public_uncertainty_m
    located = {
        "eventDate": sighting.told_time(exact).text,
        "generalized": bool(geometry) and not exact and sighting.place_shown == Shown.GENERALIZED,
        "coordinateUncertaintyInMeters": uncertainty if geometry else None,
        "dataGeneralizations": sighting.data_generalizations,
        "informationWithheld": sighting.information_withheld,
    }
    properties = {name: value for name, value in row.items() if name not in APART} | located
    return {"type": "Feature", "id": str(row["id"]), "geometry": geometry, "properties": properties}


def collection(
    features: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, str]], **members: Any
) -> dict[str, Any]:
    """A page of features; `members`: what else it says of itself."""
    return {"type": "FeatureCollection", "features": list(features), "links": list(links)} | members


def link(rel: str, href: str, type: str = MEDIA_TYPE, **more: str) -> dict[str, str]:
    return {"rel": rel, "type": type, "href": href} | more


def around(following: str | None, previous: str | None) -> list[dict[str, str]]:
    """Links to the pages beside this one."""
    beside = {"next": following, "prev": previous}
    return [link(rel, href) for rel, href in beside.items() if href]
