"""A POST that is sent again is done once: `Idempotency-Key`, as the IETF's draft of it has it
(draft-ietf-httpapi-idempotency-key-header-07).

What the client chooses an id for is sent by PUT, and needs no key.
"""

import hashlib
import json
import re
from typing import Any

from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import answers
from accounts.models import KeptAnswer
from config.conditional import writes

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
FORM = "Write up to 255 letters, digits and signs that name this request and no other, such as a UUID."
FITS = re.compile(r"[!-~]{1,255}")
ONLY_POST = "Only a POST takes this: a PUT names its row, and is the same one however often it is sent."
NOBODY = "A key is of somebody: send a token, or log in."


class Reused(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This key was used for another request. Take a new one for each."
    default_code = "idempotency_key_reused"


class Answered(Exception):
    """It was answered before: `row`."""

    def __init__(self, row: KeptAnswer) -> None:
        super().__init__(row.key)
        self.row = row


class Idempotent(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    A view with `keeps_no_answers` passes over a key that is one: its POST changes nothing, is done once in any case, or
    answers what may be kept nowhere.
    """

    keeps_no_answers: bool
    _answered_once: KeptAnswer | None = None

    def dispatch(self, request, *args, **kwargs):
        if HEADER not in request.headers or getattr(self, "keeps_no_answers", False):
            return super().dispatch(request, *args, **kwargs)
        # The key and what is done are written together, or neither is.
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def initial(self, request, *args, **kwargs):
        key = request.headers.get(HEADER)
        passed_over = getattr(self, "keeps_no_answers", False)
        kept = key is not None and writes(self, request) and not passed_over
        asked = _digest(request) if kept else ""
        super().initial(request, *args, **kwargs)
        if key is not None and passed_over and not FITS.fullmatch(_plain(key)):
            raise ValidationError({HEADER: [FORM]})
        if not kept:
            return
        row = _begin(request, key, asked)
        if row.status is not None:
            raise Answered(row)
        self._answered_once = row

    def handle_exception(self, exc):
        if isinstance(exc, Answered):
            headers = {REPLAYED: "true"} | ({"Location": exc.row.location} if exc.row.location else {})
            data = json.loads(exc.row.body) if exc.row.body else None
            return Response(data, status=exc.row.status, headers=headers)
        return super().handle_exception(exc)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if self._answered_once is not None and response.status_code < 400:
            body = "" if response.data is None else JSONRenderer().render(response.data).decode()
            location = response.headers.get("Location", "")
            answers.keep(row=self._answered_once, status=response.status_code, body=body, location=location)
        return response


def _begin(request, said: str, asked: str) -> KeptAnswer:
    """Raises ValidationError, Reused."""
    key = _plain(said)
    wrong = (
        ONLY_POST
        if request.method != "POST"
        else NOBODY
        if not request.user.is_authenticated
        else ""
        if FITS.fullmatch(key)
        else FORM
    )
    if wrong:
        raise ValidationError({HEADER: [wrong]})
    try:
        return answers.begin(user=request.user, key=key, asked=asked)
    except answers.OtherRequest as error:
        raise Reused from error


def _plain(said: str) -> str:
    """Without the quotes in which the draft writes it."""
    key = said.strip()
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key


def _digest(request) -> str:
    """Of all that is asked. Before the body is read as anything: it can be read once."""
    said = hashlib.sha256()
    parts = [request.method, request.get_full_path(), request.content_type or ""]
    # What is said of a photo that comes in pieces stands in these.
    parts += [
        request.headers[name] for name in ("Upload-Length", "Upload-Metadata") if name in request.headers
    ]
    for part in parts:
        said.update(part.encode("utf-8", "surrogateescape") + b"\0")
    said.update(request._request.body)
    return said.hexdigest()


def describe(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Hook of drf-spectacular: says of every POST that it takes a key."""
    text = "Names this request: sent again within a day, it is answered as the first time, and done once."
    taken = {
        "name": HEADER,
        "in": "header",
        "schema": {"type": "string", "maxLength": 255},
        "description": text,
    }
    for path, methods in result["paths"].items():
        if path.startswith("/api/v1/") and "post" in methods:
            operation = methods["post"]
            operation.setdefault("parameters", []).append(taken)
            operation["responses"]["422"] = {"description": "The key was used for another request."}
    return result
