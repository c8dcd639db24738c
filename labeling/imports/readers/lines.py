"""Lines of a table, whatever its delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from labeling.imports.collection import BadLine, Unreadable

# --- lines ------------------------------------------------------------------------------------------------

Line = tuple[int, list[str] | BadLine]


def csv_lines(path: Path) -> Iterator[Line]:
    """Number of the line a row begins on, and its cells. Raises Unreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not written in UTF-8. Save it so and try again.") from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    return _numbered(text, delimiter)


def _numbered(text: str, delimiter: str) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
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
