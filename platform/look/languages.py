"""In which languages whoever asks wants organisms to be called: those of `Accept-Language`, in their order.

Names alone: sentences are in the language of the site, so that no answer is half translated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation.trans_real import parse_accept_lang_header

_wanted: ContextVar[tuple[str, ...]] = ContextVar("languages_wanted", default=())


def wanted() -> tuple[str, ...]:
    """Small letters, each followed by what it is a kind of: de-at, de."""
    return _wanted.get()


@contextmanager
def asked(header: str) -> Iterator[None]:
    """Within it, `wanted` is what this header says; none where it says nothing that can be read."""
    found: dict[str, None] = {}
    for language, quality in parse_accept_lang_header(header):
        if quality > 0 and language != "*":
            found |= dict.fromkeys((language, language.partition("-")[0]))
    token = _wanted.set(tuple(found))
    try:
        yield
    finally:
        _wanted.reset(token)
