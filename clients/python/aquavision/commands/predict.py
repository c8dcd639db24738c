"""`aquavision predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aquavision.commands.program import site


def add(app: typer.Typer) -> None:
    app.command()(predict)


def predict(
    photos: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    top: Annotated[int, typer.Option("--top", "-k", min=1, help="How many guesses of each.")] = 3,
) -> None:
    """Ask the site's model what photos show. They are looked at once and not kept."""
    with site() as asked:
        for photo in photos:
            said = asked.predict(photo)
            typer.echo(f"{photo}: {said['taxon'] or 'none of what the model knows'} ({said['model']})")
            for guess in said["predictions"][:top]:
                typer.echo(f"  {guess['probability']:6.1%}  {guess['label']}")
