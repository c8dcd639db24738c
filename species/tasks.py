"""Background work on photos."""

import logging

from django.core.files.storage import default_storage

from jobs.actions import enqueue
from jobs.context import Context
from jobs.registry import job, watch
from jobs.worklist import Worklist
from species import stored_files
from species.actions import import_batches, surroundings
from species.images.decoder import get_decoder
from species.images.refusals import ImageRefused
from species.models import ImportBatch, Photo, Surroundings

log = logging.getLogger(__name__)


@job("render")
def render(context: Context) -> None:
    """Make what others see of photos whose surroundings are kept from them. Finds its work by query: safe to repeat."""
    waiting = Worklist(Photo.objects.to_be_rendered().order_by("pk").values_list("pk", flat=True).iterator())
    done = failed = 0
    for batch in waiting.batches(20):
        for photo in Photo.objects.to_be_rendered().filter(pk__in=batch):
            context.progress(done, len(waiting), f"Made what others see of {done} photos.")
            try:
                _render(context, photo)
            # Not DecoderFailed: that is no fault of the photo, and the job is tried again.
            except (ImageRefused, FileNotFoundError) as error:
                failed += 1
                log.error("What others see of %s cannot be made: %s", photo, error)
                # Or it would be tried at every sweep. Others are answered that it is missing, and so is fsck.
                _done(context, photo)
            done += 1
    could_not = f" {failed} could not be made, and others see nothing of them." if failed else ""
    context.progress(done, len(waiting), f"Made what others see of {done} photos.{could_not}")


def _render(context: Context, photo: Photo) -> None:
    """Files first, then the row, then away with what it said before: a kill leaves a stray at worst."""
    if photo.public_rendition != Surroundings.WHOLE:
        with default_storage.open(photo.original_name) as file:
            original = file.read()
        made = get_decoder().surroundings(original, photo.public_rendition, photo.frame)
        stored_files.store_rendered(photo, photo.shown_as, made)
    _done(context, photo)


def _done(context: Context, photo: Photo) -> None:
    wanted, before = photo.shown_as, photo.rendered_as
    with context.commit():
        stands = surroundings.made(photo, wanted)
    if stands:
        old = before
    else:
        # Changed, or gone, meanwhile; what is wanted now is made by the next look.
        now = Photo.objects.filter(pk=photo.pk).first()
        old = "" if now is not None and wanted in (now.shown_as, now.rendered_as) else wanted
    if old:
        stored_files.remove_rendered(photo, old)


@watch
def find_photos_to_render() -> None:
    if Photo.objects.to_be_rendered().exists():
        enqueue(kind="render", key="render", title="Make what others see of photos")


@job(import_batches.KIND)
def follow_batch(context: Context) -> None:
    """Let lists follow what became of the import `arguments["batch"]`. Safe to run again at any point."""
    import_batches.follow(
        batch=ImportBatch.objects.get(pk=context.arguments["batch"]),
        progress=lambda done, total: context.progress(done, total, "Going through what came with it"),
    )
