"""Croissant 1.1 with RAI 1.0 (docs.mlcommons.org/croissant): the CSV's tables and photos as record sets that loaders
read, how names came about, and what photos may be used for.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from research.exports import csv_zip
from research.exports.archive import Content, images, table
from research.exports.descriptions import MESSAGE, text
from research.exports.readme import entries

SAYS = [
    "croissant.json: the description that loaders read",
    "photos.csv: a row per photo; several labels, where it shows several kinds, are separated by |",
    "occurrences.csv: a row per organism, with what people said of it",
]
CONFORMS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
# The one every reader knows; terms that are not in it belong to schema.org.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
            "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
            "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
            "separator", "source", "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
}  # fmt: skip
TYPES = {"string": "sc:Text", "integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean"}
SPLITS = {"train": "cr:TrainingSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    yield "croissant.json", croissant(manifest, pictures)
    yield "photos.csv", photo_table(manifest)
    yield "occurrences.csv", organism_table(manifest)
    if pictures:
        yield from images(manifest["photos"])


def photo_table(manifest: dict[str, Any]) -> Iterator[bytes]:
    return table(csv_zip.PHOTOS, csv_zip.photo_rows(manifest))


def organism_table(manifest: dict[str, Any]) -> Iterator[bytes]:
    return table(csv_zip.OCCURRENCES, csv_zip.occurrence_rows(manifest))


def croissant(manifest: dict[str, Any], pictures: bool = True) -> bytes:
    """croissant.json. Without pictures no record has one."""
    about = manifest["dataset"]
    content: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": f"{about['title']}, version {about['version']}",
        "description": text(manifest),
        "conformsTo": CONFORMS,
        "citeAs": about["citation"],
        "creator": {"@type": "sc:Organization", "name": about["author"]},
        "publisher": {"@type": "sc:Organization", "name": about.get("publisher") or about["author"]},
        "datePublished": about["date"],
        "version": f"{about['version']}.0.0",
        "license": [each["url"] for each in manifest["licences"]],
        "inLanguage": "en",
        "keywords": [each["scientific_name"] for each in manifest["categories"]],
        "isLiveDataset": False,
        "sc:identifier": f"sha256:{about['content_hash']}",
        "sc:usageInfo": usage(manifest),
        "distribution": [
            _file("photos.csv", photo_table(manifest)),
            _file("occurrences.csv", organism_table(manifest)),
            *([_folder()] if pictures else []),
        ],
        "recordSet": [_sides(), _labels(manifest), _photos(pictures), _organisms()],
        **rai(manifest),
    }
    if about.get("address"):
        content["url"] = about["address"]
    return (json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def usage(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What those whose photos these are agreed to, in numbers; each photo's row has its own."""
    may = sum(photo["train"] for photo in manifest["photos"])
    return [
        {
            "@type": "sc:CreativeWork",
            "name": "Research",
            "description": f"All {len(manifest['photos'])} photos are given for research. {MESSAGE}",
        },
        {
            "@type": "sc:CreativeWork",
            "name": "Training of models",
            "description": f"{may} of {len(manifest['photos'])} photos may be used to train models: those of which "
            "train_consent in photos.csv is true.",
        },
    ]


