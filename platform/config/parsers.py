"""Bodies of the API: as long and as deep as anything it is told, so that nobody's memory or stack is the limit."""

from io import BytesIO
from typing import Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import FormParser, JSONParser

AT_MOST = 256 * 1024  # bytes
DEEPEST = 20  # lists and objects within each other
TOO_LONG = f"That is more than this address takes: {AT_MOST // 1024} kB."
TOO_DEEP = f"This JSON is nested more than {DEEPEST} levels deep."


class TooLong(APIException):
    """413."""

    status_code = 413
    default_detail = TOO_LONG
    default_code = "too_long"


class JSON(JSONParser):
    def parse(self, stream, media_type=None, parser_context=None):
        try:
            said = super().parse(_whole(stream), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        if _is_deeper(said, DEEPEST):
            raise ParseError(TOO_DEEP)
        return said


class Form(FormParser):
    def parse(self, stream, media_type=None, parser_context=None):
        return super().parse(_whole(stream), media_type, parser_context)


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
