"""Which process holds a job, so that its death is seen at once by whoever lives on the same machine.

No Django in here. A holder is text: machine (host, boot, namespace of process ids, user), process id, and when that
process started, since ids are given out again. Of another machine's processes nothing is known; there, and on
systems without /proc, a lease runs out.
"""

import os
import socket
from functools import cache
from pathlib import Path

PROC = Path("/proc")


def me() -> str:
    """This process; empty where the system does not tell."""
    machine = _machine()
    started = _started(os.getpid())
    return f"{machine} {os.getpid()} {started}" if machine and started else ""


def here() -> str:
    """What the holders of this machine begin with; empty where the system does not tell."""
    return f"{_machine()} " if _machine() else ""


def is_dead(holder: str) -> bool:
    """Is this a process of this machine that is certainly gone?"""
    machine, _, process = holder.rpartition(" ")[0].rpartition(" ")
    if not machine or machine != _machine() or not process.isdigit():
        return False
    return _started(int(process)) != holder.rpartition(" ")[2]


@cache
def _machine() -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        # Containers share the host's boot, and sometimes their name.
        processes = os.readlink(PROC / "self/ns/pid").strip("pid:[]")
    except OSError:
        return ""
    # Of other users' processes some systems tell nothing, not even that they live.
    return f"{socket.gethostname()[:100]} {boot} {processes} {os.getuid()}"


def _started(process: int) -> str:
    """Clock ticks between boot and the start of a process; empty when it is gone, or dead and not yet buried."""
    try:
        stat = (PROC / str(process) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The name is in parentheses and may hold anything, parentheses included.
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZXx" else rest[18]
