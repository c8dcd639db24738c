"""`aquavision upload` and `aquavision sync`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from aquavision.answers import Refused
from aquavision.commands.program import Code, bars, site, tell
from aquavision.journal import Journal, State
from aquavision.sending import Sent, Words, send
from aquavision.site import Site

# What is wrong with one photo, and not with all of them.
OF_ONE_PHOTO = (400, 413)

Note = Annotated[str | None, typer.Option(help="Words about the sighting.")]
Licence = Annotated[
    str | None,
    typer.Option(help="CC0-1.0, CC-BY-4.0, CC-BY-NC-4.0 or NONE; else what your account says."),
]
Credit = Annotated[str | None, typer.Option(help="Whom to name.")]
Consent = Annotated[
    list[str] | None,
    typer.Option(help="show, research, train; say it several times. Else what your account says."),
]
Privacy = Annotated[str | None, typer.Option(help="How much of the place others see.")]
TimePrecision = Annotated[str | None, typer.Option(help="How much of the time others see.")]
Surroundings = Annotated[str | None, typer.Option(help="How much of the photos others see.")]
At = Annotated[str | None, typer.Option(metavar="LAT,LON", help="In degrees; else what the photo says.")]
Uncertainty = Annotated[float | None, typer.Option(help="Of that place, in metres.")]
Locality = Annotated[str | None, typer.Option(help="What the place is called.")]
Observed = Annotated[
    str | None, typer.Option(help="2015-10-10T14:30, with an offset or Z if known, or a day.")
]
Publish = Annotated[bool, typer.Option("--publish/--draft", help="Show it to others, or keep it a draft.")]


def add(app: typer.Typer) -> None:
    app.command()(upload)
    app.command()(sync)


def upload(
    photos: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    together: Annotated[bool, typer.Option("--together", help="All of them are one sighting.")] = False,
    note: Note = None,
    licence: Licence = None,
    credit: Credit = None,
    consent: Consent = None,
    privacy: Privacy = None,
    time_precision: TimePrecision = None,
    surroundings: Surroundings = None,
    at: At = None,
    uncertainty: Uncertainty = None,
    locality: Locality = None,
    observed: Observed = None,
    publish: Publish = True,
) -> None:
    """Send photos: each is a sighting of its own. What the site has already is not sent again."""
    words = Words(
        _said(note=note, privacy=privacy, time_precision=time_precision, surroundings=surroundings)
        | _said(locality=locality, observed_at=observed)
        | _place(at, uncertainty),
        _said(licence=licence, credit=credit, consents=consent or None),
        publish,
    )
    groups = [photos] if together else [[each] for each in photos]
    with site() as asked:
        _send_all(asked, groups, lambda paths: send(asked, paths, words))


def sync(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    note: Note = None,
    licence: Licence = None,
    credit: Credit = None,
    consent: Consent = None,
    privacy: Privacy = None,
    time_precision: TimePrecision = None,
    surroundings: Surroundings = None,
    at: At = None,
    uncertainty: Uncertainty = None,
    locality: Locality = None,
    observed: Observed = None,
    publish: Publish = True,
) -> None:
    """Send what is in a folder, and below it, and not at the site yet. It may be ended and begun again at any time.

    What was sent stands in .aquavision.jsonl in the folder.
    """
    words = Words(
        _said(note=note, privacy=privacy, time_precision=time_precision, surroundings=surroundings)
        | _said(locality=locality, observed_at=observed)
        | _place(at, uncertainty),
        _said(licence=licence, credit=credit, consents=consent or None),
        publish,
    )
    with site() as asked:
        journal = Journal(folder, asked.url)

        def one(paths: list[Path]) -> Sent:
            # Before it is read: what is changed meanwhile is looked at again.
            state = State.of(paths[0])
            sent = send(asked, paths, words)
            journal.done(paths[0], state, sent.photos[0], sent.observation)
            return sent

        _send_all(asked, [[each] for each in journal.waiting()], one)


def _send_all(asked: Site, groups: list[list[Path]], one: Callable[[list[Path]], Sent]) -> None:
    """Every group; a photo that cannot be taken keeps no other back."""
    new = refused = 0
    with bars() as shown:
        for paths in shown.track(groups, description="Photos"):
            names = ", ".join(str(each) for each in paths)
            try:
                sent = one(paths)
            except Refused as error:
                if error.status not in OF_ONE_PHOTO:
                    raise
                refused += len(paths)
                tell(f"{names}: {error}")
                continue
            new += sent.new
            typer.echo(f"{names}: {asked.page(sent.observation)}{_more(sent)}")
    typer.echo(f"{new} new, {sum(map(len, groups)) - new - refused} there already, {refused} refused.")
    if refused:
        raise typer.Exit(int(Code.REFUSED))


def _more(sent: Sent) -> str:
    if not sent.published:
        return " (a draft, which only you see)"
    return "" if sent.new else " (there already)"


def _said(**fields: Any) -> dict[str, Any]:
    return {name: each for name, each in fields.items() if each is not None}


def _place(at: str | None, uncertainty: float | None) -> dict[str, Any]:
    if at is None:
        if uncertainty is not None:
            raise typer.BadParameter("An uncertainty is that of a place: say --at as well.")
        return {}
    try:
        latitude, longitude = (float(each) for each in at.split(","))
    except ValueError:
        raise typer.BadParameter("Write a place as LAT,LON in degrees, like 47.268,11.393.") from None
    place = {"latitude": latitude, "longitude": longitude, "place_source": "map_pin"}
    # Null, too: that of the photo's own place is not this one's.
    return place | {"uncertainty_m": uncertainty}
