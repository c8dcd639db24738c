"""Questions about the tree of names."""

import logging
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from look import unknown
from species.models import Privacy, TaxaVersion, Taxon
from species.places.protection import Protected
from species.queries.names import SEARCH_LIMIT, Names
from species.taxonomy import faults as rules
from species.taxonomy.faults import Facts, sound
from species.taxonomy.tree import TaxonId, TaxonRow, Tree, TreeError

log = logging.getLogger(__name__)


def tree(version: str | None = None) -> Tree:
    """The whole tree as a value; ids are strings. One query, and one more where it has changed since the last time.

    `version`: as the caller has just read it along with something else, which saves the one.

    Where rows contradict each other the tree is what holds together without those links (`taxonomy.faults`):
    what somebody broke in one branch must stop nobody in another.
    """
    version = version or TaxaVersion.objects.values_list("version", flat=True).first()
    # A database that keeps no version is read each time.
    return _grown(version) if version else _grown.__wrapped__("")


def protected(whole: Tree | None = None) -> Protected:
    """What is protected in the whole tree. One query, two where the caller has no tree.

    A level that somebody wrote into the table and that is none hides all: it must open nothing, and stop nobody.
    """
    sensitive = Taxon.objects.exclude(sensitive="").order_by().values_list("id", "sensitive")
    known = set(Privacy.values)
    return Protected(
        whole or tree(), {str(id): level if level in known else Privacy.PRIVATE for id, level in sensitive}
    )


@lru_cache(maxsize=2)
def protected_in(whole: Tree) -> Protected:
    """`protected`, remembered with the tree: for who has read that in this transaction, since whatever changes in the
    table of taxa makes another tree. One query, once for each.
    """
    return protected(whole)


@lru_cache(maxsize=2)
def _grown(version: str) -> Tree:
    """The tree as it is at this version."""
    rows = Taxon.objects.order_by().values_list("id", "parent", "second_parent", "rank", "synonym_of")
    named = [
        TaxonRow(str(id), _text(parent), _text(second), rank, _text(synonym))
        for id, parent, second, rank, synonym in rows
    ]
    try:
        return Tree(named)
    except TreeError as error:
        log.error("The taxa here are no tree, and stand without the links in question: %s", error)
        tree = Tree(sound(named))
        tree.broken = str(error)
        return tree


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def facts() -> dict[UUID, Facts]:
    """What the rules are about of every taxon, by id. One query."""
    names = ("id", *Facts._fields[1:])
    return {row[0]: Facts(*row) for row in Taxon.objects.order_by("pk").values_list(*names)}


def faults() -> list[str]:
    """What of the table of names the rules would refuse, a sentence each. One query."""
    held = facts().values()
    names = {each.id: str(each.scientific_name) for each in held}
    found = [(names[fault.taxon], fault.text) for fault in rules.faults(held)]
    return [text if name in text else f"{name}: {text}" for name, text in found]


def descendants(taxon: Taxon, whole: Tree | None = None) -> list[UUID]:
    """Ids of the taxon and of everything under it, by whatever name: synonyms of these are among them.

    No query where the caller has the tree already.
    """
    return inside([taxon], whole)


def inside(taxa: Iterable[Taxon], whole: Tree | None = None) -> list[UUID]:
    """The same of several taxa; none for none."""
    return _inside([taxon.pk for taxon in taxa], whole)


def inside_what_is_meant(text: str) -> list[UUID]:
    """The same of all that `search` finds. Two queries."""
    names = Names()
    return _inside(names.ids(text), tree(names.version))


def _inside(taxa: list[UUID], whole: Tree | None = None) -> list[UUID]:
    if not taxa:
        return []
    whole = whole or tree()
    accepted = {whole.accepted(str(taxon)) for taxon in taxa}
    return _by_every_name(accepted.union(*(whole.descendants(each) for each in accepted)), whole)


def inside_or_outside(taxon: Taxon, whole: Tree | None = None) -> tuple[bool, list[UUID]]:
    """Ids of the taxon and of everything under it, or, where these are fewer, of all others; which of the two."""
    whole = whole or tree()
    accepted = whole.accepted(str(taxon.pk))
    inside = {accepted, *whole.descendants(accepted)}
    outside = set(whole) - inside
    few = len(inside) <= len(outside)
    return few, _by_every_name(inside if few else outside, whole)


def _by_every_name(accepted: Iterable[TaxonId], whole: Tree) -> list[UUID]:
    return sorted(UUID(str(id)) for each in accepted for id in (each, *whole.synonyms(each)))


def touched_by(changed: Iterable[Taxon]) -> list[UUID]:
    """Ids of these taxa and of all that descend from one, hybrids by either parent, with their synonyms."""
    whole = tree()
    changed = list(changed)
    moved = {whole.accepted(str(taxon.pk)) for taxon in changed}
    below = {each for each in whole if not moved.isdisjoint(whole.everything_above(each))}
    return sorted({*_by_every_name(below, whole), *(taxon.pk for taxon in changed)})


def by_label(label: str) -> Taxon | None:
    """The accepted taxon that an API label names; None for a label nobody knows."""
    found = Taxon.objects.select_related("synonym_of").filter(label=label).first()
    return None if found is None else accepted(found)


def no_such_label(label: str) -> str:
    """What a program is told that names a taxon by a label nobody knows, with the nearest one's."""
    said = f"No taxon has the label “{unknown.printable(label)}”."
    near = Names().nearest(label, limit=1)
    return f"{said} Do you mean “{near[0].label}”?" if near else said


def accepted(taxon: Taxon) -> Taxon:
    """What it is called now, however many mergers ago; itself where that goes in a circle."""
    seen = set()
    while taxon.synonym_of is not None and taxon.pk not in seen:
        seen.add(taxon.pk)
        taxon = taxon.synonym_of
    return taxon


def search(text: str, limit: int = SEARCH_LIMIT) -> list[Taxon]:
    """Accepted taxa whose name in any language, scientific name, label or synonym fits `text`; best first."""
    return Names().search(text, limit)


def nearest(text: str) -> list[Taxon]:
    """Accepted taxa with a name like `text`, to offer where `search` finds none."""
    return Names().nearest(text)
