"""`aquavision login`."""

from __future__ import annotations

from typing import Annotated

import typer

from aquavision import login as logins
from aquavision.commands.program import tell
from aquavision.site import Site


def add(app: typer.Typer) -> None:
    app.command()(login)


def login(
    address: Annotated[str | None, typer.Argument(help="Of the site's home; asked for if not said.")] = None,
) -> None:
    """Keep which site and whose token. It asks for the token, which the site gives out under You."""
    url = logins.address(address or typer.prompt("Address of the site"))
    found = logins.Login(url, logins.secret(typer.prompt("Token", hide_input=True)))
    if found.in_the_open:
        tell(f"{url} is not encrypted: whoever is on the way can read the token.")
    # A token that is wrong is refused whatever it asks for.
    Site(found.url, found.token).get("observations", state="draft", page_size=1)
    typer.echo(f"You are known to {found.url} now; kept in {logins.keep(found)}.")
