"""Vendor files for the browser: an explicit list of single files from ``node_modules``.

``npm ci`` installs packages of several hundred files; some thirty of them are served. Collecting whole
packages would publish their sources, tests and fonts nobody asked for: a file that a page needs is named.

In settings: ``STATICFILES_FINDERS = [..., "ops.vendor.VendorFinder"]``.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core import checks
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

_ALEGREYA = "@fontsource/alegreya"
_NEXT = "@fontsource-variable/atkinson-hyperlegible-next"
_MONO = "@fontsource-variable/atkinson-hyperlegible-mono"

#: static name -> file below node_modules. Licences travel with what they license.
FILES: dict[str, str] = {
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/htmx/LICENSE": "htmx.org/LICENSE",
    # Of its builds the smallest that opens HEIC and AVIF as well as JPEG.
    "vendor/exifr/lite.esm.js": "exifr/dist/lite.esm.js",
    "vendor/exifr/LICENSE": "exifr/LICENSE",
    "vendor/idb/index.js": "idb/build/index.js",
    "vendor/idb/LICENSE": "idb/LICENSE",
    "vendor/fonts/alegreya-latin-600-normal.woff2": f"{_ALEGREYA}/files/alegreya-latin-600-normal.woff2",
    "vendor/fonts/alegreya-latin-ext-600-normal.woff2": (
        f"{_ALEGREYA}/files/alegreya-latin-ext-600-normal.woff2"
    ),
    "vendor/fonts/alegreya-latin-500-italic.woff2": f"{_ALEGREYA}/files/alegreya-latin-500-italic.woff2",
    "vendor/fonts/alegreya-LICENSE": f"{_ALEGREYA}/LICENSE",
    "vendor/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2": (
        f"{_NEXT}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2"
    ),
    "vendor/fonts/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2": (
        f"{_NEXT}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2"
    ),
    "vendor/fonts/atkinson-hyperlegible-next-LICENSE": f"{_NEXT}/LICENSE",
    "vendor/fonts/atkinson-hyperlegible-mono-latin-wght-normal.woff2": (
        f"{_MONO}/files/atkinson-hyperlegible-mono-latin-wght-normal.woff2"
    ),
    "vendor/fonts/atkinson-hyperlegible-mono-LICENSE": f"{_MONO}/LICENSE",
    "vendor/leaflet/leaflet-src.esm.js": "leaflet/dist/leaflet-src.esm.js",
    "vendor/leaflet/LICENSE": "leaflet/LICENSE",
    # What makes shapes of a topology, and what those modules import.
    **{
        f"vendor/topojson-client/{name}.js": f"topojson-client/src/{name}.js"
        for name in ("feature", "identity", "mesh", "reverse", "stitch", "transform")
    },
    "vendor/topojson-client/LICENSE": "topojson-client/LICENSE",
    "vendor/world-atlas/countries-110m.json": "world-atlas/countries-110m.json",
    "vendor/world-atlas/countries-50m.json": "world-atlas/countries-50m.json",
    "vendor/world-atlas/LICENSE": "world-atlas/LICENSE",
}
#: A module's last line may point at a map of its sources. That is not served, and collecting the files would stop
#: at a file that points at one that is not there.
_SOURCE_MAP = re.compile(rb"\n//# sourceMappingURL=[^\n]*\s*$")


def node_modules() -> Path:
    """Where npm put the packages: ``settings.NODE_MODULES``, else beside ``manage.py``."""
    return Path(getattr(settings, "NODE_MODULES", Path(__file__).resolve().parents[2] / "node_modules"))


class VendorStorage(FileSystemStorage):
    """Reads the listed files under their static names, and nothing else."""

    def path(self, name: str) -> str:
        try:
            return str(node_modules() / FILES[name])
        except KeyError:
            raise SuspiciousFileOperation(f"{name} is not on the list in ops/vendor.py") from None

    def _open(self, name: str, mode: str = "rb") -> Any:
        if not name.endswith(".js"):
            return super()._open(name, mode)
        return ContentFile(_SOURCE_MAP.sub(b"\n", Path(self.path(name)).read_bytes()), name)


class VendorFinder(BaseFinder):
    """The staticfiles finder over :data:`FILES`."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = VendorStorage(location=node_modules())

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:
        found = [self.storage.path(path)] if path in FILES and Path(self.storage.path(path)).is_file() else []
        if find_all or kwargs.get("all"):
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, VendorStorage]]:
        # A missing file is listed too: collectstatic then stops and names it, so no broken page goes out.
        for name in FILES:
            if not matches_patterns(name, ignore_patterns):
                yield name, self.storage

    def check(self, **kwargs: Any) -> Sequence[checks.CheckMessage]:
        missing = [source for source in FILES.values() if not (node_modules() / source).is_file()]
        if not missing:
            return []
        return [
            checks.Warning(
                f"{len(missing)} vendor files are missing below {node_modules()}, the first is {missing[0]}.",
                hint="Run `npm ci` in the repository.",
                id="config.W001",
            )
        ]
