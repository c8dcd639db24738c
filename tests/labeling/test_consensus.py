import json
import uuid
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeling.consensus import PLAIN, Reliability, Ruling, Vote, decide, stance, tally
from species.taxonomy.tree import TaxonRow, Tree, UnknownTaxon

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


def opinions_of(taxa: list[str]) -> st.SearchStrategy[list[Vote]]:
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
votes = st.lists(st.sampled_from([*TAXA, "gairdnerii"]), min_size=1, max_size=4).flatmap(opinions_of)
measured = st.fixed_dictionaries({}, optional={f"p{n}": st.floats(0, 1) for n in range(12)}).map(
    lambda known: reliability(**known)
)


# The rule, case by case


@pytest.mark.parametrize(
    ("opinions", "status", "taxon", "reason"),
    [
        ([], "needs_id", None, "no_opinions"),
        (["rainbow"], "needs_id", None, "one_person"),
        (["rainbow", "rainbow"], "verified", "rainbow", "agreement"),
        (["rainbow", "gairdnerii"], "verified", "rainbow", "agreement"),
        (["rainbow", "steelhead"], "verified", "rainbow", "agreement"),
        (["steelhead", "steelhead"], "verified", "steelhead", "agreement"),
        (["tiger", "tiger"], "verified", "tiger", "agreement"),
        (["salmo", "brown"], "needs_id", "salmo", "too_coarse"),
        (["salmo", "salmo"], "needs_id", "salmo", "too_coarse"),
        (["salmo", "brown", "brown"], "verified", "brown", "agreement"),
        (["brown", "rainbow"], "disputed", "salmonids", "contradiction"),
        (["brown", "reed"], "disputed", None, "contradiction"),
        # Two in three is not more than two thirds; three in four is.
        (["brown", "brown", "rainbow"], "disputed", "salmonids", "contradiction"),
        (["brown", "brown", "brown", "rainbow"], "verified", "brown", "agreement"),
        (["brown"] * 4 + ["rainbow"] * 2, "disputed", "salmonids", "contradiction"),
        (["brown"] * 5 + ["rainbow"] * 2, "verified", "brown", "agreement"),
        # Coarse opinions leave room; explicit ones do not.
        (["brown", "brown", "salmo"], "verified", "brown", "agreement"),
        (["brown", "brown", ("salmo", "brown")], "disputed", "salmo", "contradiction"),
        (["brown", ("salmo", "brown")], "disputed", "salmo", "contradiction"),
        # "A salmonid, but not a brown trout" is no Salmo either.
        (["brown", "brown", ("salmonids", "brown")], "disputed", "salmonids", "contradiction"),
        (["brown", "salmon", "salmo", ("salmonids", "brown")], "disputed", "salmo", "contradiction"),
        # Contradicting and rejecting the same taxon is one disagreement, not two.
        (["brown", "brown", "brown", ("rainbow", "brown")], "verified", "brown", "agreement"),
        # An opinion that rejects what it says itself (a taxon has moved since) is heard without that.
        (["brown", ("brown", "salmo")], "verified", "brown", "agreement"),
        # Hybrids: a parent species is contradicted, the genus of one parent is not.
        (["tiger", "tiger", "brown"], "disputed", "salmonids", "contradiction"),
        (["tiger", "tiger", "salmo"], "verified", "tiger", "agreement"),
        (["tiger", "tiger", "salvelinus", "salmo"], "verified", "tiger", "agreement"),
        (["tiger", "tiger", "oncorhynchus"], "disputed", "salmonids", "contradiction"),
        (["tiger", "splake"], "disputed", "salmonids", "contradiction"),
        (["brown", "brown", "tiger"], "disputed", "salmo", "contradiction"),
        (["cutbow", "rainbow"], "disputed", "oncorhynchus", "contradiction"),
        (["tiger", "salmo"], "needs_id", "salmonids", "too_coarse"),
        # Two people stand for the hybrid, two for the genus beside it, nobody is against either: the finer.
        (["tiger", "tiger", "salmo", "salmo"], "verified", "tiger", "agreement"),
        (["tiger", ("salmonids", "tiger")], "disputed", "salmonids", "contradiction"),
        (["tiger", ("salmo", "tiger")], "disputed", "salmonids", "contradiction"),
    ],
)
def test_what_people_say_adds_up(opinions, status, taxon, reason):
    outcome = decide(said(*opinions), TREE)
    assert (outcome.status, outcome.taxon, outcome.explanation["reason"]) == (status, taxon, reason)
    # Half of the cases with the uploader first: with anybody else beside them it makes no difference.
    assert decide(said(*opinions, uploader=0), TREE).status == status


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
    assert stance(vote, taxon, TREE) == expected


