from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.consensus import Vote, stance, tally
from tests.labeling.consensus.voting import TAXA, TREE, joined_by, measured, reliability, said, votes


@pytest.mark.parametrize(
    ("vote", "taxon", "expected"),
    [
        (Vote(1, "cutbow"), "cutbow", "supports"),
        (Vote(1, "cutbow"), "oncorhynchus", "supports"),
        (Vote(1, "cutbow"), "rainbow", "contradicts"),
        (Vote(1, "cutbow"), "cutthroat", "contradicts"),
        (Vote(1, "cutbow"), "steelhead", "contradicts"),
        (Vote(1, "tiger"), "salmonids", "supports"),
        (Vote(1, "tiger"), "salmo", "neutral"),
        (Vote(1, "tiger"), "salvelinus", "neutral"),
        (Vote(1, "tiger"), "oncorhynchus", "contradicts"),
        (Vote(1, "tiger", disagrees_with="brown"), "salmo", "neutral"),
        (Vote(1, "tiger", disagrees_with="salmo"), "salmo", "rejects"),
        (Vote(1, "salmo"), "tiger", "neutral"),
        (Vote(1, "brown"), "tiger", "contradicts"),
        (Vote(1, "brook form"), "tiger", "contradicts"),
        (Vote(1, "oncorhynchus", disagrees_with="rainbow"), "cutbow", "neutral"),
        (Vote(1, "oncorhynchus", disagrees_with="rainbow"), "steelhead", "rejects"),
        (Vote(1, "salmonids", disagrees_with="rainbow"), "oncorhynchus", "rejects"),
        (Vote(1, "salmonids", disagrees_with="rainbow"), "cutthroat", "rejects"),
        (Vote(1, "salmonids", disagrees_with="gairdnerii"), "rainbow", "rejects"),
        (Vote(1, "salmonids", disagrees_with="rainbow"), "brown", "neutral"),
        (Vote(1, "salmonids", disagrees_with="rainbow"), "salmonids", "supports"),
        (Vote(1, "salmonids", disagrees_with="rainbow"), "fishes", "supports"),
        (Vote(1, "salmonids"), "rainbow", "neutral"),
    ],
)
def test_stance(vote, taxon, expected):
    held = [vote] if vote.disagrees_with is None else [vote, Vote(2, vote.disagrees_with)]
    assert stance(vote, taxon, TREE, held) == expected


def test_the_order_of_identifications_does_not_reach_the_last_digit():
    known = reliability(p0=0.9, p1=0.61, p2=0.97, p3=0.73, p4=0.58, p5=0.83)
    identifications = said(*["brown"] * 5, "rainbow")
    assert len({tally(order, TREE, known)["brown"].log_odds for order in permutations(identifications)}) == 1


@given(votes, measured, st.sampled_from(TAXA), st.sampled_from([None, *TAXA]), st.floats(0, 1))
def test_a_supporting_vote_never_lowers_a_score_or_the_odds(votes, known, taxon, rejected, value):
    before = tally(votes, TREE, known)
    widened = joined_by("newcomer", value, known)
    after = tally([*votes, Vote("newcomer", taxon, disagrees_with=rejected)], TREE, widened)
    for node in set(before) & set(TREE.lineage(taxon)):
        assert after[node].score >= before[node].score
        assert after[node].log_odds >= before[node].log_odds


@given(votes, measured)
def test_every_identification_counts_exactly_once_everywhere(votes, known):
    for each in tally(votes, TREE, known).values():
        people = [vote.person for vote in (*each.supporting, *each.contradicting, *each.rejecting)]
        assert len(people) == len(set(people)) <= len(votes)
        assert len(each.supporting) >= 1
