"""Counters: each act moves those it should and no other, whoever gathers them loses nothing, and none tells of
what is hidden.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import h3
import pytest
from django.db import connection, transaction
from django.db.models import Sum

from labeling.actions import identifications, rulings
from species.actions import observations, occurrences, photos, tallies
from species.models import CellTally, Observation, Occurrence, Tally
from species.places.geoprivacy import h3_cells
from species.queries import tallies as counts
from tests import universe
from tests.conftest import person

STEADY = ("all", "observer")  # counters that neither day nor place move
INN, SILL = (47.26812, 11.39325), (46.9, 10.2)


def kept() -> dict[tuple, int]:
    """Kind, label of the taxon, status and value to what the counter says, and the same of each hexagon, in all and
    by month; those at nothing left out.
    """
    rows = Tally.objects.total("kind", "taxon__label", "status", "value")
    found = {tuple(key): count for *key, count in rows}
    names = ("cell", "taxon__label", "whole", "status")
    sums = {f"in_{name}": Sum(name) for name in CellTally.COUNTS}
    for cell, taxon, whole, status, *sums_of_it in CellTally.objects.values_list(*names).annotate(**sums):
        for name, count in zip(CellTally.COUNTS, sums_of_it, strict=True):
            if count:
                found["all taxa" if whole else "cell", taxon, status, cell, name] = count
    return found


def moved(act) -> dict[tuple, int]:
    """What changes in the counters by `act`."""
    before = Counter(kept())
    act()
    after = Counter(kept())
    after.subtract(before)
    assert tallies.differing() == []
    return {key: count for key, count in after.items() if count}


def in_cells(taxon, status, month, cell, count=1) -> dict[tuple, int]:
    """What counts an organism on the map; `month` as "05", empty where no day is known."""
    names = ["count", *([f"m{month}"] if month else [])]
    around = [h3.cell_to_parent(cell, each) for each in (2, 3, 4, 5)] if cell else [""]
    return {
        (which, of, status, each, name): count
        for which, of in (("cell", taxon), ("all taxa", None))
        for each in around
        for name in names
    }


def all_of(taxon, status, month, cell, observer, count=1) -> dict[tuple, int]:
    day = f"2015-{month}" if month else ""
    return {
        ("all", taxon, status, ""): count,
        ("month", taxon, status, day): count,
        ("months", None, status, day): count,
        ("observer", taxon, status, str(observer.pk)): count,
        **in_cells(taxon, status, month, cell, count),
    }


def less(one: dict[tuple, int], other: dict[tuple, int]) -> dict[tuple, int]:
    """What is left where both move the same counters, e.g. those of all taxa."""
    sums = Counter(one)
    sums.update(other)
    return {key: count for key, count in sums.items() if count}


def add(rows: Counter) -> None:
    changes = tallies.Changes()
    changes.tallies.update(rows)
    changes.write()


def cell_of(observation: Observation) -> str:
    observation.refresh_from_db()
    return observation.public_h3_5


@pytest.fixture
def draft(alice) -> Observation:
    """On a day in May, at a place of which others see a rough area; two photos."""
    return universe.sighting(
        alice,
        photos=2,
        published=False,
        size=(64, 48),
        local_date=date(2015, 5, 3),
        latitude=INN[0],
        longitude=INN[1],
    )


@pytest.fixture
def sent(alice, draft, tree) -> Observation:
    observations.publish(observation=draft, by=alice)
    return draft


class TestActs:
    def test_a_draft_counts_nowhere_and_a_sent_one_in_its_counters(self, alice, draft):
        assert kept() == {}
        counted = moved(lambda: observations.publish(observation=draft, by=alice))
        assert counted == all_of(None, "needs_id", "05", cell_of(draft), alice) and cell_of(draft)

    def test_taken_back_it_counts_nowhere(self, alice, sent):
        counted = moved(lambda: observations.take_back(observation=sent, by=alice))
        assert counted == all_of(None, "needs_id", "05", cell_of(sent), alice, -1) and kept() == {}

    def test_a_verdict_moves_it_from_one_taxon_and_status_to_another(self, alice, bob, sent, tree):
        occurrence, cell = sent.occurrences.get(), cell_of(sent)
        name = {"occurrence": occurrence, "taxon": tree["brown_trout"]}
        assert moved(lambda: identifications.add(by=alice, **name)) == {}, "one alone agrees with nobody"
        counted = moved(lambda: identifications.add(by=bob, **name))
        assert counted == less(
            all_of(None, "needs_id", "05", cell, alice, -1),
            all_of("brown_trout", "verified", "05", cell, alice),
        )

    def test_each_ruling_counts_instead_of_what_was_agreed_before(self, alice, rita, sent, tree):
        occurrence, cell = sent.occurrences.get(), cell_of(sent)

        def rule(taxon):
            return lambda: rulings.rule(
                occurrence=occurrence, taxon=taxon, reason="The mouth.", by=rita, confirmed=True
            )

        moved(rule(tree["brown_trout"]))
        assert moved(rule(tree["chub"])) == less(
            all_of("brown_trout", "verified", "05", cell, alice, -1),
            all_of("chub", "verified", "05", cell, alice),
        )

    def test_the_day_moves_the_month_alone(self, alice, sent):
        counted = moved(
            lambda: observations.describe(observation=sent, by=alice, local_date=date(2015, 8, 3))
        )
        cell = cell_of(sent)

        def by_month(month, count):
            rows = all_of(None, "needs_id", month, cell, alice, count)
            return {key: count for key, count in rows.items() if key[-1] != "count" and key[0] not in STEADY}

        assert counted == by_month("05", -1) | by_month("08", 1)
        assert moved(lambda: observations.describe(observation=sent, by=alice, note="Cold.")) == {}
        counted = moved(lambda: observations.describe(observation=sent, by=alice, local_date=None))
        assert counted == by_month("08", -1) | {
            ("month", None, "needs_id", ""): 1,
            ("months", None, "needs_id", ""): 1,
        }

    def test_the_place_moves_the_cell_alone(self, alice, sent):
        before = cell_of(sent)
        counted = moved(
            lambda: observations.describe(
                observation=sent, by=alice, latitude=SILL[0], longitude=SILL[1], place_source="map_pin"
            )
        )
        assert before != cell_of(sent)
        assert counted == less(
            in_cells(None, "needs_id", "05", before, -1), in_cells(None, "needs_id", "05", cell_of(sent))
        )

    def test_only_the_last_shown_photo_of_an_organism_takes_it_away(self, alice, sent):
        first, second = sent.photos.order_by("position")

        def show(photo, granted):
            return moved(lambda: photos.say(photo=photo, purpose="show", granted=granted, by=alice))

        one = all_of(None, "needs_id", "05", cell_of(sent), alice)
        assert show(first, False) == {}
        assert show(second, False) == dict.fromkeys(one, -1) and kept() == {}
        assert show(first, True) == one
        assert moved(lambda: photos.say(photo=first, purpose="train", granted=False, by=alice)) == {}

    def test_each_organism_counts(self, alice, sent):
        seen = [sent.photos.first()]
        one = all_of(None, "needs_id", "05", cell_of(sent), alice)
        assert moved(lambda: occurrences.add(observation=sent, photos=seen, by=alice)) == one
        assert counts.by_status() == {"needs_id": 2, "verified": 0, "disputed": 0, "unresolvable": 0}


class TestNothingHidden:
    def test_neither_what_is_hidden_nor_a_draft(self, alice, tree):
        universe.sighting(alice, seed="hidden", consents=["train"], size=(64, 48), latitude=1, longitude=1)
        universe.sighting(alice, seed="draft", published=False, size=(64, 48), latitude=1, longitude=1)
        assert not Tally.objects.exists()
        assert not Occurrence.objects.exclude(counted=None).exists()

    def test_no_cell_of_a_place_that_its_observer_withholds(self, alice, sent):
        before = cell_of(sent)
        counted = moved(lambda: observations.describe(observation=sent, by=alice, privacy="private"))
        assert counted == in_cells(None, "needs_id", "05", before, -1) | in_cells(None, "needs_id", "05", "")

    @pytest.mark.parametrize("label", ["huchen", "hucho"])
    def test_no_cell_of_a_place_that_a_name_withholds(self, charlie, sent, tree, label):
        """One identification is enough, before anything is agreed."""
        before = cell_of(sent)
        name = {"occurrence": sent.occurrences.get(), "taxon": tree[label], "by": charlie}
        assert moved(lambda: identifications.add(**name)) == (
            in_cells(None, "needs_id", "05", before, -1) | in_cells(None, "needs_id", "05", "")
        )
        assert counts.verified_near(before) == {}

    @pytest.mark.parametrize("privacy", ["open", "generalized"])
    def test_a_cell_is_that_of_the_public_place(self, rita, alice, tree, privacy):
        for number in range(12):
            sighting = universe.sighting(
                alice,
                seed=number,
                size=(64, 48),
                latitude=46.9 + number / 7,
                longitude=11.39,
                privacy=privacy,
            )
            occurrence = sighting.occurrences.get()
            rulings.rule(
                occurrence=occurrence, taxon=tree["bull_trout"], reason="Spots.", by=rita, confirmed=True
            )
        seen = Counter(
            h3_cells(each.public_latitude, each.public_longitude, [5])[5]
            for each in Observation.objects.all()
        )
        counted = {key[3]: count for key, count in kept().items() if key[0] == "cell" and key[4] == "count"}
        assert {cell: count for cell, count in counted.items() if h3.get_resolution(cell) == 5} == dict(seen)
        assert sum(seen.values()) == 12
        exact = Counter(h3_cells(each.latitude, each.longitude, [5])[5] for each in Observation.objects.all())
        assert exact != seen, "some exact place is in another cell"


class TestQueries:
    def test_sums_over_taxa_months_people_and_cells(self, alice, bob, rita, tree):
        for number, (owner, label, month) in enumerate(
            [(alice, "brown_trout", 5), (alice, "river_trout", 5), (bob, "brown_trout", 11), (bob, "chub", 1)]
        ):
            sighting = universe.sighting(
                owner,
                seed=number,
                size=(64, 48),
                latitude=INN[0],
                longitude=INN[1],
                local_date=date(2016, month, 1),
            )
            rulings.rule(occurrence=sighting.occurrences.get(), taxon=tree[label], reason="Seen.", by=rita)
        universe.sighting(alice, seed="unnamed", size=(64, 48), latitude=INN[0], longitude=INN[1])
        trout = [tree["brown_trout"].pk, tree["river_trout"].pk]
        assert counts.by_status()["verified"] == 4 and counts.by_status()["needs_id"] == 1
        assert counts.by_status(trout)["verified"] == 3 and counts.by_status([])["verified"] == 0
        assert counts.verified_of_each() == {trout[0]: 2, trout[1]: 1, tree["chub"].pk: 1}
        assert counts.verified_by_month(trout) == {(2016, 5): 2, (2016, 11): 1}
        assert counts.verified_by_month(None) == {(2016, 1): 1, (2016, 5): 2, (2016, 11): 1}
        assert counts.people(trout) == 2 and counts.people([tree["chub"].pk]) == 1
        [cell] = set(Observation.objects.values_list("public_h3_5", flat=True))
        each = counts.verified_of_each()
        near = {taxon: counts.Near(count, 0, count) for taxon, count in each.items()}
        assert counts.verified_near(cell) == near
        tallies.gather()
        assert counts.verified_near(cell) == near, "gathered or not"
        assert {id: each.then for id, each in counts.verified_near(cell, 5).items() if each.then} == {
            trout[0]: 1,
            trout[1]: 1,
        }
        nowhere = {taxon: counts.Near(0, 0, count) for taxon, count in each.items()}
        assert counts.verified_near("") == counts.verified_near("", 5) == nowhere, "no place is public"


class TestGathering:
    def test_hexagons_as_well(self, alice, sent, tree):
        for number, month in enumerate((5, 8, 8)):
            universe.sighting(
                alice,
                seed=f"{number} again",
                size=(64, 48),
                latitude=INN[0],
                longitude=INN[1],
                local_date=date(2015, month, 1),
            )
        before = kept()
        assert tallies.gather() > 0
        assert kept() == before and tallies.differing() == []
        keys = list(CellTally.objects.values_list(*CellTally.KEY))
        assert len(keys) == len(set(keys)) > 0 and tallies.gather() == 0
        [row] = CellTally.objects.filter(cell=cell_of(sent), whole=True)
        assert (row.count, row.m05, row.m08, row.m01) == (4, 2, 2, 0)
        observations.take_back(observation=sent, by=alice)
        tallies.gather()
        [row] = CellTally.objects.filter(cell=row.cell, whole=True)
        assert (row.count, row.m05) == (3, 1)

    def test_one_row_of_many_and_none_of_nothing(self, tree):
        chub = str(tree["chub"].pk)
        for _ in range(3):
            add(Counter({("month", chub, "verified", "05"): 2, ("all", None, "needs_id", ""): -1}))
        add(Counter({("all", None, "needs_id", ""): 3, ("observer", None, "needs_id", "x"): 1}))
        before = kept()
        assert before == {
            ("month", "chub", "verified", "05"): 6,
            ("observer", None, "needs_id", "x"): 1,
        }
        assert tallies.gather() == 6
        assert kept() == before and Tally.objects.count() == 2
        assert tallies.gather() == 0

    def test_more_counters_than_one_transaction_takes(self, monkeypatch, tree):
        monkeypatch.setattr(tallies, "GATHERED", 3)
        rows = Counter({("observer", None, "needs_id", f"{number}"): number + 1 for number in range(10)})
        add(rows)
        add(rows)
        assert tallies.gather() == 10
        assert Tally.objects.count() == 10 and kept() == {key: 2 * count for key, count in rows.items()}

    @pytest.mark.django_db(transaction=True)
    def test_of_those_who_gather_at_once_nobody_loses_anything(self):
        """Beside people who go on adding."""
        keys = [("observer", None, "needs_id", f"{number}") for number in range(7)]
        start, rounds = threading.Barrier(4), 25
        done = threading.Event()

        def run(act):
            try:
                start.wait(timeout=30)
                act()
            finally:
                connection.close()

        def add_all():
            for _ in range(rounds):
                with transaction.atomic():
                    add(Counter(dict.fromkeys(keys, 1)))

        def gather():
            while not done.is_set():
                tallies.gather()
            tallies.gather()

        with ThreadPoolExecutor(4) as pool:
            gathering = [pool.submit(run, gather) for _ in range(2)]
            adding = [pool.submit(run, add_all) for _ in range(2)]
            try:
                for each in adding:
                    each.result(timeout=60)
            finally:
                done.set()
            for each in gathering:
                each.result(timeout=60)
        tallies.gather()
        assert kept() == dict.fromkeys(keys, 2 * rounds)
        assert Tally.objects.count() == len(keys)


class TestRecounting:
    def test_it_comes_to_what_was_kept(self, alice, bob, sent, tree):
        for by in (alice, bob):
            identifications.add(occurrence=sent.occurrences.get(), taxon=tree["chub"], by=by)
        universe.sighting(bob, seed="another", size=(64, 48))
        universe.sighting(bob, seed="hidden", consents=[], size=(64, 48))
        before = kept()
        tallies.recount()
        assert kept() == before and tallies.gather() == 0
        assert tallies.differing() == []

    @pytest.mark.parametrize("size", [1, 2, 500])
    def test_from_nothing_and_in_parts(self, alice, monkeypatch, size):
        monkeypatch.setattr(tallies, "BATCH", size)
        for number in range(3):
            universe.sighting(alice, seed=number, size=(64, 48), local_date=date(2015, 1 + number, 1))
        before, said = kept(), dict(Occurrence.objects.values_list("pk", "counted"))
        Tally.objects.all().delete()
        CellTally.objects.all().delete()
        Occurrence.objects.update(counted=None)
        tallies.recount()
        assert kept() == before and dict(Occurrence.objects.values_list("pk", "counted")) == said

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda rows: rows.filter(kind="all").update(count=2),
            lambda rows: CellTally.objects.filter(whole=True).delete(),
            lambda rows: CellTally.objects.update(tile=1),
            lambda rows: CellTally.objects.filter(m05=1).update(m05=0, m06=1),
            lambda rows: rows.create(kind="month", status="verified", value="01", count=1),
            lambda rows: rows.filter(kind="observer").update(value=""),
        ],
    )
    def test_a_wrong_counter_is_found(self, sent, wrong):
        assert tallies.differing() == []
        wrong(Tally.objects)
        [sentence] = tallies.differing()
        assert "counters are not what they count" in sentence
        tallies.recount()
        assert tallies.differing() == []

    def test_rows_that_come_to_nothing_are_no_fault(self, sent):
        key = ("month", None, "verified", "01")
        add(Counter({key: 1}))
        assert tallies.differing() != []
        add(Counter({key: -1}))
        assert tallies.differing() == []


@pytest.mark.django_db(transaction=True)
def test_what_many_add_to_one_counter_at_once_is_all_there(tree):
    alice = person("Alice")
    names = [person(name) for name in ("Bob", "Charlie", "Dora", "Emil")]
    sightings = [universe.sighting(alice, seed=number, size=(64, 48)) for number in range(4)]
    start = threading.Barrier(4)

    def say(number):
        try:
            start.wait(timeout=30)
            for sighting in sightings:
                occurrence = sighting.occurrences.get()
                identifications.add(occurrence=occurrence, taxon=tree["chub"], by=names[number])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(say, range(4)))
    assert counts.by_status([tree["chub"].pk])["verified"] == 4
    assert tallies.differing() == []
