"""The subject area of this deployment, read once from `site.yaml`."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

REQUIRED = ("title", "description", "about", "code", "noun", "taxa", "sampleImages")


@lru_cache(maxsize=1)
def site() -> dict[str, Any]:
    """The parsed site file; raises ImproperlyConfigured naming the file and the key that is missing."""
    path = Path(settings.SITE_FILE)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ImproperlyConfigured(f"SITE_FILE={path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ImproperlyConfigured(f"SITE_FILE={path} must be a mapping of keys to values.")
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise ImproperlyConfigured(f"SITE_FILE={path} lacks {', '.join(missing)}.")
    return content


def context(request) -> dict[str, Any]:
    """Template context processor: `site` everywhere, so that no page hard-codes what the photos show."""
    return {"site": site()}
