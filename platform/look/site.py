"""The subject area of this deployment, read once from `site.yaml`."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

REQUIRED = ("title", "description", "about", "code", "noun", "taxa", "sampleImages")
# What a subject may leave unsaid: living things, somewhere, that can be measured.
DEFAULTS = {
    "kind": {"one": "species", "many": "species"},
    "scientificNames": True,
    "places": True,
    "length": True,
    "establishmentMeans": {},
    "classification": {},
    "drawings": "",
    "waters": "",
    "terms": "",
    "privacy": "",
    "support": "",
    "contact": "",
    # How much somebody may do in a day while their account is younger than so many days; links: in one comment.
    "newcomers": {"days": 3, "comments": 20, "links": 2, "identifications": 300},
}


@lru_cache(maxsize=4)
def read(path: Path) -> dict[str, Any]:
    """The parsed site file; raises ImproperlyConfigured naming the file and the key that is missing."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ImproperlyConfigured(f"SITE_FILE={path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ImproperlyConfigured(f"SITE_FILE={path} must be a mapping of keys to values.")
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise ImproperlyConfigured(f"SITE_FILE={path} lacks {', '.join(missing)}.")
    said = DEFAULTS | content
    # What free text finds (`labeling.queries.words`), in the field of every page that takes it.
    said["searched"] = "Name, place, person or note" if said["places"] else "Name, person or note"
    return said


def site() -> dict[str, Any]:
    """The site file of this deployment. Raises ImproperlyConfigured."""
    return read(Path(settings.SITE_FILE))


def context(request) -> dict[str, Any]:
    """Template context processor: `site` everywhere, so that no page hard-codes what the photos show."""
    return {"site": site()}
