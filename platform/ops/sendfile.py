"""Stored files are sent by the proxy in front, where it is told to (`SENDFILE`); the site only says which."""

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse


def hand_to_the_proxy(get_response):
    """Middleware: a file of the store leaves as its name in a header, and everything else as before."""
    if not settings.SENDFILE:
        raise MiddlewareNotUsed

    def middleware(request):
        response = get_response(request)
        path = _stored(response)
        if path is None:
            return response
        handed = HttpResponse(status=response.status_code, headers=dict(response.headers))
        handed.cookies = response.cookies
        # The proxy counts for itself.
        del handed["Content-Length"]
        if settings.SENDFILE == "X-Sendfile":
            handed["X-Sendfile"] = quote(str(path))
        else:
            handed["X-Accel-Redirect"] = quote(settings.SENDFILE_AT + str(path.relative_to(settings.FILES)))
        response.close()
        return handed

    return middleware


def _stored(response) -> Path | None:
    name = getattr(getattr(response, "file_to_stream", None), "name", None)
    if not isinstance(name, str) or response.status_code != 200:
        return None
    path = Path(name)
    return path if path.is_relative_to(settings.FILES) else None
