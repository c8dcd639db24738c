"""What the API says of itself is the same for everybody who asks, at once and first."""

import os
import subprocess
import sys
from pathlib import Path

from drf_spectacular.drainage import GENERATOR_STATS

from config.description import Generator

ROOT = Path(__file__).resolve().parent.parent.parent
# A process that nobody has asked anything yet: what the library reads once has not been read.
FIRST = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import config.wsgi
from config.description import Generator
from config.strict import operations

sys.setswitchinterval(1e-5)
start = threading.Barrier(8)

def ask(number):
    start.wait()
    return operations() if number % 2 else Generator().get_schema(public=True)

with ThreadPoolExecutor(8) as several:
    answers = list(several.map(ask, range(8)))
assert all(each == answers[0] for each in answers[::2])
assert all(each is answers[1] for each in answers[1::2])
"""


def test_many_who_ask_first_and_at_once_are_all_answered_alike():
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    asked = subprocess.run(
        [sys.executable, "-c", FIRST], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert asked.returncode == 0, asked.stderr[-4000:]


def test_it_is_made_without_a_warning(capsys):
    GENERATOR_STATS.reset()  # each is printed once
    Generator().get_schema(public=True)
    assert capsys.readouterr().err == ""
