"""A small tree and people who vote on it, case by case and at random."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from labeling.consensus import Reliability, Vote
from species.taxonomy.tree import TaxonRow, Tree

# A busy machine is slow, not wrong.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

TREE = Tree(
    [
        TaxonRow("fishes", rank="class"),
        TaxonRow("salmonids", "fishes", rank="family"),
        TaxonRow("salmo", "salmonids", rank="genus"),
        TaxonRow("brown", "salmo", rank="species"),
        TaxonRow("brook form", "brown", rank="form"),
        TaxonRow("salmon", "salmo", rank="species"),
        TaxonRow("salvelinus", "salmonids", rank="genus"),
        TaxonRow("brook", "salvelinus", rank="species"),
        TaxonRow("lake", "salvelinus", rank="species"),
        TaxonRow("oncorhynchus", "salmonids", rank="genus"),
        TaxonRow("rainbow", "oncorhynchus", rank="species"),
        TaxonRow("steelhead", "rainbow", rank="subspecies"),
        TaxonRow("cutthroat", "oncorhynchus", rank="species"),
        TaxonRow("cutbow", "cutthroat", "rainbow", "hybrid"),
        TaxonRow("tiger", "brown", "brook", "hybrid"),
        TaxonRow("splake", "brook", "lake", "hybrid"),
        TaxonRow("gairdnerii", None, None, "species", "rainbow"),
        TaxonRow("plants", rank="kingdom"),
        TaxonRow("reed", "plants", rank="species"),
    ]
)
TAXA = sorted(TREE)


def said(*taxa: str | tuple, uploader: int | None = None) -> list[Vote]:
    """One vote per name, by people 0, 1, 2 …; a pair is "the first, and not the second"."""
    pairs = [taxon if isinstance(taxon, tuple) else (taxon, None) for taxon in taxa]
    return [
        Vote(person, taxon, person == uploader, rejected) for person, (taxon, rejected) in enumerate(pairs)
    ]


def unsure(*taxa: str) -> list[Vote]:
    return [replace(vote, cannot_improve=True) for vote in said(*taxa)]


def reliability(**known: float) -> Reliability:
    """Known by person, written p0, p1, …"""
    return Reliability("test", lambda person, taxon: known.get(f"p{person}"))


def joined_by(newcomer: str, value: float, known: Reliability) -> Reliability:
    return Reliability("test", lambda who, taxon: value if who == newcomer else known.lookup(who, taxon))


def identifications_of(taxa: list[str]) -> st.SearchStrategy[list[Vote]]:
    one = st.builds(
        Vote,
        person=st.integers(0, 11),
        taxon=st.sampled_from(taxa),
        disagrees_with=st.none() | st.sampled_from(TAXA),
        cannot_improve=st.booleans(),
    )
    return st.lists(one, max_size=9, unique_by=lambda vote: vote.person).map(
        lambda votes: [replace(vote, is_uploader=vote.person == 0) for vote in votes]
    )


# Of a few taxa at a time: people who name any of twenty at random would hardly ever agree.
votes = st.lists(st.sampled_from([*TAXA, "gairdnerii"]), min_size=1, max_size=4).flatmap(identifications_of)
measured = st.fixed_dictionaries({}, optional={f"p{n}": st.floats(0, 1) for n in range(12)}).map(
    lambda known: reliability(**known)
)
