"""What the browser loads that was not written here: which files, and that nothing else gets out."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.core.management import call_command

from ops.vendor import FILES, VendorFinder

ROOT = Path(settings.ROOT)


def test_every_listed_file_is_found():
    for name in FILES:
        assert finders.find(name), f"{name}: run npm ci"


def test_nothing_else_is_served():
    finder = VendorFinder()
    assert finder.find("vendor/htmx/htmx.js") == []
    assert finder.find("htmx.org/dist/htmx.min.js") == []
    assert finder.find("vendor/../../manage.py") == []
    with pytest.raises(SuspiciousFileOperation, match="not on the list"):
        finder.storage.path("vendor/../manage.py")


def test_what_is_listed_can_be_collected_and_left_out():
    names = [name for name, _ in VendorFinder().list(["*-LICENSE"])]
    assert "vendor/htmx/htmx.min.js" in names
    assert "vendor/fonts/alegreya-LICENSE" not in names


def test_every_listed_file_is_used_or_licenses_one_that_is():
    """A page or a module loads it, a style sheet names it, or it is the licence beside one that is."""
    places = ["templates", "platform/look", "platform/home", "labeling", "species", "research", "ml"]
    text = "".join(
        path.read_text()
        for place in places
        for kind in ("*.html", "*.css", "*.js")
        for path in (ROOT / place).rglob(kind)
    )
    modules = [name for name in FILES if name.endswith(".js")]
    for name in modules:
        imported = re.findall(
            r"""^import .*from ["'](\./[^"']+)["']""", Path(finders.find(name)).read_text(), re.M
        )
        text += "".join(str(Path(name).parent / each) for each in imported)
    for name in FILES:
        if "LICENSE" not in name:
            assert name in text or name.removeprefix("vendor/") in text, name


def test_missing_packages_are_said_with_the_remedy(settings, tmp_path):
    settings.NODE_MODULES = tmp_path
    finder = VendorFinder()
    assert finder.find("vendor/htmx/htmx.min.js") == []
    (warning,) = finder.check()
    assert "npm ci" in warning.hint
    assert VendorFinder().storage.exists("vendor/htmx/htmx.min.js") is False


def test_collecting_with_a_missing_file_stops(settings, tmp_path):
    settings.NODE_MODULES = tmp_path / "nothing"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_FINDERS = ["ops.vendor.VendorFinder"]
    with pytest.raises(FileNotFoundError):
        call_command("collectstatic", interactive=False, verbosity=0)


def test_the_lock_names_no_registry_and_versions_are_exact():
    text = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "registry" not in text
    packages = json.loads(text)["packages"]
    named = json.loads((ROOT / "package.json").read_text())
    for name, version in (named["dependencies"] | named["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} {version} is not exact"
        assert packages[f"node_modules/{name}"]["version"] == version
        assert packages[f"node_modules/{name}"]["integrity"].startswith("sha512-")


def test_every_listed_file_comes_from_a_locked_package():
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    for source in FILES.values():
        assert any(source.startswith(f"{name}/") for name in wanted), source


def test_a_module_that_is_collected_points_at_no_map_of_its_sources():
    with VendorFinder().storage.open("vendor/leaflet/leaflet-src.esm.js") as file:
        text = file.read()
    assert b"sourceMappingURL" not in text
    assert text.endswith(b";\n")
