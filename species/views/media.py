"""The bytes of photos: renditions for whoever may look, originals for whoever may have them."""

import logging

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from accounts.authentication import by_token_too
from species import access
from species.images.decode import SIZES
from species.models import Photo

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
# A rendition never changes, but its owner can withdraw it: a day is how long a cache may not have heard.
SHOWN = "public, max-age=86400, immutable"
PRIVATE = "private, max-age=300"
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
        response = _file(photo, photo.rendition_name(size), "image/jpeg", SHOWN)
        # Clients on other sites show the samples of `GET /config`.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
    photo = _findable(request.user, id)
    return _file(photo, photo.rendition_name(size), "image/jpeg", PRIVATE)


@require_safe
@by_token_too
def photo_original(request, id):
    """The file as it was sent, EXIF and all, as a download."""
    photo = Photo.objects.kept().select_related("observation__batch").filter(pk=id).first()
    if photo is None or not access.can_see_original(request.user, photo):
        raise Http404("No such photo.")
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
    photo = Photo.objects.kept().select_related("observation__batch").filter(pk=id).first()
    if photo is None or not access.can_see_original(person, photo):
        raise Http404("No such photo.")
    return photo


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
