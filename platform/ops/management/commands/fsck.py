"""Says whether every file is referred to and every reference has its file; changes nothing unless told to.

Exit status 0 and one sentence when all is in its place, 1 and a list when not."""

import sys

from django.core.management.base import BaseCommand
from django.db.models import Model

from labeling.actions import queue, verdicts
from ops import fsck
from species.actions import observations, tallies, words


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--deep", action="store_true", help="read every file, compute every verdict")
        parser.add_argument(
            "--mend", action="store_true", help="remove files that nobody refers to, settle verdicts anew"
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=3600,
            metavar="SECONDS",
            help="a younger file without a row is an upload under way (default: 3600)",
        )

    def handle(self, *, deep: bool, mend: bool, grace: float, **options):
        found = fsck.look(grace=grace, deep=deep)
        left = list(found.strays)
        if mend:
            removed = [stray for stray in found.strays if fsck.mend(stray)]
            left = []
            for stray in removed:
                self.stdout.write(f"Removed {stray}, which nobody refers to.")
            if found.verdicts:
                count = verdicts.recompute(occurrences=found.verdicts)
                self.stdout.write(f"Settled {count} verdicts anew.")
                found.verdicts = []
            for observation in found.shown:
                observations.mend(observation)
                self.stdout.write(f"Settled what sighting {observation.pk} shows.")
            found.shown = []
            for occurrence in found.asked:
                queue.settle(occurrence)
                self.stdout.write(f"Settled whether occurrence {occurrence.pk} is asked about.")
            found.asked = []
            if found.counters:
                tallies.recount()
                self.stdout.write("Counted anew what is shown.")
            found.counters = []
            for each in found.unfound:
                words.settle(each)
                self.stdout.write(f"Wrote the words of {_name(each)}.")
            found.unfound = []
        found.faults += [
            f"The verdict on occurrence {pk} is not what stands adds up to." for pk in found.verdicts
        ]
        found.faults += [
            f"Sighting {each.pk} shows more or less than its owner allows." for each in found.shown
        ]
        found.faults += [
            f"Occurrence {each.pk} is asked about, or is not, against what was said of its photos."
            for each in found.asked
        ]
        found.faults += found.counters
        found.faults += [f"The words of {_name(each)} are not those of its text." for each in found.unfound]
        for fault in found.faults:
            self.stdout.write(fault)
        for stray in left:
            self.stdout.write(f"Nobody refers to {stray}.")
        if found.young:
            self.stdout.write(f"{found.young} files are nobody's yet, and too young to tell.")
        if found.faults or left:
            self.stdout.write(f"{len(found.faults)} faults, {len(left)} files that nobody refers to.")
            sys.exit(1)
        self.stdout.write(f"Everything is in its place: {found.files} files, each of them referred to.")


def _name(row: Model) -> str:
    return f"{row._meta.verbose_name} {row.pk}"
