"""Places in lists: whoever walks from one row to the next misses none, however many are published meanwhile.

A clock alone would not do: of two rows that are written at once, the one with the earlier moment may become visible
later, behind a walker who is past it. So moments are given out one at a time, each later than all before, and
the next is given when the row that has the last one can be seen.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from species.models import Listing, Observation, Occurrence

TICK = timedelta(microseconds=1)


def next_moment() -> datetime:
    """Later than every other; others wait for theirs until the caller's transaction ends, so it comes last.

    The caller holds the one sighting that it is for, and asks for no other lock after this.
    """
    rows = Listing.objects.select_for_update().filter(pk=Listing.ONLY)
    held = rows.first()
    if held is None:
        Listing.objects.get_or_create(pk=Listing.ONLY, defaults={"last": timezone.now()})
        held = rows.get()
    held.last = max(timezone.now(), held.last + TICK)
    held.save(update_fields=["last"])
    return held.last


def list_last(locked: Observation) -> None:
    """Put a sighting that has become visible, and its organisms, behind everything that was visible before."""
    locked.listed_at = next_moment()
    Observation.objects.filter(pk=locked.pk).update(listed_at=locked.listed_at)
    Occurrence.objects.filter(observation=locked).update(listed_at=locked.listed_at)


def touch(locked: Observation) -> None:
    """Something that the row of a sighting, or of one of its organisms, shows has changed."""
    locked.updated = timezone.now()
    Observation.objects.filter(pk=locked.pk).update(updated=locked.updated)
