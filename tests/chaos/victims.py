"""The processes of one running site, by what they do, and their sudden end."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.site import Site

SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Process:
    """`started` (clock ticks since boot) tells it from a later one of the same id."""

    id: int
    parent: int
    started: int
    command: str

    def lives(self) -> bool:
        now = read(self.id)
        return now is not None and now.started == self.started

    def kill(self) -> bool:
        """False when it was gone already."""
        if not self.lives():
            return False
        try:
            os.kill(self.id, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def read(id: int) -> Process | None:
    """A process that lives; None for one that is gone, or dead and not yet buried."""
    folder = Path(f"/proc/{id}")
    try:
        state, parent, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None
    return None if state in "ZX" else Process(id, int(parent), int(rest[17]), command)


class Family:
    """A site's supervisor and everything that comes of it; remembers all it has ever seen."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.seen: set[Process] = set()

    def look(self) -> dict[str, list[Process]]:
        """What lives now, by role."""
        table = [read(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        children: dict[int, list[Process]] = {}
        for process in filter(None, table):
            children.setdefault(process.parent, []).append(process)
        found: dict[str, list[Process]] = {}

        def descend(parent: int, inside: str) -> None:
            for process in children.get(parent, []):
                self.seen.add(process)
                role = _role(process, inside)
                found.setdefault(role, []).append(process)
                descend(process.id, role)

        descend(self.site.process.pid, SUPERVISOR)
        return found

    def left(self, seconds: float = 10) -> list[Process]:
        """Those ever seen that still live; waits for them to go. The decoding child knows no VAR: it is here."""
        deadline = time.monotonic() + seconds
        while True:
            living = [process for process in self.seen if process.lives()]
            if not living or time.monotonic() > deadline:
                return living
            time.sleep(0.1)

    def orphans(self, seconds: float = 10) -> list[Process]:
        """Those ever seen that still live, and not under the supervisor any more."""
        deadline = time.monotonic() + seconds
        while True:
            under = {process for processes in self.look().values() for process in processes}
            astray = [process for process in self.seen - under if process.lives()]
            if not astray or time.monotonic() > deadline:
                return astray
            time.sleep(0.1)


def _role(process: Process, inside: str) -> str:
    if "species.images.child" in process.command:
        return f"decoder of {inside}"
    if "ml.vision.train" in process.command or inside == "trainer":
        return "trainer"
    if "gunicorn" in process.command:
        return "web master" if inside == SUPERVISOR else "web worker"
    return "worker" if "celery" in process.command else "other"
