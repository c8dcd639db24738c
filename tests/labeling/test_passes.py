"""Going on without a name: skipped, or can't tell. Rows, and no votes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from labeling.actions import identifications, passes
from labeling.models import Pass, Verdict
from labeling.models.passes import SKIPPED_FOR
from labeling.queries import room
from species.models import Status
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
