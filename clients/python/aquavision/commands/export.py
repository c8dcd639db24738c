"""`aquavision export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn

from aquavision.commands.program import bars, site
from aquavision.site import Site


def add(app: typer.Typer) -> None:
    app.command()(export)


def export(
    dataset: Annotated[
        str | None, typer.Argument(help="Its id, the first letters of it, or “newest”. Without: a list.")
    ] = None,
    format: Annotated[str, typer.Option(help="csv, coco or manifest, or what else the list says.")] = "csv",
    to: Annotated[Path, typer.Option(help="The folder it comes into.", file_okay=False)] = Path("."),
) -> None:
    """List the frozen datasets, or download one. A download that broke off goes on when it is asked for again."""
    with site() as asked:
        frozen = list(asked.rows("datasets", state="frozen"))
        if dataset is None:
            for each in frozen:
                formats = ", ".join([*each["formats"], "manifest"])
                typer.echo(f"{each['id']}  {each['title']}, version {each['version']} ({formats})")
            return
        found = _one(frozen, dataset)
        to.mkdir(parents=True, exist_ok=True)
        typer.echo(_download(asked, str(found["id"]), format, to))


def _one(frozen: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    if wanted == "newest" and frozen:
        return frozen[-1]
    found = [each for each in frozen if str(each["id"]).startswith(wanted.lower())]
    if len(found) != 1:
        raise ValueError(f"{len(found)} frozen datasets begin with {wanted}. See: aquavision export")
    return found[0]


def _download(asked: Site, id: str, format: str, to: Path) -> Path:
    with bars(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    ) as shown:
        task = shown.add_task(format, total=None)

        def progress(there: int, whole: int | None) -> None:
            shown.update(task, completed=there, total=whole)

        return asked.download_dataset(id, format, to, progress=progress)
