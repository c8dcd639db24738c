"""Numbers of classes that were given."""

from uuid import UUID

from research.models import CategoryNumber


def numbers() -> dict[UUID, int]:
    """Taxon to the number that published datasets know it by."""
    return dict(CategoryNumber.objects.values_list("taxon", "number"))
