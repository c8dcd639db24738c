"""This floor stands without the ones above it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PROGRAM = """
import importlib, pkgutil, sys
import django
django.setup()
from django.apps import apps
assert not apps.is_installed("ml") and not apps.is_installed("research"), apps.get_app_configs()
import labeling
names = [each.name for each in pkgutil.walk_packages(labeling.__path__, "labeling.")]
for name in names:
    importlib.import_module(name)
above = sorted(name for name in sys.modules if name.split(".")[0] in ("ml", "research"))
assert not above, above
print(len(names))
"""


@pytest.fixture
def alone(tmp_path):
    """The environment of a site without training and datasets."""
    path = os.pathsep.join(str(folder) for folder in (settings.ROOT, settings.ROOT / "platform"))
    return os.environ | {
        "OPTIONAL_APPS": "",
        "VAR": str(tmp_path),
        "PYTHONPATH": path,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def run(arguments, environment):
    answer = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    return answer.stdout


def test_every_module_imports_and_none_brings_in_a_higher_floor(alone):
    assert int(run(["-c", PROGRAM], alone)) > 20


def test_the_site_is_sound_without_them(alone):
    assert "no issues" in run(["manage.py", "check"], alone)
