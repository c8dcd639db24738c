"""What the folder layout promises, and what would break silently if it stopped being so."""

import ast
import io
import platform
import re
import subprocess
import sys
import sysconfig
import tokenize
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin import site

ROOT = Path(settings.ROOT)
APPS = (
    "look",
    "accounts",
    "jobs",
    "notices",
    "webhooks",
    "species",
    "labeling",
    "research",
    "ml",
    "home",
    "ops",
    "config",
)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def folders_without_init(folder: Path) -> list[Path]:
    return [
        each for each in {path.parent for path in folder.rglob("*.py")} if not (each / "__init__.py").exists()
    ]


def test_platform_is_a_folder_not_a_package():
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert Path(platform.__file__).parent == Path(sysconfig.get_paths()["stdlib"])


def test_the_standard_platform_wins_even_with_our_root_first():
    code = "import platform; print(platform.__file__); platform.python_version()"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    assert "platform.py" in said.stdout


def test_every_test_folder_is_a_package():
    assert folders_without_init(ROOT / "tests") == []


def test_a_test_folder_without_init_is_found(tmp_path):
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "test_nothing.py").touch()
    (tmp_path / "__init__.py").touch()
    assert folders_without_init(tmp_path) == [tmp_path / "planted"]


def test_no_tests_inside_platform():
    names = [path.name for path in (ROOT / "platform").rglob("*.py")]
    assert not [name for name in names if name.startswith("test_") or name == "conftest.py"]


def test_tests_mirror_the_source_tree():
    """Every test file of an app stands in the folder of that app."""
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders <= {*APPS, "outgoing", "drawings", "clients", "end_to_end", "chaos"}


def test_no_module_is_a_drawer_for_everything():
    forbidden = {"utils", "common", "core", "helpers", "services"}
    sources = [path for path in tracked("*.py") if "tests" not in path.relative_to(ROOT).parts]
    assert [path for path in sources if forbidden & {*path.parts, path.stem}] == []


LAYERS = ("models", "queries", "actions", "tasks", "forms", "presenters", "views", "api", "admin")


def noun(name: str) -> str:
    """What a file is about, however it is spelt: `boxes`, `box` and `box_views` are about the same."""
    words = [
        word for word in name.split("_") if word not in {*LAYERS, *(layer.rstrip("s") for layer in LAYERS)}
    ]
    return re.sub(r"(?<=[^s])s$|(?<=x|s|h)es$", "", re.sub(r"ies$", "y", "_".join(words))).replace(
        "taxa", "taxon"
    )


def nouns_of_two_names(files: list[Path]) -> dict[str, set[str]]:
    """Noun to the names that files of it have in the folders of the layers, where those are several."""
    names: dict[str, set[str]] = {}
    for path in files:
        if path.parent.name in LAYERS and path.stem != "__init__":
            names.setdefault(noun(path.stem), set()).add(path.stem)
    return {about: found for about, found in names.items() if len(found) > 1 and about}


def test_the_same_noun_has_the_same_file_name_in_every_folder():
    files = [path for app in APPS for path in tracked(f"{app}/*.py", f"platform/{app}/*.py")]
    assert len(files) > 200 and nouns_of_two_names(files) == {}


@pytest.mark.parametrize("name", ["box", "box_queries", "boxes_api"])
def test_a_noun_of_two_names_is_found(name):
    files = [ROOT / "labeling" / "models" / "boxes.py", ROOT / "labeling" / "queries" / f"{name}.py"]
    assert nouns_of_two_names(files) == {"box": {"boxes", name}}


def strangers_to_their_models(registered: dict[type, object]) -> list[str]:
    """Staff pages that stand in another file than their model does, where both have a folder of files."""
    pairs = [
        (model.__module__.split("."), type(page).__module__.split(".")) for model, page in registered.items()
    ]
    return [
        ".".join(page) for model, page in pairs if len(model) == len(page) == 3 and model[::2] != page[::2]
    ]


def test_a_models_staff_page_stands_in_the_file_of_its_name():
    # The version of the names is a number beside them, in a model of its own lest they be locked with it.
    # An organism is looked at with what labeling knows of it.
    assert strangers_to_their_models(site._registry) == ["species.admin.taxa", "labeling.admin.occurrences"]


