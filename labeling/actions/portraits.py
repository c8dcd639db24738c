"""Which photo stands for a taxon where names are chosen: looked for by a job, never while a page is made."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from labeling.models import Portrait
from labeling.queries import portraits


def choose_all(progress: Callable[[int, int], object] | None = None) -> int:
    """Look anew for the portrait of each taxon with a verified organism; how many there are. Safe to repeat.

    `progress(done, total)` is called between taxa and may raise to stop.
    """
    taxa, boxed = portraits.taxa(), portraits.lately_boxed()
    now = timezone.now()
    before = dict(Portrait.objects.order_by().values_list("taxon", "occurrence"))
    for done, taxon in enumerate(taxa):
        if progress:
            progress(done, len(taxa))
        also = [*boxed.get(taxon, []), *([before[taxon]] if taxon in before else [])]
        found = portraits.best(taxon, also)
        with transaction.atomic():
            if found is None:
                Portrait.objects.filter(taxon=taxon).delete()
                continue
            values = {
                "occurrence_id": found.occurrence,
                "photo": found.photo,
                "box": found.box,
                "looked_at": now,
            }
            Portrait.objects.update_or_create(taxon_id=taxon, defaults=values)
    return len(taxa)
