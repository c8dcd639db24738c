"""What a model says about a photo, kept beside what people say and never among it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.actions import queue
from labeling.models import Region, ShownSuggestion, Suggestion
from labeling.queries.suggestions import shown_of_no_photo
from species.models import Photo, Taxon

UNKEPT = timedelta(days=30)  # how long it is known that somebody asked about a photo they did not add
CHUNK = 500


@transaction.atomic
def suggest(
    *,
    photo: Photo,
    source: str,
    answers: Sequence[Mapping[str, object]],
    taxon: Taxon | None,
    uncertainty: float,
    dataset_hash: str = "",
    region: Region | None = None,
    tree_version: str = "",
) -> Suggestion:
    """Write down what `source` says; said again about the same photo or region, it replaces what it said.

    `answers`: {"label", "probability"} each and the id of the "taxon" where it is known, probabilities 0-1 and
    unrounded, most probable first. `taxon` is the answer after rolling up the tree, None for "none of these";
    `tree_version` names that tree. Raises ValidationError.
    """
    if not source.strip():
        raise ValidationError("A suggestion names the model it comes from.")
    if region is not None and region.photo_id != photo.pk:
        raise ValidationError("This region is on another photo.")
    if not (isfinite(uncertainty) and 0 <= uncertainty <= 1):
        raise ValidationError("Uncertainty lies between 0 and 1.")
    # Before its row is written, which holds the photo: who holds the sighting may want that.
    queue.hold([photo])
    suggestion, _ = Suggestion.objects.update_or_create(
        photo=photo,
        source=source,
        region=region,
        defaults={
            "answers": _checked(answers),
            "taxon": taxon,
            "uncertainty": uncertainty,
            "dataset_hash": dataset_hash,
            "tree_version": tree_version,
        },
    )
    if region is None:
        queue.suggested([photo])
    return suggestion


@transaction.atomic
def show(*, what: Iterable[tuple[str, str]], by: User) -> None:
    """Remember what `by` was shown, so that it counts with what they then say, through whichever door.

    `what`: (digest of the photo, name of the model) each, the last seen last. Again is no error.
    """
    ShownSuggestion.objects.bulk_create(
        [ShownSuggestion(person=by, photo_digest=digest, source=source) for digest, source in what],
        ignore_conflicts=True,
    )


def forget_unkept(*, now: datetime | None = None) -> int:
    """Photos that were asked about and never added are forgotten here too; how many there were."""
    over = list(shown_of_no_photo((now or timezone.now()) - UNKEPT))
    for start in range(0, len(over), CHUNK):
        with transaction.atomic():
            ShownSuggestion.objects.filter(pk__in=over[start : start + CHUNK]).delete()
    return len(over)


def _checked(answers: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    checked: list[dict[str, object]] = []
    before = 1.0
    for answer in answers:
        label, probability = answer.get("label"), answer.get("probability")
        if not isinstance(label, str) or not isinstance(probability, (int, float)):
            raise ValidationError("Every answer has a label and a probability.")
        if not 0 <= probability <= 1:  # refuses NaN, too
            raise ValidationError(f"{label}: a probability lies between 0 and 1, not {probability}.")
        if probability > before:
            raise ValidationError("Answers come with the most probable first.")
        before = probability
        known = {"taxon": str(answer["taxon"])} if answer.get("taxon") else {}
        checked.append({"label": label, "probability": probability, **known})
    if not checked:
        raise ValidationError("A suggestion has at least one answer.")
    return checked
