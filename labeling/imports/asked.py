"""A table that somebody sends, of photos at addresses: what is wrong with it is said before it is a job."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from labeling.imports import collection, readers, run
from labeling.imports.readers.table import TABLE
from labeling.imports.run import ImportRefused

KIND = "import_table"
MOST = 200_000  # letters
NOTHING = (
    "This table names no photo. Write a line of columns (url, scientific_name, …) and a line for each photo."
)


def ask(
    *,
    table: str,
    source: str,
    by: User,
    licence: str,
    credit: str = "",
    consents: Iterable[str] = ("show",),
    trust: bool = False,
    reason: str = "",
) -> Job:
    """The job that takes it in, as `run.import_collection` does; the same again is harmless. Raises ImportRefused."""
    run.check(by=by, source=source, trust=trust, reason=reason)
    run.spdx(licence)
    with written(table) as folder:
        try:
            found = readers.read(folder)
        except collection.Unreadable as error:
            raise ImportRefused(str(error)) from error
    if not found.sightings:
        first = next((f"{each.where}: {each.what}" for each in found.problems), NOTHING)
        raise ImportRefused(first)
    said = {"source": source.strip(), "license": licence, "credit": credit, "consents": sorted(consents)}
    said |= {"trust": trust, "reason": reason, "by": str(by.pk), "table": table}
    return jobs.enqueue(kind=KIND, arguments=said, by=by, title=f"Import {source.strip()}")


@contextmanager
def written(table: str) -> Iterator[Path]:
    """A folder that holds the table and nothing else, so that no line of it names a file of this machine."""
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder).resolve()
        (path / TABLE).write_text(table, "utf-8")
        yield path
