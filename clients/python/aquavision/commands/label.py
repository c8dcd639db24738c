"""`aquavision label`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from aquavision.commands.program import site
from aquavision.site import Site

FEW = 9
LEAVE = "q"


def add(app: typer.Typer) -> None:
    app.command()(label)


def label(
    where: Annotated[
        list[str] | None,
        typer.Option(help="A filter of Explore, like place=Enns or taxon=salmonidae; several may be said."),
    ] = None,
    open: Annotated[bool, typer.Option("--open", help="Open each photo in the browser.")] = False,
) -> None:
    """Name what waits for a name from you, one after the other. Enter skips it for a while, q ends.

    Neither what a model guesses nor what others say is shown: what you say is yours.
    """
    filters = dict(_filter(each) for each in where or ())
    named = 0
    with site() as asked:
        for each in _waiting(asked, filters):
            typer.echo(f"\n{asked.page(each['observation'])}")
            for photo in each["photos"]:
                largest = max(photo["renditions"], key=int)
                typer.echo(f"  {photo['renditions'][largest]}")
                if open:
                    typer.launch(photo["renditions"][largest])
            taxon = _asked(asked)
            if taxon == LEAVE:
                break
            if taxon:
                asked.identify(each["occurrence"], taxon)
                named += 1
            else:
                asked.post("passes", again=True, occurrence=each["occurrence"], kind="skip")
    typer.echo(f"{named} named.")


def _waiting(asked: Site, filters: dict[str, str]) -> Iterator[dict[str, Any]]:
    """As the site hands it out, a few at a time: what was answered or skipped waits no more."""
    while found := asked.get("tasks", limit=FEW, **filters)["results"]:
        yield from found


def _asked(asked: Site) -> str:
    """The label of the taxon that somebody types and chooses; "" to skip, LEAVE to end."""
    while True:
        text = typer.prompt("What is it", default="", show_default=False).strip()
        if text in ("", LEAVE):
            return str(text)
        found = asked.get("taxa", search=text)["results"][:FEW]
        same = [each for each in found if text.casefold() in _names(each)]
        if len(same) == 1:
            return str(same[0]["label"])
        if not found:
            typer.echo("This site knows no such name. Another spelling?")
            continue
        for number, each in enumerate(found, 1):
            typer.echo(f"  {number}  {each['name']} ({each['scientific_name']})")
        chosen = typer.prompt("Which, by its number; Enter for none", default="", show_default=False)
        if chosen.isdecimal() and 1 <= int(chosen) <= len(found):
            return str(found[int(chosen) - 1]["label"])


def _names(taxon: dict[str, Any]) -> set[str]:
    common = (taxon["common_names"] or {}).values()
    return {
        str(each).casefold() for each in (taxon["label"], taxon["name"], taxon["scientific_name"], *common)
    }


def _filter(text: str) -> tuple[str, str]:
    name, is_there, value = text.partition("=")
    if not is_there:
        raise ValueError(f"{text}: write a filter as name=value.")
    return name, value
