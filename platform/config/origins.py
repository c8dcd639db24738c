"""Which origins may do what with our pages, and whose pages may ask us."""

import re

from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

# Everything comes from this site: no script, style or font of others, and none inside a page.
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "blob:", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "manifest-src": ["'self'"],
}


def policy(tile_url: str) -> dict[str, list[str]]:
    """POLICY, and pictures from the host of a tile server. Raises ImproperlyConfigured for what is none."""
    if not tile_url:
        return POLICY
    # {s} stands for one of several names of the same server. The host becomes a word of a header: nothing else fits in.
    found = re.match(r"(https?://)(\{s\}\.)?([a-z0-9.-]+(:\d+)?)/.*\{z\}", tile_url, re.IGNORECASE | re.ASCII)
    if found is None:
        raise ImproperlyConfigured(
            f"TILE_URL={tile_url} is no address like https://host/{{z}}/{{x}}/{{y}}.png."
        )
    origin = f"{found[1]}{'*.' if found[2] else ''}{found[3]}"
    return POLICY | {"img-src": [*POLICY["img-src"], origin]}


# Answered to pages of every origin, also where they only put it into themselves: the ancestors' routes.
OPEN_TO_ALL = r"^.*/(ping|config|api/(classes|predict|classify|predict_image|predict_url))$"
# Read by programs of pages of every origin, by token or as nobody, never with the cookies of whoever looks at them:
# also the API and what its answers point to.
READ_BY_ALL = (
    rf"{OPEN_TO_ALL}|^.*/api/(v1|ogc)(/|$)|^.*/oauth/(token|revoke_token)/$"
    r"|^.*/photos/[0-9a-f-]+/(whole/|as/)?(\w+\.jpg|original)$"
)
# What such a program may say besides, and be told.
SENT = (
    *default_headers,
    "if-match",
    "if-none-match",
    "if-range",
    "range",
    "idempotency-key",
    "repr-digest",
    "want-repr-digest",
    "accept-language",
    "tus-resumable",
    "upload-length",
    "upload-offset",
    "upload-metadata",
    "upload-checksum",
    "x-http-method-override",
)
TOLD = (
    *("ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Range"),
    *("Accept-Ranges", "Content-Disposition", "Repr-Digest", "Idempotency-Replayed"),
    *("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    *("Upload-Offset", "Upload-Length", "Upload-Expires", "Content-Location"),
)
