"""What the live model says of photos that somebody asks about: one at once, many as a job."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from jobs import actions as jobs
from jobs.models import Job
from ml.actions import suggestions
from ml.queries import asked
from ml.serving.server import Prediction
from ml.stored_files import PREDICTED
from species.models import Taxon
from species.queries.tallies import Near

MOST = 200  # photos of one job


def said(
    prediction: Prediction,
    *,
    top_k: int | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    observed_on: date | None = None,
) -> dict[str, Any]:
    """What is answered. Probabilities are the model's own, whatever the place and the time: beside each stands how
    often that taxon is verified there.
    """
    distance = prediction.look.distance
    live, answer = prediction.live, suggestions.read(prediction.look, live=prediction.live)
    near, has_place, has_month = asked.around(latitude, longitude, observed_on)
    guesses = [
        {
            "label": label,
            "probability": float(probability),
            "verified_near": _near(near, taxon).here if has_place else None,
            "verified_near_then": _near(near, taxon).then if has_month else None,
        }
        for taxon, (label, probability) in zip(answer.named, answer.ranked, strict=True)
    ]
    named = Taxon.objects.filter(pk=str(answer.taxon)) if answer.taxon else Taxon.objects.none()
    return {
        "model": live.name,
        "model_version": live.version,
        "dataset_hash": live.dataset_hash,
        "seconds": prediction.seconds,
        "threshold": live.threshold,
        "taxon": named.values_list("label", flat=True).first(),
        "rolled_up": answer.rolled_up,
        "distance": None if distance is None else float(distance),
        "predictions": guesses[:top_k],
    }


def _near(near: Mapping[UUID, Near], taxon: object) -> Near:
    return near.get(UUID(str(taxon)), Near()) if taxon else Near()


@transaction.atomic
def ask(*, items: Sequence[Mapping[str, Any]], by: User) -> Job:
    """The job that asks about many photos: `items` are `{"photo": id}` or `{"url": address}` each, with `top_k`, a
    place and a day as `said` takes them. Raises PermissionDenied, ValidationError.
    """
    if not by.is_active or by.is_suspended:
        raise PermissionDenied("You may not ask for this.")
    if not 0 < len(items) <= MOST:
        raise ValidationError(f"Ask about one to {MOST} photos.")
    key = f"{PREDICTED}:{by.pk}"
    # Held, so that of two at once the second one sees the first.
    User.objects.select_for_update().get(pk=by.pk)
    if Job.objects.unfinished().filter(key=key).exists():
        raise ValidationError(
            "The last photos that you asked about are still looked at. Wait, or stop that job."
        )
    title = f"Ask about {len(items)} photo{'s' * (len(items) > 1)}"
    return jobs.enqueue(kind=PREDICTED, arguments={"items": list(items)}, by=by, title=title, key=key)
