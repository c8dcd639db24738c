"""Pages do not grow with the tree of names: not in bytes, not in what they ask the database, not in time."""

import re
from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from labeling.actions import identifications
from species.models import Rank, Taxon
from tests import universe
from tests.labeling.browsing import as_person, guess
from tests.species.views.test_taxa import many

FEW, MANY = 60, 5000
BYTES = 16  # a figure may have more digits, and a token for forms is as long as chance will
SLACK = 0.025  # seconds; benchmarks/names.py measures more exactly


@pytest.fixture
def pages(client, occurrence, photo, tree, alice, bob, charlie) -> dict[str, str]:
    """Name to address, as Bob sees them: something is said, suggested, verified, and something waits."""
    guess(photo, tree, ("chub", 0.9), ("bream", 0.1))
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
    agreed = universe.sighting(alice, seed="agreed").occurrences.get()
    for person in (alice, charlie):
        identifications.add(occurrence=agreed, taxon=tree["brown_trout"], by=person)
    universe.sighting(bob, seed="draft", published=False)
    as_person(client, bob)
    return {
        "room": reverse("label"),
        "room, uncovered": reverse("label", query={"show": 1}),
        "sighting": occurrence.observation.get_absolute_url(),
        "gallery": reverse("gallery"),
        "names": reverse("taxa"),
        "names under one": reverse("taxa", query={"under": "salmo"}),
        "one name": reverse("taxon", args=["brown_trout"]),
        "drafts": reverse("upload"),
        "proposals": reverse("taxon_proposals", query={"q": "many"}),
    }


def weigh(client, address: str) -> tuple[int, int, float]:
    """Bytes, statements and the least seconds of work in three times, the names having been read before."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200
    taken = []
    for _ in range(3):
        began = process_time()
        client.get(address)
        taken.append(process_time() - began)
    return len(answer.content), len(asked), min(taken)


def test_they_weigh_the_same_beside_60_and_5000_names(client, pages, tree):
    many(tree, FEW)
    before = {name: weigh(client, address) for name, address in pages.items()}
    Taxon.objects.filter(label__startswith="many_").delete()
    many(tree, MANY)
    assert Taxon.objects.filter(rank=Rank.SPECIES).count() > MANY
    for name, address in pages.items():
        (size, statements, seconds), (few_size, few_statements, few_seconds) = (
            weigh(client, address),
            before[name],
        )
        assert statements == few_statements, name
        assert abs(size - few_size) <= BYTES, (name, few_size, size)
        assert seconds <= 2 * few_seconds + SLACK, (name, few_seconds, seconds)


@pytest.mark.parametrize("name", ["room", "sighting", "gallery", "drafts"])
def test_no_page_lists_names_it_does_not_show(client, pages, tree, name):
    many(tree, FEW)
    html = client.get(pages[name]).content.decode()
    assert "<datalist" not in html and not re.search(r"many[ _-]?\d", html.casefold())
    assert f'data-names="{reverse("taxon_proposals")}"' in html
