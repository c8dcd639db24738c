"""Many photos that somebody asks about, one after the other, and one file with what was said of them."""

import json
import logging
from datetime import date
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from jobs.outcomes import Permanent
from jobs.registry import job, watch
from labeling.actions.suggestions import show
from labeling.models import digest
from ml import stored_files
from ml.actions import predictions
from ml.queries import asked
from ml.serving import server
from ml.serving.server import NoLiveModel
from species.fetching import FetchRefused, fetch
from species.images.refusals import MAX_BYTES, ImageRefused
from species.models import Photo

FETCH_SECONDS = 10
NO_PHOTO = "You see no such photo."

log = logging.getLogger(__name__)


class _NotThere(Exception):
    pass


@job(stored_files.PREDICTED, result="api-predicted-detail")
def predict(context) -> None:
    """Begun again from the beginning where it was killed: nothing but the file comes of it."""
    person = context.job.owner
    if person is None or not person.is_active:
        raise Permanent("This account is closed.")
    items, results, seen = context.arguments["items"], [], []
    for number, item in enumerate(items):
        context.progress(number, len(items), f"{number} of {len(items)} were looked at.")
        result, what = _one(item, person)
        results.append(item | result)
        seen += what
    name = stored_files.predicted(context.job)
    text = json.dumps(results, ensure_ascii=False)
    if default_storage.save(name, ContentFile(text.encode())) != name:
        raise RuntimeError(f"The storage put {name} elsewhere; it must overwrite.")
    context.progress(len(items), len(items), "All were looked at.")
    with context.commit(finish=True):
        show(what=seen, by=person)


def _one(item: dict[str, Any], person: User) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Its `prediction`, or its `code` and `error`; what its person has seen by it."""
    try:
        data, photo = _bytes(item, person)
        found = server.get_server().predict(data)
    except NoLiveModel as error:
        raise Permanent(str(error)) from error
    except (ImageRefused, FetchRefused) as error:
        return {"code": error.code, "error": str(error)}, []
    except _NotThere:
        return {"code": "no_photo", "error": NO_PHOTO}, []
    place = {name: item.get(name) for name in ("top_k", "latitude", "longitude")}
    day = item.get("observed_on")
    said = predictions.said(found, **place, observed_on=date.fromisoformat(day) if day else None)
    return {"prediction": said}, [(digest(photo.sha256), found.live.name)] if photo else []


def _bytes(item: dict[str, Any], person: User) -> tuple[bytes, Photo | None]:
    """Asked when its turn comes: what somebody sees changes meanwhile. Raises _NotThere, FetchRefused."""
    if "url" in item:
        return fetch(item["url"], max_bytes=MAX_BYTES, timeout=FETCH_SECONDS), None
    found = asked.photo(UUID(item["photo"]), person)
    if found is None:
        raise _NotThere
    try:
        return stored_files.bytes_of(*found), found[0]
    except FileNotFoundError:
        log.error("The file of %s is missing", found[0])
        raise _NotThere from None


@watch
def forget_old_predictions() -> None:
    stored_files.forget_old_predictions()
