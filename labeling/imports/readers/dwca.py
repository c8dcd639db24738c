"""Darwin Core Archive (dwc.tdwg.org/text): `meta.xml`, a table of occurrences, and tables of their photos beside it.

GBIF's downloads of this form are read like others.
"""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unicodedata import normalize
from xml.etree import ElementTree

from labeling.imports.collection import BadLine, IncomingPhoto, Row, Unreadable
from labeling.imports.readers import files, records
from labeling.imports.readers.labelled import Box, within
from labeling.imports.readers.lines import csv_lines, number
from labeling.imports.readers.records import Record

ABOUT = "meta.xml"
MOST = 1_000_000  # bytes of it; those of GBIF have 30,000
OCCURRENCE = "http://rs.tdwg.org/dwc/terms/Occurrence"
# Of photos: GBIF's simple one, and Audiovisual Core under its two names.
MEDIA = frozenset(
    {
        "http://rs.gbif.org/terms/1.0/Multimedia",
        "http://rs.tdwg.org/ac/terms/Multimedia",
        "http://rs.tdwg.org/ac/terms/Multimedia_records",
    }
)
MEASURED = "http://rs.tdwg.org/dwc/terms/MeasurementOrFact"
LENGTHS = frozenset({"totallength"})
MILLIMETRES = {"mm": 1, "cm": 10, "m": 1000}
ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n"}
Rows = list[tuple[str, Record]]  # where each stands, and what it says


@dataclass(frozen=True)
class Table:
    """A table as meta.xml describes it. `key`: which cell is the record's id."""

    kind: str
    paths: list[Path]
    key: int
    terms: list[
        tuple[str, int | None, str]
    ]  # a term's own name, its cell, and what holds where that is empty
    delimiter: str
    quote: str
    encoding: str
    headings: int

    def rows(self) -> Iterator[tuple[str, str, Record | BadLine]]:
        """Where each stands, its record's id, and what it says."""
        for path in self.paths:
            wide = 0
            for at, (line, cells) in enumerate(csv_lines(path, self.delimiter, self.quote, self.encoding)):
                where = f"{path.name} line {line}"
                if isinstance(cells, BadLine):
                    if at >= self.headings:
                        yield where, "", cells
                elif any(cells):
                    wide = wide or len(cells)
                    if at >= self.headings:
                        yield where, *self._said(cells, wide)

    def _said(self, cells: list[str], wide: int) -> tuple[str, Record | BadLine]:
        needed = max([self.key, *(at for _, at, _ in self.terms if at is not None)])
        if len(cells) != wide:
            return "", BadLine(f"Has {len(cells)} cells where the first line has {wide}.")
        if len(cells) <= needed:
            return "", BadLine(f"Has {len(cells)} cells, and {ABOUT} tells of {needed + 1}.")
        record: Record = {}
        for term, at, otherwise in self.terms:
            text = "" if at is None else normalize("NFC", cells[at].strip())
            record[term] = record.get(term) or text or otherwise
        return cells[self.key].strip(), record


def is_archive(folder: Path) -> bool:
    """Whether its meta.xml is that of one: others call their files so, too."""
    try:
        return b"<archive" in (folder / ABOUT).read_bytes()[:MOST]
    except OSError:
        return False


def rows(folder: Path) -> Iterator[Row]:
    """A row per photo of each occurrence, one for each of which nothing can be used. Raises Unreadable."""
    core, extensions = _described(folder)
    media: dict[str, Rows] = defaultdict(list)
    lengths: dict[str, Rows] = defaultdict(list)
    shown: dict[str, set[str]] = defaultdict(set)  # of each photo the occurrences
    for each in extensions:
        kept = lengths if each.kind == MEASURED else media
        for where, id, said in each.rows():
            if isinstance(said, BadLine):
                yield where, said
            else:
                kept[id].append((where, said))
                shown[said.get("accessURI") or said.get("identifier", "")] |= {id} if kept is media else set()
    if any(term == "associatedMedia" for term, _, _ in core.terms):
        for _, id, said in core.rows():
            for each in [] if isinstance(said, BadLine) or id in media else _listed(said):
                shown[each].add(id)
    beside = files.Beside(folder, shown)
    stand: dict[str, str] = {}
    for where, id, record in core.rows():
        if isinstance(record, BadLine):
            yield where, record
        elif not id or id in stand:
            yield where, BadLine(f"The id {id} is that of {stand[id]} as well." if id else "Has no id.")
        else:
            stand[id] = where
            yield from _occurrence(record, where, id, media.get(id, []), lengths.get(id, []), shown, beside)
    for id in sorted((media.keys() | lengths.keys()) - stand.keys()):
        for where, _ in media[id] + lengths[id]:
            yield where, BadLine(f"Tells of {id or 'no id'}, and there is no such record.")


