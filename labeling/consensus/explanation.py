"""How a verdict came about, in counts that hold no person: written in one place, read by all.

It is stored and handed out as JSON; ``docs/consensus.md`` lists its keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from labeling.consensus.community import (
    PEOPLE_AT_LEAST,
    POSTERIOR_AT_LEAST,
    SCORE_ABOVE,
    Tally,
    fineness,
    needed,
)
from labeling.consensus.votes import Reliability, Vote
from species.taxonomy.tree import TaxonId, Tree

# Of the form. The rule that was followed has a number of its own, ``RULE``.
VERSION = 3
RULE = "community-3"

Status = Literal["needs_id", "verified", "disputed", "unresolvable"]
Reason = Literal[
    "no_identifications",
    "one_person",
    "too_coarse",
    "only_uploader",
    "too_little_weight",
    "not_independent",
    "contradiction",
    "agreement",
    "cannot_improve",
    "ruling",
]
Kin = Literal["", "household", "burst"]


class Unreadable(ValueError):
    """This is no explanation, or one of a form that this program does not know; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many people support, contradict and reject one taxon, and the score that makes, 0-1."""

    taxon: str
    rank: str
    supporting: int
    contradicting: int
    rejecting: int
    score: float

    @property
    def against(self) -> int:
        return self.contradicting + self.rejecting


@dataclass(frozen=True, kw_only=True)
class Identified(Counts):
    """One name that was given: ``people`` gave just this, ``supporting`` this or something within it.

    ``uploader``: whose sighting it is among them. ``rejected_by``: how many say that it is not this;
    ``cannot_improve``: how many of ``people`` say that it can't be named more closely; ``needed`` as below.
    """

    people: int
    uploader: bool
    rejected_by: int
    cannot_improve: int
    needed: int | None


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What a reviewer decided; ``taxon`` None: it can't be settled. ``trust``: in an imported source."""

    taxon: str | None
    reason: str
    trust: bool


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    people_at_least: int = PEOPLE_AT_LEAST
    score_above: float = SCORE_ABOVE[0] / SCORE_ABOVE[1]
    posterior_at_least: float = POSTERIOR_AT_LEAST


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Taxa are named by id, as text.

    ``taxon`` is what is agreed or ruled, at any rank, ``exported`` what researchers are given,
    ``community_taxon`` what people agree on, ``leading`` the name nearest to being verified (None where two are
    equally near) and ``needed`` how many more people of plain reliability would verify that. ``about`` counts
    ``taxon``, or while there is none ``leading``, and ``posterior`` is of that; ``identifications`` counts each name
    given, most people first, ``tally`` every taxon from coarse to fine. ``people`` is how many identifications stand.

    ``independent``: how many of those who support ``about`` are independent of each other, and ``kin`` what others of
    them have in common. ``anchored``: it is verified by people alone who all had a guess, or what others say, in sight.
    """

    status: Status = "needs_id"
    reason: Reason = "no_identifications"
    taxon: str | None = None
    exported: str | None = None
    community_taxon: str | None = None
    leading: str | None = None
    needed: int | None = None
    people: int = 0
    about: Counts | None = None
    posterior: float = 0.5
    independent: int = 0
    kin: Kin = ""
    anchored: bool = False
    identifications: tuple[Identified, ...] = ()
    tally: tuple[Counts, ...] = ()
    ruling: Ruled | None = None
    thresholds: Thresholds = Thresholds()
    rule: str = RULE
    tree_version: str = ""
    reliability_version: str = ""
    version: int = VERSION

    @property
    def shown(self) -> Counts | None:
        """The taxon that agreeing and disagreeing are told by.

        Where people disagree that is the leading name: everybody may agree on a group far above it, and showing
        that would look like agreement. Without a leader there is none.
        """
        if self.reason != "contradiction":
            return self.about
        return next((each for each in self.identifications if each.taxon == self.leading), None)

    def taxa(self) -> Iterator[str]:
        """Ids of the taxa that a sentence about it may name."""
        yield from (
            each
            for each in (self.taxon, self.exported, self.community_taxon, self.leading)
            if each is not None
        )
        if self.about is not None:
            yield self.about.taxon
        yield from (each.taxon for each in self.identifications)

    def to_json(self) -> dict[str, Any]:
        """As JSON has it: objects and lists of plain values."""
        return asdict(self) | {
            "identifications": [asdict(each) for each in self.identifications],
            "tally": [asdict(each) for each in self.tally],
        }

    @classmethod
    def from_json(cls, given: object) -> Explanation:
        """What ``to_json`` wrote, in this form or an earlier one. Raises Unreadable."""
        version = given.get("version", 1) if isinstance(given, Mapping) else None
        if (
            not isinstance(given, Mapping)
            or version not in range(1, VERSION + 1)
            or isinstance(version, bool)
        ):
            raise Unreadable(
                f"An explanation of form {version!r} was found; this program knows 1 to {VERSION}. "
                "Settle the verdict anew: manage.py fsck --deep --mend."
            )
        try:
            second = _from_first(given) if version == 1 else given
            return _read(_from_second(second) if version in (1, 2) else second)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable(
                f"An explanation of form {version} is damaged ({error}). "
                "Settle the verdict anew: manage.py fsck --deep --mend."
            ) from error


def kin(each: Tally) -> Kin:
    """What those who support it have in common, so that fewer are independent of each other."""
    if each.independent == len(each.supporting):
        return ""
    return "household" if each.households <= each.bursts else "burst"


def counts(each: Tally, tree: Tree) -> Counts:
    return Counts(taxon=str(each.taxon), rank=tree.rank(each.taxon), **_numbers(each))


def identified(
    votes: tuple[Vote, ...], tallies: Mapping[TaxonId, Tally], tree: Tree, reliability: Reliability
) -> tuple[Identified, ...]:
    """Each name that was given, most people first."""
    people = Counter(tree.accepted(vote.taxon) for vote in votes)
    uploaders = {tree.accepted(vote.taxon) for vote in votes if vote.is_uploader}
    rejected = Counter(
        tree.accepted(vote.disagrees_with) for vote in votes if vote.disagrees_with is not None
    )
    return tuple(
        Identified(
            taxon=str(taxon),
            rank=tree.rank(taxon),
            **_numbers(tallies[taxon]),
            people=people[taxon],
            uploader=taxon in uploaders,
            rejected_by=rejected[taxon],
            cannot_improve=sum(vote.cannot_improve for vote in votes if tree.accepted(vote.taxon) == taxon),
            needed=needed(tallies[taxon], tree, reliability),
        )
        for taxon in sorted(people, key=lambda taxon: (-people[taxon], fineness(tallies[taxon], tree)))
    )


def tallied(tallies: Mapping[TaxonId, Tally], tree: Tree) -> tuple[Counts, ...]:
    """Every taxon that was named or holds one that was, coarse to fine."""
    return tuple(
        counts(each, tree) for each in sorted(tallies.values(), key=lambda each: fineness(each, tree))
    )


def _numbers(each: Tally) -> dict[str, Any]:
    return {
        "supporting": len(each.supporting),
        "contradicting": len(each.contradicting),
        "rejecting": len(each.rejecting),
        "score": each.score,
    }


def _read(given: Mapping[str, Any]) -> Explanation:
    found = Explanation(
        **{
            **given,
            "about": None if given["about"] is None else Counts(**given["about"]),
            "identifications": tuple(Identified(**each) for each in given["identifications"]),
            "tally": tuple(Counts(**each) for each in given["tally"]),
            "ruling": None if given["ruling"] is None else Ruled(**given["ruling"]),
            "thresholds": Thresholds(**given["thresholds"]),
        }
    )
    if found.status not in get_args(Status) or found.reason not in get_args(Reason):
        raise ValueError(f"{found.status!r} for {found.reason!r}")
    return found


def _from_first(given: Mapping[str, Any]) -> dict[str, Any]:
    """The first form had no version, and the numbers of ``about`` beside everything else."""
    numbers = ("supporting", "contradicting", "rejecting", "score")
    about = {"taxon": given["about"], "rank": given["rank"], **{key: given[key] for key in numbers}}
    moved = {"rank", "opinions", *numbers}
    return {
        **{key: value for key, value in given.items() if key not in moved},
        "version": 2,
        "reason": "no_identifications" if given["reason"] == "no_opinions" else given["reason"],
        "about": None if given["about"] is None else about,
        "identifications": given["opinions"],
        "ruling": given["ruling"] and {"trust": False, **given["ruling"]},
    }


def _from_second(given: Mapping[str, Any]) -> dict[str, Any]:
    """The second form knew nobody who was not independent, and did not say what had been in sight."""
    supporting = given["about"]["supporting"] if given["about"] else 0
    return {
        **given,
        "version": VERSION,
        "exported": given["taxon"] if given["status"] == "verified" else None,
        "independent": supporting,
    }
