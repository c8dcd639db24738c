"""What no view answered for."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.views.defaults import bad_request
from django.views.defaults import server_error as something_broke

from jobs.full_disk import RETRY_AFTER, TRY_LATER, is_full_disk

BROKE_OFF = "The upload broke off. Send it again."


def unreadable(request, exception):
    """400, or 413 where there was too much to read."""
    response = bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        response.status_code = 413
    return response


def server_error(request, *arguments, **named):
    """What no view answered for: 400 if the upload broke off, 507 if there is no room to write, else our fault."""
    error = sys.exc_info()[1]
    if isinstance(error, UnreadablePostError):
        return _plain(BROKE_OFF, 400) if _is_api(request) else bad_request(request, error)
    if not is_full_disk(error, settings.VAR):
        return something_broke(request, *arguments, **named)
    if _is_api(request):
        response = _plain(TRY_LATER, 507)
    else:
        response = HttpResponse(render_to_string("507.html", {"sentence": TRY_LATER}), status=507)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_api(request) -> bool:
    return request.path_info.startswith("/api/")


def _plain(sentence: str, status: int) -> HttpResponse:
    """Under /api/ a sentence becomes what is answered there (`config.api_errors`)."""
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