def test_two_plain_votes_settle_it():
    outcome = decide(said("rainbow", "rainbow", uploader=0), TREE)
    assert outcome.status == "verified"
    assert outcome.posterior == pytest.approx(16 / 17)
    assert (outcome.score, outcome.cumulative, outcome.disagreements) == (1, 2, 0)
    assert outcome.agreeing == {0, 1}
    assert outcome.tree_version == TREE.version
    assert outcome.reliability_version == "plain"


def test_dissenters_are_counted_and_named():
    outcome = decide(said("brown", "brown", "brown", "rainbow", ("salmo", "salmon")), TREE)
    assert outcome.agreeing == {0, 1, 2}
    assert outcome.disagreeing == {3}
    assert (outcome.score, outcome.cumulative, outcome.disagreements) == (0.75, 3, 1)
    assert outcome.posterior == pytest.approx(16 / 17)


def test_the_uploader_cannot_settle_it_with_themselves():
    alone = [Vote(1, "brown", is_uploader=True), Vote(2, "brown", is_uploader=True)]
    outcome = decide(alone, TREE)
    assert (outcome.status, outcome.explanation["reason"]) == ("needs_id", "only_uploader")
    assert decide([*alone, Vote(3, "brown")], TREE).status == "verified"


def test_little_reliability_needs_more_people():
    weak = reliability(p0=0.6, p1=0.6, p2=0.6)
    outcome = decide(said("brown", "brown"), TREE, weak)
    assert (outcome.status, outcome.explanation["reason"]) == ("needs_id", "too_little_weight")
    assert outcome.explanation["needed"] == 1
    assert decide(said("brown", "brown", "brown"), TREE, weak).status == "needs_id"
    assert decide(said("brown", "brown", "brown", "brown"), TREE, weak).status == "verified"


def test_a_posterior_of_exactly_nine_tenths_is_enough():
    assert decide(said("brown", "brown"), TREE, reliability(p0=0.75, p1=0.75)).status == "verified"


def test_a_reliable_dissenter_outweighs_a_majority():
    opinions = said("brown", "brown", "brown", "rainbow")
    assert decide(opinions, TREE).status == "verified"
    assert decide(opinions, TREE, reliability(p3=0.95)).status == "disputed"


def test_agreement_of_somebody_who_is_mostly_wrong_counts_for_nothing_and_not_against():
    outcome = decide(said("brown", "brown", "brown"), TREE, reliability(p2=0.1))
    assert outcome.posterior == pytest.approx(16 / 17)


def test_no_voice_is_loud_enough_alone():
    sure = reliability(p0=1.0, p1=1.0)
    assert decide(said("brown"), TREE, sure).status == "needs_id"
    assert decide(said("brown", "brown", "rainbow"), TREE, sure).status == "disputed"


def test_finer_opinions_of_little_weight_do_not_undo_the_species():
    doubtful = reliability(p2=0.55, p3=0.55)
    outcome = decide(said("rainbow", "rainbow", "steelhead", "steelhead"), TREE, doubtful)
    assert (outcome.status, outcome.taxon) == ("verified", "rainbow")
    assert outcome.explanation["community_taxon"] == "steelhead"


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


# Cannot be improved


@pytest.mark.parametrize(
    ("votes", "status"),
    [
        (unsure("salmo", "salmo"), "unresolvable"),
        (unsure("salmo") + [Vote(5, "salmo")], "needs_id"),
        (unsure("salmo"), "needs_id"),
        (unsure("salmo", "salmo") + [Vote(5, "brown")], "needs_id"),
        (unsure("salmo", "salmo", "salmo") + [Vote(5, "brown")], "unresolvable"),
        (unsure("salmo", "salmo", "salmo") + [Vote(5, "rainbow")], "unresolvable"),
        (unsure("salmo", "salmo") + [Vote(5, "rainbow")], "disputed"),
        (unsure("salmo", "salmo") + [Vote(5, "brown"), Vote(6, "brown")], "verified"),
        (unsure("brown", "rainbow"), "disputed"),
        (unsure("brown", "brown"), "verified"),
        ([replace(vote, is_uploader=True) for vote in unsure("salmo", "salmo")], "needs_id"),
        (
            [replace(vote, is_uploader=True) for vote in unsure(*["salmo"] * 3)] + [Vote(5, "salmo")],
            "needs_id",
        ),
    ],
)
def test_agreement_that_cannot_be_improved(votes, status):
    outcome = decide(votes, TREE)
    assert outcome.status == status
    assert status != "unresolvable" or outcome.taxon == "salmo"


def test_unresolvable_needs_the_same_weight():
    assert decide(unsure("salmo", "salmo"), TREE, reliability(p0=0.6, p1=0.6)).status == "needs_id"


# Rulings


