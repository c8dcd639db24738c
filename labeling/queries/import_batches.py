"""What came with each import, for reviewers."""

from typing import NamedTuple

from django.db.models import Prefetch, QuerySet

from labeling.queries.ways import FEW, counts
from species.models import BatchWithdrawal, ImportBatch, Observation, Occurrence, Photo, State, Status


class Figures(NamedTuple):
    """Of what is published of a batch, `FEW` counted at most of each."""

    sightings: int
    shown: int
    photos: int
    verified: int
    needs_id: int
    disputed: int

    @property
    def more(self) -> bool:
        return max(self) >= FEW


def batches() -> QuerySet[ImportBatch]:
    """The newest first, each with its people; `standing` holds its withdrawal, if it is withdrawn. Two queries."""
    standing = BatchWithdrawal.objects.filter(restored_at=None).select_related("by")
    rows = ImportBatch.objects.select_related("source", "operator").order_by("-created", "-id")
    return rows.prefetch_related(Prefetch("withdrawals", queryset=standing, to_attr="standing"))


def figures(batch: ImportBatch) -> Figures:
    """One query."""
    sightings = Observation.objects.filter(batch=batch, state=State.PUBLISHED).order_by()
    photos = Photo.objects.filter(batch=batch, discarded_at=None, observation__state=State.PUBLISHED)
    organisms = Occurrence.objects.filter(observation__batch=batch, listed=True).order_by()
    by_status = [
        organisms.filter(status=status) for status in (Status.VERIFIED, Status.NEEDS_ID, Status.DISPUTED)
    ]
    asked = [sightings, sightings.filter(shown=True), photos.order_by(), *by_status]
    return Figures(*counts(*(each.values("pk")[:FEW] for each in asked)))


def history(batch: ImportBatch) -> list[BatchWithdrawal]:
    """Each time that it was withdrawn, the newest first. One query."""
    rows = batch.withdrawals.select_related("by", "restored_by")
    return list(rows.order_by("-created", "-id"))
