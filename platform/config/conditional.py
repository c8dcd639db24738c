"""Nobody overwrites what they have not seen, and nobody is sent again what they have: ETag, If-Match, If-None-Match.

Every single resource under /api/v1 has an ETag: a digest of what this caller is told of it. A write that names it
(`If-Match`) is refused with 412 where the resource is another by now; one with `If-None-Match: *` where there is one.
"""

import hashlib
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api_errors import is_api
from look import languages

WRITING = ("POST", "PUT", "PATCH", "DELETE")
HEADER = {
    "If-Match": "The ETag that the resource had when it was read: 412 where it is another by now.",
    "If-None-Match": "`*`: 412 where there is one of this id already.",
}
NO_TAG = "Nothing at this address has an ETag. Leave {} out."
ONLY_ANY = "A write takes `*` here, and nothing else."


class Changed(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "This was changed since you read it. Read it again, then say what you want changed."
    default_code = "changed"


class Exists(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "There is one of this id already."
    default_code = "exists"


def etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def not_modified(get_response):
    """Middleware: what a GET of the API answers has an ETag, and who has it already is answered 304."""

    def middleware(request):
        response = get_response(request)
        if (
            request.method not in ("GET", "HEAD")
            or not is_api(request.path_info)
            or response.status_code != 200
        ):
            return response
        if not (response.streaming or response.has_header("ETag")):
            response.headers["ETag"] = etag(response.content)
        # If-Match is for writes: of a GET it asks nothing that this answer does not say.
        request.META.pop("HTTP_IF_MATCH", None)
        return get_conditional_response(request, etag=response.get("ETag"), response=response)

    return middleware


class Conditional(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    `held_by`: the path from a row to what whoever changes it holds; empty, the row itself. A view that names an action
    in `compared_unheld` may not hold anything for as long as that takes.
    """

    held_by = ""
    compared_unheld: tuple[str, ...] = ()

    def dispatch(self, request, *args, **kwargs):
        if not _asks(self, request) or getattr(self, "action", "") in self.compared_unheld:
            return super().dispatch(request, *args, **kwargs)
        # What is compared stands until the write is done.
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if _asks(self, request):
            self._compare(request, kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if getattr(self, "action", "") == "retrieve" and response.status_code == 200:
            response.headers["ETag"] = _tag(response)
        return response

    def _compare(self, request: Request, kwargs: dict[str, Any]) -> None:
        """Raises Changed, Exists; ValidationError where nothing can be compared."""
        wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
        named = "If-Match" if wanted is not None else "If-None-Match"
        if "pk" not in kwargs or not hasattr(self, "retrieve"):
            raise ValidationError({named: [NO_TAG.format(named)]})
        if unwanted not in (None, "*"):
            raise ValidationError({"If-None-Match": [ONLY_ANY]})
        if self.action not in self.compared_unheld:
            self._hold(kwargs["pk"])
        present = self._present(request, kwargs)
        if unwanted is not None and present is not None:
            raise Exists
        if wanted is not None and not (present is not None and _matches(wanted, present)):
            raise Changed

    def _hold(self, pk: str) -> None:
        model: type[models.Model] = self.get_queryset().model
        row = model._default_manager.filter(pk=pk)
        holder = row.values_list(self.held_by, flat=True).first() if self.held_by else None
        if holder is not None:
            for name in self.held_by.split("__"):
                model = model._meta.get_field(name).related_model  # type: ignore[assignment]
            row = model._default_manager.filter(pk=holder)
        list(row.select_for_update(of=("self",)).values_list("pk"))

    def _present(self, request: Request, kwargs: dict[str, Any]) -> str | None:
        """The ETag that a GET would answer this caller; None where it would answer that there is nothing."""
        action, self.action = self.action, "retrieve"
        try:
            # As it was read: in the language that this caller asks for.
            with languages.asked(request.headers.get("Accept-Language", "")):
                return _tag(self.retrieve(request, **kwargs))
        except (Http404, PermissionDenied, APIException):
            return None
        finally:
            self.action = action


def _asks(view: Any, request: Any) -> bool:
    """Whether a write depends on what is there. A method that nobody answers is refused as that."""
    conditions = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    return writes(view, request) and any(each is not None for each in conditions)


def writes(view: Any, request: Any) -> bool:
    """Whether the view has a method for this that may change something."""
    return request.method in WRITING and hasattr(view, request.method.lower())


def _tag(response: Response) -> str:
    return etag(JSONRenderer().render(response.data))


def _matches(said: str, present: str) -> bool:
    """Weak ones too: what was compressed on its way has the same ETag, marked as weak."""
    return said.strip() == "*" or present in {each.removeprefix("W/") for each in parse_etags(said)}


def describe(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Hook of drf-spectacular: says of every operation which conditions it takes."""
    paths = result["paths"]
    for path, methods in paths.items():
        single = path[: path.index("}") + 1] if "}" in path else ""
        if "get" not in paths.get(single, {}):
            continue
        if path == single:
            answers = methods["get"]["responses"]
            answers.setdefault("304", {"description": "As `If-None-Match` says you have it."})
            answers["200"].setdefault("headers", {})["ETag"] = {"schema": {"type": "string"}}
        for method in methods.keys() & {"post", "put", "patch", "delete"}:
            operation = methods[method]
            taken = ["If-Match", "If-None-Match"] if method == "put" and path == single else ["If-Match"]
            operation.setdefault("parameters", []).extend(
                {"name": name, "in": "header", "schema": {"type": "string"}, "description": HEADER[name]}
                for name in taken
            )
            operation["responses"]["412"] = {"description": "It is another by now, or there is one."}
    return result
