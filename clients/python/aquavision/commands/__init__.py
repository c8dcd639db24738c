"""`aquavision`: login, upload, sync, export, predict, label."""

from aquavision.commands import export, label, login, predict, send
from aquavision.commands.program import app

__all__ = ["app", "main"]

for each in (login, send, export, predict, label):
    each.add(app)


def main() -> None:
    app()
