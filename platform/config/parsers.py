"""Bodies of the API: as long and as deep as anything it is told, so that nobody's memory or stack is the limit."""

import json
from io import BytesIO
from math import isfinite
from typing import Any
from urllib.parse import unquote_to_bytes

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import FormParser, JSONParser

from look.unknown import printable

AT_MOST = 256 * 1024  # bytes
DEEPEST = 20  # lists and objects within each other
TOO_LONG = f"That is more than this address takes: {AT_MOST // 1024} kB."
NO_TEXT = "This is no text in UTF-8."
TOO_DEEP = f"This JSON is nested more than {DEEPEST} levels deep."


class TooLong(APIException):
    """413."""

    status_code = 413
    default_detail = TOO_LONG
    default_code = "too_long"


class JSON(JSONParser):
    """RFC 8259 in UTF-8, and numbers that every database can hold. A name that is said twice is refused: which of
    the two was meant is not ours to choose.
    """

    def parse(self, stream, media_type=None, parser_context=None):
        body = _whole(stream).getvalue()
        try:
            said = json.loads(
                body.decode(),
                object_pairs_hook=_once,
                parse_constant=_no_number,
                parse_float=_finite,
                parse_int=_countable,
            )
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        except UnicodeDecodeError as error:
            raise ParseError(NO_TEXT) from error
        except ValueError as error:
            raise ParseError(f"This is no JSON: {error}.") from error
        if _is_deeper(said, DEEPEST):
            raise ParseError(TOO_DEEP)
        return said


class Form(FormParser):
    def parse(self, stream, media_type=None, parser_context=None):
        body = _whole(stream)
        try:
            unquote_to_bytes(body.getvalue()).decode()
        except UnicodeDecodeError as error:
            raise ParseError(NO_TEXT) from error
        return super().parse(body, media_type, parser_context)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{printable(twice)}” is said more than once")
    return said


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number


def _countable(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError("a number is too large")
    return int(text)


def _whole(stream) -> BytesIO:
    """The body. Raises TooLong; the rest of one that is too long is not read here."""
    body = stream.read(AT_MOST + 1)
    if len(body) > AT_MOST:
        raise TooLong()
    return BytesIO(body)


def _is_deeper(value: Any, levels: int) -> bool:
    """Level by level: a stack of our own would be no deeper than Python's."""
    layer = [value]
    for _ in range(levels + 1):
        containers = [each for each in layer if isinstance(each, dict | list)]
        if not containers:
            return False
        layer = [
            inner for each in containers for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return True
