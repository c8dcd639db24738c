"""The agreed rectangle: of those that most people drew alike, whatever the order in which they came."""

from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.consensus.boxes import Rectangle, agreed, overlap

# A busy machine is slow, not wrong.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
SIDE = st.integers(1, 40)


@st.composite
def rectangles(draw) -> Rectangle:
    """On a grid, so that many lie alike and edges meet."""
    x, y = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    return Rectangle(x / 100, y / 100, draw(SIDE) / 100, draw(SIDE) / 100)


MANY = st.lists(rectangles(), max_size=8)


def close(one: Rectangle, other: Rectangle) -> bool:
    return all(isclose(a, b, abs_tol=1e-9) for a, b in zip(one, other, strict=True))


def test_one_person_or_two_far_apart_agree_on_nothing():
    here, there = Rectangle(0.1, 0.1, 0.2, 0.2), Rectangle(0.6, 0.6, 0.2, 0.2)
    assert agreed([]) is agreed([here]) is agreed([here, there]) is None
    found = agreed([here, Rectangle(0.1, 0.1, 0.2, 0.3)])
    assert found is not None and close(found.rectangle, Rectangle(0.1, 0.1, 0.2, 0.25))
    assert found.people == 2 and isclose(found.spread, 0.05)


def test_it_takes_half_of_those_who_drew():
    here, there = Rectangle(0.1, 0.1, 0.2, 0.2), Rectangle(0.6, 0.6, 0.2, 0.2)
    elsewhere = [Rectangle(0.1, 0.6, 0.1, 0.1), Rectangle(0.6, 0.1, 0.1, 0.1), Rectangle(0.8, 0.1, 0.1, 0.1)]
    found = agreed([here, here, there, elsewhere[0]])
    assert found is not None and found.people == 2 and found.spread == 0
    assert agreed([here, here, there, *elsewhere[:2]]) is None
    assert agreed([here, here, here, there, *elsewhere[:2]]) is not None


def test_who_drew_far_too_large_moves_no_edge_far():
    """In the plain middle of four, the large one would count as much as the others: 0.215."""
    drawn = [Rectangle(0.2, 0.2, 0.2, height) for height in (0.2, 0.21, 0.22, 0.39)]
    found = agreed(drawn)
    assert found is not None and found.people == 4 and isclose(found.rectangle.height, 0.21)


def test_the_middle_edges_of_those_who_drew_alike():
    drawn = [Rectangle(0.1, 0.1, 0.4, 0.4), Rectangle(0.12, 0.1, 0.4, 0.4), Rectangle(0.11, 0.12, 0.4, 0.4)]
    found = agreed([*drawn, Rectangle(0.7, 0.7, 0.2, 0.2)])
    assert found is not None and close(found.rectangle, Rectangle(0.11, 0.1, 0.4, 0.4))
    assert found.people == 3


def test_a_chain_is_no_group():
    """The first and the last have little in common, though each lies like the one in the middle."""
    chain = [Rectangle(0.0, 0.0, 0.3, 0.3), Rectangle(0.09, 0.0, 0.3, 0.3), Rectangle(0.18, 0.0, 0.3, 0.3)]
    assert overlap(chain[0], chain[1]) > 0.5 > overlap(chain[0], chain[2])
    found = agreed(chain)
    assert found is not None and found.rectangle.x < 0.14 and found.rectangle.width > 0.29


@given(MANY, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(drawn, random):
    mixed = random.sample(drawn, len(drawn))
    assert agreed(mixed) == agreed(drawn)


@given(MANY)
def test_it_lies_within_the_photo_and_is_not_empty(drawn):
    found = agreed(drawn)
    if found is not None:
        found = found.rectangle
        assert found.width > 0 and found.height > 0 and found.x >= 0 and found.y >= 0
        assert found.x + found.width <= 1 + 1e-9 and found.y + found.height <= 1 + 1e-9


@given(MANY)
def test_there_is_one_only_where_two_drew_alike(drawn):
    alike = any(
        overlap(one, other) >= 0.5 for number, one in enumerate(drawn) for other in drawn[number + 1 :]
    )
    found = agreed(drawn)
    if found is not None:
        assert alike and found.people >= 2 and 2 * found.people >= len(drawn)
        assert 0 <= found.spread < 1
    elif alike:
        assert len(drawn) > 4, "two of up to four are half of them"


@given(rectangles(), st.integers(2, 5))
def test_who_all_drew_the_same_agree_on_that(one, people):
    found = agreed([one] * people)
    assert found is not None and close(found.rectangle, one) and found.people == people


@given(MANY, rectangles())
def test_a_majority_of_the_same_outweighs_the_rest(drawn, one):
    found = agreed([*drawn, *[one] * (len(drawn) + 2)])
    assert found is not None and close(found.rectangle, one)


@given(rectangles(), rectangles())
def test_overlap_is_the_same_both_ways(one, other):
    assert overlap(one, other) == overlap(other, one)
    assert 0 <= overlap(one, other) <= 1 + 1e-9 and isclose(overlap(one, one), 1)
