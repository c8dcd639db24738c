"""What `make run` listens on, and what it says of that."""

import subprocess
import sys

import pytest
from django.conf import settings

from ops import supervisor


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/, to this machine alone; HOST=0.0.0.0 opens it"),
        ("localhost", "http://localhost:8000/, to this machine alone"),
        ("::1", "http://[::1]:8000/, to this machine alone"),
        ("0.0.0.0", "http://127.0.0.1:8000/, to everybody who reaches this machine"),
        ("::", "http://127.0.0.1:8000/, to everybody"),
        ("192.0.2.5", "http://192.0.2.5:8000/, to everybody"),
    ],
)
def test_the_console_says_who_is_answered(host, said):
    assert said in supervisor.where_it_answers(host, 8000)


@pytest.mark.parametrize(
    ("asked", "bound"), [(None, "127.0.0.1:8000"), ("", "127.0.0.1:8000"), ("::", "[::]:8000")]
)
def test_it_listens_on_loopback_unless_host_says_otherwise(monkeypatch, tmp_path, asked, bound):
    started = []
    monkeypatch.setenv("VAR", str(tmp_path))
    monkeypatch.delenv("HOST", raising=False)
    if asked is not None:
        monkeypatch.setenv("HOST", asked)
    monkeypatch.setattr(subprocess, "call", lambda *_, **__: 0)
    monkeypatch.setattr(supervisor, "supervise", lambda processes: started.extend(processes) or 0)
    assert supervisor.main([]) == 0
    argv = started[0].argv
    assert argv[argv.index("--bind") + 1] == bound


def test_make_hands_the_host_over():
    said = subprocess.run(
        ["make", "--dry-run", "--old-file=install", "run", "HOST=0.0.0.0"],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
    )
    assert "ops.supervisor" in said.stdout, said.stderr
    assert "export HOST" in (settings.ROOT / "Makefile").read_text()


def test_no_django_is_loaded_to_start_a_site():
    program = "import ops.supervisor, sys; print([name for name in sys.modules if name == 'django'])"
    done = subprocess.run([sys.executable, "-c", program], cwd=settings.ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
