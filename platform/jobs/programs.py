"""A child program run on behalf of a job, so that it never outlives the worker and never keeps it waiting."""

import codecs
import logging
import os
import selectors
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.context import Context

log = logging.getLogger(__name__)

GRACE = 5.0
LISTEN = 0.5
LONGEST_LINE = 1_000_000
ERROR_LINES = 40


@dataclass(frozen=True)
class Finished:
    returncode: int
    errors: str
    """The last lines of its standard error."""


def run_program(
    context: Context,
    argv: Sequence[str],
    on_line: Callable[[str], object] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
) -> Finished:
    """Run a program to its end; each line of its standard output goes to `on_line`, in this thread.

    The program must end when its standard input does: this process holds the other end of that pipe, so even
    after a kill -9 of the worker nothing is left behind. It runs in a session of its own; a cancelled job, a
    lost lease or a shutdown gives its whole group SIGTERM, and SIGKILL five seconds later. Raises what
    `context.check` raises, what `on_line` raises, and OSError when the program cannot be started.
    """
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=None if env is None else dict(env),
        cwd=cwd,
    )
    take_off = context.on_stop(lambda: _terminate_soon(process))
    errors: deque[str] = deque(maxlen=ERROR_LINES)
    try:
        _listen(context, process, on_line or (lambda line: None), errors.append)
        # A program that was told to stop may say it went well; whether it did all it should, nobody knows.
        context.check()
        return Finished(process.wait(), "\n".join(errors))
    except BaseException:
        _terminate(process)
        raise
    finally:
        take_off()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


class _Lines:
    """Bytes in, whole lines out."""

    def __init__(self, take: Callable[[str], object]) -> None:
        self.take = take
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.rest = ""

    def feed(self, data: bytes, *, final: bool = False) -> None:
        *lines, self.rest = (self.rest + self.decoder.decode(data, final)).split("\n")
        # A program that never ends its line must not fill our memory with it.
        if self.rest and (final or len(self.rest) > LONGEST_LINE):
            lines, self.rest = [*lines, self.rest], ""
        for line in lines:
            self.take(line.rstrip("\r"))


def _listen(
    context: Context,
    process: subprocess.Popen,
    on_line: Callable[[str], object],
    on_error: Callable[[str], object],
) -> None:
    """Read both pipes until both end, or the program has ended and left them to a grandchild."""
    with selectors.DefaultSelector() as selector:
        for pipe, take in ((process.stdout, on_line), (process.stderr, on_error)):
            selector.register(pipe, selectors.EVENT_READ, _Lines(take))
        while selector.get_map():
            context.check()
            ready = selector.select(LISTEN)
            if not ready and process.poll() is not None:
                break
            for key, _ in ready:
                data = os.read(key.fd, 65536)
                key.data.feed(data, final=not data)
                if not data:
                    selector.unregister(key.fileobj)
    while process.poll() is None:
        # It closed its pipes and goes on: still ours to stop.
        context.check()
        try:
            process.wait(LISTEN)
        except subprocess.TimeoutExpired:
            pass


def _terminate(process: subprocess.Popen) -> None:
    """SIGTERM, then SIGKILL, to the program and what it started; back when it is gone."""
    _signal(process, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        log.warning("Program %s ignored SIGTERM", process.args[0])
    # Also when it did end: what it had started may not have.
    _signal(process, signal.SIGKILL)
    process.wait()


def _terminate_soon(process: subprocess.Popen) -> None:
    """As `_terminate`, without waiting for it."""
    _signal(process, signal.SIGTERM)
    killer = threading.Timer(GRACE, lambda: process.poll() is None and _signal(process, signal.SIGKILL))
    killer.daemon = True
    killer.start()


def _signal(process: subprocess.Popen, number: signal.Signals) -> None:
    try:
        # The session's id is the group's id, and stays reserved as long as a member lives.
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass
