"""Filters and counts of a library too large to count one by one."""

import random
from collections import Counter
from datetime import date
from itertools import cycle

import pytest
from django.db.models import Q
from django.urls import reverse

from labeling.actions import identifications, rulings
from labeling.queries import gallery, ways, words
from species.actions import occurrences, photos
from species.models import Occurrence, Status, Taxon
from species.queries import taxa
from tests import universe
from tests.labeling.browsing import as_person, get, queries

FORMS = {"gathered": 1_000_000, "walked": 1}


@pytest.fixture
def library(alice, bob, charlie, rita, tree) -> list:
    """Twelve sightings, some hidden or drafts, with what people said of them at random; the people."""
    dice = random.Random(1)
    people = [alice, bob, charlie, rita]
    places = [universe.place(name=name, uncertainty_m=60_000) for name in ("Brown trout beck", "Inn")]
    names = [tree[label] for label in ("brown_trout", "river_trout", "chub", "salmo", "salmonidae", "cutbow")]
    for number in range(12):
        sighting = universe.sighting(
            dice.choice(people),
            seed=number,
            size=(64, 48),
            published=number % 6 != 5,
            consents=[] if number % 5 == 4 else None,
            latitude=47.2,
            longitude=11.4,
            place=dice.choice([*places, None]),
        )
        for occurrence in sighting.occurrences.all():
            for person in dice.sample(people[:3], dice.choice([0, 1, 1, 1, 2, 3])):
                if person == sighting.observer or number % 5 != 4:
                    identifications.add(occurrence=occurrence, taxon=dice.choice(names), by=person)
            if dice.random() < 0.2 and sighting.observer != rita:
                rulings.rule(
                    occurrence=occurrence, taxon=dice.choice(names), reason="Seen.", by=rita, confirmed=True
                )
            if dice.random() < 0.3:
                said = occurrence.identifications.first()
                if said:
                    identifications.withdraw(identification=said, by=said.person)
    return people


def found(person, condition) -> list:
    return list(gallery.gallery(person).filter(condition).values_list("pk", flat=True))


def test_both_forms_of_a_filter_by_taxon_find_the_same(library, monkeypatch):
    """And no other than whoever reads every row."""
    whole = taxa.tree()
    by_agreement = by_word = 0
    verdicts, some = cycle(Status.values), Counter()
    for taxon in Taxon.objects.all():
        inside = set(taxa.inside([taxon], whole))
        for person in (None, *library):
            by_hand = [
                each.pk
                for each in gallery.gallery(person)
                if each.agreed_taxon_id in inside
                or each.agreed_taxon_id is None
                and any(
                    said.taxon_id in inside for said in each.identifications.all() if not said.withdrawn_at
                )
            ]
            agreed = Occurrence.objects.filter(pk__in=by_hand, agreed_taxon__isnull=False).count()
            by_agreement, by_word = by_agreement + agreed, by_word + len(by_hand) - agreed
            # Each verdict in its turn.
            status = next(verdicts)
            of_status = gallery.gallery(person).filter(pk__in=by_hand, status=status)
            expected = list(of_status.values_list("pk", flat=True))
            some[status] += len(expected)
            for few in FORMS.values():
                monkeypatch.setattr(ways, "FEW", few)
                assert found(person, gallery.of_taxa(inside)) == by_hand, (taxon.label, few)
                condition = gallery.of_taxa(inside, [status]) & Q(status=status)
                assert found(person, condition) == expected, (taxon.label, few, status)
    assert min(by_agreement, by_word) > 20, (by_agreement, by_word)
    assert min(some["verified"], some["needs_id"]) > 5, some


def test_both_forms_of_a_search_find_the_same(library, monkeypatch):
    """By names, places, people, and all three at once."""
    some = 0
    for text in ("brown trout", "trout", "salmo", "inn", "beck", "alice", "a", "nothing of that"):
        for person in (None, *library):
            answers = []
            for few in FORMS.values():
                monkeypatch.setattr(ways, "FEW", few)
                answers.append(found(person, words.search(text)))
            assert answers[0] == answers[1] and len(set(answers[0])) == len(answers[0])
            some += bool(answers[0])
        assert text != "nothing of that" or not answers[0]
    assert some > 20


def test_no_row_comes_twice_for_what_two_people_call_so(occurrence, tree, alice, bob):
    for by in (alice, bob):
        identifications.add(occurrence=occurrence, taxon=tree["salmo"], by=by)
    assert found(None, gallery.of_taxa([tree["salmo"].pk])) == [occurrence.pk]


@pytest.fixture
def five(alice, bob, rita, tree) -> list[Occurrence]:
    """Three brown trout, one of them a reviewer's, one chub and one without a name; all of 2015."""
    found = []
    for number, label in enumerate(["brown_trout", "brown_trout", "brown_trout", "chub", None]):
        sighting = universe.sighting(alice, seed=number, size=(64, 48), local_date=date(2015, 5, number + 1))
        found.append(sighting.occurrences.get())
        if label:
            rulings.rule(occurrence=found[-1], taxon=tree[label], reason="Seen.", by=rita, confirmed=True)
    return found


