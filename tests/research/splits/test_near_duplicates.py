import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.splits import near_duplicates
from research.splits.near_duplicates import near_pairs
from species.images.perceptual import NEAR

# A busy machine is slow, not wrong.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

WORD = st.integers(0, 2**64 - 1)
BITS = st.lists(st.integers(0, 63), max_size=7)


@st.composite
def hashes(draw) -> list[int]:
    """Some hashes, and for each some that differ from it in up to seven bits."""
    found = []
    for word in draw(st.lists(WORD, max_size=6)):
        found.append(word)
        for bits in draw(st.lists(BITS, max_size=3)):
            for bit in bits:
                word ^= 1 << bit
            found.append(word)
    return found


def pairs(words: list[int], distance: int = NEAR) -> set[tuple[int, int]]:
    blocks = near_pairs(np.array(words, dtype=np.uint64), distance)
    return {pair for i, j in blocks for pair in zip(i.tolist(), j.tolist(), strict=True)}


def every_pair(words: list[int], distance: int = NEAR) -> set[tuple[int, int]]:
    return {
        (i, j) for j in range(len(words)) for i in range(j) if (words[i] ^ words[j]).bit_count() <= distance
    }


@given(hashes(), st.sampled_from([0, 1, 2, 3, 4, 6]))
def test_exactly_the_pairs_that_comparing_all_with_all_finds(words, distance):
    assert pairs(words, distance) == every_pair(words, distance)


@given(WORD, st.permutations(range(64)))
def test_four_bits_anywhere_are_near_and_five_are_not(word, bits):
    near, far = (word ^ sum(1 << bit for bit in bits[:count]) for count in (4, 5))
    assert pairs([word, near]) == {(0, 1)}
    assert pairs([word, far]) == set()


@settings(max_examples=20)
@given(hashes())
def test_blocks_of_any_size_find_the_same(words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_duplicates, "_BLOCK", 3)
        assert pairs(words * 3) == every_pair(words * 3)


def test_nothing_to_compare():
    assert pairs([]) == set()
    assert pairs([7]) == set()
