"""Organisms, the one door of the verdict columns, and measurements."""

import threading
import time
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accounts import actions as accounts
from species import access
from species.actions import occurrences
from species.actions import photos as photo_actions
from species.models import Measurement, Observation, Occurrence, Status
from species.queries import tallies
from tests import universe


@pytest.fixture
def occurrence(sighting_of_alice) -> Occurrence:
    return sighting_of_alice.occurrences.get()


class TestAdding:
    def test_a_second_organism_on_one_of_the_photos(self, alice, sighting_of_alice):
        photo = sighting_of_alice.photos.first()
        id = uuid4()
        added = occurrences.add(
            observation=sighting_of_alice, photos=[photo], by=alice, id=id, organism_id=" old one-eye "
        )
        assert (added.pk, added.organism_id, added.status) == (id, "old one-eye", Status.NEEDS_ID)
        assert list(added.photos.all()) == [photo]
        again = occurrences.add(observation=sighting_of_alice, photos=[photo], by=alice, id=id)
        assert again == added
        assert sighting_of_alice.occurrences.count() == 2

    def test_an_id_of_another_sighting_is_not_yours(self, alice, bob, occurrence):
        other = universe.sighting(bob, seed="other")
        with pytest.raises(access.NotYours):
            occurrences.add(observation=other, photos=other.photos.all(), by=bob, id=occurrence.pk)

    def test_it_is_seen_on_a_photo_of_its_sighting(self, alice, sighting_of_alice):
        other = universe.sighting(alice, seed="other")
        with pytest.raises(ValidationError, match="photos"):
            occurrences.add(observation=sighting_of_alice, photos=[], by=alice)
        with pytest.raises(ValidationError, match="another sighting"):
            occurrences.add(observation=sighting_of_alice, photos=other.photos.all(), by=alice)
        assert sighting_of_alice.occurrences.count() == 1

    def test_whoever_sees_it_adds(self, alice, bob, charlie, rita, ada, sighting_of_alice):
        for number, person in enumerate((alice, bob, charlie, rita, ada), start=2):
            photos = sighting_of_alice.photos.all()
            added = occurrences.add(observation=sighting_of_alice, photos=photos, by=person)
            assert added.added_by == person and added.shown
            assert sighting_of_alice.occurrences.count() == number

    def test_nobody_adds_to_what_they_do_not_see(self, alice, bob, charlie, rita, ada, sighting_of_alice):
        hidden, seen = sighting_of_alice.photos.order_by("position")
        photo_actions.say(photo=hidden, purpose="show", granted=False, by=alice)
        for person in (bob, charlie):
            occurrences.add(observation=sighting_of_alice, photos=[seen], by=person)
            with pytest.raises(PermissionDenied):
                occurrences.add(observation=sighting_of_alice, photos=[hidden], by=person)
        universe.take_everything_back()
        sighting_of_alice.refresh_from_db()
        for person in (bob, charlie, rita, ada):
            with pytest.raises(PermissionDenied):
                occurrences.add(observation=sighting_of_alice, photos=[seen], by=person)
        assert occurrences.add(observation=sighting_of_alice, photos=[seen], by=alice)

    def test_nobody_fills_a_sighting_of_others(self, alice, bob, sighting_of_alice, monkeypatch):
        monkeypatch.setattr(occurrences, "MOST_BY_ONE", 2)
        photos = list(sighting_of_alice.photos.all())
        for _ in range(2):
            occurrences.add(observation=sighting_of_alice, photos=photos, by=bob)
        with pytest.raises(ValidationError, match="You have added 2"):
            occurrences.add(observation=sighting_of_alice, photos=photos, by=bob)
        for _ in range(3):
            occurrences.add(observation=sighting_of_alice, photos=photos, by=alice)

    def test_who_added_it_takes_it_back(self, alice, bob, rita, ada, sighting_of_alice):
        added = occurrences.add(observation=sighting_of_alice, photos=sighting_of_alice.photos.all(), by=bob)
        counted = sum(tallies.by_status().values())
        for person in (alice, rita, ada):
            with pytest.raises(PermissionDenied):
                occurrences.take_back(occurrence=added, by=person)
        for _ in range(2):
            occurrences.take_back(occurrence=added, by=bob)
        assert sighting_of_alice.occurrences.count() == 1
        assert sum(tallies.by_status().values()) == counted - 1
        first = sighting_of_alice.occurrences.get()
        with pytest.raises(PermissionDenied):
            occurrences.take_back(occurrence=first, by=alice)


