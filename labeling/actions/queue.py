"""Where an occurrence stands among those that wait for a name: its columns `doubt`, `last_said` and `unclear`."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import FloatField, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from labeling.models import Identification, Suggestion
from labeling.queries import passes
from species.actions import occurrences
from species.models import NEVER, Observation, Occurrence, Photo


def said(occurrence: Occurrence, now: Identification | None = None) -> None:
    """After something was said of one that the caller holds, just `now` or taken back. Written when it is settled.

    What somebody names is asked about, whatever others said of its photos.
    """
    if now is None:
        standing = Identification.objects.filter(occurrence=occurrence, withdrawn_at=None)
        occurrence.last_said = standing.aggregate(last=Max("created"))["last"] or NEVER
        occurrence.unclear = passes.unclear().filter(pk=occurrence.pk).exists()
    else:
        occurrence.last_said, occurrence.unclear = now.created, False


def passed(occurrence: Occurrence) -> None:
    """After somebody went on from one that the caller holds without a name, or took that back."""
    occurrence.unclear = passes.unclear().filter(pk=occurrence.pk).exists()
    Occurrence.objects.filter(pk=occurrence.pk).exclude(unclear=occurrence.unclear).update(
        unclear=occurrence.unclear
    )


def shown(observation: Observation) -> None:
    """After a photo came to a sighting that the caller holds, or left it."""
    for occurrence in passes.differing().filter(observation=observation):
        passed(occurrence)


@transaction.atomic
def settle(occurrence: Occurrence) -> None:
    """Write anew whether it is asked about. Raises NotYours where its sighting was discarded meanwhile."""
    passed(occurrences.lock(occurrence))


def hold(photos: Iterable[Photo | UUID]) -> None:
    """Hold the sightings of these photos until the transaction ends; always in one order, so that no two who do
    this wait for each other."""
    ids = [each.pk if isinstance(each, Photo) else each for each in photos]
    of_these = Photo.objects.filter(pk__in=ids).order_by().values("observation")
    list(Observation.objects.select_for_update().filter(pk__in=of_these).order_by("pk").values_list("pk"))


def suggested(photos: Iterable[Photo | UUID]) -> None:
    """After a model was asked about these photos (or their ids): what it is least sure of comes first.

    Their sightings are held before the suggestions are read. Of two who write at once the second would otherwise
    wait for the first one's row, and then write what was there before the first one's suggestion.
    """
    photos = list(photos)
    hold(photos)
    doubts = (
        Suggestion.objects.filter(photo__occurrence_photos__occurrence=OuterRef("pk"), region=None)
        .order_by()
        .values("photo__occurrence_photos__occurrence")
        .annotate(most=Max("uncertainty"))
        .values("most")
    )
    ids = Occurrence.objects.filter(occurrence_photos__photo__in=photos).values("pk")
    # What no model has seen is as uncertain as can be.
    doubt = Coalesce(Subquery(doubts, output_field=FloatField()), 1.0)
    Occurrence.objects.filter(pk__in=ids).update(doubt=doubt)