def test_a_staff_page_in_a_file_of_another_name_is_found():
    model = type("Box", (), {"__module__": "labeling.models.boxes"})
    page = type("Page", (), {"__module__": "labeling.admin.regions"})()
    assert strangers_to_their_models({model: page}) == ["labeling.admin.regions"]


def test_sample_data_is_named_in_one_place():
    naming = [
        str(path.relative_to(ROOT))
        for path in tracked("*.py", "Makefile", ".ci/run")
        if "AQUA_SAMPLE_DATA" in path.read_text() and path.name not in ("test_layout.py", "conftest.py")
    ]
    assert naming == ["platform/config/settings.py"]


def test_lock_file_names_no_registry():
    lock = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert '"htmx.org": "2.' in (ROOT / "package.json").read_text()


REQUIREMENTS = ("requirements", "requirements-dev", "requirements-npm")


def pinned(text: str) -> dict[str, str]:
    """Package to release, of a list or a lock file, in the spelling of packages."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", text, re.M)
    return {re.sub(r"[-_.]+", "-", name).lower(): release for name, release in found}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_says_why_it_is_there(name):
    for line in (ROOT / f"{name}.txt").read_text().splitlines():
        if line.strip() and not line.startswith(("#", "-c")):
            assert "==" in line.split("#")[0], line
            assert line.partition("#")[2].strip(), line


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_is_installed_is_what_is_asked_for_known_by_its_hashes(name):
    asked, locked = (ROOT / f"{name}.txt").read_text(), (ROOT / f"{name}.lock").read_text()
    assert pinned(asked).items() <= pinned(locked).items(), "make lock"
    assert "://" not in locked and "--find-links" not in locked
    blocks = re.split(r"^(?=[\w.-]+(?:\[|==))", locked, flags=re.M)[1:]
    assert len(blocks) >= len(pinned(asked))
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


def test_nothing_is_installed_but_by_hash_and_no_package_runs_scripts():
    recipes = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert len(recipes) == len(REQUIREMENTS)
    assert all("--require-hashes" in line for line in recipes)
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text().splitlines()


def test_types_are_checked_wherever_something_is_decided_or_written():
    """`make check` runs mypy over the files that pyproject.toml lists: these layers are among them, in every app."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert read["strict"]
    covered = {found for pattern in read["files"] for found in ROOT.glob(pattern)}
    pure = ("labeling/consensus", "research/splits", "research/manifest", "ml/vision", "drawings")
    layers = re.compile(
        rf"(platform/)?\w+/(models|queries|actions|access)(/|\.py$)|({'|'.join(pure)}|species/images)/"
    )
    decisive = [path for path in tracked("*.py") if layers.match(str(path.relative_to(ROOT)))]
    assert len(decisive) > 90
    assert [path for path in decisive if not covered.intersection({path, *path.parents})] == []


def opinions(source: str) -> list[str]:
    """Where a module says "opinion" in a name, a comment or a docstring; what it prints on a page may."""
    tree = ast.parse(source)
    bodies = [
        node.body for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
    ]
    docs = {
        body[0].lineno for body in bodies if body and ast.get_docstring(ast.Module(body[:1], [])) is not None
    }
    return [
        f"{token.start[0]}: {token.string[:60]}"
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if "opinion" in token.string.lower().replace("opinions.csv", "")
        and (
            token.type in (tokenize.NAME, tokenize.COMMENT)
            or (token.type == tokenize.STRING and token.start[0] in docs)
        )
    ]


@pytest.mark.parametrize("folder", ["species", "labeling", "research", "ml", "platform", "drawings"])
def test_a_persons_is_an_identification_and_a_models_a_suggestion(folder):
    """One word for both would hide which of the two a line is about."""
    found = {
        str(path.relative_to(ROOT)): said
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and (said := opinions(path.read_text()))
    }
    assert found == {}


def test_templates_pass_no_opinion_on():
    tags = re.compile(r"{{.*?}}|{%.*?%}", re.S)
    pages = [path for path in tracked("*.html") if path.suffix == ".html"]
    assert [path for path in pages if any("opinion" in tag for tag in tags.findall(path.read_text()))] == []


def test_an_opinion_is_found():
    assert opinions('"""An opinion."""\nx = 1  # opinions\n') and opinions("opinion = 1\n")
    assert opinions('print("One more opinion would settle it.")\n') == []
