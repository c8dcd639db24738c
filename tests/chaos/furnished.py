"""A whole site with a little of everything in it, within seconds: people, a frozen dataset, a live model."""

import json

from tests.chaos.doors import PASSWORD
from tests.end_to_end.site import Site
from tests.ml.folder import write_folder

PEOPLE = ("alice", "bob")
MADE = f"""
from accounts import actions as accounts
from accounts.models import User
from research.actions import datasets
from species.models import Taxon
from tests.research.building import agreed

people = [
    accounts.sign_up(email=f"{{name}}@example.org", password="{PASSWORD}", display_name=name.title())
    for name in {PEOPLE}
]
for number, label in enumerate(["brook_trout", "brown_trout", "rainbow_trout"]):
    agreed(people[0], Taxon.objects.get(label=label), people[1:], seed=number)
datasets.freeze(title="Three trout", by=User.objects.get(role="admin"))
"""
FROZEN = """
import json
from research.models import Dataset

dataset = Dataset.objects.get()
print(json.dumps([dataset.state, str(dataset.pk), dataset.content_hash]))
"""


def furnish(site: Site) -> str:
    """Fill a site that has just been started empty (DRAWINGS=0); the dataset's id."""
    site.shell(MADE)
    site.wait(lambda: json.loads(site.shell(FROZEN))[0] == "frozen", 60, "the dataset")
    _, dataset, content_hash = json.loads(site.shell(FROZEN))
    out = site.var.parent / "out"
    write_folder(out / "model", dataset_hash=content_hash)
    (out / "metrics.json").write_text("{}")
    site.manage(
        *["add_model", str(out), "--dataset", "1", "--by", "admin@localhost"],
        *["--promote", "It names colours."],
    )
    site.wait_for_model(60)
    return dataset
