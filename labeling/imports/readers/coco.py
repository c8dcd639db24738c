"""COCO object detection: `annotations.json`, or what lies in the folder or its `annotations/`, and the images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labeling.imports.collection import BadLine, IncomingSighting, Row, Unreadable
from labeling.imports.readers.labelled import MOST, Box, Organism, described, fractions, photo

WHOLE = "annotations.json"
PARTS = ("images", "annotations", "categories")


def files(folder: Path) -> list[Path]:
    """Its descriptions; empty: it is no COCO. The parts of a whole say the same again."""
    if (folder / WHOLE).is_file():
        return [folder / WHOLE]
    found = [*folder.glob("*.json"), *folder.glob("annotations/*.json")]
    # A glance, as a folder of classes may hold some JSON too.
    return sorted(path for path in found if all(f'"{part}"' in _text(path) for part in PARTS))


def _text(path: Path) -> str:
    """Where keys stand is not said: the three may be at its end. Of what is too large to be a description, nothing."""
    try:
        return "" if path.stat().st_size > MOST else path.read_text(encoding="utf-8-sig", errors="ignore")
    except OSError:
        return ""


def rows(folder: Path) -> Iterator[Row]:
    """Raises Unreadable, at whichever file that shows."""
    for path in files(folder):
        said = described(path)
        if not isinstance(said, dict) or not all(
            isinstance(said.get(part), list) and all(isinstance(each, dict) for each in said[part])
            for part in PARTS
        ):
            raise Unreadable(f"{path.name} has no lists called {', '.join(PARTS)}.")
        names = {each.get("id"): str(each.get("name") or "") for each in said["categories"]}
        licences = {each.get("id"): str(each.get("name") or "") for each in said.get("licenses", [])}
        shown: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for each in said["annotations"]:
            shown[each.get("image_id")].append(each)
        for image in said["images"]:
            where = f"{path.name} image {image.get('id')}"
            try:
                yield where, _photo(folder, path, where, image, shown[image.get("id")], names, licences)
            except BadLine as problem:
                yield where, problem


def _photo(
    folder: Path,
    path: Path,
    where: str,
    image: dict[str, Any],
    shown: list[dict[str, Any]],
    names: dict[Any, str],
    licences: dict[Any, str],
) -> IncomingSighting:
    name = image.get("file_name")
    if not isinstance(name, str) or not name:
        raise BadLine("Names no file_name.")
    if any(each.get("iscrowd") for each in shown):
        raise BadLine("Shows a crowd that nobody counted.")
    return photo(
        folder.resolve(),
        where,
        _placed(folder, path, name),
        [Organism(names.get(each.get("category_id"), ""), _box(each, image)) for each in shown],
        group=str(image.get("observation_id") or ""),
        licence=licences.get(image.get("license"), ""),
    )


def _placed(folder: Path, path: Path, name: str) -> str:
    """Below the folder: as it is called, in `images/`, or in a folder called like the last word of the file's name
    (`instances_train2017.json` is of the photos in `train2017/`).
    """
    last = path.stem.rpartition("_")[2]
    for below in (Path(), Path("images"), Path(last), Path("images") / last):
        # Where a name leads out of the folder is for the reader of rows to refuse.
        if ".." not in Path(name).parts and (folder / below / name).is_file():
            return (below / name).as_posix()
    return name


def _box(annotation: dict[str, Any], image: dict[str, Any]) -> Box | None:
    # An organism that nobody has boxed has the whole image for a box in the export of this site.
    if annotation.get("bbox_source") == "image" or not annotation.get("bbox"):
        return None
    return fractions(annotation["bbox"], image.get("width"), image.get("height"))
