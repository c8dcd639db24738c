import pytest

from labeling.consensus import PLAIN, Reliability, Vote, decide
from tests.labeling.consensus.voting import TREE, reliability, said


def test_reliability_is_that_of_the_finest_measured_clade():
    table = {("ann", "salmonids"): 0.6, ("ann", "gairdnerii"): 0.95}
    known = Reliability.of_clades("2024-1", table, TREE)
    assert known.lookup("ann", "steelhead") == 0.95
    assert known.lookup("ann", "cutbow") == 0.6
    assert known.lookup("ann", "reed") is None
    assert known.weight("ann", "reed") == PLAIN.weight("ann", "reed")
    assert decide([], TREE, known).reliability_version == "2024-1"


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_reliability_outside_0_to_1_is_refused(value):
    with pytest.raises(ValueError, match="between 0 and 1"):
        decide(said("brown"), TREE, reliability(p0=value))


def test_guesses_of_models_have_nowhere_to_enter():
    fields = {"person", "taxon", "is_uploader", "disagrees_with", "cannot_improve"}
    fields |= {"anchored", "household", "burst"}
    assert set(Vote.__dataclass_fields__) == fields
