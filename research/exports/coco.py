"""COCO object detection (cocodataset.org/#format-data), as pycocotools reads it, and the images it names."""

import json
from collections.abc import Iterator
from typing import Any

from research.exports.archive import Content, images
from research.exports.readme import entries

SIDES = ("train", "validation", "test")
SAYS = [
    "annotations.json: COCO, all sides; every image says its side",
    "annotations_train.json, annotations_validation.json, annotations_test.json: the same, one side each",
    'An annotation with bbox_source "image" has no agreed box: its bbox is the whole image.',
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    everything = annotations(manifest)
    yield "annotations.json", _json(everything)
    for side in SIDES:
        yield f"annotations_{side}.json", _json(only(everything, side))
    if pictures:
        yield from images(manifest["photos"])


def annotations(manifest: dict[str, Any]) -> dict[str, Any]:
    """The COCO object. Ids are numbers from 1 in the manifest's order, which is that of the public ids."""
    about = manifest["dataset"]
    licence = {each["id"]: number for number, each in enumerate(manifest["licences"], start=1)}
    number = {photo["id"]: at for at, photo in enumerate(manifest["photos"], start=1)}
    return {
        "info": {
            "description": f"{about['title']}. {about['citation']}",
            "version": str(about["version"]),
            "year": int(about["date"][:4]),
            "contributor": about["author"],
            "date_created": about["date"],
            "url": "",
            "dataset_hash": about["content_hash"],
        },
        "licenses": [
            {"id": licence[each["id"]], "name": each["id"], "url": each["url"]}
            for each in manifest["licences"]
        ],
        "categories": [
            {
                "id": each["id"],
                "name": each["label"],
                "supercategory": each["lineage"][-1]["label"] if each["lineage"] else "",
                "common_name": each["name"],
                "scientific_name": each["scientific_name"],
                "rank": each["rank"],
            }
            for each in manifest["categories"]
        ],
        "images": [_image(photo, number, licence, manifest) for photo in manifest["photos"]],
        "annotations": list(_annotations(manifest, number)),
    }


def only(everything: dict[str, Any], side: str) -> dict[str, Any]:
    """The part of a COCO object that lies on one side; ids stay what they are in the whole."""
    shown = [each for each in everything["images"] if each["side"] == side]
    ids = {each["id"] for each in shown}
    return everything | {
        "images": shown,
        "annotations": [each for each in everything["annotations"] if each["image_id"] in ids],
    }


def _image(
    photo: dict[str, Any], number: dict[str, int], licence: dict[str, int], manifest: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": number[photo["id"]],
        "file_name": photo["file"],
        "width": photo["rendition"]["width"],
        "height": photo["rendition"]["height"],
        "license": licence[photo["licence"]],
        "credit": photo["credit"],
        "side": photo["side"],
        "group": photo["group"],
        "photo_id": photo["id"],
        "drawn": photo.get("drawn", False),
        "observation_id": photo["observation"],
        "sha256": photo["rendition"]["sha256"],
    }


def _annotations(manifest: dict[str, Any], number: dict[str, int]) -> Iterator[dict[str, Any]]:
    size = {photo["id"]: photo["rendition"] for photo in manifest["photos"]}
    count = 0
    for each in manifest["occurrences"]:
        regions = {region["photo"]: region for region in each["regions"]}
        for photo in each["photos"]:
            count += 1
            width, height = size[photo]["width"], size[photo]["height"]
            region = regions.get(photo)
            box = [0.0, 0.0, float(width), float(height)]
            if region:
                box = [
                    round(region["x"] * width, 2),
                    round(region["y"] * height, 2),
                    round(region["width"] * width, 2),
                    round(region["height"] * height, 2),
                ]
            yield {
                "id": count,
                "image_id": number[photo],
                "category_id": each["category"],
                "bbox": box,
                "area": round(box[2] * box[3], 2),
                "iscrowd": 0,
                "segmentation": [],
                "bbox_source": "region" if region else "image",
                "occurrence_id": each["id"],
            }


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