class TestSettling:
    def test_the_answer_is_written_and_shown_on_the_callers_instance(self, occurrence, tree):
        occurrences.settle(occurrence=occurrence, status=Status.VERIFIED, taxon=tree["chub"].pk)
        assert (occurrence.status, occurrence.agreed_taxon) == ("verified", tree["chub"])
        occurrence.refresh_from_db()
        assert (occurrence.status, occurrence.agreed_taxon) == ("verified", tree["chub"])
        assert occurrence.settled_at is not None

    def test_settling_again_on_the_same_changes_nothing(self, occurrence, tree):
        occurrences.settle(occurrence=occurrence, status=Status.VERIFIED, taxon=tree["chub"].pk)
        first = occurrence.settled_at
        occurrences.settle(occurrence=occurrence, status=Status.VERIFIED, taxon=tree["chub"].pk)
        assert occurrence.settled_at == first

    def test_who_holds_it_has_it_as_it_is_now(self, occurrence, tree):
        stale = Occurrence.objects.select_related("agreed_taxon", "observation").get(pk=occurrence.pk)
        occurrences.settle(occurrence=occurrence, status=Status.VERIFIED, taxon=tree["chub"].pk)
        Observation.objects.filter(pk=stale.observation_id).update(note="written since")
        held = occurrences.lock(stale)
        assert held is stale
        assert (held.status, held.agreed_taxon) == ("verified", tree["chub"])
        assert held.observation.note == "written since"

    def test_what_was_discarded_cannot_be_held(self, occurrence):
        Occurrence.objects.filter(pk=occurrence.pk).delete()
        with pytest.raises(access.NotYours):
            occurrences.lock(occurrence)

    def test_holding_asks_twice(self, occurrence, django_assert_num_queries):
        with django_assert_num_queries(2):
            occurrences.lock(occurrence)

    def test_a_status_nobody_knows_writes_nothing(self, occurrence):
        with pytest.raises(ValueError, match="probably"):
            occurrences.settle(occurrence=occurrence, status="probably", taxon=None)
        occurrence.refresh_from_db()
        assert (occurrence.status, occurrence.settled_at) == ("needs_id", None)


@pytest.mark.django_db(transaction=True)
def test_two_who_settle_at_once_do_it_one_after_the_other():
    """Each adds one to what the other left: with both reading before either writes, one would be lost."""
    owner = accounts.sign_up(email="a@example.org", password=None, display_name="A")
    tree = universe.plant_tree()
    occurrence = universe.sighting(owner).occurrences.get()
    order = [None, tree["salmonidae"].pk, tree["salmo"].pk, tree["brown_trout"].pk, tree["river_trout"].pk]
    taxa = {taxon.pk: taxon for taxon in tree.values()}
    start, errors = threading.Barrier(4), []

    def settle():
        try:
            start.wait()
            with transaction.atomic():
                held = occurrences.lock(Occurrence.objects.get(pk=occurrence.pk))
                step = order.index(held.agreed_taxon_id) + 1
                time.sleep(0.05)
                occurrences.settle(occurrence=held, status=Status.NEEDS_ID, taxon=taxa[order[step]].pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=settle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    occurrence.refresh_from_db()
    assert occurrence.agreed_taxon_id == order[4]


class TestMeasuring:
    def test_the_unit_follows_from_what_is_measured(self, alice, occurrence):
        length = occurrences.measure(
            occurrence=occurrence, kind="total_length", value=310, by=alice, method="fish pass"
        )
        weight = occurrences.measure(occurrence=occurrence, kind="weight", value=420.5, by=alice)
        assert (length.unit, weight.unit) == ("mm", "g")

    def test_the_same_said_twice_is_one(self, alice, occurrence):
        for _ in range(2):
            occurrences.measure(occurrence=occurrence, kind="total_length", value=310, by=alice)
        assert Measurement.objects.count() == 1

    @pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
    def test_a_value_that_cannot_be_is_refused(self, alice, occurrence, value):
        with pytest.raises(ValidationError, match="More than 0 mm"):
            occurrences.measure(occurrence=occurrence, kind="total_length", value=value, by=alice)
        with pytest.raises(ValidationError, match="kind"):
            occurrences.measure(occurrence=occurrence, kind="charm", value=1, by=alice)
        assert not Measurement.objects.exists()

    def test_only_by_the_owner(self, bob, occurrence):
        with pytest.raises(PermissionDenied):
            occurrences.measure(occurrence=occurrence, kind="weight", value=1, by=bob)


def test_querysets_speak(alice, tree, occurrence, sighting_of_alice):
    draft = universe.sighting(alice, seed="draft", published=False)
    occurrences.add(observation=draft, photos=draft.photos.all(), by=alice)
    assert set(Occurrence.objects.published()) == {occurrence}
    assert set(Occurrence.objects.waiting()) == {occurrence}
    occurrences.settle(occurrence=occurrence, status=Status.VERIFIED, taxon=tree["chub"].pk)
    assert set(Occurrence.objects.verified()) == {occurrence}
    assert not Occurrence.objects.waiting().exists()
    assert set(Occurrence.objects.of([tree["chub"].pk])) == {occurrence}
    assert not Occurrence.objects.of([tree["bream"].pk]).exists()
