"""Which taxon a name means, in any language and spelling: forms, filters, search and imports ask here."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from species.models import Rank, Taxon
from species.taxonomy import names
from species.taxonomy.names import Spelling

SEARCH_LIMIT = 20
LONGEST = 400  # letters of what is typed that are looked at; no name is longer, nor a cross of two
# In the order in which a search prefers them.
FINE = (Rank.SPECIES, Rank.SUBSPECIES, Rank.HYBRID)
KINDS = ("scientific", "label", "common")  # in the order in which a name is taken to be one


class Unknown(LookupError):
    """No taxon, or more than one, goes by this name; the text says which, and what may be meant instead."""


class Name(NamedTuple):
    text: str
    kind: str
    spellings: tuple[Spelling, ...]
    letters: str  # of all spellings
    taxon: UUID  # the accepted one


@dataclass(frozen=True)
class Index:
    """Every name here by its letters, and what to sort the taxa by."""

    names: list[Name]
    by_letters: dict[tuple[str, str], list[Name]]  # kind, letters
    order: dict[UUID, tuple[int, str]]


class Names:
    """Every name that taxa go by here, read once; ask one of these many times. One query, and one per answer."""

    def __init__(self) -> None:
        rows = Taxon.objects.order_by("pk").values_list(
            "id", "scientific_name", "label", "rank", "synonym_of", "common_names"
        )
        # The same rows are the same index, and comparing them is quicker than making it.
        self._index = _indexed(tuple((*row[:5], _pairs(row[5])) for row in rows))

    def find(self, name: str) -> Taxon:
        """The accepted taxon of this name: scientific, else label, else common, else by initials.

        Raises Unknown.
        """
        typed = names.spellings(name[:LONGEST])
        for kind in KINDS:
            hits = [hit for each in typed for hit in self._index.by_letters.get((kind, each.letters), ())]
            found = {hit.taxon for hit in hits}
            if len(found) > 1:
                found = {hit.taxon for hit in hits if names.same_accents(hit.text, name)} or found
            if found:
                return self._one(name, found)
        if found := {hit.taxon for hit in self._index.names if _by_initials(typed, hit)}:
            return self._one(name, found)
        meant = self.search(name, names.NEAREST) or self.nearest(name)
        raise Unknown(f"No taxon here is called “{name}”. {_instead(meant)}")

    def search(self, text: str, limit: int = SEARCH_LIMIT) -> list[Taxon]:
        """Accepted taxa that may be meant, best first; each once."""
        typed = names.spellings(text[:LONGEST])
        best: dict[UUID, int] = {}
        # However it fits, the longest word is in it somewhere: a quick look leaves few to look at closely.
        longest = [max(each.words, key=len) for each in typed]
        for name in self._index.names:
            if not any(word in name.letters for word in longest):
                continue
            rank = names.rank(typed, name.spellings)
            if rank is not None and rank < best.get(name.taxon, rank + 1):
                best[name.taxon] = rank
        return _taxa(sorted(best, key=lambda taxon: (best[taxon], *self._index.order[taxon]))[:limit])

    def nearest(self, text: str, limit: int = names.NEAREST) -> list[Taxon]:
        """Accepted taxa with a name like this one, for when nothing goes by it."""
        scored: dict[UUID, float] = {}
        typed = names.key(text[:LONGEST])
        for name in self._index.names:
            likeness = names.likeness(typed, name.letters.partition(" ")[0])
            if likeness >= names.ALIKE and likeness > scored.get(name.taxon, 0.0):
                scored[name.taxon] = likeness
        return _taxa(sorted(scored, key=lambda taxon: (-scored[taxon], *self._index.order[taxon]))[:limit])

    def _one(self, name: str, found: Iterable[UUID]) -> Taxon:
        taxa = _taxa(found)
        if len(taxa) == 1:
            return taxa[0]
        several = " or ".join(sorted(taxon.scientific_name for taxon in taxa))
        raise Unknown(f"“{name}” can be {several}. Use the scientific name.")


def _pairs(common_names: object) -> tuple[tuple[str, str], ...]:
    return tuple(common_names.items()) if isinstance(common_names, dict) else ()


@lru_cache(maxsize=2)
def _indexed(rows: tuple[tuple[UUID, str, str, str, UUID | None, tuple[tuple[str, str], ...]], ...]) -> Index:
    links = {id: synonym for id, _, _, _, synonym, _ in rows}
    found: list[Name] = []
    by_letters: defaultdict[tuple[str, str], list[Name]] = defaultdict(list)
    order = {}
    for id, scientific, label, rank, _, common in rows:
        accepted = _accepted(id, links)
        # A species is what most people mean; a hybrid's and a genus's names hold those of species.
        order[id] = (FINE.index(rank) if rank in FINE else len(FINE), scientific)
        told = [("scientific", scientific), ("label", label), *(("common", str(name)) for _, name in common)]
        for kind, text in dict.fromkeys(told):
            ways = names.spellings(text)
            letters = dict.fromkeys(each.letters for each in ways)
            name = Name(text, kind, ways, " ".join(letters), accepted)
            found.append(name)
            for each in letters:
                by_letters[kind, each].append(name)
    return Index(found, dict(by_letters), order)


def _accepted(id: UUID, links: dict[UUID, UUID | None]) -> UUID:
    seen = {id}
    while (target := links.get(id)) is not None and target not in seen:
        seen.add(target)
        id = target
    return id


def _by_initials(typed: tuple[Spelling, ...], name: Name) -> bool:
    return name.kind == "scientific" and any(
        names.abbreviates(each.words, spelt.words) for each in typed for spelt in name.spellings
    )


def _taxa(ids: Iterable[UUID]) -> list[Taxon]:
    """In the order given. One query."""
    ids = list(ids)
    rows = Taxon.objects.in_bulk(ids)
    return [rows[id] for id in ids if id in rows]


def _instead(taxa: list[Taxon]) -> str:
    if not taxa:
        return "Check the spelling, or name a group it belongs to."
    named = [
        f"{taxon.said} ({taxon.scientific_name})" if taxon.common_name else taxon.scientific_name
        for taxon in taxa
    ]
    return f"Do you mean {' or '.join(filter(None, [', '.join(named[:-1]), named[-1]]))}?"
