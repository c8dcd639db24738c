"""How far a program is: one JSON object per line, in a file and on standard output, each flushed.

    {"stage": "unfrozen", "epoch": 1, "epochs": 3, "done": 420, "total": 2100, "message": "…", "metrics"?}

`done` and `total` count the whole program's work, so a bar over them only ever grows.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

PAUSE = 0.5  # seconds between two lines of one stage: a batch on a GPU takes milliseconds


class Progress:
    """Writes lines. `total` is in photos looked at, weighted by what a look costs in each stage."""

    def __init__(self, path: Path, total: float) -> None:
        self.total = max(total, 1.0)
        self.done = 0.0
        self._file = path.open("w", encoding="utf-8")
        self._stage = ""
        self._last = 0.0
        self._prefix = ""

    def within(self, prefix: str) -> None:
        """Put `prefix` ("fold 2 of 4: ") before the messages that follow."""
        self._prefix = prefix

    def advance(self, work: float, stage: str, message: str, *, epoch: int = 0, epochs: int = 0) -> None:
        """Count `work` as done; write a line unless the last one of this stage is hardly older."""
        self.done = min(self.total, self.done + work)
        now = time.monotonic()
        if stage == self._stage and now - self._last < PAUSE:
            return
        self.say(stage, message, epoch=epoch, epochs=epochs)

    def say(self, stage: str, message: str, *, epoch: int = 0, epochs: int = 0, metrics: Any = None) -> None:
        """Write a line now."""
        self._stage, self._last = stage, time.monotonic()
        line: dict[str, Any] = {
            "stage": stage,
            "epoch": epoch,
            "epochs": epochs,
            "done": round(self.done),
            "total": round(self.total),
            "message": self._prefix + message,
        }
        if metrics is not None:
            line["metrics"] = metrics
        text = json.dumps(line)
        self._file.write(text + "\n")
        self._file.flush()
        try:
            print(text, flush=True)
        except BrokenPipeError:
            # Nobody reads any more; the file goes on, and the watchdog ends us if the parent is gone.
            sys.stdout = open("/dev/null", "w")  # noqa: SIM115

    def finish(self, message: str) -> None:
        """All is done: a last line, whatever the estimates were."""
        self.done = self.total
        self.say("done", message)
        self._file.close()
