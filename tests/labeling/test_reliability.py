"""The job that measures how often people are right, and the command that computes verdicts anew."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from jobs import worker
from jobs.actions import enqueue
from labeling import tasks
from labeling.actions import boxes, identifications, reliability, rulings
from labeling.actions.verdicts import differing
from labeling.models import Identification, Region, Reliability, ReliabilityTable, Verdict
from labeling.queries import reliability as queries
from species.models import Occurrence
from species.queries import taxa
from tests.universe import sighting


@pytest.fixture
def library(tree, alice, bob, charlie, rita):
    """Bob and Charlie agree with a reviewer eleven times, Alice never."""
    found = []
    for number in range(11):
        occurrence = sighting(alice, seed=number).occurrences.get()
        for each in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        identifications.add(occurrence=occurrence, taxon=tree["bream"], by=alice)
        rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="Scales.", by=rita)
        found.append(occurrence)
    return found


def command(*said: str) -> str:
    out = io.StringIO()
    call_command("recompute", *said, stdout=out)
    return out.getvalue().strip()


def test_a_job_measures_and_verdicts_follow(library, tree, alice, bob, charlie):
    enqueue(kind="reliability", key="reliability", title="Measure")
    worker.run_due()
    table = ReliabilityTable.objects.get()
    assert table.current and table.votes == 33
    assert set(Verdict.objects.values_list("reliability_version", flat=True)) == {table.version}
    known = queries.table([alice.pk, bob.pk], taxa.tree(), queries.current())
    chub, bream = str(tree["chub"].pk), str(tree["bream"].pk)
    assert known.lookup(str(bob.pk), chub) > 0.85 > 0.5 > known.lookup(str(alice.pk), bream)
    assert known.known == {str(bob.pk)}
    assert not list(differing())
    assert all(Verdict.objects.values_list("difficulty", flat=True))
    assert command("--changed") == "0 verdicts changed."


def test_a_new_version_is_switched_to_whole(library, bob):
    for version in ("one", "two", "three", "four"):
        reliability.measure(version=version)
        assert queries.current() == version
    assert ReliabilityTable.objects.filter(current=True).count() == 1
    assert set(Reliability.objects.values_list("version", flat=True)) == {"two", "three", "four"}
    before = sorted(Reliability.objects.filter(version="four").values_list("person", "clade", "value"))
    reliability.measure(version="four")
    assert (
        sorted(Reliability.objects.filter(version="four").values_list("person", "clade", "value")) == before
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ReliabilityTable.objects.create(version="five", current=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reliability.objects.filter(version="four").update(right=1000)


def test_nothing_to_compare_changes_nothing(occurrence, tree, bob):
    identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
    assert reliability.measure(version="one") == 0
    assert queries.current() == "" and not Reliability.objects.exists()


def test_it_is_measured_once_enough_stands(library, monkeypatch):
    assert not queries.worth_measuring()
    monkeypatch.setattr(queries, "WORTH", 33)
    assert queries.worth_measuring()
    monkeypatch.setattr(tasks, "_measured", float("-inf"))
    tasks.look_for_what_to_measure()
    worker.run_due()
    assert queries.current() and not queries.worth_measuring(), "not twice a day"


def test_recompute_a_second_time_changes_nothing(library, tree):
    Occurrence.objects.filter(pk=library[0].pk).update(exported_taxon=None)
    Verdict.objects.filter(pk=library[1].pk).update(explanation={"version": 99})
    Verdict.objects.filter(pk=library[2].pk).update(tree_version="another")
    assert command() == "11 computed, 2 changed."
    assert not list(differing())
    before = list(Verdict.objects.order_by("pk").values())
    assert command() == "11 computed, 0 changed."
    assert list(Verdict.objects.order_by("pk").values()) == before


def test_recompute_of_a_taxon_is_of_what_was_named_so(library, tree, alice):
    occurrence = sighting(alice, seed="other").occurrences.get()
    identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
    for each in (library[0], occurrence):
        Verdict.objects.filter(pk=each.pk).update(explanation={})
    assert command("--taxon", "salmo") == "1 computed, 1 changed."
    with pytest.raises(CommandError, match="No taxon is labelled kraken"):
        command("--taxon", "kraken")


def test_recompute_of_boxes(library, bob, charlie):
    photo = library[0].photos.get()
    for each in (bob, charlie):
        boxes.draw(occurrence=library[0], photo=photo, by=each, x=0.1, y=0.1, width=0.5, height=0.5)
    region = Region.objects.get()
    assert (region.people, region.spread, region.ruled) == (2, 0, False)
    Region.objects.update(width=0.2, people=9)
    assert command("--boxes") == "1 regions changed."
    assert Region.objects.get().width == pytest.approx(0.5) and Region.objects.get().people == 2
    assert command("--boxes") == "0 regions changed."
    assert Identification.objects.count() == 33
