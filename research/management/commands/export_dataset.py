"""Write a frozen dataset to a file: `manage.py export_dataset 3 coco trout.zip`."""

import os
import tempfile
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from research.exports import FORMATS, file_name
from research.exports.archive import Damaged
from research.manifest import store
from research.models import Dataset


class Command(BaseCommand):
    help = "Write a frozen dataset in a format to a file."

    def add_arguments(self, parser):
        parser.add_argument("dataset", help="Its version number, or the first digits of its hash.")
        parser.add_argument("format", choices=sorted(FORMATS))
        parser.add_argument("--without-images", action="store_true", help="Leave the photos out.")
        parser.add_argument("out", nargs="?", type=Path, help="File or folder; else the current one.")

    def handle(self, *args, dataset, format, out, **options):
        row = self._find(dataset)
        if row.state == Dataset.State.RETIRED:
            raise CommandError(f"{row} was taken back: {row.retired_reason}")
        if row.state != Dataset.State.FROZEN:
            raise CommandError(f"{row} is not frozen.")
        try:
            content = store.read(row)
        except store.Unreadable as error:
            raise CommandError(str(error)) from error
        path = out or Path()
        if path.is_dir():
            path = path / file_name(content, FORMATS[format], not options["without_images"])
        self._write(path, FORMATS[format].write(content, not options["without_images"]))
        self.stdout.write(f"{path}: {row}, {len(content['photos'])} photos, sha256 {row.content_hash}")

    def _find(self, named: str) -> Dataset:
        found = Dataset.objects.exclude(content_hash="").filter(content_hash__startswith=named)
        if named.isdigit() and len(named) < 9:
            found = Dataset.objects.filter(version=int(named))
        if len(found) != 1:
            raise CommandError(f"{len(found)} datasets are called {named}; name one by version or hash.")
        return found[0]

    def _write(self, path: Path, pieces) -> None:
        # Whole or not at all: half an archive looks like an archive.
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
            os.chmod(part, 0o644)
            os.replace(part, path)
        except Damaged as error:
            raise CommandError(f"{error} Nothing was written.") from error
        finally:
            Path(part).unlink(missing_ok=True)