def _occurrence(
    record: Record,
    where: str,
    id: str,
    media: Rows,
    lengths: Rows,
    shown: dict[str, set[str]],
    beside: files.Beside,
) -> Iterator[Row]:
    try:
        sighting = records.sighting(record, id)
        sighting.length_mm = _length(lengths)
        boxes, wholes = _boxes(media)
    except BadLine as problem:
        yield where, problem
        return
    if not wholes and not record.get("associatedMedia"):
        yield where, BadLine("Has no photo in the archive.")
    for at, said in wholes or [(where, {"identifier": each}) for each in _listed(record)]:
        try:
            many = len(shown.get(said.get("accessURI") or said.get("identifier", ""), ()))
            if many > 1:
                raise BadLine(f"Shows {many} organisms, and an import takes in photos of one.")
            photo = records.photo(said, record, at, beside)
            yield at, replace(sighting, photos=[_boxed(photo, boxes.get(said.get("identifier", "")))])
        except BadLine as problem:
            yield at, problem


def _listed(record: Record) -> list[str]:
    return [each.strip() for each in record.get("associatedMedia", "").split("|") if each.strip()]


def _boxed(photo: IncomingPhoto, box: Box | None) -> IncomingPhoto:
    return replace(photo, box=box) if box else photo


def _length(rows: Rows) -> float | None:
    """The total length in millimetres, where exactly one is said. Raises BadLine."""
    found = set()
    for _, said in rows:
        if records.letters(said.get("measurementType", "")) not in LENGTHS:
            continue
        unit = said.get("measurementUnit", "")
        value = number(said, "measurementValue")
        if unit not in MILLIMETRES:
            raise BadLine(f"measurementUnit is {unit or 'empty'}, not one of {', '.join(MILLIMETRES)}.")
        if value is None or value <= 0:
            raise BadLine(f"measurementValue is {value or 'empty'}, not more than 0.")
        found.add(round(value * MILLIMETRES[unit], 3))
    if len(found) > 1:
        raise BadLine(f"measurementValue says different lengths: {' and '.join(map(str, sorted(found)))} mm.")
    return next(iter(found), None)


def _boxes(media: Rows) -> tuple[dict[str, Box], Rows]:
    """Of each photo, by its identifier, the part that shows the organism; and the photos. Raises BadLine."""
    wholes = [(where, said) for where, said in media if not said.get("isROIOf")]
    known = {said.get("identifier", "") for _, said in wholes}
    boxes: dict[str, Box] = {}
    for where, said in media:
        whole = said.get("isROIOf", "")
        if not whole:
            continue
        if whole not in known:
            raise BadLine(f"isROIOf is {whole} in {where}, which is no photo of this record.")
        if whole in boxes:
            raise BadLine(f"isROIOf is {whole} in {where}, and another part of it shows this organism, too.")
        sides = [number(said, f"{side}Frac") for side in ("x", "y", "width", "height")]
        x, y, width, height = sides
        if x is None or y is None or width is None or height is None:
            raise BadLine(f"xFrac, yFrac, widthFrac or heightFrac is empty in {where}.")
        boxes[whole] = within((x, y, width, height))
    return boxes, wholes


# --- meta.xml ---------------------------------------------------------------------------------------------


