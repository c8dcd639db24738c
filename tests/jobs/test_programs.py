import os
import sys
import threading
import time

import pytest

from jobs import actions, leases, programs
from jobs import context as contexts
from jobs.context import Context
from jobs.outcomes import Cancelled, Stopped
from jobs.programs import run_program
from jobs.registry import job

# Ignores SIGTERM and the end of its standard input, and starts a child that does the same.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
source = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", source])
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""

# Says that all is well when it is told to stop, long after it has closed its pipes.
POLITE = """
import os, signal, time
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
os.write(1, b"here\\n")
os.close(1)
os.close(2)
time.sleep(60)
"""

TALKATIVE = """
import os, sys
print("été")
print(os.environ["A"], os.getcwd())
print("no", file=sys.stderr)
sys.stdout.write("rest")
sys.exit(3)
"""


@pytest.fixture
def context(db, monkeypatch) -> Context:
    monkeypatch.setattr(contexts, "PACE", 0)
    monkeypatch.setattr(programs, "GRACE", 0.3)
    job("grow")(lambda context: None)
    return Context(leases.claim(actions.enqueue(kind="grow").pk))


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_lines_come_one_by_one_and_errors_at_the_end(context, tmp_path):
    lines = []
    finished = run_program(
        context, python(TALKATIVE), lines.append, env=os.environ | {"A": "1"}, cwd=tmp_path
    )
    assert lines == ["été", f"1 {tmp_path}", "rest"]
    assert (finished.returncode, finished.errors) == (3, "no")


def test_only_the_end_of_the_errors_is_kept(context):
    finished = run_program(context, python("import sys\nfor n in range(99): print(n, file=sys.stderr)"))
    assert finished.errors.splitlines() == [str(number) for number in range(59, 99)]


def test_a_line_without_end_does_not_fill_the_memory(context):
    lengths = []
    run_program(context, python("print('x' * 5_000_000)"), lambda line: lengths.append(len(line)))
    assert sum(lengths) == 5_000_000
    assert max(lengths) < 2_000_000


def test_a_program_that_cannot_be_started(context):
    with pytest.raises(FileNotFoundError):
        run_program(context, ["/no/such/program"])


def test_it_does_not_wait_for_a_grandchild_that_keeps_the_pipe(context):
    begun = time.monotonic()
    source = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])"
    assert run_program(context, python(source)).returncode == 0
    assert time.monotonic() - begun < 10


def test_cancelling_ends_the_program_and_what_it_started(context, alice):
    pids = []

    def cancel(line):
        pids.extend(map(int, line.split()))
        actions.cancel(job=context.job, by=alice)

    with pytest.raises(Cancelled):
        run_program(context, python(STUBBORN), cancel)
    assert len(pids) == 2
    for _ in range(50):
        if not any(map(alive, pids)):
            return
        time.sleep(0.05)
    pytest.fail("still alive")


def test_a_shutdown_does_not_wait_for_the_program(context):
    took = []

    def stop_from_another_thread(line):
        def stop():
            begun = time.monotonic()
            context.stop()
            took.append(time.monotonic() - begun)

        thread = threading.Thread(target=stop)
        thread.start()
        thread.join()

    with pytest.raises(Stopped):
        run_program(context, python(STUBBORN), stop_from_another_thread)
    assert took[0] < 0.2


def test_a_program_that_was_stopped_did_not_finish_whatever_it_says(context):
    def stop_while_nothing_is_said(line):
        threading.Timer(0.1, context.stop).start()

    with pytest.raises(Stopped):
        run_program(context, python(POLITE), stop_while_nothing_is_said)


def test_an_error_in_the_callback_ends_the_program(context):
    pids = []

    def fail(line):
        pids.append(int(line))
        raise ValueError(line)

    with pytest.raises(ValueError):
        run_program(context, python("import os, time; print(os.getpid(), flush=True); time.sleep(60)"), fail)
    assert not alive(pids[0])
