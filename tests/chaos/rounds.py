"""A site that goes round its loop again and again: import, freeze, train, promote, suggest."""

import json
from pathlib import Path

from tests.end_to_end.site import Site
from tests.universe import photo_bytes

NAMES = ("brown_trout", "rainbow_trout", "brook_trout")
# As little training as makes a model.
QUICK = json.dumps({"epochs_frozen": 1, "epochs_unfrozen": 0, "size": [64, 96], "bootstrap": 50})
EMAIL = "rosa@example.org"
ACCOUNT = """
from accounts import actions
from accounts.models import Role
person = actions.sign_up(email="rosa@example.org", password="a trout in the reeds", display_name="Rosa",
    role=Role.RESEARCHER)
print(actions.make_token(user=person, name="chaos", by=person).secret)
"""
# Another collection comes in, and what the last round learned goes live.
BEGIN = """
import json
from accounts.models import User
from jobs.actions import enqueue
from ml.actions import promotions, runs
from ml.models import Model
from research.actions import datasets
said = json.loads({said!r})
admin = User.objects.get(email="admin@localhost")
newest = Model.objects.order_by("version").last()
if newest and not newest.promotions.exists():
    promotions.promote(model=newest, by=admin, reason="The next round.")
imported = enqueue(kind="import", by=admin, title="Import " + said["source"], arguments=said | {{"by": str(admin.pk)}})
dataset = datasets.freeze(title="Round", by=admin, after=imported)
run = runs.start(dataset=dataset, by=admin, after=dataset.job) if {train} else None
if run and newest is None:
    enqueue(kind="promote_first", by=admin, after=run.job, arguments={{"run": str(run.pk)}})
"""
# Everything that has to be there once, counted.
COUNTS = """
import json
from collections import Counter
from jobs.models import Job
from labeling.models import Identification, Suggestion
from labeling.queries import photos_without_suggestions_from
from ml.models import Model, Promotion, TrainingRun
from ml.queries.promotions import live_model
from research.models import Dataset
from species.models import Observation, Occurrence, Photo
live = live_model().name if live_model() else ""
taken = Photo.objects.filter(batch__isnull=False)
print(json.dumps({
    "photos": taken.count(),
    "files": taken.values("sha256").distinct().count(),
    "sightings": Observation.objects.filter(batch__isnull=False, state="published").count(),
    "drafts": Observation.objects.filter(batch__isnull=False).exclude(state="published").count(),
    "verified": Occurrence.objects.filter(status="verified").count(),
    "occurrences": Occurrence.objects.filter(observation__batch__isnull=False).count(),
    "opinions": Identification.objects.count(),
    "datasets": sorted(Dataset.objects.values_list("version", "state")),
    "runs": TrainingRun.objects.filter(kind="model").count(),
    "unfinished runs": TrainingRun.objects.filter(finished_at=None).count(),
    "models": sorted(Model.objects.values_list("version", flat=True)),
    "live": Promotion.objects.filter(ended_at=None).count(),
    "without a suggestion": photos_without_suggestions_from(live).count(),
    "suggestions": Suggestion.objects.filter(source=live, photo__batch__isnull=False).count(),
    "uploads": {str(id): sha256 for id, sha256 in
                Photo.objects.filter(batch=None).values_list("id", "sha256")},
    "jobs": Counter(Job.objects.values_list("state", flat=True)),
    "troubles": [[str(job), job.message] for job in Job.objects.exclude(state="done")],
}))
"""


def collection(folder: Path, photos: int, seed: object, size: tuple[int, int] = (1600, 1200)) -> Path:
    """A folder per class with so many drawn photos in all, no two alike."""
    for number in range(photos):
        path = folder / NAMES[number % len(NAMES)] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo_bytes(f"{seed} {number}", size))
    return folder


def begin(site: Site, folder: Path, before: str = "", *, train: bool = True) -> str:
    """Enqueue a round with another collection, after running the code `before`; the last line that printed.

    Without `train` it ends with the dataset.
    """
    said = {
        "path": str(folder),
        "source": folder.name,
        "license": "MIT",
        "consents": ["show", "research", "train"],
        "trust": True,
        "reason": "Named by whoever drew them.",
    }
    return site.shell(before + BEGIN.format(said=json.dumps(said), train=train)).rpartition("\n")[2]


def counts(site: Site) -> dict:
    return json.loads(site.shell(COUNTS).splitlines()[-1])
