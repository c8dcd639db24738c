from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.consensus import Reliability, Ruling, Vote, decide, stance
from labeling.consensus.explanation import Ruled
from species.taxonomy.tree import UnknownTaxon
from tests.labeling.consensus.voting import TAXA, TREE, joined_by, measured, reliability, said, unsure, votes

# The rule, case by case


@pytest.mark.parametrize(
    ("identifications", "status", "taxon", "reason"),
    [
        ([], "needs_id", None, "no_identifications"),
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
        # Coarse identifications leave room; explicit ones do not.
        (["brown", "brown", "salmo"], "verified", "brown", "agreement"),
        (["brown", "brown", ("salmo", "brown")], "disputed", "salmo", "contradiction"),
        (["brown", ("salmo", "brown")], "disputed", "salmo", "contradiction"),
        # "A salmonid, but not a brown trout" is no Salmo either.
        (["brown", "brown", ("salmonids", "brown")], "disputed", "salmonids", "contradiction"),
        (["brown", "salmon", "salmo", ("salmonids", "brown")], "disputed", "salmo", "contradiction"),
        # Contradicting and rejecting the same taxon is one disagreement, not two.
        (["brown", "brown", "brown", ("rainbow", "brown")], "verified", "brown", "agreement"),
        # An identification that rejects what it says itself (a taxon has moved since) is heard without that.
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
def test_what_people_say_adds_up(identifications, status, taxon, reason):
    outcome = decide(said(*identifications), TREE)
    assert (outcome.status, outcome.taxon, outcome.explanation.reason) == (status, taxon, reason)
    # Half of the cases with the uploader first: with anybody else beside them it makes no difference.
    assert decide(said(*identifications, uploader=0), TREE).status == status


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
    assert (outcome.status, outcome.explanation.reason) == ("needs_id", "only_uploader")
    assert decide([*alone, Vote(3, "brown")], TREE).status == "verified"


def test_little_reliability_needs_more_people():
    weak = reliability(p0=0.6, p1=0.6, p2=0.6)
    outcome = decide(said("brown", "brown"), TREE, weak)
    assert (outcome.status, outcome.explanation.reason) == ("needs_id", "too_little_weight")
    assert outcome.explanation.needed == 1
    assert decide(said("brown", "brown", "brown"), TREE, weak).status == "needs_id"
    assert decide(said("brown", "brown", "brown", "brown"), TREE, weak).status == "verified"


def test_a_posterior_of_exactly_nine_tenths_is_enough():
    assert decide(said("brown", "brown"), TREE, reliability(p0=0.75, p1=0.75)).status == "verified"


def test_a_reliable_dissenter_outweighs_a_majority():
    identifications = said("brown", "brown", "brown", "rainbow")
    assert decide(identifications, TREE).status == "verified"
    assert decide(identifications, TREE, reliability(p3=0.95)).status == "disputed"


def test_agreement_of_somebody_who_is_mostly_wrong_counts_for_nothing_and_not_against():
    outcome = decide(said("brown", "brown", "brown"), TREE, reliability(p2=0.1))
    assert outcome.posterior == pytest.approx(16 / 17)


def test_no_voice_is_loud_enough_alone():
    sure = reliability(p0=1.0, p1=1.0)
    assert decide(said("brown"), TREE, sure).status == "needs_id"
    assert decide(said("brown", "brown", "rainbow"), TREE, sure).status == "disputed"


def test_finer_identifications_of_little_weight_do_not_undo_the_species():
    doubtful = reliability(p2=0.55, p3=0.55)
    outcome = decide(said("rainbow", "rainbow", "steelhead", "steelhead"), TREE, doubtful)
    assert (outcome.status, outcome.taxon) == ("verified", "rainbow")
    assert outcome.explanation.community_taxon == "steelhead"


# A rejection that outlives what it rejects


@pytest.mark.parametrize(
    ("identifications", "status", "taxon"),
    [
        # Nobody says brown trout any more: "not brown" is against brown trout alone.
        ([("salmonids", "brown"), "salmon", "salmon"], "verified", "salmon"),
        ([("salmonids", "brown"), "salmon"], "needs_id", "salmonids"),
        ([("fishes", "salmonids"), "reed"], "disputed", None),
        # Somebody says it again: the others are contradicted by that person, but not rejected besides.
        ([("salmonids", "brown"), "salmon", "salmon", "brown"], "disputed", "salmo"),
        ([("salmonids", "brown"), "salmon", "salmon", "salmon", "brown"], "verified", "salmon"),
        # Something within the rejected name holds it, too, and so does a synonym.
        ([("salmonids", "brown"), "brook form", "brook form"], "disputed", "salmonids"),
        ([("salmonids", "gairdnerii"), "rainbow", "rainbow"], "disputed", "salmonids"),
        ([("salmonids", "rainbow"), "gairdnerii", "gairdnerii"], "disputed", "salmonids"),
        # A rejection of something finer is not one of the species.
        ([("oncorhynchus", "steelhead"), "rainbow", "rainbow"], "verified", "rainbow"),
        ([("oncorhynchus", "steelhead"), "steelhead", "steelhead"], "disputed", "oncorhynchus"),
        ([("oncorhynchus", "steelhead"), "steelhead", "rainbow"], "verified", "rainbow"),
        # Two who reject different names leave what lies beside both.
        ([("salmonids", "brown"), ("salmonids", "salmon"), "lake", "lake"], "verified", "lake"),
    ],
)
def test_a_rejection_reaches_no_further_than_what_is_said(identifications, status, taxon):
    outcome = decide(said(*identifications), TREE)
    assert (outcome.status, outcome.taxon) == (status, taxon)


@given(votes, measured, st.sampled_from(TAXA))
def test_a_rejection_of_what_nobody_says_is_heard_of_that_alone(votes, known, rejected):
    if any(TREE.is_ancestor_or_self(rejected, vote.taxon) for vote in votes):
        return
    plain = Vote("newcomer", "fishes")
    without = decide([*votes, plain], TREE, known)
    rejecting = decide([*votes, replace(plain, disagrees_with=rejected)], TREE, known)
    assert (rejecting.status, rejecting.taxon) == (without.status, without.taxon)
    assert rejecting.explanation.tally == without.explanation.tally


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
    identifications = said("brown", "brown", "brown")
    outcome = decide(identifications, TREE, ruling=Ruling("gairdnerii", "rita", "Spots on the tail."))
    assert (outcome.status, outcome.taxon, outcome.explanation.reason) == ("verified", "rainbow", "ruling")
    assert outcome.agreeing == frozenset()
    assert outcome.disagreeing == {0, 1, 2}
    assert (outcome.score, outcome.cumulative, outcome.disagreements) == (0, 0, 3)
    assert outcome.explanation.community_taxon == "brown"
    assert outcome.explanation.ruling == Ruled(taxon="rainbow", reason="Spots on the tail.", trust=False)
    assert decide(identifications, TREE).taxon == "brown"


def test_a_ruling_may_be_coarse_and_needs_no_votes():
    outcome = decide([], TREE, ruling=Ruling("salmo", "rita", "Head only."))
    assert (outcome.status, outcome.taxon) == ("verified", "salmo")


def test_a_ruling_can_say_that_it_cannot_be_settled():
    outcome = decide(said("brown", "brown"), TREE, ruling=Ruling(None, "rita", "Too dark."))
    assert (outcome.status, outcome.taxon) == ("unresolvable", None)
    assert outcome.explanation.about.taxon == "brown"
    assert outcome.explanation.ruling == Ruled(taxon=None, reason="Too dark.", trust=False)


# Bad input


def test_one_person_has_one_identification():
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


def test_hundreds_of_identifications_do_not_overflow():
    assert decide(said(*["brown"] * 600, *["rainbow"] * 600), TREE).status == "disputed"
    outcome = decide(said(*["brown"] * 900), TREE, ruling=Ruling("rainbow", "rita", "Pink band."))
    assert outcome.posterior == pytest.approx(0)


# Properties


@given(votes, measured, st.randoms(use_true_random=False))
def test_the_order_of_identifications_does_not_matter(votes, known, random):
    shuffled = votes.copy()
    random.shuffle(shuffled)
    assert decide(shuffled, TREE, known) == decide(votes, TREE, known)


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
        stance(vote, other.taxon, TREE, votes) in ("contradicts", "rejects")
        for vote in votes
        for other in votes
    )
    if outcome.status in ("disputed", "needs_id"):
        assert contradicted == (outcome.status == "disputed")
