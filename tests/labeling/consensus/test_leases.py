"""How many may be asked at once: never more than names are of use."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.consensus import Explanation, decide
from labeling.consensus.leases import MOST, places, useful
from labeling.consensus.votes import PLAIN
from tests.labeling.consensus.voting import TAXA, TREE, said


@settings(max_examples=80, deadline=None)
@given(st.none() | st.integers(0, 50), st.integers(0, 10))
def test_there_is_room_for_so_many_and_no_more(needed, leased):
    explanation = Explanation(needed=needed)
    assert 1 <= useful(explanation) <= MOST
    assert places(explanation, leased) == max(0, useful(explanation) - leased)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(TAXA), max_size=4))
def test_where_so_many_settle_it_no_more_are_asked(taxa):
    outcome = decide(said(*taxa), TREE, PLAIN, None)
    explanation = outcome.explanation
    if explanation.needed and explanation.needed <= MOST:
        assert useful(explanation) == explanation.needed
    assert useful(replace(explanation, needed=1)) == 1


def test_what_nobody_named_takes_two():
    assert useful(None) == useful(Explanation()) == 2
