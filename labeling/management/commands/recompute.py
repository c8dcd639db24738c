"""Compute verdicts anew from what stands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from labeling.actions import boxes, verdicts
from labeling.models import Verdict
from species.models import Occurrence, Taxon
from species.queries import taxa


class Command(BaseCommand):
    help = (
        "Compute verdicts anew from what stands, and write those that come out otherwise, while the site runs. "
        "It can be stopped and begun again; a second time nothing changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--taxon", help="only what anybody ever named as this (its label), or as something in it"
        )
        which.add_argument(
            "--changed",
            action="store_true",
            help="only what was reached on another tree, or with another table of reliability",
        )
        which.add_argument("--boxes", action="store_true", help="where people agree that it is, instead")

    def handle(self, *args: Any, **options: Any) -> None:
        if taxa.tree().broken:
            raise CommandError(f"The names here are no tree: {taxa.tree().broken}")
        if options["boxes"]:
            self.stdout.write(f"{boxes.recompute(progress=self._tell)} regions changed.")
            return
        if options["changed"]:
            self.stdout.write(f"{verdicts.follow(progress=self._tell)} verdicts changed.")
            return
        before = Verdict.objects.order_by("-computed_at").values_list("computed_at", flat=True).first()
        if options["taxon"]:
            taxon = Taxon.objects.filter(label=options["taxon"]).first()
            if taxon is None:
                raise CommandError(f"No taxon is labelled {options['taxon']}.")
            done = verdicts.settle_named(changed=[taxon], progress=self._tell)
        else:
            everything = Occurrence.objects.order_by("created", "id").values_list("pk", flat=True)
            done = verdicts.recompute(occurrences=everything, progress=self._tell)
        changed = (
            Verdict.objects.filter(computed_at__gt=before).count() if before else Verdict.objects.count()
        )
        self.stdout.write(f"{done} computed, {changed} changed.")

    def _tell(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done} of {total}", ending="")
