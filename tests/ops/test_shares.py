from hypothesis import given
from hypothesis import strategies as st

from ops.shares import Room, Shares

ADDRESSES = st.sampled_from("abc")


@given(st.lists(st.tuples(st.booleans(), ADDRESSES)), st.integers(1, 5), st.data())
def test_nobody_holds_more_than_a_share_and_no_place_stays_free_for_those_who_may(steps, places, data):
    share = data.draw(st.integers(1, places))
    shares: Shares[tuple[str, int]] = Shares(places, share)
    added, taken, held = [], [], []
    for number, (comes, address) in enumerate(steps):
        if comes:
            shares.add(address, (address, number))
            added.append((address, number))
        elif held:
            shares.give_back(held.pop(0))
        while (work := shares.take()) is not None:
            taken.append(work)
            held.append(work[0])
        counts = {each: held.count(each) for each in "abc"}
        assert len(held) <= places and max(counts.values()) <= share
        waiting = {each[0] for each in added if each not in taken}
        assert len(held) == places or all(counts[each] == share for each in waiting)
    # Of one address in the order of coming.
    for address in "abc":
        of_it = [each for each in taken if each[0] == address]
        assert of_it == sorted(of_it)


def test_who_holds_fewest_is_next_and_equals_take_turns():
    shares: Shares[str] = Shares(2, 2)
    for name in ("a1", "a2", "a3", "b1", "b2", "c1"):
        shares.add(name[0], name)
    assert [shares.take(), shares.take(), shares.take()] == ["a1", "b1", None]
    order = []
    for done in "abcab":
        shares.give_back(done)
        order.append(shares.take())
    assert order == ["c1", "a2", "b2", "a3", None]


@given(st.lists(st.tuples(ADDRESSES, st.integers(0, 60))), st.integers(0, 100), st.integers(0, 100))
def test_no_more_is_held_than_there_is_room(asked, most, each):
    room, held = Room(most, each), []
    for address, size in asked:
        before = {name: sum(size for who, size in held if who == name) for name in "abc"}
        fits = sum(before.values()) + size <= most and before[address] + size <= each
        assert room.take(address, size) == fits
        if fits:
            held.append((address, size))
    for address, size in held:
        room.give_back(address, size)
    assert room.left == most
