"""How well people agree: measured from blind names by a job, shown to reviewers, and never of one person."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import worker
from jobs.models import Job
from labeling import tasks
from labeling.actions import identifications, quality, rulings
from labeling.models import Identification, QualityReport
from labeling.queries import quality as queries
from species.queries import taxa
from tests import universe
from tests.labeling.browsing import get


def said(seed, owner, *names):
    """An organism, and who calls it what without having seen anything of others."""
    occurrence = universe.sighting(owner, seed=seed).occurrences.get()
    for person, taxon in names:
        identifications.add(occurrence=occurrence, taxon=taxon, by=person)
    Identification.objects.filter(occurrence=occurrence).update(others_on_screen=False, model_on_screen="")
    return occurrence


@pytest.fixture
def crowd(alice, bob, charlie, rita, tree):
    """Three agree on chub twice and on bream once; once Charlie says otherwise, and Rita rules."""
    chub, bream = tree["chub"], tree["bream"]
    said("one", alice, (alice, chub), (bob, chub), (charlie, chub))
    said("two", alice, (alice, chub), (bob, chub), (charlie, chub))
    said("three", alice, (alice, bream), (bob, bream))
    fourth = said("four", alice, (bob, bream), (charlie, chub))
    rulings.rule(occurrence=fourth, taxon=bream, reason="Look at the fin", by=rita, confirmed=True)


def test_the_figures_are_those_of_the_blind_names(crowd, tree):
    figures = quality.measure().figures
    # By hand: 10 names, 7 chub and 3 bream; one of four organisms is disputed, by 2 pairs.
    # alpha = 1 - 9 * 2 / (10*9 - 7*6 - 3*2) = 1 - 18 / 42.
    assert figures["alpha"]["value"] == 0.5714 and figures["alpha"]["count"] == 4
    assert (figures["same"]["value"], figures["same"]["count"]) == (0.75, 4)
    # First two of each: chub-chub, chub-chub, bream-bream, bream-chub: (0.75 - 0.5) / 0.5.
    assert figures["kappa_people"]["value"] == 0.5
    assert (figures["right"]["value"], figures["right"]["count"]) == (0.5, 2)
    assert figures["pairs"] == [{"taxa": sorted([str(tree["bream"].pk), str(tree["chub"].pk)]), "count": 1}]
    assert figures["kappa_reviewers"]["value"] is None, "Rita ruled; she named nothing"
    assert figures["hours"]["count"] == 4 and figures["hours"]["p90"] >= figures["hours"]["median"] >= 0
    assert figures["backlog"] == {"needs_id": 0, "disputed": 0, "oldest_days": None, "unattended": 0}


def test_who_saw_others_or_a_guess_is_left_out(crowd):
    Identification.objects.filter(person__display_name="Charlie").update(others_on_screen=True)
    assert quality.measure().figures["alpha"]["value"] == 1
    Identification.objects.filter(person__display_name="Bob").update(model_on_screen="resnet34-v7")
    assert quality.measure().figures["alpha"]["value"] is None


def test_nobody_is_named_or_counted_alone(crowd, alice, bob, charlie):
    text = str(quality.measure().figures)
    assert not any(str(each.pk) in text for each in (alice, bob, charlie))


def test_a_name_is_taken_for_its_species_and_a_coarser_one_for_none(tree):
    whole = taxa.tree()
    assert queries.species_of(whole, str(tree["river_trout"].pk)) == str(tree["brown_trout"].pk)
    assert queries.species_of(whole, str(tree["chub"].pk)) == str(tree["chub"].pk)
    assert queries.species_of(whole, str(tree["salmonidae"].pk)) is None


def test_who_came_back(alice, bob, tree):
    now = timezone.now().replace(day=15)
    for number, person in enumerate((alice, bob)):
        said(number, alice, (person, tree["chub"]))
    back = said("back", alice, (alice, tree["chub"]))
    months = [(now.replace(day=1) - timedelta(days=days)).replace(day=10) for days in (40, 10)]
    Identification.objects.update(created=months[0])
    Identification.objects.filter(occurrence=back).update(created=months[1])
    assert queries.retention(now) == [(months[0].date().replace(day=1), 2, 1)]


def test_it_is_measured_once_a_day_and_the_page_only_reads(client, crowd, rita, alice, monkeypatch):
    client.force_login(rita)
    assert "Not measured yet" in get(client, "quality").text
    assert client.get("/review/quality.csv").status_code == 404
    monkeypatch.setattr(tasks, "_asked", float("-inf"))
    tasks.look_whether_quality_is_due()
    worker.run_due()
    assert QualityReport.objects.count() == 1 and not queries.is_due()
    page = get(client, "quality")
    assert "0.57" in page.text
    table = list(csv.reader(io.StringIO(client.get("/review/quality.csv").content.decode())))
    assert table[0] == ["figure", "value", "low", "high", "count"]
    assert table[1][:2] == ["alpha", "0.5714"]
    client.force_login(alice)
    assert client.get("/review/quality").status_code == 403
    QualityReport.objects.update(created=timezone.now() - timedelta(days=2))
    assert queries.is_due()
    assert not Job.objects.filter(kind="quality", state="failed").exists()


def test_with_nothing_said_nothing_is_due(db):
    assert not queries.is_due()
