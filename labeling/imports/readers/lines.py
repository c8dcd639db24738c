"""Lines of a table, whatever its delimiter."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from labeling.imports.collection import BadLine, Unreadable

# --- lines ------------------------------------------------------------------------------------------------

Line = tuple[int, list[str] | BadLine]


def csv_lines(path: Path) -> Iterator[Line]:
    """Number of the line a row begins on, and its cells. Raises Unreadable, at whichever line that shows."""
    try:
        # As it is read: a million rows are 200 MB of text.
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            yield from _numbered(file, max(",;\t", key=header.count))
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not written in UTF-8. Save it so and try again.") from error


def _numbered(text: Iterable[str], delimiter: str) -> Iterator[Line]:
    rows = csv.reader(text, delimiter=delimiter)
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
