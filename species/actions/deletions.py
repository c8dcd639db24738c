"""What is public no longer, told to whoever keeps a copy."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from species.models import Deletion

Things = Iterable[tuple[str, UUID]]  # kind and id


def note(*, gone: Things = (), back: Things = ()) -> None:
    """These are not shown to everybody any more, or are again; the caller holds their sighting. Again is no error."""
    again = [pk for _, pk in back]
    if again:
        Deletion.objects.filter(pk__in=again).delete()
    now = timezone.now()
    rows = [Deletion(pk=pk, kind=kind, gone=now) for kind, pk in gone]
    if rows:
        Deletion.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=["kind", "gone"]
        )
