"""What the API refuses, as RFC 9457 writes it: `application/problem+json`, a code for programs, a sentence for people.

`errors` says what is wrong with which part: `pointer` into the body (RFC 6901), the name of a `parameter` of the
address, or of a `header`. A code is for good; titles and sentences may be said better one day.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rest_framework.exceptions import ErrorDetail
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

MEDIA_TYPE = "application/problem+json"
DOCUMENTED = "/api/docs"
# Beside these are the ancestors' routes, whose clients know no problems.
OURS = ("/api/v1/", "/api/ogc/")
# Status to code and title; refusals with a code of their own say it in its place.
KINDS: dict[int, tuple[str, str]] = {
    400: ("invalid", "This cannot be taken as it is."),
    401: ("not_authenticated", "Say who you are."),
    403: ("permission_denied", "You may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "This address answers in another form."),
    409: ("conflict", "This does not go with what is there."),
    410: ("gone", "It was there, and is not any more."),
    412: ("changed", "It is not as you said that you know it."),
    413: ("too_large", "That is more than is taken at once."),
    415: ("unsupported_media_type", "This address does not read that kind of body."),
    422: ("unprocessable", "This was meant for something else."),
    429: ("throttled", "That was a lot at once."),
    500: ("error", "Something went wrong on our side."),
    503: ("unavailable", "This cannot be answered just now."),
    507: ("full", "There is no room left."),
}
HEADERS = (
    *("If-Match", "If-None-Match", "Idempotency-Key", "Repr-Digest"),
    *("Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata", "Upload-Checksum"),
)
# What is said of the whole, and of no part of it.
WHOLE = ("detail", api_settings.NON_FIELD_ERRORS_KEY)
# Codes of the framework that say no more than the status does.
PLAIN = ("invalid", "error", "")


def kind(status: int) -> tuple[str, str]:
    return KINDS.get(status) or KINDS[500 if status >= 500 else 400]


def problem(
    status: int, detail: str, code: str = "", errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The members of a problem; `detail`: a sentence."""
    usual, title = kind(status)
    code = usual if code in PLAIN else code
    found: dict[str, Any] = {
        "type": f"{DOCUMENTED}#{usual}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return found | ({"errors": list(errors)} if errors else {})


def refuse(response: Response, request: Request) -> None:
    """Make what a view answered in its place a problem. A response that is one stays as it is."""
    if response.content_type == MEDIA_TYPE:
        return
    data = response.data
    table = data if isinstance(data, Mapping) else {"detail": data}
    code = str(table["code"]) if isinstance(table.get("code"), str) and "detail" in table else ""
    errors = [
        _place(path, request) | {"code": _code(said), "detail": str(said)}
        for path, said in _said({name: each for name, each in table.items() if not (code and name == "code")})
    ]
    whole = [each for each in errors if set(each) == {"code", "detail"}]
    parts = [each for each in errors if each not in whole]
    sentences = [each["detail"] for each in whole]
    sentences += [f"{_name(each)}: {each['detail']}" for each in parts]
    code = code or (whole[0]["code"] if whole and not parts else "")
    response.data = problem(
        response.status_code, " ".join(sentences) or kind(response.status_code)[1], code, parts
    )
    response.content_type = MEDIA_TYPE


def _said(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every sentence, with where in what was sent it belongs."""
    if isinstance(data, Mapping):
        for name, each in data.items():
            yield from _said(each, path if name in WHOLE else (*path, str(name)))
    elif isinstance(data, (list, tuple)):
        for number, each in enumerate(data):
            yield from _said(each, path if isinstance(each, str) else (*path, str(number)))
    elif data not in (None, ""):
        yield path, data


def _place(path: tuple[str, ...], request: Request) -> dict[str, str]:
    if not path:
        return {}
    name = path[0]
    if name in HEADERS:
        return {"header": name}
    if name in request.query_params or request.method in SAFE_METHODS:
        return {"parameter": name}
    return {"pointer": "#/" + "/".join(each.replace("~", "~0").replace("/", "~1") for each in path)}


def _name(error: Mapping[str, str]) -> str:
    # A name may be empty.
    return next(
        error[each].removeprefix("#/") for each in ("parameter", "header", "pointer") if each in error
    )


def _code(said: Any) -> str:
    code = str(getattr(said, "code", "") or "") if isinstance(said, ErrorDetail) else ""
    return code or "invalid"


def describe(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Hook of drf-spectacular: whatever an operation refuses, it refuses with a problem."""
    text = {"type": "string"}
    error = dict.fromkeys(("pointer", "parameter", "header", "code", "detail"), text)
    properties = {
        "type": {"type": "string", "format": "uri-reference"},
        "title": text,
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For programs, and for good."},
        "detail": {"type": "string", "description": "Sentences for a person."},
        "errors": {
            "type": "array",
            "description": "What is wrong with which part of what was sent.",
            "items": {"type": "object", "properties": error, "required": ["code", "detail"]},
        },
    }
    needed = ["type", "title", "status", "code", "detail"]
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    kinds = [{"code": code, "status": status, "title": title} for status, (code, title) in KINDS.items()]
    # What `type` leads to: the page at DOCUMENTED lists these.
    schemas["Problem"] = {
        "type": "object",
        "properties": properties,
        "required": needed,
        "x-kinds": kinds,
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in result["paths"].items():
        if not path.startswith(OURS):
            continue
        for operation in methods.values():
            for status, words in (("4XX", "Refused."), ("5XX", "Not now.")):
                operation["responses"].setdefault(status, {"description": words, "content": content})
            for status in operation["responses"].keys() & {"412", "422"}:
                operation["responses"][status]["content"] = content
    return result
