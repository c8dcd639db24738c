"""Templates are laid out like code, and their tags and includes go down the floors as imports do."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

ROOT = Path(settings.ROOT)
LONGEST = 120
#: What belongs to no template folder of ours: what git ignores, and what came with packages.
FOREIGN = {".venv", "node_modules", "var"}
TEMPLATES = sorted(
    path
    for path in ROOT.rglob("*.html")
    if "templates" in path.relative_to(ROOT).parts and not FOREIGN & set(path.relative_to(ROOT).parts)
)
SHOWN = [str(path.relative_to(ROOT)) for path in TEMPLATES]
DJANGOFMT = Path(sys.executable).parent / "djangofmt"

BLOCK = re.compile(r"{%\s*block\s+(?P<name>[\w-]+)\s*%}|{%\s*endblock\s*(?P<end>[\w-]*)\s*%}")


def unnamed_ends(source: str) -> list[int]:
    """Lines on which a block ends that began on another line, without its name."""
    open_at: list[tuple[int, str]] = []
    found = []
    for match in BLOCK.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if match["name"]:
            open_at.append((line, match["name"]))
            continue
        begun, name = open_at.pop()
        if begun != line and match["end"] != name:
            found.append(line)
    return found


def lint(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([str(DJANGOFMT), *arguments, "."], cwd=folder, capture_output=True, text=True)


def test_there_are_templates():
    assert len(TEMPLATES) > 90


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_template_parses(path):
    source = path.read_text()
    engines["django"].engine.from_string(source)


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_no_line_is_over_120(path):
    over = [number for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > LONGEST]
    assert over == []


@pytest.mark.parametrize("path", TEMPLATES, ids=SHOWN)
def test_a_block_over_several_lines_ends_with_its_name(path):
    assert unnamed_ends(path.read_text()) == []


def test_an_unnamed_end_is_found():
    assert unnamed_ends("{% block a %}\n{% block b %}x{% endblock %}\n{% endblock %}") == [3]
    assert unnamed_ends("{% block a %}\n{% endblock b %}") == [2]
    assert unnamed_ends("{% block a %}\n{% endblock a %}") == []


def test_templates_are_laid_out_and_keep_the_rules():
    assert lint("--check", folder=ROOT).returncode == 0, "make format lays them out"
    said = lint("check", folder=ROOT)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        (("check",), "{% block main %}\n<p>x</p>\n{% endblock %}\n"),
        (("check",), '<a href="javascript:go()">x</a>\n'),
        (("check",), '<p class="a" class="b">x</p>\n'),
        (("check",), '<link rel="stylesheet" href="/static/look/tokens.css">\n'),
        (("check",), "<section><div>x</section>\n"),
        (("--check",), "<div><p>x</p><p>y</p></div>\n"),
        (("--check",), f"<p>{'word ' * 40}</p>\n"),
    ],
)
def test_the_linter_fails_on_a_planted_violation(tmp_path, arguments, source):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "templates" / "planted.html"
    planted.parent.mkdir()
    planted.write_text("<p>x</p>\n")
    assert lint(*arguments, folder=tmp_path).returncode == 0
    planted.write_text(source)
    assert lint(*arguments, folder=tmp_path).returncode != 0
