"""Which taxon a name means, in any language and spelling: forms, filters, search and imports ask here."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from species.models import Rank, TaxaVersion, Taxon
from species.taxonomy import names
from species.taxonomy.names import Spelling

SEARCH_LIMIT = 20
WORDS = 6  # of the longest name that is looked for in texts, a hybrid's
LONGEST = 400  # letters of what is typed that are looked at; no name is longer, nor a cross of two
# In the order in which a search prefers them.
FINE = (Rank.SPECIES, Rank.SUBSPECIES, Rank.HYBRID)
KINDS = ("scientific", "label", "common")  # in the order in which a name is taken to be one
# Marks in the text of all names; letters they are not.
NAME, BEGINNING, INSIDE = "\n", "^", "|"


class Unknown(LookupError):
    """No taxon, or more than one, goes by this name; the text says which, `meant` what may be meant instead."""

    def __init__(self, text: str, meant: Iterable[Taxon] = ()) -> None:
        super().__init__(text)
        self.meant = list(meant)


class Name(NamedTuple):
    text: str
    kind: str
    spellings: tuple[Spelling, ...]
    taxon: UUID  # the accepted one


@dataclass(frozen=True)
class Index:
    """Every name here by its letters and by pieces of them, in the order in which equally good ones are preferred."""

    names: list[Name]
    by_letters: dict[tuple[str, str], list[Name]]  # kind, letters
    order: dict[UUID, tuple[int, str]]
    # All names one after the other, because one look at that is quicker than one at each of thousands: every
    # spelling after BEGINNING, and again from each of its further words on after INSIDE.
    text: str
    starts: list[int]  # where in `text` each name begins
    by_pair: dict[str, list[int]]  # letters beside each other to the names that hold them
    pair_counts: list[int]

    def holding(self, piece: str, *others: str) -> Iterator[int]:
        """Which names hold this piece of `text`, and these, in order."""
        at = self.text.find(piece)
        while at >= 0:
            name = bisect_right(self.starts, at) - 1
            end = self.starts[name + 1] if name + 1 < len(self.starts) else len(self.text)
            if all(self.text.find(other, self.starts[name], end) >= 0 for other in others):
                yield name
            at = self.text.find(piece, end)

    def holding_any(self, typed: Iterable[Spelling]) -> set[int]:
        """Which names may be meant: however one fits, every word is in it."""
        rarest_first = (sorted(each.words, key=self.text.count) for each in typed)
        return {at for words in rarest_first for at in self.holding(*words)}


class Names:
    """Every name that taxa go by here, as it is now; ask one of these many times. One query, and one per answer.

    The names are read where they have changed since this process read them last.
    """

    def __init__(self) -> None:
        self.version = TaxaVersion.objects.values_list("version", flat=True).first()
        # A database that keeps no version is read each time.
        self._index = _indexed(self.version) if self.version else _indexed.__wrapped__("")

    def find(self, name: str) -> Taxon:
        """The accepted taxon of this name: scientific, else label, else common, else by initials.

        Raises Unknown.
        """
        found = self._meant(name)
        if len(found) == 1:
            return _taxa(found)[0]
        if found:
            taxa = sorted(_taxa(found), key=lambda taxon: taxon.scientific_name)
            several = " or ".join(taxon.scientific_name for taxon in taxa)
            raise Unknown(f"“{name}” can be {several}. Use the scientific name.", taxa)
        meant = self.search(name, names.NEAREST) or self.nearest(name)
        raise Unknown(f"No taxon here is called “{name}”. {_instead(meant)}", meant)

    def is_name_of(self, name: str, taxon: Taxon) -> bool:
        """Whether `find` answers this taxon to this name. No query."""
        return self._meant(name) == {taxon.pk}

    def is_in(self, text: str) -> bool:
        """Whether a text holds any taxon's name, word by word. No query.

        Of scripts that put no spaces between words, anywhere in it.
        """
        known = {letters for _, letters in self._index.by_letters}
        words = names.words(text)
        spans = (words[at : at + size] for size in range(1, WORDS + 1) for at in range(len(words)))
        if any(part in known for span in spans for part in ("".join(span), "".join(span).removesuffix("s"))):
            return True
        unspaced = "".join(word for word in words if not word.isascii())
        return bool(unspaced) and any(
            each in unspaced for each in known if len(each) > 1 and not each.isascii()
        )

    def search(self, text: str, limit: int = SEARCH_LIMIT) -> list[Taxon]:
        """Accepted taxa that may be meant, best first; each once."""
        return _taxa(self.ids(text, limit))

    def ids(self, text: str, limit: int = SEARCH_LIMIT) -> list[UUID]:
        """Theirs. No query."""
        typed = names.spellings(text[:LONGEST])
        best = self._beginning(typed, limit)
        if len(best) < limit:
            best = self._holding(typed)
        return sorted(best, key=lambda taxon: (best[taxon], *self._index.order[taxon]))[:limit]

    def _beginning(self, typed: tuple[Spelling, ...], limit: int) -> dict[UUID, int]:
        """Taxa of `names.rank` 0 to 3, best first, until there are enough: however many names begin alike, few are
        looked at. None where initials, which come between, may be meant.
        """
        if any(len(each.words) > 1 and min(map(len, each.words)) == 1 for each in typed):
            return {}
        best: dict[UUID, int] = {}
        for each in typed:
            for kind in KINDS:
                best |= {hit.taxon: 0 for hit in self._index.by_letters.get((kind, each.letters), ())}
        for rank, mark in ((2, BEGINNING), (3, INSIDE)):
            enough = limit - len(best)
            for each in typed if enough > 0 else ():
                new: set[UUID] = set()
                for at in self._index.holding(mark + each.letters):
                    taxon = self._index.names[at].taxon
                    if best.setdefault(taxon, rank) == rank:
                        new.add(taxon)
                    if len(new) >= enough:
                        break
        return best

    def _holding(self, typed: tuple[Spelling, ...]) -> dict[UUID, int]:
        """Every taxon that may be meant."""
        best: dict[UUID, int] = {}
        for at in self._index.holding_any(typed):
            name = self._index.names[at]
            rank = names.rank(typed, name.spellings)
            if rank is not None and rank < best.get(name.taxon, rank + 1):
                best[name.taxon] = rank
        return best

    def nearest(self, text: str, limit: int = names.NEAREST) -> list[Taxon]:
        """Accepted taxa with a name like this one, for when nothing goes by it."""
        typed = names.pairs(names.key(text[:LONGEST]))
        shared = Counter(at for pair in typed for at in self._index.by_pair.get(pair, ()))
        scored: dict[UUID, float] = {}
        for at, count in shared.items():
            # What `names.likeness` says, without looking at every name.
            likeness = 2 * count / (len(typed) + self._index.pair_counts[at])
            taxon = self._index.names[at].taxon
            if likeness >= names.ALIKE and likeness > scored.get(taxon, 0.0):
                scored[taxon] = likeness
        return _taxa(sorted(scored, key=lambda taxon: (-scored[taxon], *self._index.order[taxon]))[:limit])

    def _meant(self, name: str) -> set[UUID]:
        """Taxa of this very name, in the first way in which any has it."""
        typed = names.spellings(name[:LONGEST])
        for kind in KINDS:
            hits = [hit for each in typed for hit in self._index.by_letters.get((kind, each.letters), ())]
            found = {hit.taxon for hit in hits}
            if len(found) > 1:
                found = {hit.taxon for hit in hits if names.same_accents(hit.text, name)} or found
            if found:
                return found
        held = (self._index.names[at] for at in self._index.holding_any(typed))
        return {hit.taxon for hit in held if _by_initials(typed, hit)}


def _common(names: object) -> list[str]:
    return [name for name in names.values() if isinstance(name, str)] if isinstance(names, dict) else []


@lru_cache(maxsize=2)
def _indexed(version: str) -> Index:
    """The names as they are at this version. One query."""
    rows = list(
        Taxon.objects.order_by("pk").values_list(
            "id", "scientific_name", "label", "rank", "synonym_of", "common_names"
        )
    )
    links = {id: synonym for id, _, _, _, synonym, _ in rows}
    # A species is what most people mean; a hybrid's and a genus's names hold those of species.
    order = {
        id: (FINE.index(rank) if rank in FINE else len(FINE), scientific)
        for id, scientific, _, rank, *_ in rows
    }
    found = sorted(
        (_name(kind, text, _accepted(id, links)) for id, *told in rows for kind, text in _told(*told)),
        key=lambda name: order[name.taxon],
    )
    by_letters: defaultdict[tuple[str, str], list[Name]] = defaultdict(list)
    by_pair: defaultdict[str, list[int]] = defaultdict(list)
    pair_counts = []
    for at, name in enumerate(found):
        letters = dict.fromkeys(each.letters for each in name.spellings)
        for each in letters:
            by_letters[name.kind, each].append(name)
        pairs = names.pairs(next(iter(letters), ""))
        pair_counts.append(len(pairs))
        for pair in pairs:
            by_pair[pair].append(at)
    pieces = [_pieces(name) for name in found]
    starts = list(accumulate(map(len, pieces), initial=0))[: len(found)]
    return Index(found, dict(by_letters), order, "".join(pieces), starts, dict(by_pair), pair_counts)


def _told(
    scientific: str, label: str, rank: str, synonym: UUID | None, common: object
) -> Iterable[tuple[str, str]]:
    """Kind and text of every name in a row, each once."""
    in_languages = (("common", name) for name in _common(common))
    return dict.fromkeys([("scientific", scientific), ("label", label), *in_languages])


def _name(kind: str, text: str, taxon: UUID) -> Name:
    return Name(text, kind, names.spellings(text), taxon)


def _pieces(name: Name) -> str:
    """What of it stands in the text of all names."""
    spelt = [
        (INSIDE if at else BEGINNING) + "".join(each.words[at:])
        for each in name.spellings
        for at in range(len(each.words))
    ]
    return NAME + "".join(dict.fromkeys(spelt))


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
