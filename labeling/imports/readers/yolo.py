"""YOLO detection: `data.yaml` with the classes, photos below `images/`, a file of boxes for each below `labels/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from labeling.imports.collection import BadLine, Row, Unreadable
from labeling.imports.readers.files import PHOTOS
from labeling.imports.readers.labelled import Organism, photo

ABOUT = "data.yaml"


def rows(folder: Path) -> Iterator[Row]:
    """Each photo that has a file of labels, and what that says; a photo without one says nothing. Raises Unreadable."""
    names = _names(folder / ABOUT)
    root = folder.resolve()
    for path in sorted((folder / "images").rglob("*")):
        if path.suffix.lower() not in PHOTOS or not path.resolve().is_relative_to(root):
            continue
        name = path.relative_to(folder).as_posix()
        boxes = (folder / "labels" / path.relative_to(folder / "images")).with_suffix(".txt")
        where = boxes.relative_to(folder).as_posix()
        if not boxes.resolve().is_relative_to(root) or not boxes.is_file():
            yield name, BadLine("Has no file of labels.")
            continue
        try:
            yield where, photo(root, where, name, _organisms(boxes, names))
        except BadLine as problem:
            yield where, problem


def _names(path: Path) -> dict[int, str]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        names = said["names"]
        found = dict(enumerate(names)) if isinstance(names, list) else {int(key): names[key] for key in names}
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"{path.name} has no list of names.") from error
    return {number: str(name) for number, name in found.items()}


def _organisms(path: Path, names: dict[int, str]) -> list[Organism]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadLine("Its file of labels cannot be read.") from error
    return [_organism(line.split(), names) for line in lines if line.strip()]


def _organism(cells: list[str], names: dict[int, str]) -> Organism:
    try:
        number, middle_x, middle_y, width, height = int(cells[0]), *map(float, cells[1:])
    except ValueError:
        raise BadLine("Its labels are not a class and the four numbers of a box.") from None
    if number not in names:
        raise BadLine(f"Has a class {number}, which {ABOUT} does not name.")
    return Organism(names[number], (middle_x - width / 2, middle_y - height / 2, width, height))
