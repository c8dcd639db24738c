"""`make run`: prepares one machine's site, then keeps its web and worker processes up until told to stop.

No Django in this process: it must start, and end its children, whatever they import.
"""

import argparse
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from ops.development_key import is_loopback

ROOT = Path(__file__).resolve().parent.parent.parent
GRACE = 8  # seconds between asking and killing; Ctrl-C promises ten
BACKOFF = (0.2, 1, 5)  # seconds before a crashed process is started again
PR_SET_PDEATHSIG = 1
COLLECTION = ("data", "source", "license", "credit", "consent", "trust", "by", "reason")


def secret_key(var: Path) -> str:
    """The key of this machine's site, made once and readable by its owner alone."""
    path = var / "secret_key"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def environment(var: Path, port: int) -> dict[str, str]:
    defaults = {
        "DEBUG": "0",
        "VAR": str(var),
        "SECRET_KEY": secret_key(var),
        "ALLOWED_HOSTS": "*",
        "SECURE_SSL": "0",
        "PORT": str(port),
        # One thread per process and several processes: two threads of one library on two busy cores
        # wait for each other.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # Large blocks (a photo, a model that was replaced) go back to the system when they are freed. glibc
        # would come to keep them, once for every thread: 500 MB after twenty promotions of a 10 MB model.
        # Smaller ones are kept for the next upload: clearing pages anew for each costs 2 ms of a prediction.
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": str(4 * 1024 * 1024),
        "MALLOC_TRIM_THRESHOLD_": str(8 * 1024 * 1024),
    }
    paths = [str(ROOT), str(ROOT / "platform"), os.environ.get("PYTHONPATH", "")]
    return {**defaults, **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "VAR": str(var)}


def die_with_parent() -> None:
    """In the child, before it starts: a killed supervisor leaves nobody behind (Linux)."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        pass


class Process:
    """A program that is started again when it falls over."""

    def __init__(self, name: str, argv: list[str], env: dict[str, str]):
        self.name, self.argv, self.env = name, argv, env
        self.falls = 0
        self.started = 0.0
        self.child: subprocess.Popen | None = None

    def start(self) -> None:
        self.started = time.monotonic()
        self.child = subprocess.Popen(
            self.argv,
            env=self.env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def mend(self) -> None:
        """Start again if it ended; waits longer each time it falls within a minute."""
        if self.child is None or self.child.poll() is None:
            return
        self.falls = self.falls + 1 if time.monotonic() - self.started < 60 else 1
        wait = BACKOFF[min(self.falls, len(BACKOFF)) - 1]
        print(
            f"{self.name} ended (exit {self.child.returncode}); starting it again in {wait:g} s", flush=True
        )
        self.signal(signal.SIGKILL)
        time.sleep(wait)
        self.start()

    def signal(self, number: int) -> None:
        """To the process and everything it started."""
        if self.child is not None:
            try:
                os.killpg(self.child.pid, number)
            except ProcessLookupError:
                pass

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None


def supervise(processes: list[Process]) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    for process in processes:
        process.start()
    while not stop.wait(0.3):
        for process in processes:
            if not stop.is_set():
                process.mend()
    print("Stopping.", flush=True)
    for process in processes:
        process.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(process.alive() for process in processes):
        time.sleep(0.1)
    for process in processes:
        process.signal(signal.SIGKILL)
    return 0


def in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def where_it_answers(host: str, port: int) -> str:
    """What the console says of the address, and of who can reach it."""
    if is_loopback(host):
        whom = "to this machine alone; HOST=0.0.0.0 opens it to the network"
    else:
        whom = "to everybody who reaches this machine; see docs/operations.md"
    every = host in ("0.0.0.0", "::", "")
    here = "127.0.0.1" if every else in_address(host)
    return f"The site answers at http://{here}:{port}/, {whom} (Ctrl-C stops it)"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ops.supervisor", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="what it listens on")
    parser.add_argument("--data", help="folder to import into an empty database, then train on")
    parser.add_argument("--source", help="name of the collection; the folder's name otherwise")
    parser.add_argument("--license", help="SPDX id of the imported photos")
    parser.add_argument("--credit", help="whom to name beside the imported photos")
    parser.add_argument("--consent", help="show,research,train: what is promised for the imported photos")
    parser.add_argument("--trust", metavar="SOURCE", help="the same as --source: its labels are trusted")
    parser.add_argument("--by", help="e-mail address of the reviewer who answers for it; else the admin")
    parser.add_argument("--reason", help="why its labels are trusted")
    # `make run CREDIT=…` hands them over in the environment, where no shell takes a quote or a $ out of them.
    parser.set_defaults(**{name: os.environ.get(name.upper()) or None for name in COLLECTION})
    options = parser.parse_args(arguments)
    if options.data and not Path(options.data).is_dir():
        parser.error(f"DATA={options.data} is not a folder.")

    # Exact places, password hashes and originals: nothing of it is for other users of this machine.
    os.umask(0o077)
    var = Path(os.environ.get("VAR") or ROOT / "var").resolve()
    var.mkdir(parents=True, exist_ok=True)
    env = environment(var, options.port)
    bootstrap = [sys.executable, str(ROOT / "manage.py"), "bootstrap"]
    for name in COLLECTION:
        if value := getattr(options, name):
            bootstrap += [f"--{name}", str(Path(value).resolve()) if name == "data" else value]
    if code := subprocess.call(bootstrap, env=env, cwd=ROOT):
        return code
    print(where_it_answers(options.host, options.port), flush=True)
    return supervise(
        [
            Process(
                "web",
                [
                    *[sys.executable, "-m", "gunicorn", "--config", "python:ops.gunicorn"],
                    *["--bind", f"{in_address(options.host)}:{options.port}", "config.wsgi:application"],
                ],
                env,
            ),
            Process(
                "worker",
                [
                    *[sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker"],
                    *["--pool", "threads", "--concurrency", "2"],
                    # Where another machine trains, this one takes the queue celery alone.
                    *["--queues", os.environ.get("WORKER_QUEUES", "celery,gpu")],
                    *["--loglevel", "WARNING", "--without-mingle", "--without-gossip"],
                ],
                env,
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
