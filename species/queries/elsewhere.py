"""What higher floors keep of photos, whatever becomes of these here: asked before something is deleted.

As they cannot be imported from below, they answer a signal (`research.queries.datasets.keep` does).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.dispatch import Signal

from species.models import Photo


@dataclass(frozen=True)
class Keeper:
    """Something published that holds these photos for good, by the name and the address of its page."""

    title: str
    url: str
    photos: frozenset[UUID]


# Sent with `photos`, ids; each receiver answers a list of keepers.
asked = Signal()


def keepers(photos: Collection[UUID]) -> list[Keeper]:
    answers = [cast("list[Keeper]", found) for _, found in asked.send(sender=Photo, photos=photos)]
    return [each for found in answers for each in found]
