"""A whole site under test: what `make run` starts, on a real socket, in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Database:
    """SQLite in the site's folder, or a PostgreSQL database made and dropped beside the suite's own.

    `like`: the database that it is a copy of (see `tests.databases.migrated`); without one it is empty.
    """

    def __init__(self, url: str, var: Path, like: str):
        self.admin_url = url
        self.name = f"aqua_site_{uuid.uuid4().hex[:10]}"
        self.url = ""
        if url.startswith("postgres"):
            self.url = urlunsplit(urlsplit(url)._replace(path=f"/{self.name}"))
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"create database {self.name}" + (f' template "{like}"' if like else ""))
        elif like:
            var.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(like, var / "db.sqlite3")
            (var / "db.sqlite3").chmod(0o600)

    def drop(self) -> None:
        if self.url:
            with psycopg.connect(self.admin_url, autocommit=True) as connection:
                connection.execute(f"drop database if exists {self.name} with (force)")


class Site:
    """One running site. `out` is what its console said.

    `like`: a migrated database to begin with, for tests that ask something else than how a site begins.
    """

    def __init__(self, folder: Path, *options: str, like: str = "", **environment: str):
        self.var = folder / "var"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.options = options
        self.log = folder / "console.txt"
        self.database = Database(os.environ.get("DATABASE_URL", ""), self.var, like)
        kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.env = kept | {
            "VAR": str(self.var),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
            "PYTHONUNBUFFERED": "1",
            "DRAWINGS": "0",
            **environment,
        }
        if self.database.url:
            self.env["DATABASE_URL"] = self.database.url
            # Another database of the same Redis than any other site's.
            self.env["CELERY_BROKER_URL"] = f"{self.env['CELERY_BROKER_URL'].rsplit('/', 1)[0]}/7"
            self.env["CACHE_URL"] = f"{self.env['CACHE_URL'].rsplit('/', 1)[0]}/8"
            # Another site heard from this very address perhaps as often as strangers may be heard in an hour.
            self.env["CACHE_PREFIX"] = self.database.name
        self.process: subprocess.Popen | None = None

    @property
    def out(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def start(self, timeout: float = 180) -> "Site":
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "ops.supervisor",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
                *self.options,
            ],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=self.log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait(lambda: requests.get(self.url + "/ping", timeout=5).status_code == 200, timeout, "the site")
        return self

    def wait(self, condition, timeout: float, what: str) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"The site ended while {what} was waited for:\n{self.out[-4000:]}")
            try:
                if condition():
                    return
            except requests.RequestException:
                pass
            time.sleep(0.5)
        raise AssertionError(f"{what} did not come within {timeout:g} s:\n{self.out[-4000:]}")

    def wait_for_model(self, timeout: float = 600) -> None:
        self.wait(
            lambda: requests.get(self.url + "/api/classes", timeout=30).status_code == 200,
            timeout,
            "a live model",
        )

    def manage(self, *arguments: str, text: str | None = None) -> str:
        """Run a management command on this site; its output."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=self.env,
            input=text,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        """Run Python inside this site's Django; what it printed."""
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def stop(self, number: int = signal.SIGINT) -> float:
        """Ctrl-C; the seconds until the supervisor was gone."""
        started = time.monotonic()
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        return time.monotonic() - started

    def processes(self) -> list[int]:
        """Ids of every process that belongs to this site, by the VAR in its environment."""
        mark = f"VAR={self.var}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if mark in (entry / "environ").read_bytes() + b"\0":
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def close(self) -> None:
        self.stop()
        self.database.drop()
