"""What is handed on: never less than two people who are independent of each other, or a ruling."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.consensus import Explanation, Ruling, Vote, decide
from tests.labeling.consensus.voting import TREE, measured, reliability, said, votes

HOUSES = st.sampled_from([None, None, "a", "b"])


@st.composite
def crowds(draw):
    """Votes of whom some share a network, some a burst, and some saw what others say."""
    return [
        replace(vote, household=draw(HOUSES), burst=draw(HOUSES), anchored=draw(st.booleans()))
        for vote in draw(votes)
    ]


def supporters(votes, taxon):
    return [vote for vote in votes if taxon in TREE.lineage(vote.taxon)]


def independent(one, other):
    apart = lambda key: getattr(one, key) is None or getattr(one, key) != getattr(other, key)  # noqa: E731
    return apart("household") and apart("burst")


def pairs(some):
    return [(one, other) for at, one in enumerate(some) for other in some[at + 1 :]]


def holds(votes, outcome):
    """What must be true of whatever is handed on, by comparing all pairs."""
    if outcome.exported is None:
        return True
    return (
        outcome.status == "verified"
        and TREE.is_ancestor_or_self(outcome.exported, outcome.taxon)
        and any(independent(*pair) for pair in pairs(supporters(votes, outcome.exported)))
        and any(not vote.is_uploader for vote in supporters(votes, outcome.exported))
    )


@given(crowds(), measured)
def test_what_is_handed_on_has_two_independent_supports(votes, known):
    outcome = decide(votes, TREE, known)
    assert holds(votes, outcome)
    assert (outcome.exported is not None) == (outcome.status == "verified")


@given(crowds(), measured)
def test_a_ruling_hands_on_what_it_says(votes, known):
    votes = [replace(vote, is_uploader=False) for vote in votes]
    ruled = decide(votes, TREE, known, Ruling("salmo", "rita", "Seen."))
    assert ruled.exported == "salmo" and not ruled.explanation.anchored
    assert decide(votes, TREE, known, Ruling(None, "rita", "Blurred.")).exported is None


@given(crowds(), measured, HOUSES, HOUSES)
def test_agreeing_never_takes_back_what_is_handed_on(votes, known, household, burst):
    before = decide(votes, TREE, known)
    if before.exported is None:
        return
    more = Vote("newcomer", before.taxon, household=household, burst=burst)
    after = decide([*votes, more], TREE, known)
    assert after.exported is not None
    assert TREE.is_ancestor_or_self(before.exported, after.exported)


@given(crowds(), measured)
def test_without_kin_nobody_is_handed_less(votes, known):
    strangers = [replace(vote, household=None, burst=None) for vote in votes]
    assert decide(strangers, TREE, known).taxon is not None or decide(votes, TREE, known).exported is None


@given(crowds(), measured)
def test_anchored_is_what_nobody_named_blind(votes, known):
    outcome = decide(votes, TREE, known)
    expected = outcome.exported is not None and all(
        vote.anchored for vote in supporters(votes, outcome.exported)
    )
    assert outcome.explanation.anchored == expected


@pytest.mark.parametrize(
    ("kin", "status", "reason"),
    [
        ([{}, {}], "verified", "agreement"),
        ([{"household": "a"}, {"household": "b"}], "verified", "agreement"),
        ([{"household": "a"}, {"household": "a"}], "needs_id", "not_independent"),
        ([{"burst": "a"}, {"burst": "a"}], "needs_id", "not_independent"),
        ([{"household": "a"}, {"household": "a"}, {}], "verified", "agreement"),
        ([{"household": "a"}, {"household": "a", "burst": "x"}, {"burst": "x"}], "verified", "agreement"),
        ([{"household": "a"}] * 5, "needs_id", "not_independent"),
    ],
)
def test_two_of_one_house_are_one(kin, status, reason):
    votes = [replace(vote, **each) for vote, each in zip(said(*["brown"] * len(kin)), kin, strict=True)]
    outcome = decide(votes, TREE)
    assert (outcome.status, outcome.explanation.reason) == (status, reason)
    assert outcome.exported == ("brown" if status == "verified" else None)
    if reason == "not_independent":
        assert (outcome.taxon, outcome.explanation.needed, outcome.explanation.independent) == ("brown", 1, 1)
        assert outcome.explanation.kin == next(iter(kin[0]))
        assert decide([*votes, Vote("stranger", "brown")], TREE).status == "verified"


def test_a_finer_name_of_one_house_is_agreed_and_not_handed_on():
    house = [replace(vote, household="a") for vote in said("steelhead", "steelhead", "steelhead")]
    outcome = decide([*house, Vote("stranger", "rainbow")], TREE)
    assert (outcome.status, outcome.taxon, outcome.exported) == ("verified", "steelhead", "rainbow")
    assert outcome.explanation.kin == "household" and outcome.explanation.independent == 1


def test_one_who_named_it_blind_is_enough():
    seen = [replace(vote, anchored=True) for vote in said("brown", "brown", "brown")]
    assert decide(seen, TREE).explanation.anchored
    assert not decide([*seen[:2], replace(seen[2], anchored=False)], TREE).explanation.anchored
    finer = [*seen[:2], Vote("blind", "salmo")]
    assert decide(finer, TREE).explanation.anchored, (
        "who says no more than the genus says nothing of the species"
    )


def test_the_second_form_is_read_as_the_present_one():
    explanation = decide(said("brown", "brown"), TREE).explanation
    second = {
        key: value
        for key, value in explanation.to_json().items()
        if key not in ("exported", "independent", "kin", "anchored")
    }
    assert Explanation.from_json(second | {"version": 2}) == explanation
    open_ = decide(said("brown"), TREE).explanation.to_json()
    second = {
        key: value
        for key, value in open_.items()
        if key not in ("exported", "independent", "kin", "anchored")
    }
    assert Explanation.from_json(second | {"version": 2}).exported is None


def history(chance: random.Random):
    """A sighting's life: people say, take back, change their minds, in any order; who is who, by chance."""
    people = chance.randint(1, 8)
    kin = [(chance.choice([None, "a", "b"]), chance.choice([None, None, "x", "y"])) for _ in range(people)]
    known = reliability(**{f"p{n}": chance.uniform(0.4, 1) for n in range(people) if chance.random() < 0.5})
    names = chance.sample(["salmo", "brown", "brook form", "salmon", "rainbow", "cutbow", "tiger"], 3)
    standing: dict[int, Vote] = {}
    for _ in range(chance.randint(1, 12)):
        who = chance.randrange(people)
        if who in standing and chance.random() < 0.2:
            del standing[who]
        else:
            rejects = chance.choice(names) if chance.random() < 0.15 else None
            standing[who] = Vote(
                who, chance.choice(names), who == 0, rejects, household=kin[who][0], burst=kin[who][1]
            )
    return list(standing.values()), known


def count_histories(count: int, seed: int) -> tuple[int, int]:
    """How many of so many random histories hand something on, and how many of these must not."""
    chance = random.Random(seed)
    handed = wrong = 0
    for _ in range(count):
        standing, known = history(chance)
        outcome = decide(standing, TREE, known)
        handed += outcome.exported is not None
        wrong += not holds(standing, outcome)
    return handed, wrong


def test_after_any_history_what_is_handed_on_is_supported():
    handed, wrong = count_histories(1000, 1)
    assert handed > 100 and wrong == 0
