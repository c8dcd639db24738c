"""The tree of names as its page unfolds it: as far as names are verified, and further by request."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from species.models import Taxon
from species.queries import tallies
from species.queries import taxa as taxon_queries
from species.taxonomy.tree import Tree

AT_ONCE = 24  # names under another one that are shown before somebody asks for more
MOST = 100  # verified names that the index unfolds


@dataclass
class Branch:
    """A taxon, the verified sightings of everything under it that are shown, and some of what is under it."""

    taxon: Taxon
    verified: int = 0
    under: int = 0  # names directly under it
    children: list["Branch"] = field(default_factory=list)
    page: int = 0  # of `children` that are shown; 0: the verified ones, or none

    @property
    def next_page(self) -> int | None:
        """Where those under it that are not shown begin."""
        if self.page:
            return self.page + 1 if self.page * AT_ONCE < self.under else None
        return 1 if len(self.children) < self.under else None


def index() -> list[Branch]:
    """The roots, opened, and under them what is verified: as many rows at 100 names as at 100,000.

    Three queries, and more only where the tree has changed.
    """
    tree = taxon_queries.tree()
    outline = _outline(tree)
    own = _verified_of_each()
    counts = _add_up(own, outline)
    foremost = sorted(own, key=lambda id: (-own[id], id))[:MOST]
    shown = {id for taxon in foremost for id in _path(taxon, outline)}
    opened = {root: _level(root, outline, counts, 1) for root in outline.roots}
    for root in outline.roots:
        shown |= {root, *opened[root]}
    taxa = {str(taxon.pk): taxon for taxon in Taxon.objects.filter(pk__in=map(UUID, shown))}

    def branch(id: str) -> Branch:
        below = outline.under.get(id, ())
        children = (
            opened[id] if id in opened else [each for each in below if each in shown and each in counts]
        )
        grown = [branch(each) for each in children if each in taxa]
        if id not in opened:
            grown.sort(key=lambda each: (-each.verified, each.taxon.scientific_name))
        return Branch(taxa[id], counts[id], len(below), grown, page=int(id in opened))

    return [branch(root) for root in outline.roots if root in taxa]


def level(taxon: Taxon, page: int) -> Branch:
    """One taxon and a page of what is directly under it, what is verified first. Three queries."""
    tree = taxon_queries.tree()
    outline = _outline(tree)
    id = str(tree.accepted(str(taxon.pk)))
    counts = _add_up(_verified_of_each(), outline)
    ids = _level(id, outline, counts, page)
    taxa = {str(each.pk): each for each in Taxon.objects.filter(pk__in=map(UUID, ids))}
    children = [
        Branch(taxa[each], counts[each], len(outline.under.get(each, ()))) for each in ids if each in taxa
    ]
    return Branch(taxon, counts[id], len(outline.under.get(id, ())), children, page)


@dataclass(frozen=True)
class Outline:
    """Who stands under whom on the page, by name: hybrids beside their first parent, in that one's genus."""

    roots: list[str]
    above: dict[str, str]
    under: dict[str, list[str]]


@lru_cache(maxsize=2)
def _outline(tree: Tree) -> Outline:
    """Made once for each tree: another name makes another one too. One query."""
    roots: list[str] = []
    above: dict[str, str] = {}
    under: defaultdict[str, list[str]] = defaultdict(list)
    for id in map(str, Taxon.objects.order_by("scientific_name").values_list("pk", flat=True)):
        if id not in tree or tree.accepted(id) != id:
            continue
        parents = [str(each) for each in tree.parents(id)]
        if tree.is_hybrid(id):
            parents = [str(each) for each in tree.parents(parents[0])]
        if parents:
            above[id] = parents[0]
            under[parents[0]].append(id)
        else:
            roots.append(id)
    return Outline(roots, above, dict(under))


def _path(id: str, outline: Outline) -> list[str]:
    """The taxon and all that it stands under; none where it has gone."""
    found = [id]
    while found[-1] in outline.above:
        found.append(outline.above[found[-1]])
    return found if found[-1] in outline.roots else []


def _verified_of_each() -> dict[str, int]:
    return {str(id): count for id, count in tallies.verified_of_each().items()}


def _add_up(own: dict[str, int], outline: Outline) -> Counter[str]:
    counts: Counter[str] = Counter()
    for id, count in own.items():
        for each in _path(id, outline):
            counts[each] += count
    return counts


def _level(id: str, outline: Outline, counts: Counter[str], page: int) -> list[str]:
    """A page of what is directly under it: the verified ones first, the most verified first, then by name."""
    ordered = sorted(outline.under.get(id, ()), key=lambda each: -counts[each])
    return ordered[(page - 1) * AT_ONCE : page * AT_ONCE]
