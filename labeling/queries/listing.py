"""What is said of occurrences, as lists show it."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from accounts.models import Viewer
from labeling.models import Box, FieldMark, Identification, Ruling
from labeling.models.listing import changed
from species.models import observation_visible_to

Said = TypeVar("Said", Identification, Box, FieldMark, Ruling)


def visible_to(rows: QuerySet[Said], person: Viewer) -> QuerySet[Said]:
    """Those on sightings that `person` may see, and trust in sources, which everybody may."""
    shown = Q(shown=True)
    if person is None or not person.is_authenticated:
        return rows.filter(shown)
    return rows.filter(shown | observation_visible_to(person, "occurrence__observation__"))


def changed_since(rows: QuerySet[Said], moment: datetime) -> QuerySet[Said]:
    """What was made, became visible or was taken back at or after `moment`, with `changed`, the last of these."""
    return rows.annotate(changed=changed()).filter(changed__gte=moment)
