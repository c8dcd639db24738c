"""Every name that may be typed."""

from species.models import (
    Taxon,
)


def every_name() -> list[Taxon]:
    """Accepted taxa, for the list under a field where any name may be typed. One query."""
    return list(Taxon.objects.accepted().order_by("scientific_name"))
