"""Which photo of this site somebody asks a model about, and what is known of the place and the time."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from accounts.models import Viewer
from species import access
from species.models import Occurrence, Photo
from species.places.cells import FINEST, parent
from species.places.geoprivacy import h3_cells
from species.queries import tallies
from species.queries.tallies import Near

NEAR = 3  # the resolution of the cell around a place: 120 km across


def photo(id: UUID, person: Viewer) -> tuple[Photo, bool] | None:
    """A photo that they see, and whether all of it: whoever may not have the original sees what everybody does."""
    found = Photo.objects.kept().select_related("observation__batch").filter(pk=id).first()
    if found is None:
        return None
    if access.can_see_original(person, found):
        return found, True
    return (found, False) if Photo.objects.visible_to(person).filter(pk=id).exists() else None


def first_photo(occurrence: UUID, person: Viewer) -> tuple[Photo, bool] | None:
    """The first photo of an organism that they see, as `photo` has it."""
    ids = Occurrence.objects.filter(pk=occurrence).order_by("photos__position", "photos__created")
    for id in ids.values_list("photos", flat=True):
        found = photo(id, person) if id else None
        if found:
            return found
    return None


def around(
    latitude: float | None, longitude: float | None, day: date | None
) -> tuple[Mapping[UUID, Near], bool, bool]:
    """How often each taxon is verified around a place and in that month, of what everybody sees; whether there is a
    place, and a month. One query, none without a place.
    """
    if latitude is None or longitude is None:
        return {}, False, False
    cell = parent(h3_cells(latitude, longitude, [FINEST])[FINEST], NEAR)
    return tallies.verified_near(cell, day.month if day else None), True, day is not None
