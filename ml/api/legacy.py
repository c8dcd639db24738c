"""The routes of three earlier systems, exactly as their clients expect them.

No login, no CSRF token, no redirect, no trailing slash; whatever happens the answer is JSON.
"""

import functools
import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from accounts.addresses import household
from jobs import full_disk
from ml.serving import server
from ml.serving.server import Busy, NoLiveModel, Prediction
from species import ingest
from species.fetching import FetchRefused, fetch
from species.images.decode import SIZES
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed
from species.images.refusals import MAX_BYTES, ImageRefused
from species.models import Photo

log = logging.getLogger(__name__)

PARTS = ("image", "file")
FETCH_SECONDS = 10


class Refused(Exception):
    """The request cannot be answered; `status` is 4xx and the text is for a person."""

    def __init__(self, text: str, status: int = 400):
        super().__init__(text)
        self.status = status


def failure(text: str, status: int, **more) -> JsonResponse:
    return JsonResponse({"success": False, "error": text, **more}, status=status)


def ancestral(*methods: str, **empty):
    """Make a view of this kind: only `methods`, every failure as JSON with the keys of `empty` beside it."""

    def decorate(view):
        @csrf_exempt
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs):
            try:
                if request.method not in methods:
                    raise Refused(f"Send {' or '.join(methods)}.", 405)
                response = view(request, *args, **kwargs)
            except Refused as error:
                response = failure(str(error), error.status, **empty)
            except ImageRefused as error:
                status = 413 if error.code == "too_large" else 400
                response = failure(str(error), status, **empty)
            except FetchRefused as error:
                response = failure(str(error), 400, **empty)
            except (NoLiveModel, Busy) as error:
                response = failure(str(error), 503, **empty)
                response["Retry-After"] = "10" if isinstance(error, NoLiveModel) else str(error.retry_after)
            except RequestDataTooBig:
                response = failure("That is more than we take at once.", 413, **empty)
            except (MultiPartParserError, BadRequest, SuspiciousOperation, OSError) as error:
                if full_disk.is_full_disk(error, settings.VAR):
                    log.exception("A request could not be read")
                    response = failure(full_disk.TRY_LATER, 507, **empty)
                    response["Retry-After"] = str(full_disk.RETRY_AFTER)
                else:
                    log.info("A request could not be read: %s", error)
                    response = failure("The upload broke off or is not multipart form data.", 400, **empty)
            except DecoderFailed:
                log.exception("Photos cannot be decoded here")
                response = failure(TRY_AGAIN, 503, **empty)
                response["Retry-After"] = str(RETRY_AFTER)
            if response.status_code == 405:
                response["Allow"] = ", ".join(methods)
            response["Cache-Control"] = "no-store"
            return response

        return wrapped

    return decorate


def sent_image(request: HttpRequest) -> bytes:
    """The bytes of the image part; its name and declared type are ignored.

    Raises Refused, ImageRefused, and Busy before anything is taken apart. All of it has come by then
    (`ops.web_worker`): a phone that is refused while it sends reports a network failure.
    """
    server.get_server().line.check(household(request.META.get("REMOTE_ADDR", "")))
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BYTES + 1_000_000:
        raise ImageRefused("too_large")
    for part in PARTS:
        if part in request.FILES:
            return ingest.read(request.FILES[part])
    raise Refused("Send the photo as multipart form data, in a part called image or file.")


def linked_image(request: HttpRequest) -> bytes:
    """The bytes behind `?url=`. A photo of this very site is read from its store, not fetched."""
    url = request.GET.get("url", "").strip()
    if not url:
        raise Refused("Say which photo: ?url=https://…")
    own = own_image(request, url)
    return own if own is not None else fetch_image(url)


def fetch_image(url: str) -> bytes:
    """From another host; see `species.fetching` for what is refused."""
    return fetch(url, max_bytes=MAX_BYTES, timeout=FETCH_SECONDS)


def own_image(request: HttpRequest, url: str) -> bytes | None:
    """The photo's bytes if `url` is on this site's host, else None. Raises Refused if it is no public photo."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused("This is not a web address.") from error
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != request.get_host().lower():
        return None
    path = parts.path
    prefix = request.META.get("SCRIPT_NAME", "")
    if prefix and path.startswith(prefix + "/"):
        path = path[len(prefix) :]
    try:
        match = resolve(path)
    except (Resolver404, Http404) as error:
        raise Refused("There is no photo at this address.") from error
    if match.url_name == "photo_rendition":
        photo = Photo.objects.shown().filter(pk=match.kwargs["id"]).first()
        if photo and match.kwargs["size"] in SIZES:
            with default_storage.open(photo.rendition_name(match.kwargs["size"])) as file:
                return file.read()
    raise Refused("There is no photo at this address.")


@ancestral("GET", "HEAD")
def classes(request):
    live = server.get_server().live()
    return JsonResponse(sorted(live.session.classes), safe=False)


@ancestral("POST")
def predict(request):
    """The first system: exactly two keys."""
    label = answer(request, sent_image(request)).ranked[0][0]
    return JsonResponse({"class": label, "success": True})


@ancestral("GET", "POST")
def classify(request):
    """The web classifier and its mobile app, which shows nothing unless the status is exactly 200."""
    data = sent_image(request) if request.method == "POST" else linked_image(request)
    ranked = answer(request, data).ranked[:3]
    return JsonResponse(
        {
            "class": ranked[0][0],
            "predictions": [
                {
                    "class": label.replace("_", " "),
                    "output": round(float(probability), 1),
                    "prob": round(float(probability), 2),
                }
                for label, probability in ranked
            ],
        }
    )


@ancestral("POST", file_size=0, predictions=[], duration_inference=0)
def predict_image(request):
    return successor(request, sent_image(request))


@ancestral("GET", file_size=0, predictions=[], duration_inference=0)
def predict_url(request):
    return successor(request, linked_image(request))


def successor(request, data: bytes) -> JsonResponse:
    try:
        top_k = int(request.GET.get("top_k", 5))
    except ValueError as error:
        raise Refused("top_k is a number of guesses, e.g. 5.") from error
    if top_k < 1:
        raise Refused("top_k is a number of guesses, e.g. 5.")
    prediction = answer(request, data)
    return JsonResponse(
        {
            "file_size": len(data),
            "predictions": [
                {"label": label, "confidence": float(probability)}
                for label, probability in prediction.ranked[:top_k]
            ],
            "duration_inference": round(prediction.seconds * 1000, 1),
            "error": None,
        }
    )


def answer(request: HttpRequest, data: bytes) -> Prediction:
    return server.get_server().predict(data, household(request.META.get("REMOTE_ADDR", "")))
