"""Who is asked to look: of any reviewers whatever, and by hand."""

from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.consensus.routing import Expert, choose, clade, reason, score
from tests.labeling.consensus.voting import TAXA, TREE

MOST = 5
few = settings(max_examples=60, deadline=None)
experts = st.lists(
    st.builds(
        Expert,
        person=st.integers(0, 9),
        reliability=st.floats(0.05, 0.99),
        ruled=st.integers(0, 400),
        near=st.integers(0, 400),
        load=st.integers(0, MOST + 1),
        turns=st.integers(0, 2),
    ),
    max_size=6,
    unique_by=lambda each: each.person,
)


@few
@given(experts, st.booleans(), st.randoms(use_true_random=False))
def test_it_is_one_who_has_room_and_had_it_least_often_in_whatever_order(team, away, chance):
    found = choose(team, away=away, most=MOST)
    free = [each for each in team if each.load < MOST]
    if found is None:
        assert not free
        return
    assert found in free and found.turns == min(each.turns for each in free)
    assert all(
        score(found, away=away) >= score(each, away=away) for each in free if each.turns == found.turns
    )
    chance.shuffle(team)
    assert choose(team, away=away, most=MOST) == found


@few
@given(experts, st.booleans(), st.integers(1, 50))
def test_who_is_chosen_stays_so_when_they_know_more(team, away, more):
    found = choose(team, away=away, most=MOST)
    if found is not None:
        known = found._replace(ruled=found.ruled + more, near=found.near + more)
        team[team.index(found)] = known
        assert choose(team, away=away, most=MOST) == known


@few
@given(experts, st.integers(0, 400))
def test_away_from_its_range_a_place_that_somebody_knows_counts_nothing(team, near):
    found = choose(team, away=True, most=MOST)
    moved = [each._replace(near=near) for each in team]
    after = choose(moved, away=True, most=MOST)
    assert (found and found.person) == (after and after.person)


def test_in_range_who_knows_the_place_and_away_who_knows_the_group():
    local, master = Expert("local", ruled=10, near=100), Expert("master", ruled=60, near=0)
    assert choose([local, master], away=False, most=MOST) is local
    assert choose([local, master], away=True, most=MOST) is master


@few
@given(st.lists(st.sampled_from(TAXA), min_size=1, max_size=4))
def test_the_clade_holds_all_names_and_nothing_finer_does(names):
    found = clade(names, TREE)
    holding = [
        each
        for each in TREE
        if not TREE.at_or_below_species(each) and all(TREE.is_ancestor_or_self(each, name) for name in names)
    ]
    assert (found in holding) if holding else found is None
    assert all(TREE.is_ancestor_or_self(each, found) for each in holding)


def test_the_reason_says_what_is_known_or_that_nothing_is():
    expert = Expert("p", ruled=14, near=6)
    assert reason(expert, "Salmo", away=False) == (
        "14 ruled on in Salmo; 6 sightings and rulings within some 120 km."
    )
    assert "120 km" not in reason(expert, "Salmo", away=True) and "away" in reason(expert, "Salmo", away=True)
    assert reason(Expert("p"), "", away=False).startswith("No reviewer is known to know more")
