"""Takes in a collection of labelled photos: observations.csv, a folder per class, or addresses per class."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from labeling.imports import run

EACH = 50


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, help="the folder, table or list (docs/importing.md)")
        parser.add_argument("--source", help="what the collection is called; its opinions go by this name")
        parser.add_argument("--by", required=True, help="e-mail address of the reviewer who answers for it")
        parser.add_argument("--license", required=True, help="SPDX id, e.g. CC-BY-4.0")
        parser.add_argument("--credit", default="", help="whom to name beside the photos")
        parser.add_argument(
            "--consent", default="show", help="what the photos may be used for: show,research,train"
        )
        parser.add_argument(
            "--trust",
            nargs="?",
            const=True,
            metavar="SOURCE",
            help="let everything this source says count as ruled, until a reviewer withdraws it",
        )
        parser.add_argument("--reason", default="", help="why it is trusted")

    def handle(self, *, path, source, by, license, credit, consent, trust, reason, **options):
        if isinstance(trust, str):
            if source and source != trust:
                raise CommandError(f"--source says {source} and --trust says {trust}: which is it?")
            source = trust
        person = User.objects.by_address(by)
        if person is None:
            raise CommandError(f"Nobody here has the address {by}.")
        try:
            report = run.import_collection(
                path=path,
                source=source or path.resolve().stem,
                by=person,
                licence=license,
                credit=credit,
                consents=[word.strip() for word in consent.split(",") if word.strip()],
                trust=bool(trust),
                reason=reason,
                progress=self.progress,
            )
        except run.ImportRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(report.sentence())
        for reason_skipped, lines in report.skipped().items():
            self.stdout.write(f"Skipped: {reason_skipped}")
            for line in lines:
                self.stdout.write(f"  {line}")

    def progress(self, done: int, total: int, message: str) -> None:
        if done >= self.said + EACH:
            self.said = done
            self.stderr.write(f"{done} of {total} rows")

    said = 0