def rai(manifest: dict[str, Any]) -> dict[str, Any]:
    """How data and names came about (RAI 1.0), from what the manifest counts."""
    votes = [each["votes"] for each in manifest["occurrences"]]
    people = Counter(each["people"] for each in votes)
    models = sorted({model for each in votes for model in each["models_on_screen"]})
    ruled = Counter(each["ruling"] for each in votes)
    shown = sum(each["with_model_on_screen"] for each in votes)
    sources = Counter(photo.get("provenance", "contributed") for photo in manifest["photos"])
    days = sorted(each["local_date"] for each in manifest["observations"] if each["local_date"])
    said = {
        "rai:dataCollection": "People upload photos of what they saw; "
        + ", ".join(f"{count} photos are {kind}" for kind, count in sorted(sources.items()))
        + ".",
        "rai:dataCollectionType": "Manual Human Curator",
        "rai:dataAnnotationProtocol": (
            "People name what is on a photo, as deep in the tree of names as they dare. A name is handed on when two "
            "independent people support it, or a reviewer or a trusted source rules so: "
            f"{ruled['']} by agreement, {ruled['reviewer']} by a reviewer, {ruled['trust']} by their source."
        ),
        "rai:annotationsPerItem": ", ".join(
            f"{count} organisms with {many}" for many, count in sorted(people.items())
        ),
        "rai:dataAnnotationAnalysis": (
            "score and posterior in occurrences.csv say how many agree and how certain that is."
        ),
        "rai:machineAnnotationTools": models
        or ["None: nobody had a model's suggestion in sight when naming these organisms."],
        "rai:dataPreprocessingProtocol": "Photos are upright, at most 1008 pixels long, without metadata.",
        "rai:dataLimitations": (
            f"{shown} of {sum(people.elements())} names were given with a model's suggestion in sight. Places are as "
            "rough as observers or species ask for. Nothing is known of what people did not photograph."
        ),
        "rai:dataBiases": (
            "Places and days are those at which people were, and species those that they like to show."
        ),
        "rai:personalSensitiveInformation": (
            "Names of photographers, who must be credited. Exact places are in no file."
        ),
        "rai:dataUseCases": (
            "Training and testing of models that name species; validation and test photos share neither organism, nor "
            "trip, nor near-duplicate with those of training."
        ),
    }
    if days:
        said["rai:dataCollectionTimeframe"] = [days[0], days[-1]]
    return said


def _file(name: str, content: Iterable[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    for piece in content:
        digest.update(piece)
        size += len(piece)
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": "text/csv",
        "sha256": digest.hexdigest(),
    }


def _folder() -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": "images",
        "name": "images",
        "encodingFormat": "image/jpeg",
        "includes": "images/*.jpg",
    }


def _sides() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "sides",
        "name": "sides",
        "dataType": "cr:Split",
        "key": {"@id": "sides/name"},
        "field": [
            _field("sides", "name", "sc:Text", "Of the split."),
            _field("sides", "url", "sc:URL", "What is meant."),
        ],
        "data": [{"sides/name": side, "sides/url": meant} for side, meant in SPLITS.items()],
    }


def _labels(manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "labels",
        "name": "labels",
        "dataType": "sc:Enumeration",
        "key": {"@id": "labels/label"},
        "field": [
            _field("labels", "label", "sc:Text", "As in the tables."),
            _field("labels", "scientific_name", "sc:Text", "The accepted name."),
        ],
        "data": [
            {"labels/label": each["label"], "labels/scientific_name": each["scientific_name"]}
            for each in manifest["categories"]
        ],
    }


def _photos(pictures: bool) -> dict[str, Any]:
    fields = [_column("photos", name, *said) for name, said in csv_zip.PHOTO_COLUMNS.items()]
    for each in fields:
        if each["@id"] == "photos/side":
            each |= {"dataType": ["sc:Text", "cr:Split"], "references": {"field": {"@id": "sides/name"}}}
        if each["@id"] == "photos/file" and pictures:
            # By the name alone, which readers compare as it is; what they read is put through this twice.
            each["source"]["transform"] = {"regex": "(?:images/)?(.+)"}
            each["references"] = {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "filename"}}
    if pictures:
        picture = _field("photos", "picture", "sc:ImageObject", "The photo itself.")
        fields.append(
            picture | {"source": {"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}}}
        )
    return {
        "@type": "cr:RecordSet",
        "@id": "photos",
        "name": "photos",
        "description": "A record per photo.",
        "key": {"@id": "photos/photo_id"},
        "field": fields,
    }


def _organisms() -> dict[str, Any]:
    fields = [_column("occurrences", name, *said) for name, said in csv_zip.OCCURRENCE_COLUMNS.items()]
    for each in fields:
        if each["@id"] == "occurrences/label":
            each["references"] = {"field": {"@id": "labels/label"}}
    return {
        "@type": "cr:RecordSet",
        "@id": "occurrences",
        "name": "occurrences",
        "description": "A record per organism.",
        "key": {"@id": "occurrences/occurrence_id"},
        "field": fields,
    }


def _field(of: str, name: str, kind: str, says: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{of}/{name}",
        "name": f"{of}/{name}",
        "description": says,
        "dataType": kind,
    }


def _column(of: str, name: str, kind: str, says: str) -> dict[str, Any]:
    source = {"fileObject": {"@id": f"{of}.csv"}, "extract": {"column": name}}
    return _field(of, name, TYPES[kind], says) | {"source": source}
