"""Photos of one encounter, whatever order they come in."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.places.geoprivacy import distance_m
from species.places.sequences import Shot, group

NOON = datetime(2015, 10, 10, 12, tzinfo=UTC)
DEGREE_M = 111_195  # of latitude


def shot(minutes: float | None = 0, metres: float | None = 0, wall: bool = False) -> Shot:
    moment = None if minutes is None else NOON + timedelta(minutes=minutes)
    if moment and wall:
        moment = moment.replace(tzinfo=None)
    return Shot(moment, *((None, None) if metres is None else (47 + metres / DEGREE_M, 11.0)))


def groups(*shots: Shot) -> set[frozenset[int]]:
    return {frozenset(each) for each in group({number: [each] for number, each in enumerate(shots)})}


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (shot(), shot(), True),
        (shot(), shot(30), True),
        (shot(), shot(30.02), False),
        (shot(), shot(-30), True),
        (shot(), shot(0, 499), True),
        (shot(), shot(0, 501), False),
        (shot(), shot(29, 501), False),
        (shot(None), shot(None), False),
        (shot(0, None), shot(0, None), False),
        (shot(None, None), shot(None, None), False),
        (shot(), shot(None), False),
        (shot(wall=True), shot(10, wall=True), True),
        (shot(), shot(wall=True), False),
        (Shot(NOON, 0.0, 179.999), Shot(NOON, 0.0, -179.999), True),
        (Shot(NOON, 90.0, 0.0), Shot(NOON, 90.0, 180.0), True),
        (
            shot(),
            Shot((NOON + timedelta(minutes=5)).astimezone(timezone(timedelta(hours=9))), 47.0, 11.0),
            True,
        ),
    ],
)
def test_half_an_hour_and_half_a_kilometre(one, other, together):
    assert (len(groups(one, other)) == 1) is together
    assert (len(groups(other, one)) == 1) is together


def test_no_chain_grows():
    for order in permutations([shot(0), shot(20), shot(40)]):
        found = groups(*order)
        assert {frozenset(order[each] for each in one) for one in found} == {
            frozenset({shot(0), shot(20)}),
            frozenset({shot(40)}),
        }


def test_what_stands_together_already_is_one():
    early, late = [shot(0), shot(20)], [shot(40)]
    assert len(group({"early": early, "late": late})) == 2
    assert len(group({"early": early, "late": [shot(25)]})) == 1


any_shot = st.builds(
    shot,
    st.none() | st.integers(0, 120),
    st.none() | st.integers(0, 2000),
    st.booleans(),
)


@given(st.lists(any_shot, max_size=12), st.randoms())
def test_the_order_does_not_matter(shots, random):
    def told(order):
        found = group({number: [shots[number]] for number in order})
        return sorted(sorted(map(repr, (shots[each] for each in members))) for members in found)

    order = list(range(len(shots)))
    first = told(order)
    random.shuffle(order)
    assert told(order) == first


def near(one: Shot, other: Shot) -> bool:
    if None in (one.moment, other.moment, one.latitude, other.latitude):
        return False
    if bool(one.moment.tzinfo) != bool(other.moment.tzinfo):
        return False
    metres = distance_m(one.latitude, one.longitude, other.latitude, other.longitude)
    return metres <= 500 and abs(one.moment - other.moment) <= timedelta(minutes=30)


@given(st.lists(any_shot, max_size=12))
def test_any_two_of_a_sighting_are_near_and_no_two_sightings_could_be_one(shots):
    found = group({number: [each] for number, each in enumerate(shots)})
    assert sorted(number for members in found for number in members) == list(range(len(shots)))
    for members in found:
        assert all(near(shots[one], shots[other]) for one, other in combinations(members, 2))
    for one, other in combinations(found, 2):
        assert not all(near(shots[left], shots[right]) for left in one for right in other)
