from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from species.actions import taxa
from species.models import Rank
from species.taxonomy import taxa_file


class Command(BaseCommand):
    help = "Load a file of taxa. Loading it again changes only what changed in it."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="YAML, e.g. data/taxa/trout.yaml")

    def handle(self, *args, file: Path, **options):
        path = file if file.is_file() else settings.ROOT / file
        try:
            content = taxa_file.read(path, ranks=frozenset(Rank.values))
            loaded = taxa.load(file=content)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        except taxa_file.BadTaxa as error:
            raise CommandError(f"{error} Nothing was loaded.") from error
        self.stdout.write(
            f"{loaded.added} taxa added, {loaded.changed} changed, {loaded.unchanged} as they were."
        )
