"""A photo that somebody asked about becomes theirs: with what the model said of it, and the name they give."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from labeling.actions import identifications, suggestions
from labeling.models import Identification, Suggestion, digest
from species.actions import observations, occurrences, photos
from species.models import Photo, Taxon

Said = Mapping[str, Any]  # the arguments of `suggestions.suggest`, but for the photo; the taxon by its id


@transaction.atomic
def record(*, photo: Photo, by: User, taxon: Taxon | None, said: Said | None, **recorded: Any) -> Photo:
    """The photo's rows (`photos.record`) and those of `describe`: all of them, or none. For `ingest.receive`."""
    photos.record(photo=photo, by=by, **recorded)
    describe(photo=photo, by=by, taxon=taxon, said=said)
    return photo


@transaction.atomic
def describe(*, photo: Photo, by: User, taxon: Taxon | None, said: Said | None) -> Identification | None:
    """Write down what a model said of the photo and that `by` saw it; then what `by` says, if they gave a name.

    Again is no error and says nothing twice. Raises PermissionDenied.
    """
    suggestion = _suggestion(photo, said, by) if said else None
    if taxon is None:
        return None
    observation = observations.lock(photo.observation)
    occurrence = photo.occurrences.order_by("created", "id").first() or occurrences.add(
        observation=observation, photos=[photo], by=by
    )
    standing = Identification.objects.filter(occurrence=occurrence, person=by, withdrawn_at=None).first()
    if standing is not None and standing.taxon_id == taxon.pk:
        return standing
    return identifications.add(occurrence=occurrence, taxon=taxon, by=by, suggestion_on_screen=suggestion)


def _suggestion(photo: Photo, said: Said, by: User) -> Suggestion:
    taxon = Taxon.objects.filter(pk=said["taxon"]).first() if said["taxon"] else None
    suggestion = suggestions.suggest(photo=photo, **{**said, "taxon": taxon})
    suggestions.show(what=[(digest(photo.sha256), suggestion.source)], by=by)
    return suggestion
