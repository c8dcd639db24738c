"""Lines of a table, whatever its delimiter, and its cells by column."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from unicodedata import normalize

from labeling.imports.collection import BadLine, Unreadable

Line = tuple[int, list[str] | BadLine]


def csv_lines(
    path: Path, delimiter: str = "", quote: str = '"', encoding: str = "utf-8-sig"
) -> Iterator[Line]:
    """Number of the line a row begins on, and its cells. Raises Unreadable, at whichever line that shows.

    Without a `delimiter` it is the comma, semicolon or tab that the first line has most of; without a `quote`, quotes
    are letters like others.
    """
    try:
        # As it is read: a million rows are 200 MB of text.
        with path.open(encoding=encoding, newline="") as file:
            if not delimiter:
                header = file.readline()
                file.seek(0)
                delimiter = max(",;\t", key=header.count)
            yield from _numbered(file, delimiter, quote)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        said = "UTF-8" if encoding == "utf-8-sig" else encoding
        raise Unreadable(f"{path.name} is not written in {said}. Save it so and try again.") from error


def _numbered(text: Iterable[str], delimiter: str, quote: str) -> Iterator[Line]:
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    rows = csv.reader(text, delimiter=delimiter, quotechar=quote or None, quoting=quoting)
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, BadLine(f"Is no row of a table ({error}).")
            continue
        yield number, BadLine("Holds a NUL character.") if any("\0" in cell for cell in cells) else cells


def headed(path: Path, lines: Iterator[Line] | None = None) -> tuple[list[str], Iterator[Line]]:
    """The names in the first line of a table, in small letters, and its other lines. Raises Unreadable."""
    lines = csv_lines(path) if lines is None else lines
    try:
        _, header = next(lines)
    except StopIteration:
        raise Unreadable(f"{path.name} is empty.") from None
    if isinstance(header, BadLine):
        raise Unreadable(f"{path.name} is no table: {header}")
    columns = [name.strip().lower() for name in header]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise Unreadable(f"{path.name} has two columns called {twice[0]}.")
    return columns, lines


def named(
    path: Path, columns: list[str], lines: Iterator[Line]
) -> Iterator[tuple[str, dict[str, str] | BadLine]]:
    """Where each row that says anything stands, and its cells by column."""
    for number, cells in lines:
        where = f"{path.name} line {number}"
        if isinstance(cells, BadLine):
            yield where, cells
        elif any(cells) and len(cells) != len(columns):
            yield where, BadLine(f"Has {len(cells)} cells where the header has {len(columns)}.")
        elif any(cells):
            row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
            # Composed and decomposed letters are the same; in an address they are not.
            yield (
                where,
                {name: text if name == "url" else normalize("NFC", text) for name, text in row.items()},
            )


def number(row: dict[str, str], column: str) -> float | None:
    """Raises BadLine."""
    text = row.get(column, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadLine(f"{column} is {text}, not a number.")
    return value
