"""The loop at work: what the home page tells of each of its stations."""

from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db.models import Count, Q
from django.utils import timezone

from jobs import queries
from jobs.models import Job
from labeling.models import Identification
from labeling.presenters import cards
from species.models import Occurrence, Photo
from species.presenters.plates import plate

if apps.is_installed("ml"):
    from ml.presenters.metrics import figure
    from ml.queries.promotions import live_model
if apps.is_installed("research"):
    from research.models import Dataset

CARDS = 4
CHAIN = 8
# The kinds of job that close the loop for the first time.
BOOTSTRAP = ("draw", "import", "freeze", "train", "promote_first", "suggest")


def loop_at_work(person) -> dict:
    """Counts of the week, one example per station, and what needs people now."""
    week = timezone.now() - timedelta(days=7)
    # Of what anybody may see, in every number: a count is no way to learn of drafts and hidden photos.
    shown = Occurrence.objects.filter(shown=True)
    said = Identification.objects.filter(shown=True, withdrawn_at=None)
    identification = said.prefetch_related("person", "taxon").order_by("-created", "-id").first()
    said = said.filter(created__gte=week).order_by()
    live = live_model() if apps.is_installed("ml") else None
    agreed = cards.cards(shown.verified().order_by("-settled_at", "-id")[:CARDS])
    newest = Photo.objects.shown().order_by("-created", "-id").first()
    return {
        "counts": {
            "photos": Photo.objects.shown().filter(created__gte=week).count(),
            "identifications": said.count(),
            "people": said.aggregate(people=Count("person", distinct=True))["people"],
            "settled": shown.verified().filter(settled_at__gte=week).count(),
        },
        "station_photo": {"plate": plate(newest, size=320), "observation": newest.observation_id}
        if newest
        else None,
        "station_identification": identification,
        "station_agreement": agreed[0] if agreed else None,
        "station_dataset": Dataset.objects.filter(state=Dataset.State.FROZEN).order_by("version").last()
        if apps.is_installed("research")
        else None,
        "station_model": live,
        "station_model_figure": figure(live) if live else None,
        "needs_you": cards.cards(shown.waiting().order_by("-listed_at", "-id")[:CARDS]),
        "agreed": agreed,
    }


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
    """The chain of jobs that is closing the loop now, first to last; empty when nothing is under way.

    Everybody sees that it goes on. What a job says of itself is its owner's and the admins', like its page,
    and so is a chain of anything else than the bootstrap's kinds.
    """
    own = queries.visible_to(person)
    open_to_them = Q(kind__in=BOOTSTRAP) | Q(pk__in=own.order_by().values("pk"))
    last = Job.objects.unfinished().filter(open_to_them, after__isnull=False).order_by("created", "id").last()
    chain: list[Job] = []
    while last is not None and len(chain) < CHAIN:
        chain.insert(0, last)
        last = Job.objects.filter(open_to_them, pk=last.after_id).first() if last.after_id else None
    theirs = (
        set(own.filter(pk__in=[job.pk for job in chain]).values_list("pk", flat=True)) if chain else set()
    )
    return [
        Step(
            title=str(job),
            state=job.state,
            word=job.get_state_display(),
            done=job.progress_done,
            total=job.progress_total,
            message=job.message if job.pk in theirs else "",
        )
        for job in chain
    ]
