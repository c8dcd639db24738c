"""Nothing unknown is passed over: what the description of an operation does not name, the operation does not take.

`/api/v1/schema` is what is asked, so that it names every parameter and field that is taken, by construction.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import unquote_to_bytes

from drf_spectacular.generators import EndpointEnumerator
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import problems
from config.description import Generator
from look import unknown

NO_TEXT = "This address holds bytes that are no text in UTF-8."
ONCE = "This is said more than once."
EMPTY = "This is empty. Leave it out, or give it a value."
NO_CHARACTERS = "This holds NUL or half a character, which is no text."
NO_BODY = "This address takes no body."

_reading = Lock()


@dataclass(frozen=True)
class Operation:
    """What one method of one address takes: names of query parameters and of the fields of a body.

    `several` are those that may be said more than once; `choices`, which texts one of them may be.
    """

    parameters: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def refuse_choice(self, name: str, values: Iterable[Any]) -> dict[str, list[str]]:
        """The name with a sentence, where one of its texts is no choice; what is empty others refuse."""
        known = self.choices.get(name)
        wrong = [each for each in values if known and isinstance(each, str) and each and each not in known]
        return {name: [unknown.choice(wrong[0], known)]} if known and wrong else {}


class Strict(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    A view with `reads_its_body` refuses fields itself.
    """

    def initial(self, request, *args, **kwargs):
        """Parameters first: which format is answered is one of them."""
        # A method that nobody answers is refused as that.
        answered = request.method != "OPTIONS" and hasattr(self, request.method.lower())
        operation = _operation(request)
        if answered:
            refuse_parameters(request, operation)
        super().initial(request, *args, **kwargs)
        if answered and not getattr(self, "reads_its_body", False):
            refuse_fields(request, operation)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code >= 400 and isinstance(response, Response):
            problems.refuse(response, self.request)
        return response

    def handle_exception(self, exc):
        """A refusal is JSON whatever else the view can write."""
        self.request.accepted_renderer, self.request.accepted_media_type = (
            JSONRenderer(),
            JSONRenderer.media_type,
        )
        return super().handle_exception(exc)


def refuse_parameters(request: Request, operation: Operation) -> None:
    """Raises ValidationError by name for what is unknown, empty, repeated or no text; ParseError."""
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "replace")).decode()
    except UnicodeDecodeError as error:
        raise ParseError(NO_TEXT) from error
    refused = _unknown(request.query_params, operation.parameters)
    for name, values in request.query_params.lists():
        if name not in operation.parameters:
            continue
        if len(values) > 1 and name not in operation.several:
            refused[name] = [ONCE]
        elif not all(value.strip() for value in values):
            refused[name] = [EMPTY]
        elif not is_text(values):
            refused[name] = [NO_CHARACTERS]
        else:
            refused |= operation.refuse_choice(name, values)
    if refused:
        raise ValidationError(refused)


def refuse_fields(request: Request, operation: Operation) -> None:
    """Raises ValidationError by name for fields that are unknown, or repeated in a form."""
    said = _said(request, operation)
    if not isinstance(said, Mapping):
        # Where fields are taken, whoever reads them refuses what is no table in its words.
        if said and not operation.fields:
            raise ValidationError({"detail": NO_BODY})
        return
    refused = _unknown(said, operation.fields)
    for name in operation.choices.keys() & said.keys():
        value = said.getlist(name) if hasattr(said, "getlist") else said[name]
        refused |= operation.refuse_choice(name, value if isinstance(value, list) else [value])
    refused |= {
        name: [NO_CHARACTERS] for name in operation.fields if name in said and not is_text(said[name])
    }
    if hasattr(said, "lists"):
        for name, values in said.lists():
            if len(values) > 1 and name in operation.fields - operation.several:
                refused[name] = [ONCE]
    if refused:
        raise ValidationError(refused)


def _said(request: Request, operation: Operation) -> Any:
    """The body. Where none is taken, a form of the other kind may come with nothing in it: some clients send one."""
    try:
        return request.data
    except UnsupportedMediaType:
        is_form = request.method == "POST" and request.content_type.startswith("multipart/form-data")
        if operation.fields or not is_form:
            raise
        return dict.fromkeys([*request._request.POST, *request._request.FILES])


def _unknown(names: Iterable[str], known: frozenset[str]) -> dict[str, list[str]]:
    return {unknown.printable(name): [unknown.sentence(name, known)] for name in names if name not in known}


def is_text(value: Any) -> bool:
    """Whether every text in this JSON, at any depth, can be stored and answered: no NUL, no lone surrogate."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str) and ("\0" in each or any("\ud800" <= letter <= "\udfff" for letter in each)):
            return False
        if isinstance(each, dict):
            left += [*each, *each.values()]
        elif isinstance(each, list):
            left += each
    return True


def _operation(request: Request) -> Operation:
    match = request.resolver_match
    method = "get" if request.method == "HEAD" else str(request.method).lower()
    return operations().get((_path(match.route), method), Operation()) if match else Operation()


@cache
def _path(route: str) -> str:
    return _anonymous(EndpointEnumerator().get_path_from_regex(route))


def _anonymous(path: str) -> str:
    """Without the names of what stands in braces, which the description changes (`pk` is `id` there)."""
    return re.sub("{[^}]*}", "{}", path)


def operations() -> dict[tuple[str, str], Operation]:
    """By path, without the names of what varies in it, and method in small letters; read once per process."""
    # Who comes while it is read waits for it: a cache alone would have each of them read it again.
    with _reading:
        return _described()


@cache
def _described() -> dict[tuple[str, str], Operation]:
    described = Generator().get_schema(request=None, public=True)
    components = described["components"]["schemas"]
    return {
        (_anonymous(path), method): _taken(method, details, components)
        for path, methods in described["paths"].items()
        for method, details in methods.items()
    }


def _taken(method: str, details: dict, components: dict) -> Operation:
    parameters = {
        each["name"]: each["schema"] for each in details.get("parameters", []) if each["in"] == "query"
    }
    fields: dict[str, dict] = {}
    for content in details.get("requestBody", {}).get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        # A body that is a file has no fields.
        fields |= components[name]["properties"] if name else {}
    if method == "post":
        # Nothing is there yet whose present value they could repeat.
        fields = {name: each for name, each in fields.items() if not each.get("readOnly")}
    several = {name for name, each in (parameters | fields).items() if each.get("type") == "array"}
    choices = {name: _choices(each, components) for name, each in (parameters | fields).items()}
    return Operation(
        frozenset(parameters),
        frozenset(fields),
        frozenset(several),
        {name: each for name, each in choices.items() if each},
    )


def _choices(schema: dict, components: dict) -> frozenset[str]:
    """The texts that this may be; none where it may be any."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    parts = [*schema.get("allOf", ()), *schema.get("oneOf", ()), schema.get("items", {})]
    found = frozenset(each for each in schema.get("enum", ()) if isinstance(each, str) and each)
    return found.union(*(_choices(each, components) for each in parts if each))
