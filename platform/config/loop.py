"""The loop at work: what the home page tells of each of its stations."""

from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from jobs.models import Job, State
from labeling import panels as labeling_panels
from labeling.models import Identification
from species.models import Occurrence, Photo, Status
from species.plates import plate

if apps.is_installed("ml"):
    from ml import queries as ml
if apps.is_installed("research"):
    from research.models import Dataset

CARDS = 4
CHAIN = 8


def loop_at_work(person) -> dict:
    """Counts of the week, one example per station, and what needs people now."""
    week = timezone.now() - timedelta(days=7)
    settled = Occurrence.objects.verified().published()
    identification = (
        Identification.objects.filter(
            withdrawn_at=None,
            occurrence__in=Occurrence.objects.visible_to(None),
        )
        .select_related("person", "taxon")
        .order_by("-created", "-id")
        .first()
    )
    agreed = labeling_panels.cards(
        Occurrence.objects.visible_to(None).verified().order_by("-settled_at", "-id")[:CARDS]
    )
    newest = Photo.objects.shown().order_by("-created", "-id").first()
    return {
        "counts": {
            "photos": Photo.objects.shown().filter(created__gte=week).count(),
            "opinions": Identification.objects.filter(created__gte=week).count(),
            "people": Identification.objects.filter(created__gte=week).values("person").distinct().count(),
            "settled": settled.filter(settled_at__gte=week).count(),
        },
        "station_photo": {"plate": plate(newest, size=320), "observation": newest.observation_id}
        if newest
        else None,
        "station_opinion": identification,
        "station_agreement": agreed[0] if agreed else None,
        "station_dataset": Dataset.objects.filter(state=Dataset.State.FROZEN).order_by("version").last()
        if apps.is_installed("research")
        else None,
        "station_model": ml.live_model() if apps.is_installed("ml") else None,
        "needs_you": labeling_panels.cards(
            Occurrence.objects.visible_to(None)
            .filter(status__in=[Status.NEEDS_ID, Status.DISPUTED])
            .order_by("-created", "-id")[:CARDS]
        ),
        "agreed": agreed,
    }


def progress_of_the_bootstrap() -> list[Job]:
    """The chain of jobs that is closing the loop now, first to last; empty when nothing is under way."""
    last = (
        Job.objects.unfinished()
        .filter(after__isnull=False)
        .select_related("after")
        .order_by("created", "id")
        .last()
    )
    chain: list[Job] = []
    while last is not None and len(chain) < CHAIN:
        chain.insert(0, last)
        last = Job.objects.filter(pk=last.after_id).first() if last.after_id else None
    return chain if any(job.state != State.DONE for job in chain) else []
