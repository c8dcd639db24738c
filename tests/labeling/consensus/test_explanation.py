import json
import re
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.consensus import Explanation, Ruling, Unreadable, Vote, decide
from labeling.consensus.explanation import VERSION
from species.taxonomy.tree import TaxonRow, Tree
from tests.labeling.consensus.voting import TAXA, TREE, measured, said, votes


def test_one_person_says_and_one_more_would_settle_it():
    explanation = decide(said("rainbow", uploader=0), TREE).explanation
    (identification,) = explanation.identifications
    assert (identification.taxon, identification.people, identification.uploader, identification.needed) == (
        "rainbow", 1, True, 1,
    )  # fmt: skip
    assert (explanation.leading, explanation.needed) == ("rainbow", 1)
    assert (explanation.about.taxon, explanation.taxon) == ("rainbow", None)


@pytest.mark.parametrize(
    ("identifications", "leading", "needed"),
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
def test_the_leading_identification_and_what_it_still_needs(identifications, leading, needed):
    explanation = decide(said(*identifications), TREE).explanation
    assert (explanation.leading, explanation.needed) == (leading, needed)


@given(votes, measured)
def test_as_many_more_as_it_says_settle_it_and_one_fewer_do_not(votes, known):
    outcome = decide(votes, TREE, known)
    leading, needed = outcome.explanation.leading, outcome.explanation.needed
    if needed is None or outcome.status == "verified":
        return
    more = [Vote(f"newcomer {n}", leading) for n in range(needed)]
    settled = decide([*votes, *more], TREE, known)
    assert (settled.status, settled.taxon) == ("verified", leading)
    one_fewer = decide([*votes, *more[1:]], TREE, known)
    assert (one_fewer.status, one_fewer.taxon) != ("verified", leading)


rulings = st.none() | st.builds(
    Ruling, st.none() | st.sampled_from(TAXA), st.just("person-rita"), st.just("Spots."), st.booleans()
)


@given(votes, measured, rulings)
def test_through_json_it_is_the_same_and_names_nobody(votes, known, ruling):
    hidden = [replace(vote, person=f"person-{vote.person}") for vote in votes]
    explanation = decide(hidden, TREE, known, ruling).explanation
    assert Explanation.from_json(explanation.to_json()) == explanation
    text = json.dumps(explanation.to_json(), allow_nan=False)
    assert json.loads(text) == explanation.to_json()
    assert Explanation.from_json(json.loads(text)) == explanation
    assert "person-" not in text


def test_nobody_is_what_is_written_before_anybody_speaks():
    explanation = decide([], TREE).explanation
    written = replace(explanation, tree_version="", reliability_version="")
    assert written == Explanation() == Explanation.from_json(Explanation().to_json())


class TestTheFirstForm:
    """As it was stored before it had a version."""

    FIRST = {
        "rule": "community-1",
        "status": "disputed",
        "reason": "contradiction",
        "taxon": "salmo",
        "about": "salmo",
        "rank": "genus",
        "people": 2,
        "supporting": 2,
        "contradicting": 0,
        "rejecting": 0,
        "score": 1.0,
        "posterior": 0.9411764705882353,
        "community_taxon": "salmo",
        "leading": "brown",
        "needed": 2,
        "opinions": [
            {
                "taxon": "brown",
                "rank": "species",
                "people": 1,
                "uploader": True,
                "rejected_by": 1,
                "cannot_improve": 0,
                "supporting": 1,
                "contradicting": 0,
                "rejecting": 1,
                "score": 0.5,
                "needed": 2,
            },
        ],
        "tally": [
            {
                "taxon": "salmo",
                "rank": "genus",
                "supporting": 2,
                "contradicting": 0,
                "rejecting": 0,
                "score": 1.0,
            }
        ],
        "ruling": None,
        "thresholds": {"people_at_least": 2, "score_above": 0.6666666666666666, "posterior_at_least": 0.9},
        "tree_version": "abc",
        "reliability_version": "plain",
    }

    def test_is_read_and_written_as_the_present_one(self):
        read = Explanation.from_json(self.FIRST)
        assert (read.version, read.rule) == (VERSION, "community-1")
        assert (read.about.taxon, read.about.rank, read.about.supporting) == ("salmo", "genus", 2)
        assert read.identifications[0].uploader and read.identifications[0].against == 1
        assert read.shown == read.identifications[0], "where people disagree, the leading name is told of"
        assert Explanation.from_json(read.to_json()) == read

    def test_nobody(self):
        nobody = self.FIRST | {"reason": "no_opinions", "about": None, "rank": None, "opinions": []}
        read = Explanation.from_json(nobody)
        assert (read.reason, read.about) == ("no_identifications", None)

    @pytest.mark.parametrize("trust", [{}, {"trust": False}, {"trust": True}])
    def test_a_ruling_with_and_without_its_trust(self, trust):
        ruled = self.FIRST | {"reason": "ruling", "ruling": {"taxon": "brown", "reason": "Spots."} | trust}
        assert Explanation.from_json(ruled).ruling.trust is trust.get("trust", False)


@pytest.mark.parametrize("stored", [{"version": 4}, {"version": "3"}, {"version": None}, {"version": True}])
def test_a_form_of_another_program_says_what_to_do(stored):
    with pytest.raises(Unreadable, match="Settle the verdict anew: manage.py fsck --deep --mend"):
        Explanation.from_json(Explanation().to_json() | stored)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "agreement",
        {},
        {"version": 2},
        Explanation().to_json() | {"reason": "whim"},
        Explanation().to_json() | {"status": "perhaps"},
        Explanation().to_json() | {"mood": "good"},
        Explanation().to_json() | {"about": {"taxon": "brown"}},
        Explanation().to_json() | {"identifications": None},
        Explanation().to_json() | {"tally": [1]},
    ],
)
def test_rubbish_is_told_from_an_explanation(stored):
    with pytest.raises(Unreadable):
        Explanation.from_json(stored)


def test_ids_may_be_uuids():
    one, two = uuid.uuid4(), uuid.uuid4()
    tree = Tree([TaxonRow(one, rank="genus"), TaxonRow(two, one, rank="species")])
    outcome = decide([Vote(uuid.uuid4(), two), Vote(uuid.uuid4(), two)], tree)
    assert outcome.taxon == two
    assert outcome.explanation.taxon == str(two)


def test_nobody_picks_keys_out_of_what_is_stored():
    """Readers ask `Verdict.explained()`."""
    picking = re.compile(r"(verdict|found|written)\w*\.explanation\b|explanation(\[|\.get\()")
    for folder in ("labeling", "research", "ml", "platform", "species"):
        for path in Path(folder).rglob("*.py"):
            if "migrations" not in path.parts and path != Path("labeling/models/verdicts.py"):
                found = picking.search(path.read_text())
                assert found is None, (path, found)
