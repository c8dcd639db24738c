"""The stylesheets: what they point at exists, both themes hold, and colours can be read."""

import re
from pathlib import Path, PurePosixPath

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import storages
from django.core.management import call_command

LOOK = Path(settings.ROOT) / "platform" / "look" / "static" / "look"
SHEETS = sorted(LOOK.glob("*.css"))
BASE = (Path(settings.ROOT) / "platform" / "look" / "templates" / "base.html").read_text()


def themes() -> tuple[dict[str, str], dict[str, str]]:
    """The custom properties of tokens.css, light and dark."""
    text = re.sub(r"/\*.*?\*/", "", (LOOK / "tokens.css").read_text(), flags=re.S)
    light = re.search(r":root \{(.*?)\n\}", text, re.S)
    dark = re.search(r':root\[data-theme="dark"\] \{(.*?)\n\}', text, re.S)
    assert light and dark
    return properties(light[1]), properties(light[1]) | properties(dark[1])


def properties(block: str) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in re.findall(r"(--[\w-]+):\s*([^;]+);", block)}


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_itself():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *[(ink, ground, 4.5) for ink in ("ink", "ink-2", "ink-3", "pool") for ground in ("paper", "surface")],
        *[(s, f"{s}-soft", 4.5) for s in ("verified", "needs-id", "disputed", "unresolvable", "error")],
        ("pencil", "pencil-soft", 4.5),
        ("ink-2", "pencil-soft", 4.5),
        ("on-pool", "pool", 4.5),
        ("error", "surface", 4.5),
        *[(line, ground, 3.0) for line in ("edge", "focus", "spot") for ground in ("paper", "surface")],
        ("pencil-line", "pencil-soft", 3.0),
    ],
)
def test_what_must_be_seen_can_be_seen(theme, text, ground, least):
    tokens = themes()[theme]
    assert contrast(tokens[f"--{text}"], tokens[f"--{ground}"]) >= least


def test_the_dark_theme_is_the_same_chosen_or_given():
    text = (LOOK / "tokens.css").read_text()
    system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\n  \}', text, re.S)
    chosen = re.search(r':root\[data-theme="dark"\] \{(.*?)\n\}', text, re.S)
    assert system and chosen
    assert properties(system[1]) == properties(chosen[1]) != {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_points_only_at_what_exists(sheet):
    for address in re.findall(r"url\(\"?([^)\"]+)\"?\)", sheet.read_text()):
        assert not address.startswith(("http", "//", "data:")), f"{sheet.name} loads {address}"
        parts: list[str] = []
        for part in PurePosixPath("look", address).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        assert finders.find("/".join(parts)), f"{sheet.name} names {address}"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_uses_only_tokens_there_are(sheet):
    known = themes()[0]
    used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text()))
    assert used <= set(known), used - set(known)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_is_whole_and_short(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    assert text.count("{") == text.count("}")
    assert len(text.splitlines()) < 400


def test_every_component_sheet_is_on_every_page():
    for sheet in SHEETS:
        if not sheet.name.startswith(("page-", "admin", "map")):
            assert f"look/{sheet.name}" in BASE


def test_everything_collects_under_hashed_names(settings, tmp_path):
    """As production does it; a url() or source map that leads nowhere stops here."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    fonts = (
        storages["staticfiles"].open(storages["staticfiles"].stored_name("look/fonts.css")).read().decode()
    )
    assert re.search(r"alegreya-latin-600-normal\.[0-9a-f]{12}\.woff2", fonts)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_camera_is_seen_on_its_own_page_too(theme):
    """A current tab is ink; the camera stands on the pool's colour, where ink cannot be told from it."""
    rules = re.findall(
        r"([^{}]*\.add[^{}]*)\{ color: var\(--([\w-]+)\); \}", (LOOK / "shell.css").read_text()
    )
    assert [colour for selector, colour in rules if "[aria-current]" in selector] == ["on-pool"]
    tokens = themes()[theme]
    assert contrast(tokens["--on-pool"], tokens["--pool"]) >= 3


def test_a_scale_has_no_colour_but_its_verdicts():
    sheet = (LOOK / "voices.css").read_text()
    fills = re.findall(r"\.scale meter::[^{]*\{ background: ([^;]+);", sheet)
    assert fills and set(fills) == {"currentColor"}
