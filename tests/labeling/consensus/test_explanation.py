import json
import uuid
from dataclasses import replace

import pytest
from hypothesis import given

from labeling.consensus import Ruling, Vote, decide
from species.tree import TaxonRow, Tree
from tests.labeling.consensus.voting import TREE, measured, said, votes


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
