"""The file with everything that is one's own, as it is handed out."""

import logging

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.utils.http import http_date

from home import takeouts
from jobs.models import Job
from look.site import site

log = logging.getLogger(__name__)

PIECE = 256 * 1024


def response(job: Job) -> FileResponse | None:
    """None where it never was, or is gone. Raises FileNotFoundError where it should be there."""
    ends = takeouts.until(job)
    if ends is None:
        return None
    try:
        file = default_storage.open(takeouts.name(job))
    except FileNotFoundError:
        log.error("Job %s is done and its file is missing", job.pk)
        raise
    called = "".join(each if each.isalnum() else "-" for each in site()["title"].lower())
    answer = FileResponse(
        file, as_attachment=True, filename=f"{called}-everything.zip", content_type="application/zip"
    )
    answer.block_size = PIECE
    answer["Cache-Control"] = "private, no-store"
    # When nothing will be at this address any more (RFC 8594).
    answer["Sunset"] = http_date(ends.timestamp())
    return answer
