"""Going on without a name: skipped, or can't tell. Rows, and no votes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from labeling.actions import identifications, passes, queue
from labeling.models import Pass, Verdict
from labeling.models.passes import SKIPPED_FOR
from labeling.queries import passes as queries
from labeling.queries import room
from species import ingest
from species.actions import occurrences
from species.models import Occurrence, OccurrencePhoto, Status
from tests import universe
from tests.labeling.browsing import as_person, get


def asked(person) -> bool:
    return room.queue(person).exists()


class TestPasses:
    @pytest.mark.parametrize("kind", Pass.Kind.values)
    def test_it_is_not_asked_again_until_it_is_taken_back(self, occurrence, bob, charlie, kind):
        passed = passes.add(occurrence=occurrence, kind=kind, by=bob)
        assert not asked(bob) and asked(charlie)
        assert passes.add(occurrence=occurrence, kind=kind, by=bob) == passed, "again is the same one"
        for _ in range(2):
            assert passes.withdraw(passed=passed, by=bob).withdrawn_at is not None
        assert asked(bob)

    def test_what_was_skipped_is_asked_again_after_a_while_and_what_one_cannot_tell_is_not(
        self, occurrence, bob, charlie
    ):
        passes.add(occurrence=occurrence, kind="skip", by=bob)
        passes.add(occurrence=occurrence, kind="cannot_tell", by=charlie)
        Pass.objects.update(created=timezone.now() - SKIPPED_FOR - timedelta(seconds=1))
        assert asked(bob) and not asked(charlie)
        assert passes.add(occurrence=occurrence, kind="skip", by=bob) and not asked(bob)
        assert Pass.objects.filter(person=bob, withdrawn_at=None).count() == 1

    def test_who_cannot_tell_and_skips_still_cannot_tell(self, occurrence, bob):
        passes.add(occurrence=occurrence, kind="skip", by=bob)
        for kind in ("cannot_tell", "skip"):
            assert passes.add(occurrence=occurrence, kind=kind, by=bob).kind == "cannot_tell"

    def test_a_reason_says_more_than_none_and_another_one_takes_its_place(self, occurrence, bob):
        first = passes.add(occurrence=occurrence, kind="cannot_tell", by=bob)
        turned = passes.add(occurrence=occurrence, kind="cannot_tell", reason="turned", by=bob)
        assert turned != first and passes.add(occurrence=occurrence, kind="cannot_tell", by=bob) == turned
        part = passes.add(occurrence=occurrence, kind="cannot_tell", reason="part", by=bob)
        assert Pass.objects.get(withdrawn_at=None) == part and part.reason == "part"
        assert passes.add(occurrence=occurrence, kind="bad_photo", by=bob).reason == ""

    @pytest.mark.parametrize(
        ("kind", "reason"), [("skip", "turned"), ("cannot_tell", "bored"), ("bad_photo", "part")]
    )
    def test_a_reason_is_of_who_cannot_tell(self, occurrence, bob, kind, reason):
        with pytest.raises(ValidationError, match="Of who can’t tell"):
            passes.add(occurrence=occurrence, kind=kind, reason=reason, by=bob)
        with pytest.raises(IntegrityError), transaction.atomic():
            Pass.objects.create(occurrence=occurrence, person=bob, kind=kind, reason=reason)

    def test_no_vote(self, occurrence, tree, alice, bob, charlie, rita):
        identifications.add(occurrence=occurrence, taxon=tree["salmonidae"], by=alice, cannot_improve=True)
        before = Verdict.objects.values().get()
        for person in (bob, charlie, rita):
            passes.add(occurrence=occurrence, kind="cannot_tell", by=person)
        occurrence.refresh_from_db()
        assert Verdict.objects.values().get() == before and occurrence.status == Status.NEEDS_ID

    def test_a_name_takes_its_place(self, occurrence, tree, bob):
        passes.add(occurrence=occurrence, kind="cannot_tell", by=bob)
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        assert not Pass.objects.filter(withdrawn_at=None).exists()
        with pytest.raises(ValidationError, match="You have named this one"):
            passes.add(occurrence=occurrence, kind="skip", by=bob)

    def test_looking_again_leaves_what_one_cannot_tell(self, occurrence, bob, charlie):
        passes.add(occurrence=occurrence, kind="skip", by=bob)
        passes.add(occurrence=occurrence, kind="cannot_tell", by=charlie)
        assert (passes.look_again(by=bob), passes.look_again(by=charlie)) == (1, 0)
        assert asked(bob) and not asked(charlie)

    def test_who_may(self, occurrence, bob, charlie):
        passed = passes.add(occurrence=occurrence, kind="skip", by=bob)
        with pytest.raises(PermissionDenied):
            passes.withdraw(passed=passed, by=charlie)
        with pytest.raises(ValidationError):
            passes.add(occurrence=occurrence, kind="maybe", by=bob)
        universe.take_everything_back()
        with pytest.raises(PermissionDenied):
            passes.add(occurrence=occurrence, kind="skip", by=charlie)

    def test_one_stands(self, occurrence, bob):
        passes.add(occurrence=occurrence, kind="skip", by=bob)
        with pytest.raises(IntegrityError, match=r"pass_one_stands|UNIQUE"), transaction.atomic():
            Pass.objects.create(occurrence=occurrence, person=bob, kind="skip")


def waits(occurrence) -> bool:
    occurrence.refresh_from_db()
    assert not queries.differing().exists(), (
        "the column follows what was said, in the transaction that changes it"
    )
    return occurrence.waits


# Three different words for the same: it cannot be seen there.
UNSEEN = [("bad_photo", ""), ("cannot_tell", "blurred"), ("cannot_tell", "part")]


class TestAskedInVain:
    @pytest.fixture
    def dan(self, db):
        return accounts.sign_up(email="dan@example.org", password="a trout in the reeds", display_name="Dan")

    @pytest.fixture
    def unseen(self, occurrence, bob, charlie, rita) -> list[Pass]:
        found = []
        for person, (kind, reason) in zip((bob, charlie, rita), UNSEEN, strict=True):
            assert waits(occurrence)
            found.append(passes.add(occurrence=occurrence, kind=kind, reason=reason, by=person))
        return found

    def test_what_three_could_not_see_is_asked_no_more_and_is_still_there(
        self, client, occurrence, unseen, dan
    ):
        assert not waits(occurrence) and not asked(dan)
        page = get(as_person(client, dan), "observation", occurrence.observation_id)
        assert "What is it?" in page.text and occurrence.status == Status.NEEDS_ID

    def test_taken_back_it_is_asked_again(self, occurrence, unseen, dan):
        passes.withdraw(passed=unseen[1], by=unseen[1].person)
        assert waits(occurrence) and asked(dan)

    def test_a_name_asks_others_again_and_taken_back_does_not(self, occurrence, unseen, tree, alice, dan):
        said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
        assert waits(occurrence) and asked(dan)
        identifications.withdraw(identification=said, by=alice)
        assert not waits(occurrence) and not asked(dan)

    def test_a_new_photo_asks_everybody_again(self, occurrence, unseen, alice, bob, dan):
        sighting = occurrence.observation
        data = universe.photo_bytes("better", size=(64, 48))
        photo = ingest.receive(data=data, owner=alice, observation=sighting).photo
        OccurrencePhoto.objects.get_or_create(occurrence=occurrence, photo=photo)
        assert waits(occurrence) and asked(dan) and asked(bob)

    @pytest.mark.parametrize(
        ("kind", "reason"), [("cannot_tell", ""), ("cannot_tell", "beyond"), ("several", "")]
    )
    def test_what_is_not_of_the_photo_stops_only_ones_own_queue(
        self, occurrence, bob, charlie, rita, dan, kind, reason
    ):
        for person in (bob, charlie, rita):
            passes.add(occurrence=occurrence, kind=kind, reason=reason, by=person)
            assert not asked(person)
        assert waits(occurrence) and asked(dan)

    def test_its_owner_is_none_of_the_three(self, occurrence, alice, bob, charlie, rita):
        for person in (alice, bob, charlie):
            passes.add(occurrence=occurrence, kind="bad_photo", by=person)
        assert waits(occurrence) and asked(rita)

    def test_more_than_one_is_asked_again_once_another_was_added(self, occurrence, alice, bob):
        passes.add(occurrence=occurrence, kind="several", by=bob)
        assert not asked(bob)
        occurrences.add(observation=occurrence.observation, photos=occurrence.photos.all(), by=alice)
        assert occurrence in room.queue(bob)

    def test_fsck_finds_and_mends_what_does_not_follow(self, occurrence, unseen):
        Occurrence.objects.update(unclear=False)
        [found] = queries.differing()
        queue.settle(found)
        assert not waits(occurrence)


class TestOnTheSightingsPage:
    def test_it_counts_as_what_it_is(self, client, occurrence, bob, charlie, rita):
        def text(person=None) -> str:
            return get(as_person(client, person), "observation", occurrence.observation_id).text

        assert "can’t tell what it is" not in text()
        passes.add(occurrence=occurrence, kind="cannot_tell", by=bob)
        passes.add(occurrence=occurrence, kind="skip", by=rita)
        assert "One person can’t tell what it is." in text() and "Nobody has said what it is yet." in text()
        assert "You can’t tell what it is." in text(bob)
        passes.add(occurrence=occurrence, kind="cannot_tell", by=charlie)
        assert "Two people can’t tell what it is." in text()
        assert "You and one other person can’t tell what it is." in text(bob)

    def test_so_do_a_bad_photo_and_more_than_one(self, client, occurrence, bob, charlie, rita):
        def text(person=None) -> str:
            return get(as_person(client, person), "observation", occurrence.observation_id).text

        passes.add(occurrence=occurrence, kind="several", by=rita)
        passes.add(occurrence=occurrence, kind="bad_photo", by=bob)
        assert "One person says that there is more than one fish here." in text()
        assert "You say that nobody could name it from these photos." in text(bob)
        assert "Take “bad photo” back" in text(bob) and "asked about it any more" not in text(bob)
        passes.add(occurrence=occurrence, kind="bad_photo", by=charlie)
        passes.add(occurrence=occurrence, kind="cannot_tell", reason="turned", by=rita)
        assert "Two people say that nobody could name it from these photos." in text()
        assert "Nobody is asked about it any more" in text()

    def test_it_is_taken_back_there_by_oneself_alone(self, client, occurrence, bob, charlie):
        passed = passes.add(occurrence=occurrence, kind="cannot_tell", by=bob)
        address = reverse("withdraw_pass", args=[passed.pk])
        assert as_person(client, charlie).post(address).status_code == 403
        forms = [
            each.get("action") for each in get(client, "observation", occurrence.observation_id).all("form")
        ]
        assert address not in forms
        page = get(as_person(client, bob), "observation", occurrence.observation_id)
        assert address in [each.get("action") for each in page.all("form")]
        assert client.post(address).status_code == 302
        assert "can’t tell what it is" not in get(client, "observation", occurrence.observation_id).text
