"""Every write about organisms, the verdict columns included."""

import math
from collections.abc import Callable, Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from species import access
from species.actions import observations
from species.models import Measurement, Observation, Occurrence, OccurrencePhoto, Photo, Status, Taxon
from species.taxonomy.tree import Tree

UNITS = {Measurement.Kind.TOTAL_LENGTH: "mm", Measurement.Kind.WEIGHT: "g"}


@transaction.atomic
def add(
    *,
    observation: Observation,
    photos: Iterable[Photo],
    by,
    id: UUID | None = None,
    organism_id: str = "",
) -> Occurrence:
    """One more organism in a sighting, seen on these of its photos. The same `id` again is the same one.

    Raises NotYours when the id is somebody else's, ValidationError when a photo is of another sighting.
    """
    locked = observations.lock(observation)
    if not access.can_edit(by, locked):
        raise PermissionDenied("Only its owner adds to a sighting.")
    found = Occurrence.objects.filter(pk=id).first() if id else None
    if found is not None:
        if found.observation_id != locked.pk:
            raise access.NotYours("No such occurrence.")
        return found
    photos = list(photos)
    if not photos:
        raise ValidationError({"photos": "Say on which photos it is seen."})
    if any(photo.observation_id != locked.pk for photo in photos):
        raise ValidationError({"photos": "A photo of another sighting cannot show it."})
    occurrence = Occurrence.objects.create(
        **({"id": id} if id else {}), observation=locked, organism_id=organism_id.strip()
    )
    OccurrencePhoto.objects.bulk_create(
        OccurrencePhoto(occurrence=occurrence, photo=photo) for photo in photos
    )
    return occurrence


@transaction.atomic
def settle(
    *,
    occurrence: Occurrence,
    decide: Callable[[Occurrence], tuple[str, Taxon | None]],
    tree: Tree | None = None,
) -> Occurrence:
    """The one door of the verdict columns: `decide` is asked while the row is held, and its answer written.

    Two people whose opinions arrive together are so decided one after the other, the second with both in
    sight. A place follows at once when the agreed taxon changes: it may be a sensitive one. `tree` spares a
    query where the caller has it. Raises NotYours where the sighting was discarded meanwhile.
    """
    observation = observations.lock(Observation(pk=occurrence.observation_id))
    locked = Occurrence.objects.select_for_update().get(pk=occurrence.pk)
    locked.observation = observation
    status, taxon = decide(locked)
    if status not in Status.values:
        raise ValueError(f"No such status: {status!r}.")
    taxon_id = taxon.pk if taxon is not None else None
    moved = taxon_id != locked.agreed_taxon_id
    if moved or status != locked.status or locked.settled_at is None:
        locked.status, locked.agreed_taxon, locked.settled_at = status, taxon, timezone.now()
        locked.save(update_fields=["status", "agreed_taxon", "settled_at"])
    if moved:
        observations.generalize_held(observation, tree=tree)
    occurrence.status, occurrence.settled_at = locked.status, locked.settled_at
    occurrence.agreed_taxon = locked.agreed_taxon
    return locked


@transaction.atomic
def measure(*, occurrence: Occurrence, kind: str, value: float, by, method: str = "") -> Measurement:
    """A length in mm (`total_length`) or a weight in g (`weight`). The same said twice is one measurement.

    Raises PermissionDenied, ValidationError; NotYours where the sighting was discarded meanwhile.
    """
    if kind not in Measurement.Kind.values:
        raise ValidationError({"kind": f"Choose one of: {', '.join(Measurement.Kind.values)}."})
    if not (math.isfinite(value) and value > 0):
        raise ValidationError({"value": f"More than 0 {UNITS[kind]}."})
    if not access.can_edit(by, observations.lock(Observation(pk=occurrence.observation_id))):
        raise PermissionDenied("Only its owner adds to a sighting.")
    measurement, _ = Measurement.objects.get_or_create(
        occurrence=occurrence, kind=kind, value=value, unit=UNITS[kind], method=method.strip(), by=by
    )
    return measurement
