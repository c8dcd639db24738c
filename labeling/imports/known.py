"""Which sightings of a collection an earlier import took in whole, asked for many at a time."""

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from labeling.imports.collection import IncomingSighting
from labeling.models import Box, Identification
from species.models import Measurement, Observation, Photo, State

IdOf = Callable[[str, str], UUID]  # of what, and of which key


class Known:
    """What is here of some sightings of a collection. Four queries, one more where it has boxes."""

    def __init__(self, sightings: Collection[IncomingSighting], id_of: IdOf) -> None:
        self._id_of = id_of
        keys = [each.key for each in sightings]
        seen = [id_of("observation", key) for key in keys]
        organisms = [id_of("occurrence", key) for key in keys]
        # It is published with its organism, its names and its verdict in one transaction: all of them or none.
        self._published = set(
            Observation.objects.filter(pk__in=seen, state=State.PUBLISHED).values_list("pk", flat=True)
        )
        self._photos = dict(Photo.objects.filter(observation__in=seen).values_list("pk", "sha256"))
        self._said = set(
            Identification.objects.filter(occurrence__in=organisms, withdrawn_at=None).values_list(
                "occurrence", "person", "taxon"
            )
        )
        self._lengths = set(
            Measurement.objects.filter(
                occurrence__in=organisms, kind=Measurement.Kind.TOTAL_LENGTH
            ).values_list("occurrence", "value")
        )

        boxed = any(photo.box for each in sightings for photo in each.photos)
        standing = Box.objects.filter(occurrence__in=organisms, withdrawn_at=None, person__is_source=True)
        self._boxed = set(standing.values_list("occurrence", "photo")) if boxed else set()

    def is_published(self, sighting: IncomingSighting) -> bool:
        return self._id_of("observation", sighting.key) in self._published

    def holds(self, sighting: IncomingSighting, said: Iterable[tuple[UUID, UUID]]) -> bool:
        """Whether its organism was said to be just that, by these (person, taxon), to be as long, and to have a box on
        each photo on which it has one.
        """
        organism = self._id_of("occurrence", sighting.key)
        length = sighting.length_mm
        return (
            all((organism, *each) in self._said for each in said)
            and (length is None or (organism, length) in self._lengths)
            and all(
                (organism, self._id_of("photo", photo.key)) in self._boxed
                for photo in sighting.photos
                if photo.box
            )
        )

    def sha256(self, key: str) -> str | None:
        """Of the photo of this key, if it is here."""
        return self._photos.get(self._id_of("photo", key))
