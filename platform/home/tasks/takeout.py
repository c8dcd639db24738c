"""Gathers everything that is one person's own into one file, of which little is in memory at a time."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from home import takeouts
from home.queries import mine
from home.queries.own_table import Table
from jobs.context import Context
from jobs.outcomes import Permanent
from jobs.registry import job
from jobs.worklist import Worklist
from look.site import site
from look.spreadsheets import line
from notices.actions import notify
from species.models import Photo
from species.views.media import ENDINGS

PIECE = 256 * 1024
TOLD = 500  # rows between two reports


@job(takeouts.KIND, result="api-takeout-file")
def take_out(context: Context) -> None:
    """Begun again from the beginning where it was killed: what an earlier attempt made is swept."""
    person = context.job.owner
    if person is None or not person.is_active:
        raise Permanent("This account is closed.")
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    # Called as an upload is: what a killed process leaves of either is removed an hour later.
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".upload.zip") as file:
        photos = _write(context, person, file)
        file.flush()
        file.seek(0)
        name = takeouts.name(context.job)
        if default_storage.save(name, File(file, name=name)) != name:
            raise RuntimeError(f"The storage put {name} elsewhere; it must overwrite.")
    context.progress(photos, photos, "It is ready.")
    with context.commit(finish=True):
        notify(
            user=person,
            kind=takeouts.KIND,
            text=f"Everything that is yours is in one file. You can download it for {takeouts.LASTS.days} days.",
            url=reverse("take_out"),
            about=takeouts.KIND,
        )


def _write(context: Context, person: User, file: IO[bytes]) -> int:
    """The whole archive; how many photos are in it."""
    tables, counts, missing = mine.tables(), {}, 0
    photos = Worklist(Photo.objects.filter(owner=person).order_by("pk").values_list("pk", flat=True))
    total = len(photos)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            context.progress(0, total, f"Writing {table.name.replace('_', ' ')}")
            counts[table.name] = _table(context, archive, table, person)
        done = 0
        for batch in photos.batches(100):
            for photo in Photo.objects.filter(pk__in=batch).order_by("pk"):
                context.progress(done, total, "Copying your photos")
                missing += not _original(archive, photo)
                done += 1
        archive.writestr("README.txt", _readme(tables, counts, total, missing, timezone.now()))
    return total


def _table(context: Context, archive: zipfile.ZipFile, table: Table, person: User) -> int:
    """Its rows as CSV and as JSON; how many. Read twice, so that neither has to wait in memory for the other."""
    count = 0
    with archive.open(f"csv/{table.name}.csv", "w", force_zip64=True) as out:
        out.write(line(table.columns))
        for row in table.values(person):
            out.write(line([_text(value) for value in row]))
            count += 1
            if count % TOLD == 0:
                context.check()
    with archive.open(f"json/{table.name}.json", "w", force_zip64=True) as out:
        for piece in _json(table, person):
            out.write(piece.encode())
    return count


def _json(table: Table, person: User) -> Iterator[str]:
    before = "[\n"
    for row in table.values(person):
        said = dict(zip(table.columns, row, strict=True))
        yield before + json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _text(value: Any) -> Any:
    """What stands in a cell: lists and objects as JSON, moments as everywhere."""
    if isinstance(value, list | dict):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def _original(archive: zipfile.ZipFile, photo: Photo) -> bool:
    """Copy a photo as it was sent; False where its file is missing, or the photo was deleted meanwhile."""
    entry = zipfile.ZipInfo(f"originals/{photo.pk}.{ENDINGS.get(photo.media_type, 'bin')}")
    entry.date_time = photo.created.timetuple()[:6]
    entry.external_attr = 0o644 << 16
    try:
        with default_storage.open(photo.original_name) as original:
            # Photos don't shrink.
            with archive.open(entry, "w", force_zip64=True) as out:
                copyfileobj(original, out, PIECE)
    except FileNotFoundError:
        return False
    return True


def _readme(
    tables: Iterable[Table], counts: Mapping[str, int], photos: int, missing: int, now: datetime
) -> str:
    """README.txt: every file, and every column of the tables."""
    parts = [
        f"Everything that is yours on {site()['title']}, as it stood on {now:%d %B %Y, %H:%M} UTC.",
        f"originals/: your {photos} photos as you sent them, each called by its id in photos.csv."
        + (f" Of {missing} the file was missing here." if missing else ""),
        "csv/ and json/ hold the same tables twice: for a spreadsheet (UTF-8, commas; empty: not known) and for\n"
        "programs. In CSV, a text that a spreadsheet would run as a formula has a ' in front. Moments are in UTC.\n"
        "Ids lead from one table to another. Of other people there is nothing here but what everybody reads on\n"
        "the site; passwords and keys are in no file, because the site keeps none that could be read.",
    ]
    for table in tables:
        head = f"{table.name}.csv, {table.name}.json ({counts[table.name]} rows)\n  {table.what}"
        columns = (f"    {name}: {column.meaning}" for name, column in table.columns.items())
        parts.append("\n".join([head, *columns]))
    return "\n\n".join(parts) + "\n"