class TestCounts:
    """Beside the filters of Explore."""

    def note(self, client, **query) -> str:
        """What stands beside the heading."""
        page = get(client, "gallery", **query)
        return page.text.split("Explore", 2)[-1].split("Show")[0].strip()

    @pytest.mark.parametrize("counted", [5, 6, 200])
    def test_up_to_so_many_they_are_exact(self, client, five, monkeypatch, counted):
        monkeypatch.setattr(gallery, "COUNTED", counted)
        assert "5 sightings, 2 species verified" in self.note(client, since="2015-01-01")
        assert "3 sightings, 1 species verified" in self.note(client, taxon="brown_trout")
        assert "1 sighting" in self.note(client, q="trout", until="2015-05-01")

    def test_beyond_it_says_that_there_are_more_and_counts_no_verdicts(self, client, five, monkeypatch):
        assert gallery.COUNTED == 200
        monkeypatch.setattr(gallery, "COUNTED", 4)
        page = client.get(reverse("gallery"), {"since": "2015-01-01"})
        assert page.context["more"] and page.context["total"] == 4
        assert {each["count"] for each in page.context["statuses"]} == {None}
        assert "4+ sightings" in self.note(client, since="2015-01-01")
        assert "4 sightings" in self.note(client, since="2015-05-02")

    def test_everything_is_counted_exactly_however_much_it_is(self, client, five, monkeypatch):
        monkeypatch.setattr(gallery, "COUNTED", 1)
        assert "5 sightings, 2 species verified" in self.note(client)
        page = client.get(reverse("gallery"), {"status": "verified"})
        assert page.context["total"] == 4, "the verdict that is chosen"
        assert "4 sightings, 2 species verified" in get(client, "gallery", status="verified").text
        assert "0 sightings" in get(client, "gallery", status="disputed").text
        assert "species verified" not in get(client, "gallery", status="disputed").text
        assert {each["value"]: each["count"] for each in page.context["statuses"]} == {
            "needs_id": 1,
            "verified": 4,
            "disputed": 0,
            "unresolvable": 0,
        }

    def test_of_several_filters_fewer_are_counted(self, client, five, monkeypatch):
        assert gallery.COUNTED_TOGETHER == 50
        monkeypatch.setattr(gallery, "COUNTED_TOGETHER", 2)
        assert "3 sightings" in self.note(client, taxon="brown_trout")
        assert "2+ sightings" in self.note(client, taxon="brown_trout", month=5)
        assert "2+ sightings" in self.note(client, taxon="brown_trout", month=5, status="verified")
        assert "1 sighting" in self.note(client, taxon="chub", month=5)
        assert "3 sightings" in self.note(client, since="2015-05-01", until="2015-05-03"), "one filter"

    def test_a_large_taxon_is_counted_by_what_is_agreed(self, client, bob, five, tree, monkeypatch):
        """What is only said to be one is found, and not in the number; so there are so many or more."""
        identifications.add(occurrence=five[4], taxon=tree["brown_trout"], by=bob)
        monkeypatch.setattr(gallery, "COUNTED", 3)
        page = client.get(reverse("gallery"), {"taxon": "brown_trout"})
        assert len(page.context["cards"]) == 4
        assert "3+ sightings" in self.note(client, taxon="brown_trout")
        known = {each["value"]: each["count"] for each in page.context["statuses"]}
        assert known == {"needs_id": None, "verified": 3, "disputed": None, "unresolvable": None}
        assert "Explore 3 sightings" in get(client, "gallery", taxon="brown_trout", status="verified").text
        assert "Explore 1 sighting " in get(client, "gallery", taxon="brown_trout", status="needs_id").text
        assert "3+ sightings" in self.note(client, taxon="brown_trout", since="2015-01-01")
        monkeypatch.setattr(gallery, "COUNTED", 4)
        assert "Explore 4 sightings" in get(client, "gallery", taxon="brown_trout").text

    def test_no_count_tells_a_stranger_of_what_is_hidden(self, client, alice, charlie, five, monkeypatch):
        photos.say(photo=five[0].photos.get(), purpose="show", granted=False, by=alice)
        for counted in (200, 1):
            monkeypatch.setattr(gallery, "COUNTED", counted)
            for person in (None, charlie):
                as_person(client, person)
                assert "4 sightings, 2 species verified" in self.note(client)
                about = "2 sightings" if counted == 200 else "2+ sightings"
                assert about in self.note(client, taxon="brown_trout")

    def test_as_many_queries_beyond_as_before(self, client, five, monkeypatch):
        def asked() -> list[int]:
            ways = {"since": "2015-01-01"}, {"taxon": "brown_trout"}, {"q": "trout"}
            return [queries(client, reverse("gallery"), **each) for each in ways]

        exact = asked()
        monkeypatch.setattr(gallery, "COUNTED", 1)
        beyond = asked()
        # Of a taxon: what is under it, once more, and its counters.
        assert beyond[0] <= exact[0] and beyond[2] <= exact[2] and beyond[1] <= exact[1] + 3
        assert max(exact + beyond) <= 15

    def test_a_verdict_beside_other_filters_asks_for_none_of_them_again(self, client, five):
        """Names, places and people are looked up once for what is counted and once more for nothing."""
        asked = {"q": "trout", "taxon": "actinopterygii"}
        before = queries(client, reverse("gallery"), **asked)
        assert queries(client, reverse("gallery"), status="verified", **asked) <= before

    def test_what_is_agreed_to_be_a_kind_and_a_cross_is_told_apart(self, client, five, tree):
        occurrences.settle(occurrence=five[4], status="verified", taxon=tree["cutbow"].pk)
        assert "5 sightings, 2 species and 1 hybrid verified" in self.note(client).replace(" ,", ",")
