"""Conditions that fit few rows or many, and those that Django knows to fit none."""

from django.db.models import Q

from labeling.queries import ways
from labeling.queries.ways import Way
from species.models import Occurrence
from tests import universe


def way(rows) -> Way:
    return Way([rows.values("pk")], [rows], Q(pk__in=rows))


def test_none_is_found_in_a_way_that_leads_nowhere(alice):
    one = universe.sighting(alice, seed="way").occurrences.get()
    nothing, everything = Occurrence.objects.filter(pk__in=[]), Occurrence.objects.order_by()
    assert ways.few([way(nothing)]) == []
    assert ways.few([way(nothing), way(everything)]) == [one.pk]
    assert ways.counts(nothing, everything, nothing) == [0, 1, 0]


def test_a_set_of_nothing_is_a_room_without_a_photo(client, alice, bob, tree):
    universe.sighting(alice, seed="way")
    client.force_login(bob)
    for query in (
        {"taxon": "huchen"},
        {"q": "nobody says this"},
        {"taxon": "huchen", "difficulty": "unnamed"},
    ):
        assert client.get("/label", query).status_code == 200, query
