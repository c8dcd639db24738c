"""What models and other people said that somebody was shown, until they sign in and write.

A page that shows a model's guess says so with `note`, one that shows what people say with `note_threads`. Reading a
page writes nothing, so what a stranger or a reader was shown travels in signed cookies of their browser, which the
next form they send as somebody turns into rows: before the form is looked at, so that no door can forget it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from labeling.actions import shown
from labeling.actions.shown import Seen
from labeling.models import DIGEST, digest

COOKIE, THREADS = "shown", "threads"  # of models, of people
YEAR = 365 * 24 * 3600
# Browsers take 4096 bytes with name and attributes, and servers some 8000 of all cookies together; past some 300
# photos, or 100 organisms, the oldest give way.
LONGEST = {COOKIE: 3600, THREADS: 2400}
ORGANISM = 32  # hexadecimal digits of an id
READING = ("GET", "HEAD", "OPTIONS", "TRACE")


def note(request: HttpRequest, what: Iterable[tuple[str, str]]) -> None:
    """This answer shows what models say of photos: sha256 of each and name of the model, the foremost last."""
    request.shown += [(digest(sha256), source) for sha256, source in what]


def note_threads(request: HttpRequest, occurrences: Iterable[UUID]) -> None:
    """This answer shows what others than who asks say of these organisms."""
    request.shown += [(each.hex, "") for each in occurrences]


def remember(get_response):
    """Middleware, after whoever asks is known."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.shown = []
        carried = before = [
            each for name in (COOKIE, THREADS) for each in _read(request.COOKIES.get(name, ""))
        ]
        if before and _writes(request):
            shown.keep(what=before, by=request.user)
            carried = []
        # The API knows by its token who asks, and only then: see labeling.api.identifications.
        request.shown_before = carried
        response = get_response(request)
        new = request.shown
        if new and _writes(request):
            shown.keep(what=new, by=request.user)
        elif new:
            carried = [*(each for each in carried if each not in new), *dict.fromkeys(new)]
        for name in (COOKIE, THREADS):
            old, now = ([each for each in seen if _travels_in(each) == name] for seen in (before, carried))
            if now != old:
                _carry(response, now, name)
        return response

    return middleware


@require_POST
def tell(request: HttpRequest) -> HttpResponse:
    """A page says by itself that it was shown, for those who go on elsewhere: `remember` has done it."""
    return HttpResponse(status=204)


def _writes(request: HttpRequest) -> bool:
    return request.method not in READING and request.user.is_authenticated


def _travels_in(seen: Seen) -> str:
    return COOKIE if seen[1] else THREADS


def _carry(response: HttpResponse, seen: list[Seen], name: str = COOKIE) -> None:
    if not seen:
        response.delete_cookie(name, samesite="Lax")
        return
    text = _write(seen)
    while len(text) > LONGEST[name]:
        seen = seen[max(1, len(seen) // 20) :]
        text = _write(seen)
    response.set_cookie(
        name,
        text,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _write(seen: list[Seen]) -> str:
    """Model by model, the one that was seen last at the end; people are a model without a name."""
    models: dict[str, list[str]] = {}
    for photo, source in seen:
        models[source] = [*models.pop(source, []), photo]
    parts = [
        _pack(source.encode()) + "." + _pack(bytes.fromhex("".join(each))) for source, each in models.items()
    ]
    return Signer(salt=COOKIE).sign("~".join(parts))


def _read(text: str) -> list[Seen]:
    """What the cookie says; nothing if it is none of ours."""
    try:
        packed = Signer(salt=COOKIE).unsign(text)
    except BadSignature:
        return []
    seen = []
    for part in packed.split("~") if packed else ():
        source, things = (_unpack(each) for each in part.split("."))
        digits, size = things.hex(), DIGEST if source else ORGANISM
        seen += [(digits[at : at + size], source.decode()) for at in range(0, len(digits), size)]
    return seen


def _pack(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
