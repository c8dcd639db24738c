"""What is wrong with a tree of taxa, in sentences; the one place where its rules stand. Pure Python.

Whatever writes taxa (form, file, action) asks `introduced` about the whole tree as it would be. Whatever only
reads them must live with what somebody else broke: `sound` takes the links off that contradict each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

from species.taxonomy.names import key
from species.taxonomy.tree import RANKS, UNRANKED, TaxonId, TaxonRow, rank_order

LABEL = re.compile(r"[a-z][a-z0-9_]*")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SENSITIVE = ("", "generalized", "private")
LINKS = ("parent", "second_parent", "synonym_of")
TABLE = 'Common names are a table of language to name, e.g. {"en": "Brown trout"}.'
_GENUS = rank_order("genus")


class Fault(NamedTuple):
    """`taxon` is the id of the one it is about, `field` what would have to be said otherwise."""

    taxon: TaxonId
    field: str
    text: str


class Facts(NamedTuple):
    """Everything of a taxon that a rule is about."""

    id: TaxonId
    scientific_name: str
    label: str
    rank: str
    parent: TaxonId | None = None
    second_parent: TaxonId | None = None
    synonym_of: TaxonId | None = None
    common_names: Any = None
    sensitive: Any = ""


def faults(taxa: Iterable[Facts]) -> list[Fault]:
    """What contradicts itself, each with its taxon and field; none for a sound tree."""
    by_id = {taxon.id: taxon for taxon in taxa}
    found = [*_alone(by_id), *_twice(by_id)]
    accepted, circles = _accepted(by_id)
    found += circles
    parents = {
        taxon.id: tuple(
            dict.fromkeys(accepted[link] for link in (taxon.parent, taxon.second_parent) if link in by_id)
        )
        for taxon in by_id.values()
        if taxon.synonym_of not in by_id or taxon.id in {fault.taxon for fault in circles}
    }
    found += _circles(by_id, parents)
    found += _links(by_id, accepted, parents)
    found += _tops(by_id, parents)
    return found


def introduced(before: Iterable[Facts], after: Iterable[Facts]) -> list[Fault]:
    """What an edit breaks; what was broken before it is not held against it, so that it can be mended.

    Told of the taxa that the edit changes; of others only where nothing is wrong with these.
    """
    was, now = ({taxon.id: taxon for taxon in taxa} for taxa in (before, after))
    known = set(faults(was.values()))
    found = [fault for fault in faults(now.values()) if fault not in known]
    found += _links_to_synonyms(was, now)
    found += _emptied(was, now)
    changed = {id for id, taxon in now.items() if was.get(id) != taxon}
    own = [fault for fault in found if fault.taxon in changed]
    return own or found


def sound(rows: Iterable[TaxonRow]) -> list[TaxonRow]:
    """The rows without the links that contradict each other; those of a sound tree as they are.

    Who stands in a circle stands at the top, a synonym without end is a taxon of its own, a hybrid of one
    parent stands under that one.
    """
    kept: dict[TaxonId, TaxonRow] = {}
    for given in rows:
        row = TaxonRow(*given)
        rank = (row.rank or UNRANKED).lower()
        kept.setdefault(row.id, row._replace(rank=rank if rank in RANKS else UNRANKED))
    for id, row in kept.items():
        parent, second, synonym = (
            link if link in kept and link != id else None
            for link in (row.parent_id, row.second_parent_id, row.synonym_of_id)
        )
        row = row._replace(parent_id=parent, second_parent_id=second, synonym_of_id=synonym)
        if row.parent_id is None:
            row = row._replace(parent_id=row.second_parent_id, second_parent_id=None)
        kept[id] = row
    accepted = {id: _end(id, {each.id: each.synonym_of_id for each in kept.values()}) for id in kept}
    for id in [id for id, end in accepted.items() if end is None]:
        kept[id] = kept[id]._replace(synonym_of_id=None)
    ends = {each.id: each.synonym_of_id for each in kept.values()}
    accepted = {id: _end(id, ends) for id in kept}
    for id, row in kept.items():
        if row.second_parent_id and accepted[row.parent_id] == accepted[row.second_parent_id]:
            kept[id] = row._replace(second_parent_id=None)
    while True:
        graph = {
            id: [accepted[link] for link in (row.parent_id, row.second_parent_id) if link is not None]
            for id, row in kept.items()
            if row.synonym_of_id is None
        }
        circle = _circle(graph)
        if not circle:
            return list(kept.values())
        for id in circle:
            kept[id] = kept[id]._replace(parent_id=None, second_parent_id=None)


def _alone(by_id: Mapping[TaxonId, Facts]) -> Iterator[Fault]:
    for taxon in by_id.values():
        if not _is_text(taxon.scientific_name):
            yield Fault(taxon.id, "scientific_name", "A scientific name is a line of plain text.")
        if not (isinstance(taxon.label, str) and LABEL.fullmatch(taxon.label)):
            text = f"The label {taxon.label!r} is not lower-case letters, digits and underscores."
            yield Fault(taxon.id, "label", text)
        if taxon.rank not in RANKS:
            yield Fault(taxon.id, "rank", f"No such rank: {taxon.rank!r}.")
        if not _is_table(taxon.common_names):
            yield Fault(taxon.id, "common_names", TABLE)
        if not isinstance(taxon.sensitive, str) or taxon.sensitive not in SENSITIVE:
            yield Fault(taxon.id, "sensitive", "Sensitive is generalized, private, or nothing.")


def _twice(by_id: Mapping[TaxonId, Facts]) -> Iterator[Fault]:
    """A name that two of them go by; spellings that nobody could tell apart are one name."""
    spelt_as: dict[str, Callable[[Facts], str]] = {
        "scientific_name": lambda each: key(str(each.scientific_name)) or str(each.scientific_name),
        "label": lambda each: str(each.label),
    }
    for field, spelt in spelt_as.items():
        holders: defaultdict[str, list[Facts]] = defaultdict(list)
        for taxon in by_id.values():
            holders[spelt(taxon)].append(taxon)
        for each in (taxa for taxa in holders.values() if len(taxa) > 1):
            for taxon in each:
                other = next(one for one in each if one is not taxon)
                what = field.replace("_", " ")
                text = f"The {what} {getattr(taxon, field)!r} is taken by {other.scientific_name}."
                yield Fault(taxon.id, field, text)


def _accepted(by_id: Mapping[TaxonId, Facts]) -> tuple[dict[TaxonId, TaxonId], list[Fault]]:
    """What each is called now; a synonym in a circle is taken for itself."""
    links = {id: taxon.synonym_of if taxon.synonym_of in by_id else None for id, taxon in by_id.items()}
    accepted, found = {}, []
    for id, taxon in by_id.items():
        end = _end(id, links)
        accepted[id] = id if end is None else end
        if taxon.synonym_of == id:
            found.append(Fault(id, "synonym_of", f"{taxon.scientific_name} cannot be a synonym of itself."))
        elif taxon.synonym_of is not None and taxon.synonym_of not in by_id:
            found.append(Fault(id, "synonym_of", f"{taxon.scientific_name} is a synonym of nothing here."))
        elif end is None:
            text = f"{taxon.scientific_name} would be a synonym of its own synonym."
            found.append(Fault(id, "synonym_of", text))
    return accepted, found


def _links(
    by_id: Mapping[TaxonId, Facts],
    accepted: Mapping[TaxonId, TaxonId],
    parents: Mapping[TaxonId, tuple[TaxonId, ...]],
) -> Iterator[Fault]:
    for taxon in by_id.values():
        name, named = taxon.scientific_name, [taxon.parent, taxon.second_parent]
        for field, link in zip(LINKS[:2], named, strict=True):
            if link is not None and link not in by_id:
                yield Fault(taxon.id, field, f"{name} stands under something that is not here.")
        hybrid = taxon.rank == "hybrid"
        if hybrid and None in named:
            field = "parent" if taxon.parent is None else "second_parent"
            yield Fault(taxon.id, field, f"{name} is a hybrid: say both its parents.")
        elif not hybrid and taxon.second_parent is not None:
            yield Fault(taxon.id, "second_parent", f"Only a hybrid has two parents; {name} is none.")
        elif hybrid and taxon.id in named:
            field = "parent" if taxon.parent == taxon.id else "second_parent"
            yield Fault(taxon.id, field, f"{name} cannot be a hybrid of itself.")
        elif hybrid and all(link in by_id for link in named):
            first, second = (accepted[link] for link in named)
            if first == second:
                text = f"{name} would be a hybrid of {by_id[first].scientific_name} with itself."
                yield Fault(taxon.id, "second_parent", text)
        for parent in parents.get(taxon.id, ()):
            if parent != taxon.id and not _fits(taxon.rank, by_id[parent].rank):
                above = by_id[parent]
                own, higher = (
                    f"{'an' if each[:1] in 'aeiou' else 'a'} {each}" for each in (taxon.rank, above.rank)
                )
                text = f"{name} is {own}, and cannot stand under {above.scientific_name}, {higher}."
                yield Fault(taxon.id, "rank", text)


def _fits(rank: str, above: str) -> bool:
    if rank not in RANKS or above not in RANKS:
        return True  # which is told by itself
    if rank == "hybrid":
        return rank_order(above) >= _GENUS
    return rank_order(rank) > rank_order(above)


def _circles(
    by_id: Mapping[TaxonId, Facts], parents: Mapping[TaxonId, tuple[TaxonId, ...]]
) -> Iterator[Fault]:
    left = {id: [parent for parent in above if parent in parents] for id, above in parents.items()}
    while circle := _circle(left):
        for place, id in enumerate(circle):
            path = [*circle[place:], *circle[:place], id]
            taxon = by_id[id]
            if len(circle) == 1 and id in (taxon.parent, taxon.second_parent):
                if taxon.rank != "hybrid":
                    yield Fault(id, "parent", f"{taxon.scientific_name} cannot be its own parent.")
                continue
            if len(circle) == 1:
                yield Fault(id, "parent", f"{taxon.scientific_name} would stand under its own synonym.")
                continue
            names = " → ".join(by_id[each].scientific_name for each in path)
            yield Fault(id, "parent", f"{taxon.scientific_name} would be its own ancestor: {names}.")
        for id in circle:
            left[id] = []


def _tops(by_id: Mapping[TaxonId, Facts], parents: Mapping[TaxonId, tuple[TaxonId, ...]]) -> Iterator[Fault]:
    """Beside a tree with a trunk nothing stands alone; a list where nothing is above a genus may have any."""
    holding = {parent for above in parents.values() for parent in above}
    tops = [by_id[id] for id, above in parents.items() if not above]
    trunk = next(
        (top for top in tops if top.id in holding and top.rank in RANKS and rank_order(top.rank) < _GENUS),
        None,
    )
    if trunk is None:
        return
    for top in tops:
        if top.id not in holding and top.parent is None:
            text = (
                f"Say what {top.scientific_name} stands under; here that begins with {trunk.scientific_name}."
            )
            yield Fault(top.id, "parent", text)


def _links_to_synonyms(was: Mapping[TaxonId, Facts], now: Mapping[TaxonId, Facts]) -> Iterator[Fault]:
    """A link given anew names an accepted taxon. One that stood follows when what it names is merged."""
    accepted, _ = _accepted(now)
    for taxon in now.values():
        before = was.get(taxon.id)
        for field in LINKS:
            link = getattr(taxon, field)
            if link not in now or (before is not None and getattr(before, field) == link):
                continue
            if now[link].synonym_of is not None and accepted[link] not in (link, taxon.id):
                text = f"{now[link].scientific_name} is itself a synonym: name {now[accepted[link]].scientific_name}."
                yield Fault(taxon.id, field, text)


def _emptied(was: Mapping[TaxonId, Facts], now: Mapping[TaxonId, Facts]) -> Iterator[Fault]:
    if not any(taxon.parent is not None for taxon in now.values()):
        return  # a list without any groups
    for taxon in now.values():
        before = was.get(taxon.id)
        if before is not None and before.parent in was and taxon.parent is None:
            above = was[before.parent].scientific_name
            text = f"{taxon.scientific_name} stood under {above}: say what it stands under now."
            yield Fault(taxon.id, "parent", text)


def _end(id: TaxonId, links: Mapping[TaxonId, TaxonId | None]) -> TaxonId | None:
    """Where a chain of synonyms ends; None where it never does."""
    seen = {id}
    while (target := links.get(id)) is not None:
        if target in seen:
            return None
        seen.add(target)
        id = target
    return id


def _circle(graph: Mapping[TaxonId, Iterable[TaxonId]]) -> list[TaxonId]:
    """Some circle of it, each once, children before their parents; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1][1:]))
    return []


def _is_text(value: Any) -> bool:
    """A line that people can read and every database can hold: no control characters, no half characters."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value)
    )


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(language, str) and LANGUAGE.fullmatch(language) and _is_text(name)
        for language, name in value.items()
    )
