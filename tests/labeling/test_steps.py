"""How an organism got its name, told step by step."""

import random

import pytest
from django.urls import reverse

from labeling.actions import identifications, rulings
from labeling.models import Identification, Ruling
from labeling.presenters import steps
from labeling.queries.identifications import as_votes
from species.models import Occurrence
from species.queries import taxa
from species.taxonomy.tree import UnknownTaxon
from tests import universe
from tests.labeling.browsing import as_person, get, queries


@pytest.fixture
def occurrence(alice, tree) -> Occurrence:
    return universe.sighting(alice, seed="steps").occurrences.get()


def found(occurrence: Occurrence, person=None) -> list[steps.Step]:
    said = as_votes(Identification.objects.filter(occurrence=occurrence)).select_related("person", "taxon")
    ruled = Ruling.objects.filter(occurrence=occurrence).select_related("reviewer", "taxon")
    return steps.steps(occurrence, said, ruled, tree=taxa.tree(), person=person)


def test_each_word_is_a_step_with_what_stood_then(occurrence, tree, alice, bob, charlie, rita):
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    identifications.add(occurrence=occurrence, taxon=tree["bream"], by=bob)
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie)
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    ruling = rulings.rule(
        occurrence=occurrence, taxon=tree["bream"], reason="The fins.", by=rita, confirmed=True
    )
    rulings.withdraw(ruling=ruling, by=rita)
    told = [(each.did, each.explanation.status) for each in found(occurrence, bob)]
    assert told == [
        ("Alice said chub", "needs_id"),
        ("Bob (you) said bream", "disputed"),
        ("Charlie said chub", "disputed"),
        ("Bob (you) said chub", "verified"),
        ("Rita ruled: bream", "verified"),
        ("Rita took a ruling back", "verified"),
    ]


def test_the_last_step_is_what_stands(occurrence, tree, alice, bob, charlie, rita):
    """Whatever was said and taken back in whatever order."""
    order = random.Random(5)
    for _ in range(25):
        who = order.choice([alice, bob, charlie, rita])
        own = Identification.objects.filter(occurrence=occurrence, person=who, withdrawn_at=None).first()
        if own and order.random() < 0.4:
            identifications.withdraw(identification=own, by=who)
        else:
            name = order.choice(["chub", "bream", "leuciscidae", "brown_trout"])
            identifications.add(occurrence=occurrence, taxon=tree[name], by=who)
        told = found(occurrence)
        occurrence.refresh_from_db()
        if told:
            assert told[-1].explanation == occurrence.verdict.explained()


def test_one_word_alone_is_no_story(client, occurrence, tree, bob, charlie):
    page = reverse("observation", args=[occurrence.observation_id])
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    assert "How it got its name" not in client.get(page).content.decode()
    identifications.add(occurrence=occurrence, taxon=tree["leuciscidae"], by=charlie)
    text = client.get(page).content.decode()
    assert "How it got its name" in text
    assert "Charlie said" in text


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "rita", "ada", None])
def test_whoever_may_look_reads_it_and_nobody_else(
    client, request, who, occurrence, tree, alice, bob, charlie
):
    for person in (bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)
    reader = who and request.getfixturevalue(who)
    assert (
        "How it got its name" in get(as_person(client, reader), "observation", occurrence.observation_id).text
    )


def test_a_long_story_asks_no_more_than_a_short_one(client, occurrence, tree, bob, charlie):
    page = reverse("observation", args=[occurrence.observation_id])
    for person in (bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)
    before = queries(client, page)
    for name in ("bream", "leuciscidae", "salmo", "chub") * 5:
        identifications.add(occurrence=occurrence, taxon=tree[name], by=bob)
    assert queries(client, page) <= before
    assert len(found(occurrence)) == 22


def test_a_name_that_left_the_tree_spoils_no_page(client, occurrence, tree, bob, charlie, monkeypatch):
    for person in (bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=person)

    def unknown(*read):
        raise UnknownTaxon("chub")

    monkeypatch.setattr(steps, "_stood", unknown)
    text = client.get(reverse("observation", args=[occurrence.observation_id])).content.decode()
    assert "How it got its name" not in text
