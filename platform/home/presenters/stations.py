"""The loop at work: what the home page tells of each of its stations."""

from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db.models import Count, F, Q, QuerySet, Subquery, Value
from django.utils import timezone

from jobs import queries
from jobs.models import Job
from labeling.models import Identification
from labeling.presenters import cards
from species.models import Occurrence, Photo, Status
from species.presenters.plates import plate

if apps.is_installed("ml"):
    from ml.models import Model
    from ml.presenters.metrics import figure
if apps.is_installed("research"):
    from research.models import Dataset

CARDS = 4
COUNTED = ("photos", "identifications", "people", "settled")
CHAIN = 8
# The kinds of job that close the loop for the first time.
BOOTSTRAP = ("draw", "import", "freeze", "train", "promote_first", "suggest")


def loop_at_work(live: "Model | None") -> dict:
    """Counts of the week, one example per station, and what needs people now."""
    newest = _newest_photo()
    latest = _latest()
    made = cards.cards(latest)
    agreed = [card for card in made if card["status"] == Status.VERIFIED]
    return {
        "counts": {name: getattr(newest, name, 0) for name in COUNTED},
        "station_photo": {"plate": plate(newest, size=320), "observation": newest.observation_id}
        if newest
        else None,
        "station_identification": _newest_identification(),
        "station_agreement": agreed[0] if agreed else None,
        "station_dataset": Dataset.objects.filter(state=Dataset.State.FROZEN).order_by("version").last()
        if apps.is_installed("research")
        else None,
        "station_model": live,
        "station_model_figure": figure(live) if live else None,
        "needs_you": [card for card in made if card["status"] != Status.VERIFIED],
        "agreed": agreed,
    }


def _newest_photo() -> Photo | None:
    """With counts of the week; where no photo is shown, nothing else is that could be counted. One query."""
    # Of what anybody may see, in every number: a count is no way to learn of drafts and hidden photos.
    week = timezone.now() - timedelta(days=7)
    said = Identification.objects.filter(shown=True, withdrawn_at=None, created__gte=week)
    settled = Occurrence.objects.filter(shown=True, settled_at__gte=week).verified()
    shown = Photo.objects.shown()
    counts = {
        "photos": _counted(shown.filter(created__gte=week), Count("pk")),
        # Not of ids, which the index of the week does not hold.
        "identifications": _counted(said, Count("*")),
        "people": _counted(said, Count("person", distinct=True)),
        "settled": _counted(settled, Count("pk")),
    }
    return shown.annotate(**counts).order_by("-created", "-id").first()


def _counted(rows: QuerySet, count: Count) -> Subquery:
    return Subquery(rows.order_by().values(all=Value(1)).annotate(count=count).values("count"))


def _newest_identification() -> Identification | None:
    """With its person and taxon. One query."""
    said = Identification.objects.filter(shown=True, withdrawn_at=None).order_by("-created", "-id")
    newest = Identification.objects.filter(pk__in=said.values("pk")[:1])
    return newest.select_related("person", "taxon").first()


def _latest() -> list[Occurrence]:
    """Of what anybody may see: what was verified last, and what came last of what waits for a name. One query."""
    shown, whole = Occurrence.objects.filter(shown=True), Occurrence.objects.select_related(*cards.NEEDED)
    agreed = shown.verified().order_by("-settled_at", "-id").values("pk")[:CARDS]
    waiting = shown.waiting().order_by("-listed_at", "-id").values("pk")[:CARDS]
    first = whole.filter(pk__in=agreed).annotate(at=F("settled_at")).order_by()
    second = whole.filter(pk__in=waiting).annotate(at=F("listed_at")).order_by()
    return list(first.union(second, all=True).order_by("-at", "-id"))


@dataclass(frozen=True)
class Step:
    """One job of the chain as one person may see it."""

    title: str
    state: str
    word: str
    done: int
    total: int | None
    message: str


def progress_of_the_bootstrap(person) -> list[Step]:
    """The chain of jobs that is closing the loop now, first to last; empty when nothing is under way. One query.

    Everybody sees that it goes on. What a job says of itself is its owner's and the admins', like its page,
    and so is a chain of anything else than the bootstrap's kinds.
    """
    open_to_them = Q(kind__in=BOOTSTRAP) | Q(pk__in=queries.visible_to(person).order_by().values("pk"))
    under_way = Job.objects.unfinished().filter(open_to_them, after__isnull=False)
    job = under_way.select_related("__".join(["after"] * CHAIN)).order_by("created", "id").last()
    chain: list[Job] = []
    while job is not None and len(chain) < CHAIN:
        if job.kind not in BOOTSTRAP and not queries.is_visible_to(job, person):
            break
        chain.insert(0, job)
        job = job.after
    return [
        Step(
            title=str(job),
            state=job.state,
            word=job.get_state_display(),
            done=job.progress_done,
            total=job.progress_total,
            message=job.message if queries.is_visible_to(job, person) else "",
        )
        for job in chain
    ]
