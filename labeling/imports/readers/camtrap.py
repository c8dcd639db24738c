"""Camtrap DP 1.0 (camtrap-dp.tdwg.org): `datapackage.json`, deployments, media and observations of cameras that stand
still, with the photos beside them.

A sighting is what somebody named on one photo. What a program classified is nobody's identification.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from labeling.imports.collection import BadLine, IncomingPhoto, IncomingSighting, Row, Unreadable
from labeling.imports.readers import files, records
from labeling.imports.readers.labelled import Box, described, within
from labeling.imports.readers.lines import headed, named, number
from labeling.imports.readers.records import Record

ABOUT = "datapackage.json"
PROFILE = "camtrap-dp"
# Table: the columns without which nothing can be said. `headed` makes all letters small.
NEEDED = {
    "deployments": ("deploymentid", "latitude", "longitude"),
    "media": ("mediaid", "deploymentid", "timestamp", "filepath"),
    "observations": (
        *("observationid", "mediaid", "observationlevel", "observationtype", "scientificname"),
        *("count", "classificationmethod"),
    ),
}
PLACE = records.Place("latitude", "longitude", "coordinateuncertainty")
# Degrees: coordinates that are rounded to more than ten metres hide something.
AS_IT_IS = 0.0001
SIDES = ("bboxx", "bboxy", "bboxwidth", "bboxheight")
YES = ("true", "1")


@dataclass(frozen=True)
class Package:
    """What holds for all of it, and what its observations refer to."""

    licence: str
    credit: str
    rough: bool
    deployments: dict[str, Record]
    media: dict[str, Record]
    shown: Counter[str]  # how many organisms each photo shows
    people: set[str]  # photos that show somebody
    beside: files.Beside


def is_package(folder: Path) -> bool:
    """Whether it names the profile of Camtrap DP; other packages of tables are none."""
    try:
        said = described(folder / ABOUT) if (folder / ABOUT).is_file() else {}
    except Unreadable:
        return False
    return isinstance(said, dict) and PROFILE in str(said.get("profile", ""))


def rows(folder: Path) -> Iterator[Row]:
    """A row per observation. Raises Unreadable."""
    about = described(folder / ABOUT)
    kept: dict[str, dict[str, Record]] = {"deployments": {}, "media": {}}
    for name, key in (("deployments", "deploymentid"), ("media", "mediaid")):
        for where, said in _table(folder, name):
            if isinstance(said, BadLine):
                yield where, said
            elif not said[key] or said[key] in kept[name]:
                yield where, BadLine(f"{key} {said[key] or 'is empty'}{' stands twice' * bool(said[key])}.")
            else:
                kept[name][said[key]] = said
    seen = list(_table(folder, "observations"))
    on_photos = [
        (said["mediaid"], said["observationtype"])
        for _, said in seen
        if not isinstance(said, BadLine) and said["mediaid"]
    ]
    package = Package(
        _licence(about),
        _credit(about),
        _rough(about),
        kept["deployments"],
        kept["media"],
        shown=Counter(photo for photo, kind in on_photos if kind == "animal"),
        people={photo for photo, kind in on_photos if kind == "human"},
        beside=files.Beside(folder),
    )
    for where, said in seen:
        try:
            if isinstance(said, BadLine):
                raise said
            yield where, _sighting(said, where, package)
        except BadLine as problem:
            yield where, problem


def _table(folder: Path, name: str) -> Iterator[tuple[str, Record | BadLine]]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise Unreadable(f"There is no {path.name}.")
    columns, lines = headed(path)
    for column in NEEDED[name]:
        if column not in columns:
            raise Unreadable(f"{path.name} has no column called {column}.")
    return named(path, columns, lines)


def _sighting(said: Record, where: str, package: Package) -> IncomingSighting:
    if said["observationlevel"] != "media":
        raise BadLine(
            f"observationLevel is {said['observationlevel']}, and only what is said of a photo is read."
        )
    if said["observationtype"] != "animal":
        raise BadLine(f"observationType is {said['observationtype']}, and only animals are taken in.")
    if said["classificationmethod"] != "human":
        method = said["classificationmethod"] or "empty"
        raise BadLine(f"classificationMethod is {method}: only what a person said is an identification.")
    if number(said, "count") not in (None, 1):
        raise BadLine(f"count is {said['count']}, and an import takes in photos of one.")
    if not said["scientificname"]:
        raise BadLine("scientificName is empty.")
    if not said["observationid"]:
        raise BadLine("observationID is empty.")
    media = package.media.get(said["mediaid"])
    if media is None:
        raise BadLine(f"mediaID is {said['mediaid'] or 'empty'}, and there is no such photo.")
    if said["mediaid"] in package.people:
        raise BadLine("Shows a person as well.")
    if package.shown[said["mediaid"]] > 1:
        raise BadLine(
            f"Shows {package.shown[said['mediaid']]} organisms, and an import takes in photos of one."
        )
    deployment = package.deployments.get(media["deploymentid"])
    if deployment is None:
        raise BadLine(f"deploymentID is {media['deploymentid'] or 'empty'}, and there is no such deployment.")
    if deployment.get("timestampissues", "").lower() in YES:
        raise BadLine("timestampIssues is true: the clock of its camera is not to be believed.")
    fields = records.when(media, "timestamp") | records.place(
        deployment, PLACE, source="map_pin", rough=package.rough
    )
    photo = replace(_photo(media, where, package), box=_box(said))
    return IncomingSighting(said["observationid"], said["scientificname"], fields=fields, photos=[photo])


def _photo(media: Record, where: str, package: Package) -> IncomingPhoto:
    if media.get("filepublic", "").lower() not in ("", *YES):
        raise BadLine(f"filePublic is {media['filepublic']}: the photo is not for everybody.")
    kind = media.get("filemediatype", "")
    if kind and not kind.startswith("image/"):
        raise BadLine(f"fileMediatype is {kind}, and only photos are taken in.")
    name = media.get("filename", "")
    for address in filter(None, (media["filepath"], name and f"media/{name}", name)):
        try:
            file, path = package.beside.at(address)
        except BadLine:
            continue
        return IncomingPhoto(where, file, path=path, licence=package.licence, credit=package.credit)
    raise BadLine(f"There is no file for {media['filepath'] or 'an empty filePath'} beside the table.")


def _box(said: Record) -> Box | None:
    sides = [number(said, side) for side in SIDES]
    if sides == [None] * 4:
        return None
    x, y, width, height = sides
    if x is None or y is None or width is None or height is None:
        raise BadLine("bboxX, bboxY, bboxWidth or bboxHeight is empty.")
    return within((x, y, width, height))


# --- datapackage.json -------------------------------------------------------------------------------------


def _licence(about: dict[str, object]) -> str:
    """Of its photos; "" where it says none. Raises Unreadable where that is not known here."""
    said = about.get("licenses")
    of_media = (
        [each for each in said if isinstance(each, dict) and each.get("scope") == "media"]
        if isinstance(said, list)
        else []
    )
    for each in of_media:
        text = str(each.get("name") or each.get("path") or "")
        if found := records.spdx(text):
            return found
        raise Unreadable(f"{ABOUT} says that its photos have the licence {text}, which is not known here.")
    return ""


def _credit(about: dict[str, object]) -> str:
    said = about.get("contributors")
    people = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    return ", ".join(str(each.get("title")) for each in people if each.get("role") == "rightsHolder")


def _rough(about: dict[str, object]) -> bool:
    said = about.get("coordinatePrecision")
    return isinstance(said, int | float) and not abs(said) <= AS_IT_IS
