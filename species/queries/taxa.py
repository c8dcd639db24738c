"""Questions about the tree of names."""

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from species.models import Rank, Taxon
from species.places.protection import Protected
from species.taxonomy.tree import Tree

SEARCH_LIMIT = 20
# In the order in which a search prefers them.
FINE = (Rank.SPECIES, Rank.SUBSPECIES, Rank.HYBRID)


def tree() -> Tree:
    """The whole tree as a value; ids are strings. One query."""
    rows = Taxon.objects.order_by().values_list("id", "parent", "second_parent", "rank", "synonym_of")
    return _grown(tuple(rows))


def protected(whole: Tree | None = None) -> Protected:
    """What is protected in the whole tree. One query, two where the caller has no tree."""
    sensitive = Taxon.objects.exclude(sensitive="").order_by().values_list("id", "sensitive")
    return Protected(whole or tree(), {str(id): level for id, level in sensitive})


@lru_cache(maxsize=2)
def _grown(rows: tuple) -> Tree:
    """Growing a tree takes longer than reading it, and the same rows are the same tree."""
    return Tree(
        (str(id), _text(parent), _text(second), rank, _text(synonym))
        for id, parent, second, rank, synonym in rows
    )


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def descendants(taxon: Taxon, whole: Tree | None = None) -> list[UUID]:
    """Ids of the taxon and of everything under it, by whatever name: synonyms of these are among them.

    `whole` spares a query where the caller has the tree already.
    """
    whole = whole or tree()
    accepted = whole.accepted(str(taxon.pk))
    inside = whole.descendants(accepted) | {accepted}
    synonyms = Taxon.objects.filter(synonym_of__isnull=False).order_by().values_list("id", flat=True)
    return [UUID(id) for id in sorted(inside)] + [id for id in synonyms if whole.accepted(str(id)) in inside]


def touched_by(changed: Iterable[Taxon], whole: Tree | None = None) -> list[UUID]:
    """Ids of these taxa and of all that descend from one, hybrids by either parent, with their synonyms."""
    whole = whole or tree()
    changed = list(changed)
    moved = {whole.accepted(str(taxon.pk)) for taxon in changed}
    below = {each for each in whole if not moved.isdisjoint(whole.everything_above(each))}
    synonyms = Taxon.objects.filter(synonym_of__isnull=False).order_by().values_list("id", flat=True)
    named = {UUID(each) for each in below} | {id for id in synonyms if whole.accepted(str(id)) in below}
    return sorted(named | {taxon.pk for taxon in changed})


def by_label(label: str) -> Taxon | None:
    """The accepted taxon that an API label names; None for a label nobody knows."""
    taxon = Taxon.objects.select_related("synonym_of").filter(label=label).first()
    return taxon.synonym_of if taxon and taxon.synonym_of_id else taxon


def search(text: str, limit: int = SEARCH_LIMIT) -> list[Taxon]:
    """Accepted taxa whose name in any language, scientific name, label or synonym holds `text`; best first.

    Names are compared here and not by the database: SQLite stores names in other scripts escaped and folds
    only ASCII. The tree is small (thousands of rows), and it is one query.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return []
    found: dict[UUID, tuple[int, int, str, Taxon]] = {}
    for taxon in Taxon.objects.select_related("synonym_of"):
        score = _score(taxon, wanted)
        if score is None:
            continue
        accepted = taxon.synonym_of or taxon
        best = found.get(accepted.pk)
        if best is None or score < best[0]:
            found[accepted.pk] = (score, _likely(accepted.rank), accepted.scientific_name, accepted)
    return [taxon for *_, taxon in sorted(found.values(), key=lambda hit: hit[:3])][:limit]


def _likely(rank: str) -> int:
    """A species is what most people mean; a hybrid's and a genus's names hold those of species."""
    return FINE.index(rank) if rank in FINE else len(FINE)


def _score(taxon: Taxon, wanted: str) -> int | None:
    names = [taxon.scientific_name, taxon.label, *map(str, taxon.common_names.values())]
    names = [name.casefold() for name in names]
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(f" {wanted}" in name for name in names):
        return 2
    return 3 if any(wanted in name for name in names) else None
