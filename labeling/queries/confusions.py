"""What a taxon is taken for, and what is taken for it: by people, and by a model whose suggestion is in sight."""

import time
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.models import Viewer
from labeling.models import Identification, Suggestion
from labeling.queries.suggestions import Guess, guesses, taxa_of
from species.models import Occurrence, OccurrencePhoto, Photo, Status, Taxon, photo_visible_to
from species.queries import taxa as taxon_queries
from species.taxonomy.tree import Tree

MOST = 2
# The newest organisms, and names, that are looked at: a million of them need not be, to know what is confused.
SAMPLE = 1000
KEPT = 3600  # seconds
PHOTOS = 2
LIKELY = 0.05  # what a model gives less is not among what it takes something for


def people(taxon: Taxon, tree: Tree) -> list[UUID]:
    """What people take for one another most often with this one, the commonest first: of organisms that anybody may see
    and that ended as it, what else they were called, and what those ended as that were called so.

    Taken back counts, too: who changed their mind had taken one for the other. Remembered for an hour by each process;
    three queries otherwise, of a bounded number of rows.
    """
    return list(_counted(taxon, tree, int(time.time() // KEPT)))


@lru_cache(maxsize=2000)
def _counted(taxon: Taxon, tree: Tree, hour: int) -> tuple[UUID, ...]:
    inside = taxon_queries.descendants(taxon, tree)
    seen = Occurrence.objects.filter(shown=True).verified()
    ended = seen.of(inside).order_by("-listed_at", "-id").values("pk")[:SAMPLE]
    called = Identification.objects.filter(occurrence__in=list(ended.values_list("pk", flat=True)))
    so = Identification.objects.filter(taxon__in=inside, shown=True).order_by("-listed_at", "-id")
    otherwise = Identification.objects.filter(
        pk__in=so.values("pk")[:SAMPLE], occurrence__shown=True, occurrence__status=Status.VERIFIED
    )
    sums = Counter[UUID]()
    for rows, column in ((called, "taxon"), (otherwise, "occurrence__agreed_taxon")):
        for other, count in _by(rows.exclude(**{f"{column}__in": inside}), column):
            if _is_another(str(other), str(taxon.pk), tree):
                sums[UUID(str(tree.accepted(str(other))))] += count
    return tuple(sorted(sums, key=lambda other: (-sums[other], other)))


def _by(rows: QuerySet[Identification], column: str) -> Iterable[tuple[Any, int]]:
    return rows.order_by().values_list(column).annotate(count=Count("pk"))


def _is_another(other: str, taxon: str, tree: Tree) -> bool:
    """A species or finer that is neither above it nor below."""
    if other not in tree or taxon not in tree or not tree.at_or_below_species(other):
        return False
    return not (tree.is_ancestor_or_self(other, taxon) or tree.is_ancestor_or_self(taxon, other))


def in_sight(person: Viewer, id: UUID) -> Suggestion | None:
    """What a model says of a photo that this person may see."""
    rows = Suggestion.objects.filter(photo_visible_to(person, "photo__"), pk=id)
    return rows.select_related("photo").first()


def model(suggestion: Suggestion, taxon: Taxon, tree: Tree) -> list[UUID]:
    """What else this suggestion says it may be, the most probable first; nothing of a strange photo. One query."""
    if suggestion.is_strange:
        return []
    said: list[Guess] = guesses(suggestion, taxa_of([suggestion]))
    return [
        each.taxon.pk
        for each in said
        if each.taxon is not None
        and each.probability >= LIKELY
        and _is_another(str(each.taxon.pk), str(taxon.pk), tree)
    ]


def photos_of(inside: Collection[UUID], first: Iterable[Photo] = ()) -> list[Photo]:
    """Two that anybody may see, of two organisms verified as one of these; `first`: those that come before others.

    One query where these are not enough.
    """
    found = list(first)[:PHOTOS]
    if len(found) == PHOTOS:
        return found
    seen = Occurrence.objects.filter(shown=True).verified().of(inside).order_by("listed_at", "id")
    some = seen.values("pk")[: 2 * PHOTOS]
    links = OccurrencePhoto.objects.filter(occurrence__in=some, photo__shown=True).select_related("photo")
    order = ("occurrence__listed_at", "occurrence", "photo__position", "photo__created", "photo")
    of_each: dict[UUID, Photo] = {}
    for link in links.order_by(*order):
        of_each.setdefault(link.occurrence_id, link.photo)
    known = {each.observation_id for each in found}
    return [*found, *(each for each in of_each.values() if each.observation_id not in known)][:PHOTOS]
