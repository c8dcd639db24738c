"""The WSGI application, and what servers leave to it: types nobody can read, a path prefix."""

import codecs
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
for folder in (ROOT / "platform", ROOT):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.utils.http import parse_header_parameters  # noqa: E402


def readable_type(application):
    """Take away a Content-Type that Django would fall over before or while a view reads the body.

    A parameter in an unknown encoding fails while the request is made, where no handler answers; a charset
    such as `hex` or `idna` is known to Python and decodes no form.
    """

    def wrapped(environ, start_response):
        if not _is_readable(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = "application/octet-stream"
        return application(environ, start_response)

    return wrapped


def _is_readable(content_type: str) -> bool:
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    except (ValueError, LookupError):
        return False
    try:
        b"a\xff".decode(charset, "replace")
    except (ValueError, LookupError):
        # Django leaves out of account what Python has never heard of.
        return not _is_codec(charset)
    return True


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (ValueError, LookupError):
        return False
    return True


def under_prefix(application, prefix: str):
    """Serve the whole site below `prefix`, whether or not the proxy in front strips it."""
    prefix = prefix.rstrip("/")
    if not prefix:
        return application

    def wrapped(environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(prefix + "/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        environ["SCRIPT_NAME"] = prefix
        return application(environ, start_response)

    return wrapped


application = readable_type(under_prefix(get_wsgi_application(), os.environ.get("URL_PREFIX", "")))
