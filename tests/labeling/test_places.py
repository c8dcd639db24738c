"""A place where somebody named a protected taxon: what others may know of it, and what lifts that."""

import pytest
from django.urls import reverse

from jobs import worker
from labeling.actions import identifications, rulings, verdicts
from labeling.models import Identification
from species.actions import observations, taxa
from species.models import Observation, Occurrence, Taxon
from tests import universe
from tests.conftest import person

EXACT = (48.123456, -113.654321)
SQUARE = (48.15, -113.65)


@pytest.fixture
def sighting(alice, tree) -> Observation:
    """Alice lets everybody know exactly where it was."""
    return universe.sighting(
        alice, seed="open", latitude=EXACT[0], longitude=EXACT[1], uncertainty_m=8, privacy="open"
    )


@pytest.fixture
def say(sighting, tree):
    def say(who, label, **more):
        return identifications.add(
            occurrence=sighting.occurrences.get(), taxon=Taxon.objects.get(label=label), by=who, **more
        )

    return say


@pytest.fixture
def asked(client, sighting):
    """What an anonymous client of the API gets: coordinates or None, and the rule."""

    def asked():
        row = client.get(reverse("api-observation-detail", args=[sighting.pk])).json()
        assert row["exact"] is None
        place = row["place"]
        return (place and (place["latitude"], place["longitude"])), row["place_rule"]

    return asked


def test_a_newcomers_guess_reveals_nothing(sighting, say, asked, bob, charlie):
    for each in (bob, charlie):
        say(each, "bull_trout")
    assert asked() == (SQUARE, "agreed")
    newcomer = person("Nina")
    said = say(newcomer, "brown_trout", confidence="guess")
    assert asked()[0] == SQUARE
    identifications.withdraw(identification=said, by=newcomer)
    assert asked()[0] == SQUARE


def test_one_name_is_enough_and_its_withdrawal_changes_nothing(sighting, say, asked, alice, bob):
    assert asked() == (EXACT, "observer")
    said = say(bob, "bull_trout")
    assert asked() == (SQUARE, "named")
    identifications.withdraw(identification=said, by=bob)
    assert asked() == (SQUARE, "named")
    say(alice, "huchen")
    assert asked() == (None, "named")


def test_strangers_who_agree_open_nothing(sighting, say, asked, bob, charlie):
    said = say(bob, "bull_trout")
    identifications.withdraw(identification=said, by=bob)
    for each in (charlie, person("Dora"), person("Emil")):
        say(each, "brown_trout")
    assert Occurrence.objects.get().status == "verified"
    assert asked() == (SQUARE, "named")


def test_the_owners_word_lifts_it_once_it_is_verified_as_another(sighting, say, asked, alice, bob):
    say(alice, "bull_trout")
    say(alice, "brown_trout")
    assert asked() == (SQUARE, "named"), "not verified"
    say(bob, "brown_trout")
    assert asked() == (SQUARE, "named"), "a stranger's word opens nothing"
    say(alice, "brown_trout")
    assert asked() == (EXACT, "observer")


def test_not_while_somebody_still_says_so(sighting, say, asked, alice, bob, charlie):
    said = say(charlie, "bull_trout")
    for each in (bob, person("Dora"), alice):
        say(each, "brown_trout")
    assert Occurrence.objects.get().status == "verified"
    assert asked() == (SQUARE, "named")
    identifications.withdraw(identification=said, by=charlie)
    assert asked() == (SQUARE, "named")
    say(alice, "brown_trout")
    assert asked() == (EXACT, "observer")
    say(charlie, "bull_trout")
    assert asked() == (SQUARE, "named"), "what was cleared can be feared anew"


def test_a_ruling_lifts_it_and_its_withdrawal_puts_it_back(sighting, say, asked, bob, rita, tree):
    say(bob, "bull_trout")
    ruling = rulings.rule(
        occurrence=Occurrence.objects.get(), taxon=tree["brown_trout"], reason="Red spots.", by=rita
    )
    assert asked() == (EXACT, "observer")
    rulings.withdraw(ruling=ruling, by=rita)
    assert asked() == (SQUARE, "named")
    char = tree["salvelinus"]
    rulings.rule(occurrence=Occurrence.objects.get(), taxon=char, reason="A char.", by=rita, confirmed=True)
    assert asked() == (SQUARE, "named"), "a char may be a bull trout"
    rulings.rule(occurrence=Occurrence.objects.get(), taxon=None, reason="Blurred.", by=rita)
    assert asked() == (SQUARE, "named")
    rulings.rule(occurrence=Occurrence.objects.get(), taxon=tree["bull_trout"], reason="Bull.", by=rita)
    assert asked() == (SQUARE, "agreed")


def test_a_rejection_is_no_name(sighting, say, asked, tree, bob):
    say(bob, "salmonidae", disagrees_with=tree["bull_trout"])
    assert asked() == (EXACT, "observer")


def test_the_owner_reads_why(client, sighting, say, alice, bob):
    say(bob, "bull_trout")
    client.force_login(alice)
    page = client.get(reverse("observation", args=[sighting.pk])).content.decode()
    assert "A square of about 11 km around 48.15, -113.65, because somebody named a protected species" in page
    row = client.get(reverse("api-observation-detail", args=[sighting.pk])).json()
    assert row["place_shown"] == "generalized" and row["informationWithheld"] == ""
    assert row["dataGeneralizations"] == (
        "The place is the middle of a square of 0.1°, because somebody named a protected species here."
    )


def test_a_name_that_becomes_protected_hides_where_anybody_said_it(sighting, say, asked, tree, bob, ada):
    identifications.withdraw(identification=say(bob, "river_trout"), by=bob)
    tree["salmo"].sensitive = "private"
    tree["salmo"].save()
    taxa.settle_later(taxa=[tree["salmo"]], by=ada)
    assert asked() == (EXACT, "observer")
    worker.run_due()
    assert asked() == (None, "named")
    assert list(verdicts.differing()) == []
    Occurrence.objects.update(place_floor="open", place_floor_rule="")
    assert list(verdicts.differing()) == [Occurrence.objects.get()]


def test_an_import_is_protected_before_it_is_published(alice, tree, rita, source):
    sighting = universe.sighting(alice, seed="draft", published=False, latitude=47.3, longitude=11.4,
                                 privacy="open")  # fmt: skip
    occurrence = sighting.occurrences.create()
    identifications.add_imported(occurrence=occurrence, said={source: tree["huchen"]}, by=rita)
    observations.publish(observation=sighting, by=alice)
    sighting.refresh_from_db()
    assert not sighting.has_public_place and Identification.objects.get().withdrawn_at is None
