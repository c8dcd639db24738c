"""A program that its parent started must not outlive it, not even a parent that was killed with -9.

The parent holds the other end of the pipe that is our standard input; when it goes, the pipe ends.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading


def end_with_parent() -> None:
    """End this process as SIGTERM would once standard input, if it is a pipe or a socket, reaches its end."""
    # Python's own handlers wait until a call into C returns, and one batch can take seconds.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return  # started with standard input closed: there is no parent to watch
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        threading.Thread(target=_wait_for_the_end, name="watchdog", daemon=True).start()


def _wait_for_the_end() -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    print("Standard input has ended: whoever started this is gone, so this ends too.", file=sys.stderr)
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGTERM)
