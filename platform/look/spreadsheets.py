"""Tables that people open in a spreadsheet, which runs what looks like a formula."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# A spreadsheet runs a cell that begins with one of =+-@, in their wide forms too, as a formula. In many languages it
# parts cells by semicolons, and then what stands in quotes ends at one, at a tab or at the end of a line as well.
BEGINS_A_FORMULA = re.compile(r"""(^|[;\t\r\n])([\s"']*)(?=[=+\-@＝＋－＠])""")


def guarded(text: str) -> str:
    """What a person typed, so that no spreadsheet runs a part of it."""
    safe = BEGINS_A_FORMULA.sub(r"\1\2'", text)
    return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe


def line(cells: Iterable[Any]) -> bytes:
    """A row of a CSV file (RFC 4180, UTF-8). None is empty; True and False are true and false."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([_cell(value) for value in cells])
    return written.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else value
