"""Who says of which photos that every organism on them has a box."""

from uuid import UUID

from accounts.models import User
from labeling.models import AllBoxed


def said_of(photo: UUID, person: User) -> AllBoxed | None:
    """Their standing vote, with whether it `holds`. One query."""
    return AllBoxed.objects.with_holds().filter(photo=photo, person=person, withdrawn_at=None).first()
