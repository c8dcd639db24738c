"""From a request to a photo's bytes and what the live model says of them: the one door of every route.

Home, the ancestors' routes and `/api/v1/predictions` differ in how they print an answer. What they take, what
they refuse, with which status, code and Retry-After, is decided here.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict

from jobs import full_disk
from ml import stored_files
from ml.serving import server
from ml.serving.server import Busy, NoLiveModel, Prediction
from species import ingest
from species.fetching import FetchRefused, fetch
from species.images import decoder
from species.images.decode import SIZES
from species.images.decoder import DecoderFailed
from species.images.refusals import MAX_BYTES, ImageRefused
from species.models import Photo

log = logging.getLogger(__name__)

PARTS = ("image", "file")
FETCH_SECONDS = 10
MULTIPART_BYTES = 1_000_000  # what a form around one photo may add to it
NO_MODEL_AGAIN = 10  # seconds: about how long a first training takes to be seen everywhere


class Refused(Exception):
    """Nothing can be answered. `code` is for programs, `str()` for a person, `status` the HTTP status.

    `retry_after` is in whole seconds, None where trying again will not help.
    """

    def __init__(self, code: str, text: str, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(code, text)
        self.code, self.text, self.status, self.retry_after = code, text, status, retry_after

    def __str__(self) -> str:
        return self.text


@contextmanager
def refusing() -> Iterator[None]:
    """Whatever goes wrong between a request and its answer, as Refused."""
    try:
        yield
    except ImageRefused as error:
        raise Refused(error.code, str(error), 413 if error.code == "too_large" else 400) from error
    except FetchRefused as error:
        raise Refused(error.code, str(error)) from error
    except NoLiveModel as error:
        raise Refused("no_model", str(error), 503, NO_MODEL_AGAIN) from error
    except Busy as error:
        raise Refused("busy", str(error), 503, error.retry_after) from error
    except DecoderFailed as error:
        log.exception("Photos cannot be decoded here")
        raise Refused("no_decoder", decoder.TRY_AGAIN, 503, decoder.RETRY_AFTER) from error
    except RequestDataTooBig as error:
        raise Refused("too_large", "That is more than we take at once.", 413) from error
    except (MultiPartParserError, BadRequest, SuspiciousOperation, OSError) as error:
        _no_room(error)
        log.info("A request could not be read: %s", error)
        text = "The upload broke off or is not multipart form data."
        raise Refused("broke_off", text) from error
    except Exception as error:
        _no_room(error)
        raise


def _no_room(error: Exception) -> None:
    """Raises Refused if that is why."""
    if full_disk.is_full_disk(error, settings.VAR):
        log.exception("A request could not be read")
        raise Refused("no_room", full_disk.TRY_LATER, 507, full_disk.RETRY_AFTER) from error


def parts(request: HttpRequest) -> tuple[QueryDict, MultiValueDict]:
    """What a form says, and the files in it. Raises Refused.

    Refuses a full house before anything is taken apart. All of it has come by then (`ops.web_worker`): a phone
    that is refused while it sends reports a network failure.
    """
    with refusing():
        server.get_server().line.check(_who(request))
        if _length(request) > MAX_BYTES + MULTIPART_BYTES:
            raise ImageRefused("too_large")
        return request.POST, request.FILES


def sent(request: HttpRequest) -> bytes:
    """The bytes of the image part; its name and declared type are ignored. Raises Refused."""
    _, files = parts(request)
    with refusing():
        for part in PARTS:
            if part in files:
                return ingest.read(files[part])
    raise Refused("missing", "Send the photo as multipart form data, in a part called image or file.")


def kept(photo: Photo, *, whole: bool) -> bytes:
    """The bytes of a photo of this site, all of it or what everybody sees (`ml.queries.asked`). Raises Refused."""
    if not (whole or photo.is_rendered):
        raise Refused("not_yet", "This picture is being made. Try again in a minute.", 503, NO_MODEL_AGAIN)
    try:
        return stored_files.bytes_of(photo, whole)
    except FileNotFoundError as error:
        log.error("The file of %s is missing", photo)
        raise Refused("no_photo", "The file of this photo is missing.") from error


def linked(request: HttpRequest, url: str) -> bytes:
    """The bytes behind an address. A photo of this very site is read from its store, not fetched.

    See `species.fetching` for what is refused. Raises Refused.
    """
    if not url.strip():
        raise Refused("missing", "Say which photo: ?url=https://…")
    with refusing():
        server.get_server().line.check(_who(request))
        own = _own(request, url.strip())
        return own if own is not None else fetch(url.strip(), max_bytes=MAX_BYTES, timeout=FETCH_SECONDS)


def predict(request: HttpRequest, data: bytes) -> Prediction:
    """What the live model says of a photo. Raises Refused."""
    with refusing():
        return server.get_server().predict(data, _who(request))


def _who(request: HttpRequest) -> str:
    """Whose share of the model's time this takes."""
    return request.META.get("REMOTE_ADDR", "")


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def own_photo(request: HttpRequest, url: str) -> Photo | None:
    """The photo of this very site behind an address, None if it is elsewhere. Raises Refused if it is no public one."""
    found = _rendition(request, url)
    return found[0] if found else None


def _own(request: HttpRequest, url: str) -> bytes | None:
    found = _rendition(request, url)
    if found is None:
        return None
    photo, size = found
    # What everybody gets at that address, and no more: it can be kept as one's own from here.
    with default_storage.open(photo.rendition_name(size, photo.shown_as)) as file:
        return file.read()


def _rendition(request: HttpRequest, url: str) -> tuple[Photo, int] | None:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise FetchRefused("address") from error
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != request.get_host().lower():
        return None
    path = parts.path
    prefix = request.META.get("SCRIPT_NAME", "")
    if prefix and path.startswith(prefix + "/"):
        path = path[len(prefix) :]
    try:
        match = resolve(path)
    except (Resolver404, Http404) as error:
        raise Refused("no_photo", "There is no photo at this address.") from error
    if match.url_name == "photo_rendition":
        photo = Photo.objects.shown().filter(pk=match.kwargs["id"]).first()
        if photo and photo.is_rendered and match.kwargs["size"] in SIZES:
            return photo, match.kwargs["size"]
    raise Refused("no_photo", "There is no photo at this address.")
