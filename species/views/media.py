"""The bytes of photos: renditions for whoever may look, originals for whoever may have them."""

import io
import logging

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from PIL import Image

from accounts.authentication import by_token_too
from species import access
from species.images import surroundings
from species.images.decode import SIZES
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed, get_decoder
from species.images.refusals import ImageRefused
from species.models import Photo, Surroundings

log = logging.getLogger(__name__)

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/heic": "heic",
    "image/avif": "avif",
}
# What others see of a photo can become less, or nothing: an hour is how long a cache may not have heard.
SHOWN = "public, max-age=3600, must-revalidate"
PRIVATE = "private, max-age=300"
# Of photos that others see otherwise: asked for again each time, since a grant may have ended.
WHOLE = "private, no-cache"
NOT_MADE_YET = 10  # seconds after which a program asks again
PIECE = 256 * 1024  # bytes handed to the web server at a time


@require_safe
@by_token_too
def photo_rendition(request, id, size):
    """A public rendition of 320, 1008 or 2016 px. 404 for who may not see it, as if it did not exist."""
    if size not in SIZES:
        raise Http404("Renditions are 320, 1008 and 2016 pixels.")
    # First as everybody: a shown photo is answered without looking at who asks, so caches can share it.
    photo = Photo.objects.shown().filter(pk=id).first()
    if photo is not None:
        response = _shown(request, photo, size)
        # Clients on other sites show the samples of `GET /config`.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
    photo = _findable(request.user, id)
    return _rendition(request, photo, size, "", WHOLE if photo.shown_as else PRIVATE)


@require_safe
@by_token_too
def photo_whole(request, id, size):
    """All of a photo, for whoever may have its original, where others may see less of it."""
    if size not in SIZES:
        raise Http404("Renditions are 320, 1008 and 2016 pixels.")
    photo = _original(request.user, id)
    return _rendition(request, photo, size, "", WHOLE)


@require_safe
@login_required
def photo_preview(request, id, form):
    """What others would see of a photo at 1008 px if its owner chose this form; made for this answer alone."""
    photo = _original(request.user, id)
    if form not in surroundings.FORMS or not access.can_edit(request.user, photo.observation):
        raise Http404("No such photo.")
    try:
        with default_storage.open(photo.original_name) as file:
            original = file.read()
        made = get_decoder().surroundings(original, form, photo.frame)
    except (FileNotFoundError, ImageRefused) as error:
        log.error("%s cannot be shown as others would see it: %s", photo, error)
        raise Http404("The file of this photo is missing.") from None
    except DecoderFailed:
        return HttpResponse(
            TRY_AGAIN, status=503, content_type="text/plain", headers={"Retry-After": RETRY_AFTER}
        )
    response = HttpResponse(made[1008], content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(request, photo: Photo, size: int):
    """What everybody sees of it: nothing finer than is allowed now, so nothing at all while that is being made."""
    if not photo.is_rendered:
        response = HttpResponse(_blank(*photo.rendition_size(320)), content_type="image/jpeg", status=503)
        response["Cache-Control"] = "no-store"
        response["Retry-After"] = NOT_MADE_YET
        return response
    return _rendition(request, photo, size, photo.shown_as, SHOWN)


def _blank(width: int, height: int) -> bytes:
    """A grey picture in the place of one that is not made yet."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (128, 134, 130)).save(out, "JPEG")
    return out.getvalue()


@require_safe
@by_token_too
def photo_original(request, id):
    """The file as it was sent, EXIF and all, as a download."""
    photo = _original(request.user, id)
    response = _file(photo, photo.original_name, photo.media_type, "private, no-store")
    response["Content-Disposition"] = f'attachment; filename="{photo.pk}.{ENDINGS[photo.media_type]}"'
    # It is a stranger's file: should a browser open it after all, it opens as a stranger.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _findable(person, id) -> Photo:
    photo = Photo.objects.visible_to(person).filter(pk=id).first()
    if photo is not None:
        return photo
    # A grant opens also what its owner shows to nobody else.
    return _original(person, id)


def _original(person, id) -> Photo:
    photo = Photo.objects.kept().select_related("observation__batch").filter(pk=id).first()
    if photo is None or not access.can_see_original(person, photo):
        raise Http404("No such photo.")
    return photo


def _rendition(request, photo: Photo, size: int, shown_as: str, cache: str):
    """What is stored of it at this size, or 304 where the asker has just that."""
    etag = f'"{photo.sha256[:16]}-{shown_as or Surroundings.WHOLE}-{size}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = _file(photo, photo.rendition_name(size, shown_as), "image/jpeg", cache)
    response["Cache-Control"], response["ETag"] = cache, etag
    return response


def _file(photo: Photo, name: str, media_type: str, cache: str) -> FileResponse:
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        log.error("%s has a row and no file %s", photo, name)
        raise Http404("The file of this photo is missing.") from None
    response = FileResponse(file, content_type=media_type)
    response.block_size = PIECE
    response["Cache-Control"] = cache
    return response
