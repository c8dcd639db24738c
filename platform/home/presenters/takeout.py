"""What the file in which somebody takes everything away says of itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from home.queries.mine import Table
from look.site import site


def readme(tables: Iterable[Table], counts: Mapping[str, int], photos: int, missing: int, now: datetime) -> str:
    """README.txt: every file, and every column of the tables."""
    parts = [
        f"Everything that is yours on {site()['title']}, as it stood on {now:%d %B %Y, %H:%M} UTC.",
        f"originals/: your {photos} photos as you sent them, each called by its id in photos.csv."
        + (f" Of {missing} the file was missing here." if missing else ""),
        "csv/ and json/ hold the same tables twice: for a spreadsheet (UTF-8, commas; empty: not known) and for\n"
        "programs. In CSV, a text that a spreadsheet would run as a formula has a ' in front. Moments are in UTC.\n"
        "Ids lead from one table to another. Of other people there is nothing here but what everybody reads on\n"
        "the site; passwords and keys are in no file, because the site keeps none that could be read.",
    ]
    for table in tables:
        head = f"{table.name}.csv, {table.name}.json ({counts[table.name]} rows)\n  {table.what}"
        columns = (f"    {name}: {column.meaning}" for name, column in table.columns.items())
        parts.append("\n".join([head, *columns]))
    return "\n\n".join(parts) + "\n"
