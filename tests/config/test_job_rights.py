"""A job waits, and its owner's role may change meanwhile: it is asked again when the job runs or is tried again."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Role, User
from jobs import actions, registry, worker
from jobs.actions import enqueue
from jobs.models import Job, State
from research.actions import datasets
from tests.conftest import person

# Kind to what it asks of its owner, and arguments with which nothing would be done; the others follow from what
# somebody was allowed to do before, or are the site's own.
ASK = {
    "draw": ("is_admin", {"path": "/nowhere", "subject": "trout", "photos": 1, "seed": 1}),
    "freeze": ("is_researcher", {"dataset": "00000000-0000-4000-8000-000000000000", "test": 0.1, "validation": 0.1}),
    "import": ("is_reviewer", {"path": "/nowhere", "source": "x", "by": "", "license": "MIT"}),
    "import_table": ("is_reviewer", {"table": "", "source": "x", "by": "", "license": "MIT"}),
    "promote_better": ("is_admin", {"run": "00000000-0000-4000-8000-000000000000"}),
    "promote_first": ("is_admin", {"run": "00000000-0000-4000-8000-000000000000"}),
    "train": ("is_admin", {"run": "00000000-0000-4000-8000-000000000000"}),
}  # fmt: skip
FOLLOW = {"deliver", "follow_batch", "follow_tree", "portraits", "read_again", "reliability", "render"}
FOLLOW |= {"predictions", "resettle"}
FOLLOW |= {"quality", "review_cases", "roll_back", "routing", "settle_taxa", "suggest", "taxon_change"}
# What somebody asks for of their own.
FOLLOW |= {"consents", "delete_account", "follow_departure", "takeout"}
MAY_NOT = "Wanda may not have this done any more, so it was not. Somebody who may has to ask for it anew."


@pytest.fixture
def wanda(db) -> User:
    return person("Wanda", Role.ADMIN)


def demote(user: User) -> None:
    User.objects.filter(pk=user.pk).update(role=Role.CONTRIBUTOR)


def test_every_kind_of_job_asks_or_follows():
    asks = {name: registry.find(name).asks for name in registry.kinds()}
    assert asks == {name: right for name, (right, _) in ASK.items()} | dict.fromkeys(FOLLOW, "")


@pytest.mark.parametrize("kind", [kind for kind in ASK if kind != "freeze"])
def test_it_is_not_done_for_an_owner_who_was_demoted(wanda, kind):
    job = enqueue(kind=kind, arguments=ASK[kind][1], by=wanda)
    demote(wanda)
    worker.run_due(["celery", "gpu"])
    job.refresh_from_db()
    assert (job.state, job.message, job.attempts) == (State.FAILED, MAY_NOT, 1)


def test_a_dataset_says_so_too(wanda):
    dataset = datasets.freeze(title="Trout", by=wanda)
    demote(wanda)
    worker.run_due(["celery", "gpu"])
    dataset.refresh_from_db()
    assert (dataset.state, dataset.summary) == ("failed", {"why": MAY_NOT})


@pytest.mark.parametrize("kind", ASK)
def test_nor_is_it_tried_again_for_them(wanda, ada, kind):
    job = enqueue(kind=kind, arguments=ASK[kind][1], by=wanda)
    actions.cancel(job=job, by=wanda)
    demote(wanda)
    for each in (wanda, ada):
        with pytest.raises(ValidationError, match="Wanda may not have this done any more"):
            actions.retry(job=job, by=each)
    assert Job.objects.get().state == State.CANCELLED


def test_an_account_that_was_closed_has_nothing_done(wanda):
    job = enqueue(kind="train", arguments=ASK["train"][1], by=wanda)
    User.objects.filter(pk=wanda.pk).update(is_active=False)
    worker.run_due(["celery", "gpu"])
    job.refresh_from_db()
    assert job.message == MAY_NOT
