"""Decoding at arm's length: one warm child process per process, bytes in, pixels out.

    pixels = get_decoder().upright(data, 1008)

A file that crashes, hangs or bloats a decoder ends the child, not the web server; the next photo gets a new
child. Threads take turns. After a fork each process has its own child. The child inherits no secret: its
environment is empty but for what Python needs.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from species.images import frames
from species.images.decode import Prepared, clipped
from species.images.fitting import WAYS
from species.images.frames import BadFrame
from species.images.refusals import MESSAGES, ImageRefused
from species.images.sniff import sniff

log = logging.getLogger(__name__)

TIMEOUT = 20.0
# A cold interpreter on a machine busy with a training; nothing hostile has been read yet.
START_TIMEOUT = 60.0
# What people read while no photo can be opened, and the seconds after which their programs ask again.
TRY_AGAIN = "We cannot open photos just now. Try again in a minute."
RETRY_AFTER = 60
ROOT = Path(__file__).resolve().parent.parent.parent
PIPE_BYTES = 1024 * 1024
# -P: a file named like a library in the working directory must not be imported.
PROGRAM = (sys.executable, "-P", "-W", "ignore", "-m", "species.images.child")
# Of what one photo needed, the C library (glibc) keeps this much for the next instead of having every page
# cleared anew: a tenth of the time that a photo takes.
KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(16 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
}


class DecoderFailed(RuntimeError):
    """The child could not be started: the installation is at fault, not the photo. Answered 503, TRY_AGAIN."""


class Decoder:
    """Decodes in a child process; see the module. `timeout` is seconds of wall time per photo."""

    def __init__(self, timeout: float = TIMEOUT, program: Sequence[str] = PROGRAM) -> None:
        self.timeout = timeout
        self._program = program
        self._lock = threading.Lock()
        self._child: _Child | None = None
        _decoders.add(self)

    def upright(
        self,
        data: bytes,
        size: int,
        crop: Sequence[float] | None = None,
        fit: tuple[int, int, str] | None = None,
    ) -> NDArray[np.uint8]:
        """`imaging.upright` as an H × W × 3 array, then `fitting.fit` where `fit` is (height, width, how).

        Fitted by the child, a network's small input crosses the pipe instead of the whole photo. Raises
        ImageRefused, DecoderFailed, ValueError.
        """
        if size < 1:
            raise ValueError(f"size must be at least 1 px, not {size}")
        if fit is not None and (min(fit[:2]) < 1 or fit[2] not in WAYS):
            raise ValueError(f"fit must be a height, a width and one of {', '.join(WAYS)}, not {fit}")
        request = {"op": "upright", "size": size, "crop": clipped(crop), "fit": fit}
        header, body = self._ask(request, data, 3 * (fit[0] * fit[1] if fit else size * size))
        try:
            shape = fit[:2] if fit else (header["height"], header["width"])
            return np.frombuffer(body, dtype=np.uint8).reshape(*shape, 3)
        except (KeyError, TypeError, ValueError) as error:
            self._give_up(f"answered with pixels that do not fit: {error}")
            raise ImageRefused("broken") from error

    def prepare(self, data: bytes) -> Prepared:
        """`imaging.prepare`. Raises ImageRefused, DecoderFailed."""
        header, body = self._ask({"op": "prepare"}, data, frames.MAX_RENDITIONS)
        try:
            return frames.prepared_from_frame(header, body, hashlib.sha256(data).hexdigest())
        except BadFrame as error:
            self._give_up(f"answered with no photo: {error}")
            raise ImageRefused("broken") from error

    def surroundings(self, data: bytes, form: str, frame: Sequence[float] | None) -> dict[int, bytes]:
        """`hiding.renditions`. Raises ImageRefused, DecoderFailed."""
        request = {"op": "surroundings", "form": form, "frame": frame}
        header, body = self._ask(request, data, frames.MAX_RENDITIONS)
        try:
            return frames.renditions_from_frame(header, body)
        except BadFrame as error:
            self._give_up(f"answered with no photo: {error}")
            raise ImageRefused("broken") from error

    def close(self) -> None:
        """End the child. The next question starts another."""
        with self._lock:
            self._drop()

    def _ask(self, request: dict[str, Any], data: bytes, max_body: int) -> tuple[dict[str, Any], bytearray]:
        # What a look at the first bytes refuses needs no child.
        sniff(data)
        with self._lock:
            try:
                header, body = self._ask_child(request, data, max_body)
            except (BadFrame, OSError) as error:
                self._lose(f"was lost: {error}", data)
                # Once more, because the kernel short of memory kills a child over an innocent photo, too.
                try:
                    header, body = self._ask_child(request, data, max_body)
                except (BadFrame, OSError) as again:
                    self._lose(f"was lost again: {again}", data)
                    raise ImageRefused("broken") from again
            if header.get("spent"):
                self._drop()
        if "refused" in header:
            code = header["refused"]
            raise ImageRefused(code if isinstance(code, str) and code in MESSAGES else "broken")
        return header, body

    def _ask_child(
        self, request: dict[str, Any], data: bytes, max_body: int
    ) -> tuple[dict[str, Any], bytearray]:
        if self._child is None or not self._child.alive():
            self._drop()
            self._child = _Child(self._program)
        try:
            return self._child.ask(request, data, self.timeout, max_body)
        # TimeoutError is an OSError, but a photo that takes too long once does so twice.
        except TimeoutError as error:
            self._lose(f"took too long ({error})", data)
            raise ImageRefused("timeout") from None
        # Whatever else stops us, Ctrl-C included: half a question is in the pipe, and the next would get its
        # answer.
        except BaseException:
            self._drop()
            raise

    def _lose(self, what: str, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        log.warning("decoding child %s on %d bytes, sha256 %s; replaced", what, len(data), digest)
        self._drop()

    def _give_up(self, why: str) -> None:
        log.warning("decoding child %s; replaced", why)
        self.close()

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _forked(self) -> None:
        """In a forked process: the child, and a lock held by a thread that does not exist here, are the
        parent's.
        """
        if self._child is not None:
            self._child.forget()
        self._child = None
        self._lock = threading.Lock()


class _Child:
    """One process of `species.images.child` and its two pipes."""

    def __init__(self, program: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | KEPT_MEMORY | _inherited(),
            bufsize=0,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.requests, self.answers = self.process.stdin.fileno(), self.process.stdout.fileno()
        for pipe in (self.requests, self.answers):
            os.set_blocking(pipe, False)
            _widen(pipe)
        try:
            header, _ = self._receive(time.monotonic() + START_TIMEOUT, 0)
            if header.get("ready") != self.process.pid:
                raise BadFrame("not ready")
            _say_once(header.get("unconfined"))
        except (BadFrame, OSError) as error:
            self.kill()
            why = f"The decoding program did not start ({error}). To see why: {' '.join(program)}"
            log.error(why)
            raise DecoderFailed(why) from error

    def alive(self) -> bool:
        return self.process.poll() is None

    def ask(
        self, request: dict[str, Any], data: bytes, timeout: float, max_body: int
    ) -> tuple[dict[str, Any], bytearray]:
        """Raises TimeoutError, BadFrame, OSError; after each the child is of no more use."""
        deadline = time.monotonic() + timeout
        # Later than our own deadline: it is for the case that we are gone.
        request = request | {"alarm": int(timeout) + 5}
        self._send(frames.pack(request, len(data)), deadline)
        self._send(data, deadline)
        return self._receive(deadline, max_body)

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            _wait(self.requests, select.POLLOUT, deadline)
            with suppress(BlockingIOError):
                view = view[os.write(self.requests, view[:PIPE_BYTES]) :]

    def _receive(self, deadline: float, max_body: int) -> tuple[dict[str, Any], bytearray]:
        lengths = self._read(frames.LENGTHS.size, deadline)
        header_length, body_length = frames.LENGTHS.unpack(lengths)
        if header_length > frames.MAX_HEADER or body_length > max_body:
            raise BadFrame("a frame too long")
        try:
            header = json.loads(self._read(header_length, deadline))
        # Brackets nested a thousand deep raise RecursionError.
        except (ValueError, RecursionError) as error:
            raise BadFrame("no JSON") from error
        if not isinstance(header, dict):
            raise BadFrame("no JSON object")
        return header, self._read(body_length, deadline)

    def _read(self, length: int, deadline: float) -> bytearray:
        data = bytearray(length)
        view, start = memoryview(data), 0
        while start < length:
            _wait(self.answers, select.POLLIN, deadline)
            with suppress(BlockingIOError):
                count = os.readv(self.answers, [view[start:]])
                if count == 0:
                    raise self._end()
                start += count
        return data

    def _end(self) -> Exception:
        """Why there is no more to read."""
        with suppress(subprocess.TimeoutExpired):
            # Its pipes close a moment before it is gone.
            self.process.wait(1)
        if self.process.returncode == -signal.SIGPROF:
            return TimeoutError("more work than its pixels are worth")
        return BadFrame(f"it ended with {self.process.returncode}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.forget()

    def forget(self) -> None:
        """Close our ends of the pipes; a child that nobody else holds sees the end of its input and goes."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()


@functools.cache
def _warn(unconfined: str) -> None:
    log.warning("This system cannot keep the decoding program from %s; see docs/operations.md.", unconfined)


def _say_once(unconfined: object) -> None:
    if unconfined and isinstance(unconfined, list):
        _warn(" and ".join(str(each) for each in unconfined))


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}


def _wait(pipe: int, events: int, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("its time is over")
    poller = select.poll()
    poller.register(pipe, events)
    if not poller.poll(left * 1000):
        raise TimeoutError("its time is over")


def _widen(pipe: int) -> None:
    """A pipe of 1 MB instead of 64 kB halves the switches between the two processes. Linux only, and not
    needed.
    """
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


_decoders: weakref.WeakSet[Decoder] = weakref.WeakSet()


def _after_fork() -> None:
    for decoder in list(_decoders):
        decoder._forked()


os.register_at_fork(after_in_child=_after_fork)

_decoder = Decoder()


def get_decoder() -> Decoder:
    """The decoder of this process. Its child starts with the first photo."""
    return _decoder
