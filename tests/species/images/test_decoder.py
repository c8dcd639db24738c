"""species.images.decoder: a child that can be crashed, hung and bloated, and a parent that goes on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from species.images import decode, frames
from species.images.decoder import PROGRAM, ROOT, Decoder, DecoderFailed, get_decoder
from species.images.frames import BadFrame
from species.images.refusals import MESSAGES, ImageRefused
from tests.species.images import hostile
from tests.species.images.pictures import alike, corners, encoded, quarters, texture

GOOD = encoded(quarters())


@pytest.fixture(scope="module")
def warm() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.fixture
def fresh() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def slow() -> bytes:
    """A photo within every limit that keeps a decoder busy for more than a second."""
    return hostile.blank_png(8000, 7400, depth=16, colour=6, interlaced=1)


def pid(decoder: Decoder) -> int:
    assert decoder._child is not None
    return decoder._child.process.pid


def works(decoder: Decoder) -> bool:
    return bool((decoder.upright(GOOD, 320) == np.asarray(decode.upright(GOOD, 320))).all())


def gone(process: int, within: float = 10) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        state = Path(f"/proc/{process}/stat")
        try:
            # Z: ended, and only its new parent has not yet looked.
            if state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def saying(*lines: str) -> tuple[str, ...]:
    """A program to stand where the child stands."""
    return (*PROGRAM[: PROGRAM.index("-m")], "-c", "\n".join(lines))


# the same as in the process --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [64, 320, 1008])
@pytest.mark.parametrize("crop", [None, (0.1, 0.2, 0.5, 0.6)])
def test_the_pixels_are_those_of_decode(warm, size, crop):
    data = encoded(texture(1300, 900))
    found = warm.upright(data, size, crop)
    assert found.dtype == np.uint8
    assert np.array_equal(found, np.asarray(decode.upright(data, size, crop)))


def test_a_prepared_photo_is_that_of_decode(warm, sample_data):
    for name in (
        "metadata/formats/IMG_2682.heic",
        "orientation/Landscape_6.jpg",
        "metadata/formats/denali.webp",
    ):
        data = (sample_data / name).read_bytes()
        assert warm.prepare(data) == decode.prepare(data)


def test_refusals_come_through(warm):
    before = works(warm) and pid(warm)
    photo = encoded(texture(400, 300))
    for data, code in ((b"", "empty"), (b"hello", "not_an_image"), (photo[:3000], "truncated")):
        for call in (warm.prepare, lambda data: warm.upright(data, 320)):
            with pytest.raises(ImageRefused) as caught:
                call(data)
            assert caught.value.code == code and str(caught.value) == MESSAGES[code]
    # A refusal is an answer: it costs no child.
    assert works(warm) and pid(warm) == before


@pytest.mark.parametrize("crop", [(0, 0, 0, 1), (2, 0, 1, 1), (float("nan"), 0, 1, 1)])
def test_the_callers_mistakes_are_not_the_photos(warm, crop):
    with pytest.raises(ValueError, match="crop"):
        warm.upright(GOOD, 320, crop)
    with pytest.raises(ValueError, match="size"):
        warm.upright(GOOD, 0)


def test_one_decoder_per_process():
    assert get_decoder() is get_decoder()


# hostile files ---------------------------------------------------------------------------------------------


def test_every_hostile_file_is_refused_or_harmless_and_the_next_photo_is_answered(warm, sample_data):
    files = hostile.samples(sample_data)
    assert len(files) == 49
    taken = {}
    for name, data in files.items():
        for call in (warm.prepare, lambda data: warm.upright(data, 1008)):
            try:
                answer = call(data)
            except ImageRefused as reason:
                assert reason.code in MESSAGES, name
                assert name not in hostile.HARMLESS, (name, reason.code)
            else:
                taken[name] = (
                    answer.shape[1::-1] if isinstance(answer, np.ndarray) else (answer.width, answer.height)
                )
            assert works(warm), name
    assert taken == hostile.HARMLESS


def test_a_photo_that_takes_too_long_is_refused_and_the_child_replaced(slow):
    decoder = Decoder(timeout=0.3)
    assert works(decoder)
    old, start = pid(decoder), time.monotonic()
    with pytest.raises(ImageRefused) as caught:
        decoder.upright(slow, 320)
    assert caught.value.code == "timeout"
    assert time.monotonic() - start < 5
    assert gone(old)
    assert works(decoder) and pid(decoder) != old
    decoder.close()


def test_a_photo_that_is_more_work_than_its_pixels_are_worth_is_refused_before_its_time_is_over(slow):
    program = saying(
        "from species.images import child",
        "child.WORK, child.WORK_PER_PIXEL = 0.3, 0",
        "child.main()",
    )
    decoder = Decoder(program=program)
    assert works(decoder)
    old = pid(decoder)
    with pytest.raises(ImageRefused) as caught:
        decoder.upright(slow, 320)
    assert caught.value.code == "timeout"
    assert gone(old)
    # Work is counted anew for each photo.
    assert all(works(decoder) for _ in range(30)) and pid(decoder) != old
    decoder.close()


def test_a_small_photo_behind_a_million_headers_is_refused_for_the_work_it_makes(fresh, caplog):
    """Joined as they come, each copies all before it: minutes, of a file that any form would take."""
    assert works(fresh)
    header = b"\xff\xe1\0\x09Exif\0\0x"
    with pytest.raises(ImageRefused) as caught:
        fresh.prepare(GOOD[:2] + header * 1_500_000 + GOOD[2:])
    assert caught.value.code == "timeout"
    assert "more work than its pixels are worth" in caplog.text
    assert works(fresh)


def test_a_child_that_does_not_read_is_a_timeout_too():
    # Larger than any pipe: it is the writing that must not wait for ever.
    program = saying(*READY, "import time; time.sleep(60)")
    decoder = Decoder(timeout=0.5, program=program)
    with pytest.raises(ImageRefused) as caught:
        decoder.upright(GOOD + b"\0" * 5_000_000, 320)
    assert caught.value.code == "timeout"
    decoder.close()


@pytest.mark.parametrize("blow", [signal.SIGSEGV, signal.SIGKILL])
def test_a_child_killed_over_a_photo_is_replaced_and_the_photo_answered(fresh, slow, blow):
    assert works(fresh)
    old = pid(fresh)
    killer = threading.Timer(0.3, os.kill, (old, blow))
    killer.start()
    assert fresh.upright(slow, 320).shape == (296, 320, 3)
    killer.join()
    assert pid(fresh) != old and works(fresh)


def test_a_photo_that_crashes_every_child_is_refused():
    program = saying(
        "import os, signal",
        "from species.images import child, decode",
        "fine = decode.upright",
        "def fragile(data, *rest):",
        "    if len(data) > 5000:",
        "        os.kill(os.getpid(), signal.SIGSEGV)",
        "    return fine(data, *rest)",
        "decode.upright = fragile",
        "child.main()",
    )
    decoder = Decoder(program=program)
    assert works(decoder)
    with pytest.raises(ImageRefused) as caught:
        decoder.upright(encoded(texture(400, 300)), 320)
    assert caught.value.code == "broken"
    assert works(decoder)
    decoder.close()


def test_a_child_that_died_in_its_sleep_costs_no_photo(fresh):
    assert works(fresh)
    old = pid(fresh)
    os.kill(old, signal.SIGKILL)
    assert gone(old)
    assert works(fresh) and pid(fresh) != old


def test_a_photo_that_needs_more_memory_than_allowed_is_refused_and_the_child_replaced(slow):
    program = saying(
        "from species.images import child",
        "child.MEMORY_LIMIT = 160 * 1024 * 1024",
        "child.main()",
    )
    decoder = Decoder(program=program)
    assert works(decoder)
    old = pid(decoder)
    with pytest.raises(ImageRefused) as caught:
        decoder.upright(slow, 320)
    assert caught.value.code == "too_many_pixels"
    assert works(decoder) and pid(decoder) != old
    decoder.close()


# a child that is not to be trusted -------------------------------------------------------------------------

READY = (
    "import json, os, struct, sys",
    "def say(header, body=b'', length=None):",
    "    text = header if isinstance(header, bytes) else json.dumps(header).encode()",
    "    os.write(1, struct.pack('>II', len(text), len(body) if length is None else length) + text + body)",
    "say({'ready': os.getpid()})",
)
ANSWERED = (*READY, "sys.stdin.buffer.read(64)")


@pytest.mark.parametrize(
    "answer",
    [
        "os.write(1, b'Segmentation fault, or so it says')",
        "say(b'not json')",
        "say([1, 2])",
        "say(b'[' * 60000)",
        "say({}, length=4_000_000_000)",
        "say({}, b'123')",
        "say({'width': 2, 'height': 2}, b'123')",
        "say({'width': -1, 'height': -1}, b'123')",
        "say({'width': 'a', 'height': None}, b'123')",
        "say({'refused': 'no such code'})",
        "say({'refused': ['broken']})",
        "os.close(1)",
        "pass",
    ],
)
@pytest.mark.parametrize("operation", ["upright", "prepare"])
def test_an_answer_that_is_none_is_a_refusal(operation, answer):
    decoder = Decoder(timeout=5, program=saying(*ANSWERED, answer))
    with pytest.raises(ImageRefused) as caught:
        decoder.prepare(GOOD) if operation == "prepare" else decoder.upright(GOOD, 320)
    assert caught.value.code == "broken"
    decoder.close()


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"width": 1.5},
        {"width": 10**9},
        {"height": None},
        {"media_type": "text/html"},
        {"phash": "<script>"},
        {"phash": 7},
        {"water": "style"},
        {"renditions": [[320, 1]]},
        {"renditions": [[320, 1], [1008, 1], [2016, -1]]},
        {"renditions": None},
        {"exif": {}},
        {"latitude": 91.0},
        {"latitude": None},
        {"longitude": float("nan")},
        {"altitude": "high"},
        {"utc_offset": 9999},
        {"observed_at": "yesterday"},
        {"observed_at": "2015-10-10T14:03:22+02:00"},
        {"camera": "C" * 101},
        {"camera": 5},
        {"orientation": 9},
        {"local_date": "yesterday"},
        {"local_date": 7},
        {"observed_at": "2015-10-10T14:03:22"},  # of a day that it does not name
        {"satellite_time": "2015-10-10T14:03:22Z"},
        {"time_source": "guess"},
        {"time_source": 7},
        {"place_source": "iptc"},
        {"place_name": "p" * 201},
        {"place_name": ["Moab"]},
    ],
    ids=str,
)
def test_a_prepared_photo_is_believed_only_as_far_as_it_can_be_true(change):
    prepared = decode.prepare(GOOD)
    header, body = frames.prepared_to_frame(prepared)
    header["exif"] |= {"latitude": 47.0, "longitude": 11.0}
    frames.prepared_from_frame(header, bytearray(body), prepared.sha256)
    where = header["exif"] if set(change) <= set(header["exif"]) else header
    where.update(change)
    with pytest.raises(BadFrame):
        frames.prepared_from_frame(header, bytearray(body), prepared.sha256)


def test_a_library_that_prints_does_not_spoil_the_answer():
    program = saying(
        "import os, sys",
        "from species.images import child, decode",
        "quiet = decode.upright",
        "def chatty(*arguments):",
        "    os.write(1, b'warning: this file is odd')",
        "    print('very odd', flush=True)",
        "    return quiet(*arguments)",
        "decode.upright = chatty",
        "child.main()",
    )
    decoder = Decoder(program=program)
    assert works(decoder)
    decoder.close()


def test_a_program_that_does_not_start_is_not_the_photos_fault():
    with pytest.raises(DecoderFailed, match="did not start"):
        Decoder(program=saying("raise SystemExit(3)")).upright(GOOD, 320)


# what the child is -----------------------------------------------------------------------------------------


def test_the_child_is_limited_and_inherits_no_secret(fresh, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a trout in the reeds")
    assert works(fresh)
    limits = Path(f"/proc/{pid(fresh)}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert rows["Max address space"] == str(1_536 * 1024 * 1024)
    assert rows["Max file size"] == rows["Max core file size"] == "0"
    assert b"trout" not in Path(f"/proc/{pid(fresh)}/environ").read_bytes()


def test_the_child_loads_no_more_than_it_needs():
    program = "import sys, species.images.child; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(found.stdout.split())
    assert "PIL.Image" in loaded
    assert not loaded & {
        "django",
        "torch",
        "scipy",
        "numpy",
        "celery",
        "species.models",
        "species.images.decoder",
    }


def test_the_child_goes_when_its_parent_is_killed():
    program = (
        "import time",
        "from species.images.decoder import get_decoder",
        "get_decoder().upright(PHOTO, 320)",
        "print(get_decoder()._child.process.pid, flush=True)",
        "time.sleep(60)",
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", "\n".join(program).replace("PHOTO", repr(GOOD))],
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not gone(child, within=0.2)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(child)


def test_a_hung_child_goes_even_when_nobody_is_left_to_kill_it(slow):
    child = subprocess.Popen(
        PROGRAM, env={"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(frames.pack({"op": "prepare", "alarm": 1}, len(slow)) + slow)
    assert child.wait(timeout=30) == -signal.SIGALRM
    child.stdin.close()
    child.stdout.close()


def test_ctrl_c_in_the_terminal_is_left_to_the_parent(fresh):
    assert works(fresh)
    old = pid(fresh)
    os.kill(old, signal.SIGINT)
    time.sleep(0.1)
    assert works(fresh) and pid(fresh) == old


def test_an_interrupted_question_is_not_answered_to_the_next(fresh, slow):
    class Interrupted(BaseException):
        pass

    def interrupt(*_):
        raise Interrupted

    assert works(fresh)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Interrupted):
            fresh.upright(slow, 320)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert works(fresh)


def test_closing_ends_the_child_and_the_next_photo_starts_another(fresh):
    assert works(fresh)
    old = pid(fresh)
    fresh.close()
    assert gone(old)
    assert works(fresh) and pid(fresh) != old


# threads and forks -----------------------------------------------------------------------------------------


def test_threads_take_turns_and_get_their_own_answers(warm):
    photos = [encoded(texture(300 + 10 * n, 200, seed=n)) for n in range(8)]
    expected = [np.asarray(decode.upright(photo, 320)) for photo in photos]
    wrong: list[object] = []

    def ask(n: int) -> None:
        for _ in range(5):
            try:
                if not np.array_equal(warm.upright(photos[n], 320), expected[n]):
                    wrong.append(n)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_forked_process_has_a_child_of_its_own(fresh):
    assert works(fresh)
    mine = pid(fresh)
    reader, writer = os.pipe()
    # Held as by a thread that the fork does not copy.
    with fresh._lock:
        process = os.fork()
        if process == 0:
            try:
                fine = works(fresh)
                os.write(writer, f"{int(fine)} {pid(fresh)}".encode())
                fresh.close()
            finally:
                os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        fine, theirs = answer.read().split()
    os.waitpid(process, 0)
    assert fine == "1" and int(theirs) != mine
    assert gone(int(theirs))
    # Ours was neither killed nor confused.
    assert works(fresh) and pid(fresh) == mine


def test_upright_through_the_child_shows_the_photo_upright(warm, sample_data):
    for orientation in range(9):
        found = warm.upright((sample_data / f"orientation/Landscape_{orientation}.jpg").read_bytes(), 320)
        assert found.shape == (213, 320, 3)
    assert alike(corners(warm.upright(GOOD, 320)), corners(np.asarray(quarters())))