def test_a_ruling_outranks_what_people_say():
    opinions = said("brown", "brown", "brown")
    outcome = decide(opinions, TREE, ruling=Ruling("gairdnerii", "rita", "Spots on the tail."))
    assert (outcome.status, outcome.taxon, outcome.explanation["reason"]) == ("verified", "rainbow", "ruling")
    assert outcome.agreeing == frozenset()
    assert outcome.disagreeing == {0, 1, 2}
    assert (outcome.score, outcome.cumulative, outcome.disagreements) == (0, 0, 3)
    assert outcome.explanation["community_taxon"] == "brown"
    assert outcome.explanation["ruling"] == {"taxon": "rainbow", "reason": "Spots on the tail."}
    assert decide(opinions, TREE).taxon == "brown"


def test_a_ruling_may_be_coarse_and_needs_no_votes():
    outcome = decide([], TREE, ruling=Ruling("salmo", "rita", "Head only."))
    assert (outcome.status, outcome.taxon) == ("verified", "salmo")


def test_a_ruling_can_say_that_it_cannot_be_settled():
    outcome = decide(said("brown", "brown"), TREE, ruling=Ruling(None, "rita", "Too dark."))
    assert (outcome.status, outcome.taxon) == ("unresolvable", None)
    assert outcome.explanation["about"] == "brown"
    assert outcome.explanation["ruling"] == {"taxon": None, "reason": "Too dark."}


# Bad input


def test_one_person_has_one_opinion():
    with pytest.raises(ValueError, match="'ann'"):
        decide([Vote("ann", "brown"), Vote("ann", "rainbow")], TREE)


@pytest.mark.parametrize(
    ("votes", "ruling"),
    [
        ([Vote("ann", "sturgeon")], None),
        ([Vote("ann", "salmo", disagrees_with="sturgeon")], None),
        ([], Ruling("sturgeon", "rita", "Barbels.")),
    ],
)
def test_a_taxon_that_is_not_in_the_tree_is_refused_by_name(votes, ruling):
    with pytest.raises(UnknownTaxon, match="'sturgeon'"):
        decide(votes, TREE, ruling=ruling)


def test_a_ruling_needs_a_reason_and_another_person_than_the_uploader():
    with pytest.raises(ValueError, match="reason"):
        decide([], TREE, ruling=Ruling("brown", "rita", " "))
    with pytest.raises(ValueError, match="own upload"):
        decide([Vote("rita", "brown", is_uploader=True)], TREE, ruling=Ruling("brown", "rita", "Mine."))
    assert decide([Vote("rita", "brown")], TREE, ruling=Ruling("brown", "rita", "Seen.")).status == "verified"


def test_hundreds_of_opinions_do_not_overflow():
    assert decide(said(*["brown"] * 600, *["rainbow"] * 600), TREE).status == "disputed"
    outcome = decide(said(*["brown"] * 900), TREE, ruling=Ruling("rainbow", "rita", "Pink band."))
    assert outcome.posterior == pytest.approx(0)


# The explanation


def test_one_person_says_and_one_more_would_settle_it():
    explanation = decide(said("rainbow", uploader=0), TREE).explanation
    (opinion,) = explanation["opinions"]
    assert (opinion["taxon"], opinion["people"], opinion["uploader"], opinion["needed"]) == (
        "rainbow", 1, True, 1,
    )  # fmt: skip
    assert (explanation["leading"], explanation["needed"]) == ("rainbow", 1)
    assert (explanation["about"], explanation["taxon"]) == ("rainbow", None)


@pytest.mark.parametrize(
    ("opinions", "leading", "needed"),
    [
        ([], None, None),
        (["brown", "rainbow"], None, None),
        (["brown", "brown", "rainbow"], "brown", 1),
        (["salmo"], "salmo", None),
        (["salmo", "brown"], "brown", 1),
        (["brown", ("salmo", "brown"), ("salmo", "brown")], "brown", 4),
        (["brown", "brown"], "brown", 0),
    ],
)
def test_the_leading_opinion_and_what_it_still_needs(opinions, leading, needed):
    explanation = decide(said(*opinions), TREE).explanation
    assert (explanation["leading"], explanation["needed"]) == (leading, needed)


@given(votes, measured)
def test_as_many_more_as_it_says_settle_it_and_one_fewer_do_not(votes, known):
    outcome = decide(votes, TREE, known)
    leading, needed = outcome.explanation["leading"], outcome.explanation["needed"]
    if needed is None or outcome.status == "verified":
        return
    more = [Vote(f"newcomer {n}", leading) for n in range(needed)]
    settled = decide([*votes, *more], TREE, known)
    assert (settled.status, settled.taxon) == ("verified", leading)
    one_fewer = decide([*votes, *more[1:]], TREE, known)
    assert (one_fewer.status, one_fewer.taxon) != ("verified", leading)


