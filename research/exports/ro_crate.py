"""RO-Crate 1.2 (w3id.org/ro/crate/1.2): the CSV's tables and the photos, each file described with its licence and its
digest, who made the dataset and how, in linked data that archives of research read.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from research.exports.archive import Content, images
from research.exports.croissant import organism_table, photo_table, rai, usage
from research.exports.descriptions import text
from research.exports.readme import entries

NAME = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.2"
# Terms of schema.org that its own context came before.
CONTEXT = [
    f"{PROFILE}/context",
    {"creditText": "https://schema.org/creditText", "sha256": "https://schema.org/sha256"},
]
SAYS = [
    f"{NAME}: what every file is, under which licence, and who made the dataset (RO-Crate 1.2)",
    "photos.csv: a row per photo; several labels, where it shows several kinds, are separated by |",
    "occurrences.csv: a row per organism, with what people said of it",
]
# File: its form, and what it is.
FILES = {
    "README.txt": ("text/plain", "What is in the archive"),
    "CITATION.cff": ("application/yaml", "How to cite it (Citation File Format)"),
    "datacite.json": ("application/json", "How to cite it (DataCite)"),
    "manifest.json": ("application/json", "Everything there is to know of the dataset"),
    "left_out.csv": ("text/csv", "Photos that the split dropped, and why"),
    "photos.csv": ("text/csv", "A row per photo"),
    "occurrences.csv": ("text/csv", "A row per organism, with what people said of it"),
}
ROOT, FOLDER, AUTHOR, PUBLISHER, FREEZE, HASH = "./", "images/", "#author", "#publisher", "#freeze", "#hash"
PLACE, BOX = "#place", "#box"
Entity = dict[str, Any]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    files = [_file(name, content) for name, content in _tables(manifest, pictures)]
    yield NAME, crate(manifest, files, pictures)
    yield from _tables(manifest, pictures)
    if pictures:
        yield from images(manifest["photos"])


def _tables(manifest: dict[str, Any], pictures: bool) -> Iterator[tuple[str, Any]]:
    """All files but the photos, made anew: they are read once for their digests, and once for the archive."""
    yield from entries(manifest, SAYS, pictures)
    yield "photos.csv", photo_table(manifest)
    yield "occurrences.csv", organism_table(manifest)


def crate(manifest: dict[str, Any], files: list[Entity], pictures: bool = True) -> Iterator[bytes]:
    """ro-crate-metadata.json, an entity a line: a photo each, of a hundred thousand."""
    yield b'{"@context": ' + _line(CONTEXT) + b',\n"@graph": [\n'
    for number, each in enumerate(graph(manifest, files, pictures)):
        yield (b",\n" if number else b"") + _line(each)
    yield b"\n]}\n"


def graph(manifest: dict[str, Any], files: list[Entity], pictures: bool = True) -> Iterator[Entity]:
    """Every entity, flat: one refers to another by its id alone."""
    about = manifest["dataset"]
    yield {"@id": NAME, "@type": "CreativeWork", "about": _to(ROOT), "conformsTo": _to(PROFILE)}
    context = list(_around(manifest))
    yield _root(manifest, [each["@id"] for each in files] + [FOLDER] * pictures, context)
    yield from files
    if pictures:
        yield from _photos(manifest)
    yield from context
    yield {
        "@id": FREEZE,
        "@type": "CreateAction",
        "name": "Freezing of the dataset",
        "description": "What was verified on that day and may be handed on was copied, and divided without leaks.",
        "agent": _to(AUTHOR),
        "result": _to(ROOT),
        "endTime": about["date"],
    }


def _root(manifest: dict[str, Any], parts: list[str], context: list[Entity]) -> Entity:
    about = manifest["dataset"]
    days = sorted(each["local_date"] for each in manifest["observations"] if each["local_date"])
    return {
        "@id": ROOT,
        "@type": "Dataset",
        "name": f"{about['title']}, version {about['version']}",
        "description": text(manifest),
        "datePublished": about["date"],
        "version": str(about["version"]),
        "license": [_to(each["id"]) for each in _licences(manifest)],
        "author": _to(AUTHOR),
        "publisher": _to(PUBLISHER),
        "identifier": _to(HASH),
        "creditText": about["citation"],
        "keywords": ", ".join(each["scientific_name"] for each in manifest["categories"]),
        "measurementTechnique": rai(manifest)["rai:dataAnnotationProtocol"],
        "usageInfo": [_to(each["@id"]) for each in context if each["@id"].startswith("#use-")],
        "mentions": _to(FREEZE),
        "hasPart": [_to(each) for each in parts],
        **({"url": about["address"]} if about.get("address") else {}),
        **({"temporalCoverage": f"{days[0]}/{days[-1]}"} if days else {}),
        **({"spatialCoverage": _to(PLACE)} if any(each["@id"] == PLACE for each in context) else {}),
    }


def _photos(manifest: dict[str, Any]) -> Iterator[Entity]:
    """Their folder, and each of them with its own licence and credit."""
    yield {
        "@id": FOLDER,
        "@type": "Dataset",
        "name": "Photos",
        "description": "Upright, longest side at most 1008 pixels, without EXIF.",
        "hasPart": [_to(each["file"]) for each in manifest["photos"]],
    }
    names = {each["id"]: each["scientific_name"] for each in manifest["occurrences"]}
    licences = {each["id"]: each["url"] for each in manifest["licences"]}
    for each in manifest["photos"]:
        yield {
            "@id": each["file"],
            "@type": ["File", "ImageObject"],
            "name": ", ".join(sorted({names[one] for one in each["occurrences"]})),
            "encodingFormat": "image/jpeg",
            "contentSize": str(each["rendition"]["bytes"]),
            "sha256": each["rendition"]["sha256"],
            "license": _to(licences[each["licence"]]),
            "creditText": each["credit"],
        }


def _around(manifest: dict[str, Any]) -> Iterator[Entity]:
    """Who, under which licences, for what, and where."""
    about = manifest["dataset"]
    yield {"@id": AUTHOR, "@type": "Person", "name": about["author"]}
    yield {"@id": PUBLISHER, "@type": "Organization", "name": about.get("publisher") or about["author"]}
    value = {"propertyID": "sha256", "value": about["content_hash"]}
    yield {"@id": HASH, "@type": "PropertyValue", "name": "Hash of the manifest"} | value
    for each in _licences(manifest):
        yield {"@id": each["id"], "@type": "CreativeWork", "name": each["name"]}
    for at, use in enumerate(usage(manifest), start=1):
        said = {"name": use["name"], "description": use["description"]}
        yield {"@id": f"#use-{at}", "@type": "CreativeWork"} | said
    places = [each["place"] for each in manifest["observations"] if each["place"]]
    if places:
        latitudes, longitudes = ([each[side] for each in places] for side in ("latitude", "longitude"))
        corners = (min(latitudes), min(longitudes), max(latitudes), max(longitudes))
        name = "Where the photos were taken, as everybody is told"
        yield {"@id": PLACE, "@type": "Place", "name": name, "geo": _to(BOX)}
        yield {"@id": BOX, "@type": "GeoShape", "name": name, "box": " ".join(map(str, corners))}


def _licences(manifest: dict[str, Any]) -> list[dict[str, str]]:
    return [{"id": each["url"], "name": each["id"]} for each in manifest["licences"]]


def _file(name: str, content: bytes | Iterable[bytes]) -> Entity:
    digest, size = hashlib.sha256(), 0
    for piece in [content] if isinstance(content, bytes) else content:
        digest.update(piece)
        size += len(piece)
    form, says = FILES[name]
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": says,
        "encodingFormat": form,
        "contentSize": str(size),
        "sha256": digest.hexdigest(),
    }


def _to(id: str) -> dict[str, str]:
    return {"@id": id}


def _line(said: Any) -> bytes:
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
