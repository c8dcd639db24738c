"""What the address of a map service says of itself: OGC API – Features, Part 1 (Core), version 1.0.1.

Links lead to whole addresses. `root` is that of the landing page, with a slash at its end.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from look.site import site
from species.presenters.geojson import link

JSON, HTML = "application/json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PART_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0"
CONFORMANCE = [f"{PART_1}/conf/{each}" for each in ("core", "geojson", "oas30")]
# Degrees, longitude first: the only one in which anything is told or asked.
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


class Collection(NamedTuple):
    id: str
    title: str
    description: str


COLLECTIONS = {
    each.id: each
    for each in (
        Collection("observations", "Sightings", "What somebody saw somewhere, with photos of it."),
        Collection("occurrences", "Organisms", "One organism in a sighting, with its name as people agree on it."),
    )
}  # fmt: skip


def landing(root: str, documentation: str) -> dict[str, Any]:
    links = [
        link("self", root, JSON, title="This page"),
        link("service-desc", f"{root}api", OPENAPI, title="What can be asked here, in OpenAPI 3.0"),
        link("service-doc", documentation, HTML, title="The API, for people"),
        link("conformance", f"{root}conformance", JSON, title="What is conformed to"),
        link("data", f"{root}collections", JSON, title="What there is"),
    ]
    about = site()
    return {"title": about["title"], "description": about["description"], "links": links}


def conformance() -> dict[str, Any]:
    return {"conformsTo": CONFORMANCE}


def collections(root: str) -> dict[str, Any]:
    every = [collection(root, each) for each in COLLECTIONS.values()]
    return {"links": [link("self", f"{root}collections", JSON)], "collections": every}


def collection(root: str, which: Collection) -> dict[str, Any]:
    at = f"{root}collections/{which.id}"
    return which._asdict() | {
        "itemType": "feature",
        "crs": [CRS84],
        # The world and all times: the corners of what is there would tell of rows that not everybody sees.
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": CRS84},
            "temporal": {"interval": [[None, None]]},
        },
        "links": [
            link("self", at, JSON),
            link("items", f"{at}/items", title=which.title),
        ],
    }


def of_item(root: str, which: str, item: Mapping[str, Any], page: str) -> dict[str, Any]:
    """A feature with links. `page`: the address for people."""
    at = f"{root}collections/{which}"
    links = [
        link("self", f"{at}/items/{item['id']}"),
        link("alternate", page, HTML),
        link("collection", at, JSON),
    ]
    return dict(item) | {"links": links}