@given(votes, measured)
def test_the_explanation_is_json_and_names_nobody(votes, known):
    hidden = [replace(vote, person=f"person-{vote.person}") for vote in votes]
    outcome = decide(hidden, TREE, known, Ruling("brown", "person-rita", "Spots."))
    text = json.dumps(outcome.explanation, allow_nan=False)
    assert json.loads(text) == outcome.explanation
    assert "person-" not in text


def test_ids_may_be_uuids():
    one, two = uuid.uuid4(), uuid.uuid4()
    tree = Tree([TaxonRow(one, rank="genus"), TaxonRow(two, one, rank="species")])
    outcome = decide([Vote(uuid.uuid4(), two), Vote(uuid.uuid4(), two)], tree)
    assert outcome.taxon == two
    assert json.loads(json.dumps(outcome.explanation))["taxon"] == str(two)


# Properties


@given(votes, measured, st.randoms(use_true_random=False))
def test_the_order_of_opinions_does_not_matter(votes, known, random):
    shuffled = votes.copy()
    random.shuffle(shuffled)
    assert decide(shuffled, TREE, known) == decide(votes, TREE, known)


def test_the_order_of_opinions_does_not_reach_the_last_digit():
    known = reliability(p0=0.9, p1=0.61, p2=0.97, p3=0.73, p4=0.58, p5=0.83)
    opinions = said(*["brown"] * 5, "rainbow")
    assert len({tally(order, TREE, known)["brown"].log_odds for order in permutations(opinions)}) == 1


@given(votes, measured, st.permutations(range(12)))
def test_renaming_people_does_not_matter(votes, known, names):
    back = {new: old for old, new in enumerate(names)}
    renamed = [replace(vote, person=names[vote.person]) for vote in votes]
    then = decide(renamed, TREE, Reliability("test", lambda person, taxon: known.lookup(back[person], taxon)))
    now = decide(votes, TREE, known)
    assert then == replace(
        now,
        agreeing=frozenset(names[person] for person in now.agreeing),
        disagreeing=frozenset(names[person] for person in now.disagreeing),
    )


@given(votes, measured, st.sampled_from(TAXA), st.sampled_from([None, *TAXA]), st.floats(0, 1))
def test_a_supporting_vote_never_lowers_a_score_or_the_odds(votes, known, taxon, rejected, value):
    before = tally(votes, TREE, known)
    widened = joined_by("newcomer", value, known)
    after = tally([*votes, Vote("newcomer", taxon, disagrees_with=rejected)], TREE, widened)
    for node in set(before) & set(TREE.lineage(taxon)):
        assert after[node].score >= before[node].score
        assert after[node].log_odds >= before[node].log_odds


@given(votes, measured, st.floats(0, 1))
def test_agreeing_with_a_verdict_never_undoes_it(votes, known, value):
    before = decide(votes, TREE, known)
    if before.status != "verified":
        return
    after = decide([*votes, Vote("newcomer", before.taxon)], TREE, joined_by("newcomer", value, known))
    assert (after.status, after.taxon) == ("verified", before.taxon)
    assert after.score >= before.score
    assert after.posterior >= before.posterior


@given(votes, measured, st.data())
def test_withdrawing_restores_the_state_before(votes, known, data):
    before = decide(votes, TREE, known)
    extra = Vote("newcomer", data.draw(st.sampled_from(TAXA)), cannot_improve=data.draw(st.booleans()))
    with_it = [*votes, extra]
    decide(with_it, TREE, known)
    assert decide([vote for vote in with_it if vote.person != "newcomer"], TREE, known) == before


@given(votes, measured)
def test_every_opinion_counts_exactly_once_everywhere(votes, known):
    for each in tally(votes, TREE, known).values():
        people = [vote.person for vote in (*each.supporting, *each.contradicting, *each.rejecting)]
        assert len(people) == len(set(people)) <= len(votes)
        assert len(each.supporting) >= 1


@given(votes, measured)
def test_what_each_status_promises(votes, known):
    outcome = decide(votes, TREE, known)
    assert not outcome.agreeing & outcome.disagreeing
    if outcome.status in ("verified", "unresolvable"):
        assert outcome.cumulative >= 2
        assert 3 * outcome.cumulative > 2 * (outcome.cumulative + outcome.disagreements)
        assert outcome.posterior >= 0.9
        assert outcome.agreeing - {0}
        assert TREE.at_or_below_species(outcome.taxon) == (outcome.status == "verified")
    contradicted = any(
        stance(vote, other.taxon, TREE) in ("contradicts", "rejects") for vote in votes for other in votes
    )
    if outcome.status in ("disputed", "needs_id"):
        assert contradicted == (outcome.status == "disputed")


def test_guesses_of_models_have_nowhere_to_enter():
    fields = {"person", "taxon", "is_uploader", "disagrees_with", "cannot_improve"}
    assert set(Vote.__dataclass_fields__) == fields
