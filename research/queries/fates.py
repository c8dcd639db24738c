"""Why photos that a dataset held are not in a later one."""

from collections.abc import Collection, Iterator
from itertools import islice

from django.db.models import QuerySet

from research.queries.photos import CHUNK, NO_LICENCE, verified_photos
from species.models import Photo, Purpose
from species.queries import taxa

REASONS = {
    "split": "the split dropped it",
    "erased": "it was erased",
    "withdrawn": "its owner withdrew it",
    "not_shown": "it is not shown any more",
    "no_licence": "it has no licence any more",
    "surroundings_hidden": "it is not shown whole any more",
    "not_verified": "its name is not verified any more",
    "not_asked_for": "it was not asked for",
}


def fates(photos: Collection[str]) -> dict[str, str]:
    """Id to one of `REASONS`, by the first that holds today."""
    found: dict[str, str] = {}
    for some in _chunks(photos):
        rows = Photo.objects.filter(pk__in=some)
        there = {str(pk): licence for pk, licence in rows.values_list("pk", "licence")}
        allowed = _ids(rows.allowed_for(Purpose.RESEARCH))
        shown = _ids(rows.shown())
        whole = _ids(rows.filter(shown_as=""))
        verified = _ids(verified_photos().filter(pk__in=some))
        for photo in some:
            if photo not in there:
                found[photo] = "erased"
            elif photo not in allowed:
                found[photo] = "withdrawn"
            elif photo not in shown:
                found[photo] = "not_shown"
            elif there[photo] in NO_LICENCE:
                found[photo] = "no_licence"
            elif photo not in whole:
                found[photo] = "surroundings_hidden"
            elif photo not in verified:
                found[photo] = "not_verified"
            else:
                found[photo] = "not_asked_for"
    return found


def accepted(taxon: str) -> str:
    """Of a taxon's id, that of the taxon it is a name of; itself where it is gone."""
    tree = taxa.tree()  # kept as long as its version stands
    return str(tree.accepted(taxon)) if taxon in tree else taxon


def _ids(rows: QuerySet[Photo]) -> set[str]:
    return {str(pk) for pk in rows.order_by().values_list("pk", flat=True)}


def _chunks(photos: Collection[str]) -> Iterator[list[str]]:
    left = iter(sorted(photos))
    while some := list(islice(left, CHUNK)):
        yield some
