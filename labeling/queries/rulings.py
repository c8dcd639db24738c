"""Rulings that stand, and trust in sources."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from labeling import consensus
from labeling.models import Identification, Ruling
from species.models import Occurrence, Taxon
from species.taxonomy.tree import Tree

ASKED_TWICE = 2  # people


def standing_rulings(occurrences: list[Occurrence], people: Iterable[UUID]) -> list[Ruling]:
    """Those on these occurrences, and the trust in any of these people who are sources. One query."""
    on_them = Q(occurrence__in=occurrences) | Q(source__in=list(people))
    return list(Ruling.objects.filter(on_them, withdrawn_at=None))


def trust_in(source: User) -> Ruling | None:
    """The standing trust in a source account."""
    return Ruling.objects.select_related("reviewer").filter(source=source, withdrawn_at=None).first()


class Overruled(NamedTuple):
    """Whom a ruling would overrule; `coarse`: it names no species."""

    said: list[Identification]
    coarse: bool

    @property
    def asks_twice(self) -> bool:
        return self.coarse or len(self.said) >= ASKED_TWICE

    @property
    def counted(self) -> str:
        """The same without names, to be kept."""
        count = len(self.said)
        whom = [f"overrules {count} {'person' if count == 1 else 'people'}"] if count else []
        parts = ["names no species"] * self.coarse + whom
        return f"It {', and '.join(parts)}." if parts else ""

    @property
    def sentence(self) -> str:
        """Such as: It names no species, and overrules Bob (chub) and Charlie (bream)."""
        people = [f"{each.person} ({each.taxon.said})" for each in self.said]
        whom = " and ".join(filter(None, [", ".join(people[:-1]), *people[-1:]]))
        parts = ["names no species"] * self.coarse + [f"overrules {whom}"] * bool(whom)
        return f"It {', and '.join(parts)}." if parts else ""


def overruled(standing: Iterable[Identification], taxon: Taxon | None, by: User, tree: Tree) -> Overruled:
    """What `by` would overrule with `taxon`, None for: it can't be settled, of what others say of one occurrence.

    `standing` with person and taxon. Without queries. What cannot be settled overrules everybody who names a species.
    """
    said = [each for each in standing if each.person_id != by.pk]
    votes = [_vote(each) for each in said]
    if taxon is None:
        against = [each for each in said if tree.at_or_below_species(str(each.taxon_id))]
        return Overruled(against, coarse=False)
    ruled = str(taxon.pk)
    against = [
        each
        for each, vote in zip(said, votes, strict=True)
        if consensus.stance(vote, ruled, tree, votes) in ("contradicts", "rejects")
    ]
    return Overruled(against, coarse=not tree.at_or_below_species(ruled))


def _vote(each: Identification) -> consensus.Vote:
    rejected = None if each.disagrees_with_id is None else str(each.disagrees_with_id)
    return consensus.Vote(str(each.person_id), str(each.taxon_id), disagrees_with=rejected)


def who_says_what(occurrence: Occurrence) -> list[Identification]:
    """What stands, with person and taxon, oldest first. One query."""
    rows = Identification.objects.filter(occurrence=occurrence, withdrawn_at=None)
    return list(rows.select_related("person", "taxon").order_by("created", "id"))
