"""Handlers for the processes that tests start, stop and kill."""

import os
import sys
import time
from pathlib import Path

from accounts.models import User
from jobs.context import Context
from jobs.outcomes import LostLease
from jobs.programs import run_program
from jobs.registry import job
from notices.models import Notification

# Ends when its standard input does, as every program of a job has to.
PATIENT_PROGRAM = """
import os, sys
print(os.getpid(), flush=True)
sys.stdin.read()
"""


def say(folder: Path, word: str) -> None:
    with (folder / "log").open("a") as log:
        log.write(f"{word}\n")


@job("write_once")
def write_once(context: Context) -> None:
    """Waits for the file `go`, then commits one row."""
    folder = Path(context.arguments["folder"])
    say(folder, f"started {os.getpid()}")
    while not (folder / "go").exists():
        time.sleep(0.02)
    try:
        with context.commit(finish=True):
            user = User.objects.get(pk=context.arguments["user"])
            Notification.objects.create(user=user, kind="test", text="Written once.")
    except LostLease:
        say(folder, f"lost {os.getpid()}")
        raise
    say(folder, f"wrote {os.getpid()}")


@job("hear_nothing")
def hear_nothing(context: Context) -> None:
    say(Path(context.arguments["folder"]), f"deaf {os.getpid()}")
    time.sleep(60)


@job("run_patient_program")
def run_patient_program(context: Context) -> None:
    folder = Path(context.arguments["folder"])
    argv = [sys.executable, "-c", PATIENT_PROGRAM]
    run_program(context, argv, lambda line: say(folder, f"program {line}"))
