"""Makes a folder a usable site: tables, static files, an admin, the starting taxa and the loop closed once,
with the photos of a folder or, without one, with drawings. Nothing twice: a start that finds it done takes seconds."""

import os
import re
import secrets
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import actions as accounts
from accounts.models import Role, User
from jobs.actions import enqueue
from jobs.models import Job
from look.site import site
from species.actions import waters
from species.models import Observation, Taxon
from species.places.waters import WatersRefused

if apps.is_installed("research"):
    from research.actions import datasets
if apps.is_installed("ml"):
    from ml.actions import runs
    from ml.models import TrainingRun
    from ml.tasks.suggestions import ask_for_suggestions
    from ml.vision.recipes import FROZEN
    from research.models import Dataset

ADMIN = "admin@localhost"
# First lines of licence texts, as they come beside a collection, and their SPDX ids.
LICENCE_TITLES = {
    r"mit license": "MIT",
    r"cc0 1\.0|creative commons zero": "CC0-1.0",
    r"creative commons attribution 4\.0|cc by 4\.0": "CC-BY-4.0",
    r"creative commons attribution-noncommercial 4\.0": "CC-BY-NC-4.0",
    r"community data license agreement.*permissive.*1\.0": "CDLA-Permissive-1.0",
}
FOLDS = 5
BETTER_FOLDS = 3  # each of them tunes several networks
FREE = {"recipe", "epochs_frozen", "epochs_unfrozen"}  # options by which the settings say how to train
DRAWN = "Drawn library"
DRAWN_SEED = 1
REASON = "Expert labels, trusted by whoever set this site up."


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--data", type=Path, help="folder to import, if nothing was imported yet")
        parser.add_argument("--source", help="name of the collection (the folder's, if not given)")
        parser.add_argument("--license", help="SPDX id (from the folder's LICENSE, if not given)")
        parser.add_argument("--credit", default="", help="whom to name beside the photos")
        parser.add_argument("--consent", default="show,research,train")
        parser.add_argument("--trust", metavar="SOURCE", help="the same as --source: its labels are trusted")
        parser.add_argument("--by", help="e-mail address of the reviewer who answers for it; else the admin")
        parser.add_argument("--reason", default=REASON, help="why its labels are trusted")

    def handle(self, *, data, source, license, credit, consent, trust, by, reason, **options):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        admin = self.admin()
        self.waters()
        if not Taxon.objects.exists():
            call_command("load_taxa", site()["taxa"], stdout=self.stdout)
        begun = Observation.objects.exists() or Job.objects.filter(kind__in=["draw", "import"]).exists()
        if data is None:
            if site()["drawings"] and settings.DRAWINGS and not begun:
                self.begin_with_drawings(admin)
            return
        if begun:
            self.stdout.write(
                "The database holds sightings already; DATA is left alone. "
                "manage.py import_photos takes in another collection."
            )
            return
        spdx, holder = licence_beside(data)
        if not (license or spdx):
            raise CommandError(f"Under which licence are the photos in {data}? Say LICENSE=<SPDX id>.")
        if source and trust and source != trust:
            raise CommandError(f"SOURCE says {source} and TRUST says {trust}: which is it?")
        self.close_the_loop(
            admin,
            path=str(data.resolve()),
            source=source or trust or data.resolve().name,
            trust=True,
            by=str(self.reviewer(by).pk if by else admin.pk),
            reason=reason,
            license=license or spdx,
            credit=credit or holder,
            consents=[word.strip() for word in consent.split(",") if word.strip()],
        )

    def waters(self) -> None:
        """Rivers and lakes of the subject's file, for its maps: whatever is large about it happens here."""
        name = site()["waters"] if site()["places"] else ""
        try:
            if waters.prepare(settings.SITE_FILE.parent / name if name else None):
                self.stdout.write(f"Waters: {name}, cut into squares for the maps.")
        except WatersRefused as error:
            raise CommandError(f"waters in {settings.SITE_FILE}: {error}") from error

    def admin(self) -> User:
        """The first admin; made with a random password, printed this once and kept for its owner to read."""
        admin = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("created").first()
        if admin:
            return admin
        password = secrets.token_urlsafe(15)
        path = settings.VAR / "admin_password"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password + "\n")
        admin = accounts.sign_up(email=ADMIN, password=password, display_name="Admin", role=Role.ADMIN)
        self.stdout.write(f"Admin: {ADMIN}, password {password} (kept in {path})")
        return admin

    def reviewer(self, address: str) -> User:
        person = User.objects.by_address(address)
        if person is None or not person.is_reviewer:
            raise CommandError(f"No reviewer here has the address {address}. Without BY the admin answers.")
        return person

    @transaction.atomic
    def begin_with_drawings(self, admin: User) -> None:
        """A library that says of itself that it is drawn, so that a newcomer sees every page alive."""
        subject = site()["drawings"]
        path = str(settings.VAR / "drawings" / subject)
        drawn = enqueue(
            kind="draw",
            by=admin,
            title=f"Draw {settings.DRAWINGS} pictures",
            arguments={"path": path, "subject": subject, "photos": settings.DRAWINGS, "seed": DRAWN_SEED},
        )
        self.close_the_loop(
            admin,
            after=drawn,
            path=path,
            source=DRAWN,
            by=str(admin.pk),
            license="CC0-1.0",
            credit="Drawn by a program",
            consents=["show", "research", "train"],
        )

    @transaction.atomic
    def close_the_loop(self, admin: User, after: Job | None = None, **collection) -> None:
        """Import, freeze, train, promote, suggest, measure: one chain, each job waiting for the one before."""
        imported = enqueue(
            kind="import",
            by=admin,
            after=after,
            title=f"Import {collection['source']}",
            arguments=collection,
        )
        begins = "Drawing a library, then importing it" if after else f"Importing {collection['path']}"
        self.stdout.write(f"{begins}. The home page shows how far it is.")
        if not apps.is_installed("research"):
            return
        dataset = datasets.freeze(title=site()["title"], by=admin, after=imported)
        if not apps.is_installed("ml"):
            return
        # The quickest first, so that something answers; whatever the settings say of training is done instead.
        options = {} if FREE & settings.TRAIN_OPTIONS.keys() else {"recipe": FROZEN}
        run = runs.start(dataset=dataset, by=admin, options=options, after=dataset.job)
        promoted = enqueue(
            kind="promote_first",
            by=admin,
            after=run.job,
            arguments={"run": str(run.pk)},
            title="Put the first model live",
        )
        suggested = ask_for_suggestions(by=admin, after=promoted)
        measured = runs.start(
            dataset=dataset,
            by=admin,
            kind=TrainingRun.Kind.KFOLD,
            options={**options, "kfold": FOLDS},
            after=suggested,
        )
        if options and after is None:
            self.look_for_better(admin, dataset, measured.job)
        self.stdout.write("Then a dataset is frozen, and a model trained on it and asked about every photo.")

    def look_for_better(self, admin: User, dataset: "Dataset", after: Job) -> None:
        """The recipe that fits how much there is: measured, made, and put live if it passes the gate by itself."""
        folds = runs.start(
            dataset=dataset,
            by=admin,
            kind=TrainingRun.Kind.KFOLD,
            options={"kfold": BETTER_FOLDS},
            after=after,
        )
        better = runs.start(dataset=dataset, by=admin, after=folds.job)
        promoted = enqueue(
            kind="promote_better",
            by=admin,
            after=better.job,
            arguments={"run": str(better.pk)},
            title="Put the next model live, if it is better",
        )
        ask_for_suggestions(by=admin, after=promoted)


def licence_beside(folder: Path) -> tuple[str, str]:
    """SPDX id and copyright line of the LICENSE file in a folder; empty where there is none we know."""
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md"):
        path = folder / name
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")[:4000]
            spdx = next((id_ for title, id_ in LICENCE_TITLES.items() if re.search(title, text, re.I)), "")
            holder = re.search(r"^\s*(?:Copyright\s*)?(?:\(c\)|©)\s*(.+)$", text, re.I | re.M)
            return spdx, f"© {holder.group(1).strip()}" if holder else ""
    return "", ""