def _described(folder: Path) -> tuple[Table, list[Table]]:
    """The core, and what of its extensions is read. Raises Unreadable."""
    root = _parsed(folder / ABOUT)
    cores = [each for each in root if _tag(each) == "core"]
    if len(cores) != 1:
        raise Unreadable(f"{ABOUT} tells of {len(cores)} cores, not of one.")
    kind = cores[0].get("rowType", "")
    if kind != OCCURRENCE:
        raise Unreadable(
            f"{ABOUT} has a core of {kind.rpartition('/')[2] or 'nothing'}; only of Occurrence is read."
        )
    extensions = [each for each in root if _tag(each) == "extension"]
    wanted = [each for each in extensions if each.get("rowType") in MEDIA | {MEASURED}]
    return _table(cores[0], folder, "id"), [_table(each, folder, "coreid") for each in wanted]


def _parsed(path: Path) -> ElementTree.Element:
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST else b""
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    # Entities of a foreign file can grow without end.
    if not data or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Unreadable(f"{path.name} is empty, larger than {MOST // 1_000_000} MB, or declares entities.")
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"{path.name} is no XML: {error}.") from error


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _table(described: ElementTree.Element, folder: Path, key: str) -> Table:
    names = [(each.text or "").strip() for each in described.iter() if _tag(each) == "location" and each.text]
    paths = [_file(folder, name) for name in names]
    if not paths:
        raise Unreadable(f"{ABOUT} names no file of {described.get('rowType')}.")
    encoding = described.get("encoding", "UTF-8")
    try:
        codec = codecs.lookup(encoding).name
    except LookupError as error:
        raise Unreadable(
            f"{ABOUT} says that {names[0]} is written in {encoding}, which nobody knows."
        ) from error
    keys = [each for each in described if _tag(each) == key]
    if len(keys) != 1:
        raise Unreadable(f"{ABOUT} does not say which column of {names[0]} is the {key}.")
    ends = _letters(described, "linesTerminatedBy", "\n")
    if ends not in ("\n", "\r\n", "\r"):
        raise Unreadable(f"{ABOUT} says that lines of {names[0]} end with {ends!r}, which is not read.")
    return Table(
        kind=described.get("rowType", ""),
        paths=paths,
        key=_index(keys[0], names[0]),
        terms=_terms(described, names[0]),
        delimiter=_one(described, "fieldsTerminatedBy", ",", names[0]),
        quote=_one(described, "fieldsEnclosedBy", '"', names[0]),
        encoding="utf-8-sig" if codec == "utf-8" else codec,
        headings=_whole(described.get("ignoreHeaderLines", "0"), "ignoreHeaderLines", names[0]),
    )


def _file(folder: Path, name: str) -> Path:
    try:
        path = files.find(folder.resolve(), name)
    except BadLine as problem:
        raise Unreadable(f"{ABOUT}: {problem}") from problem
    if path is None:
        raise Unreadable(f"{ABOUT} tells of {name}, which is not there.")
    return path


def _letters(described: ElementTree.Element, attribute: str, otherwise: str) -> str:
    said = described.get(attribute, otherwise)
    return ESCAPES.get(said, said)


def _one(described: ElementTree.Element, attribute: str, otherwise: str, name: str) -> str:
    said = _letters(described, attribute, otherwise)
    if len(said) > 1 or (attribute == "fieldsTerminatedBy" and not said) or said in ("\n", "\r"):
        raise Unreadable(f"{ABOUT} says {attribute}={said!r} of {name}, which is not read.")
    return said


def _whole(text: str | None, what: str, name: str) -> int:
    if not (text or "").isdecimal():
        raise Unreadable(f"{ABOUT} says {what}={text!r} of {name}, which is no number.")
    return int(text or 0)


def _index(element: ElementTree.Element, name: str) -> int:
    return _whole(element.get("index"), "index", name)


def _terms(described: ElementTree.Element, name: str) -> list[tuple[str, int | None, str]]:
    found = []
    seen: set[str] = set()
    for each in described:
        if _tag(each) != "field":
            continue
        term = each.get("term", "")
        if not term or term in seen:
            what = f"twice of {term}" if term else "of a field without its term"
            raise Unreadable(f"{ABOUT} tells {what} in {name}.")
        seen.add(term)
        at = None if each.get("index") is None else _index(each, name)
        found.append((term.rpartition("/")[2].rpartition("#")[2], at, each.get("default", "").strip()))
    return found
