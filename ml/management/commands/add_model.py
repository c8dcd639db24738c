"""Take in a model folder that the training program made elsewhere, e.g. on a machine with a GPU."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from ml.actions import promotions, runs
from ml.models import TrainingRun
from ml.serving import model_store
from ml.vision.session import ModelRefused, Session
from research.models import Dataset


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("out", type=Path, help="what the program wrote: metrics.json and model/")
        parser.add_argument("--dataset", type=int, required=True, help="version of the dataset, e.g. 3")
        parser.add_argument("--by", required=True, help="e-mail of the admin who adds it")
        parser.add_argument("--promote", metavar="REASON", help="put it live at once, for this reason")
        parser.add_argument(
            "--other-data",
            action="store_true",
            help="take it although its card names another dataset (a benchmark's own split)",
        )

    def handle(self, *, out: Path, dataset: int, by: str, promote: str, other_data: bool, **options):
        try:
            admin = User.objects.get_by_natural_key(by)
            frozen = Dataset.objects.get(version=dataset, state=Dataset.State.FROZEN)
        except (User.DoesNotExist, Dataset.DoesNotExist) as error:
            raise CommandError(f"{error} (--by {by}, --dataset {dataset})") from error
        if not admin.is_admin:
            raise CommandError(f"{admin} is no admin.")
        try:
            session = Session.load(out / "model")
            metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
            sha256 = model_store.store(out / "model")
        except (ModelRefused, OSError, ValueError) as error:
            raise CommandError(f"{out} is not what the training program writes: {error}") from error
        if session.card["dataset_hash"] != frozen.content_hash and not other_data:
            raise CommandError(f"Its card names dataset {session.card['dataset_hash']}, not {frozen}.")
        run = TrainingRun.objects.create(
            dataset=frozen,
            created_by=admin,
            options=session.card.get("options", {}),
            finished_at=timezone.now(),
        )
        model = runs.finish(run=run, metrics=metrics, history=[], card=session.card, sha256=sha256)
        self.stdout.write(f"{model} added.")
        if promote:
            promotions.promote(model=model, by=admin, reason=promote)
            self.stdout.write(f"{model} is live.")
