"""The program that decodes strangers' files, so that a file that crashes or hangs a decoder takes only this
with it.

    python -P -m species.images.child

Reads frames (`species.images.frames`) from its standard input and answers each on its standard output,
until its input ends, which it does when the parent goes, however it goes. Started and watched by
`species.images.decoder`.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from PIL import Image

from species.images import confinement, decode, fitting, frames, hiding
from species.images.refusals import ImageRefused

# Tied to the largest photo taken: of 60 million pixels, a WebP needs 990 MB to become renditions, a PNG with
# transparency 650 MB. Threads of a decoder's own would each reserve address space on top.
MEMORY_LIMIT = 1_536 * 1024 * 1024
# Seconds of this process's own work, so that a busy machine refuses nothing: five times what the slowest
# photo of that many pixels needs (WebP, 60 million in two seconds). A file that says it is small and is not
# ends early, and whoever waits for their turn waits less.
WORK = 2.0
WORK_PER_PIXEL = 9.0 / 60_000_000


def main() -> None:
    answers = _private_stdout()
    _limit()
    # Every reader of a form is loaded first: a library that one of them needs may lie anywhere.
    Image.init()
    unconfined = confinement.confine()
    requests = sys.stdin.buffer
    answers.write(frames.pack({"ready": os.getpid(), "unconfined": unconfined}))
    answers.flush()
    while (frame := frames.read(requests)) is not None:
        header, data = frame
        # If the parent is killed while a decoder hangs, nobody else is left to end this process. The kernel
        # does it, even inside C code, because the alarm is not caught.
        signal.alarm(int(header["alarm"]))
        answer, body = _answer(header, data)
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(frames.pack(answer, len(body)))
        answers.write(body)
        answers.flush()
        del frame, data, body


def _answer(request: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and body of the answer. `spent` asks the parent for a successor."""
    try:
        # Not caught either: the parent reads the signal as "took too long".
        signal.setitimer(signal.ITIMER_PROF, WORK)
        signal.setitimer(signal.ITIMER_PROF, WORK + WORK_PER_PIXEL * decode.pixels(data))
        if request["op"] == "prepare":
            return frames.prepared_to_frame(decode.prepare(data))
        if request["op"] == "surroundings":
            return frames.renditions_to_frame(hiding.renditions(data, request["form"], request["frame"]))
        image = decode.upright(data, request["size"], tuple(request["crop"]) if request["crop"] else None)
        if request["fit"]:
            height, width, how = request["fit"]
            image = fitting.fit(image, (height, width), how)
        return {"width": image.width, "height": image.height}, image.tobytes()
    except ImageRefused as refused:
        # A heap that has just run out is left in pieces: a fresh process is cheaper than the next failure.
        spent = isinstance(refused.__cause__, MemoryError)
        return {"refused": refused.code, "spent": spent}, b""
    except MemoryError:
        return {"refused": "too_many_pixels", "spent": True}, b""


def _private_stdout() -> BinaryIO:
    """The answer pipe under a number of its own, so that a library that prints cannot write into a frame."""
    answers = os.fdopen(os.dup(1), "wb", buffering=1024 * 1024)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)
    return answers


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Decoding writes no file.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Ctrl-C reaches the whole terminal group; the parent decides when this ends, by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
