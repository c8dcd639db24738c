"""Imports as a whole: begun, taken back, given back."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import actions as accounts
from jobs import worker
from notices.models import Notification
from species.actions import import_batches
from species.models import BatchWithdrawal, ImportBatch, Photo, Purpose
from species.queries.visibility import differing
from tests import universe


@pytest.fixture
def batch(tree, ada) -> ImportBatch:
    return universe.imported(ada)[0]


@pytest.fixture
def sighting(batch):
    return batch.observations.get()


def follow() -> None:
    worker.run_due(["celery"])


class TestBegun:
    def test_a_batch_says_who_answers_for_it(self, rita):
        source = accounts.source_account(name="A collection")
        batch = import_batches.start(
            source=source, licence=" MIT ", credit="© 2017", consents=["train", "show"], by=rita
        )
        assert (batch.operator, batch.licence, batch.consents) == (rita, "MIT", ["show", "train"])

    def test_it_needs_a_source_a_licence_and_known_purposes(self, alice, rita):
        source = accounts.source_account(name="A collection")
        for fields in (
            {"source": alice, "licence": "MIT"},
            {"source": source, "licence": "  "},
            {"source": source, "licence": "MIT", "consents": ["sell"]},
        ):
            with pytest.raises(ValidationError):
                import_batches.start(by=rita, **fields)
        assert not ImportBatch.objects.exists()


class TestTakenBack:
    def test_nobody_is_shown_or_given_it_until_it_is_restored(self, batch, sighting, rita):
        photo = sighting.photos.get()
        assert photo.shown
        import_batches.withdraw(batch=batch, reason="Not theirs to give.", by=rita)
        # From now on, whatever lists still say.
        for purpose in Purpose.values:
            assert not Photo.objects.allowed_for(purpose).exists()
        follow()
        for row in (photo, sighting, sighting.occurrences.get()):
            row.refresh_from_db()
            assert not row.shown
        assert not differing().exists()
        import_batches.restore(batch=batch, by=rita)
        follow()
        for row in (photo, sighting):
            row.refresh_from_db()
            assert row.shown
        assert set(Photo.objects.allowed_for(Purpose.TRAIN)) == {photo}
        assert not differing().exists()

    def test_what_did_not_come_with_it_stays(self, batch, alice, rita):
        hers = universe.sighting(alice, seed="hers")
        import_batches.withdraw(batch=batch, reason="Wrong names.", by=rita)
        follow()
        hers.refresh_from_db()
        assert hers.shown and Photo.objects.allowed_for(Purpose.SHOW).get().observation == hers

    def test_it_needs_a_reviewer_and_a_reason_and_is_said_once(self, batch, alice, rita):
        with pytest.raises(PermissionDenied):
            import_batches.withdraw(batch=batch, reason="Mine.", by=alice)
        for reason in ("", "  ", "x" * 2001):
            with pytest.raises(ValidationError):
                import_batches.withdraw(batch=batch, reason=reason, by=rita)
        assert not BatchWithdrawal.objects.exists()
        import_batches.withdraw(batch=batch, reason="Wrong names.", by=rita)
        with pytest.raises(ValidationError, match="Rita withdrew it already: “Wrong names.”"):
            import_batches.withdraw(batch=batch, reason="Again.", by=rita)
        with pytest.raises(PermissionDenied):
            import_batches.restore(batch=batch, by=alice)
        for _ in range(2):
            import_batches.restore(batch=batch, by=rita)
        row = BatchWithdrawal.objects.get()
        assert (row.restored_by, row.reason) == (rita, "Wrong names.")

    def test_who_imported_it_is_told_unless_it_was_them(self, batch, ada, rita):
        import_batches.withdraw(batch=batch, reason="Wrong names.", by=rita)
        told = Notification.objects.get(user=ada)
        assert told.text == "Rita withdrew what you imported from A collection: Wrong names."
        assert told.url == batch.get_absolute_url()
        import_batches.restore(batch=batch, by=rita)
        told.refresh_from_db()
        assert told.text == "Rita restored what you imported from A collection."
        Notification.objects.all().delete()
        import_batches.withdraw(batch=batch, reason="My mistake.", by=ada)
        assert not Notification.objects.exists()

    def test_back_in_the_lists_it_is_new_to_whoever_follows_them(self, batch, sighting, rita):
        before = sighting.listed_at
        import_batches.withdraw(batch=batch, reason="Wrong names.", by=rita)
        follow()
        import_batches.restore(batch=batch, by=rita)
        follow()
        sighting.refresh_from_db()
        assert sighting.listed_at > before
