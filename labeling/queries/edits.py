"""A published sighting with all that its owner can change of it."""

from uuid import UUID

from accounts.models import User
from labeling.queries import uploads
from species.access import can_edit
from species.models import Observation


def editable(id: UUID, person: User) -> Observation | None:
    """With photos, consents, organisms and lengths; None where `person` may not change it."""
    rows = Observation.objects.published().filter(pk=id).select_related("batch", "observer")
    found = uploads.with_words(rows, person).first()
    return found if found is not None and can_edit(person, found) else None
