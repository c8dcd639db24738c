"""What all commands share: how a refusal is told, what a command ends with, where bars are drawn."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress
from typer.core import TyperGroup

from aquavision.answers import Refused, Unreachable
from aquavision.asking import Patience
from aquavision.login import NotLoggedIn
from aquavision.site import Site


class Code(IntEnum):
    """What a command ends with; 2 is a command line that cannot be read."""

    DONE = 0
    REFUSED = 1
    NOT_LOGGED_IN = 3
    UNREACHABLE = 4


class Telling(TyperGroup):
    """Whatever a command runs into is told in a sentence, and no traceback is."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NotLoggedIn as error:
            raise end(str(error), Code.NOT_LOGGED_IN) from error
        except Refused as refused:
            code = Code.NOT_LOGGED_IN if refused.status == 401 else Code.REFUSED
            raise end(str(refused), code) from refused
        except Unreachable as error:
            raise end(str(error), Code.UNREACHABLE) from error
        except (ValueError, OSError) as error:
            raise end(str(error), Code.REFUSED) from error


app = typer.Typer(
    cls=Telling,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Send photos to a site, name what they show, take datasets away.",
)


def end(sentence: str, code: Code) -> typer.Exit:
    tell(sentence)
    return typer.Exit(int(code))


def tell(sentence: str) -> None:
    """On the other stream than results, which may be read by a program."""
    typer.echo(sentence, err=True)


def site() -> Site:
    """The site that this person is logged in at; waits are told."""
    return Site(patience=Patience(told=tell))


def bars(*columns: Any) -> Progress:
    """Bars on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    shown = columns or Progress.get_default_columns()
    return Progress(*shown, console=console, transient=True, disable=not console.is_terminal)
