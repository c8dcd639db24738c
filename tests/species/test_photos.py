"""Consents, licences and erasure."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from accounts import actions as accounts
from species.actions import photos
from species.models import Consent, Photo, Purpose
from tests import universe


@pytest.fixture
def photo(sighting_of_alice) -> Photo:
    return sighting_of_alice.photos.order_by("position").first()


class TestConsents:
    def test_what_was_said_before_stays_on_record(self, alice, photo):
        before = Consent.objects.get(photo=photo, purpose="train")
        said = photos.say(photo=photo, purpose="train", granted=False, by=alice)
        assert not said.granted
        before.refresh_from_db()
        assert before.granted and before.superseded_at is not None
        assert Consent.objects.filter(photo=photo, purpose="train").count() == 2
        assert not Photo.objects.allowed_for("train").filter(pk=photo.pk).exists()
        assert Photo.objects.allowed_for("show").filter(pk=photo.pk).exists()

    def test_saying_the_same_again_says_nothing_new(self, alice, photo):
        first = Consent.objects.get(photo=photo, purpose="show")
        assert photos.say(photo=photo, purpose="show", granted=True, by=alice) == first
        assert Consent.objects.filter(photo=photo, purpose="show").count() == 1

    def test_hidden_it_is_seen_by_nobody_else(self, alice, bob, photo):
        photos.say(photo=photo, purpose="show", granted=False, by=alice)
        assert not Photo.objects.visible_to(bob).filter(pk=photo.pk).exists()
        assert not Photo.objects.visible_to(None).filter(pk=photo.pk).exists()
        assert Photo.objects.visible_to(alice).filter(pk=photo.pk).exists()

    def test_nobody_else_speaks_for_the_owner(self, bob, rita, ada, photo):
        accounts.grant(user=bob, scope="all", purpose="to look", by=ada)
        for person in (bob, rita):
            for granted in (True, False):
                with pytest.raises(PermissionDenied):
                    photos.say(photo=photo, purpose="show", granted=granted, by=person)
        with pytest.raises(PermissionDenied):
            photos.say(photo=photo, purpose="show", granted=True, by=ada)
        assert not photos.say(photo=photo, purpose="show", granted=False, by=ada).granted

    def test_an_unknown_purpose_is_refused(self, alice, photo):
        with pytest.raises(ValidationError, match="sell"):
            photos.say(photo=photo, purpose="sell", granted=True, by=alice)


class TestLicences:
    def test_without_one_it_is_used_nowhere_else_until_it_has_one(self, alice, photo):
        photos.relicense(photo=photo, licence="NONE", by=alice)
        for purpose in (Purpose.RESEARCH, Purpose.TRAIN):
            assert not Photo.objects.allowed_for(purpose).filter(pk=photo.pk).exists()
            with pytest.raises(ValidationError, match="licence"):
                photos.say(photo=photo, purpose=purpose, granted=True, by=alice)
        assert Photo.objects.allowed_for(Purpose.SHOW).filter(pk=photo.pk).exists()
        photos.relicense(photo=photo, licence="CC0-1.0", by=alice)
        assert photos.say(photo=photo, purpose="train", granted=True, by=alice).granted

    def test_chosen_by_the_owner_from_the_list(self, alice, bob, ada, photo):
        with pytest.raises(ValidationError, match="Choose"):
            photos.relicense(photo=photo, licence="WTFPL", by=alice)
        for person in (bob, ada):
            with pytest.raises(PermissionDenied):
                photos.relicense(photo=photo, licence="CC0-1.0", by=person)

    def test_an_import_keeps_its_own(self, rita):
        _, sighting = universe.imported(operator=rita)
        with pytest.raises(PermissionDenied):
            photos.relicense(photo=sighting.photos.get(), licence="CC0-1.0", by=rita)


class TestErasing:
    def test_row_files_and_what_hangs_on_them_are_gone(
        self, alice, photo, settings, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            photos.erase(photo=photo, by=alice)
        assert not Photo.objects.filter(pk=photo.pk).exists()
        assert not Consent.objects.filter(photo=photo.pk).exists()
        assert not any(str(photo.pk) in path.name for path in Path(settings.FILES).rglob("*"))
        assert not (Path(settings.FILES) / photo.original_name).exists()

    def test_files_stay_until_the_rows_are_surely_gone(self, alice, photo, settings):
        photos.erase(photo=photo, by=alice)
        assert (Path(settings.FILES) / photo.original_name).exists(), "the transaction has not ended yet"

    def test_only_the_owner_or_an_admin(self, alice, bob, rita, ada, photo):
        accounts.grant(user=bob, scope="all", purpose="to look", by=ada)
        for person in (bob, rita):
            with pytest.raises(PermissionDenied):
                photos.erase(photo=photo, by=person)
        photos.erase(photo=photo, by=ada)
        assert not Photo.objects.filter(pk=photo.pk).exists()

    def test_what_is_kept_as_it_is_keeps_its_photos(
        self, alice, photo, settings, monkeypatch, django_capture_on_commit_callbacks
    ):
        """A higher floor protects photos by a foreign key; any row of that kind does to see the refusal."""
        link = photo.occurrence_photos.get()
        field = type(link)._meta.get_field("photo")
        monkeypatch.setattr(field.remote_field, "on_delete", models.PROTECT)
        with django_capture_on_commit_callbacks(execute=True):
            with pytest.raises(ValidationError, match="kept as it is"):
                photos.erase(photo=photo, by=alice)
        assert Photo.objects.filter(pk=photo.pk).exists()
        assert (Path(settings.FILES) / photo.original_name).exists()
        assert (Path(settings.FILES) / photo.rendition_name(320)).exists()


def test_dimensions_of_renditions_are_never_larger_than_the_photo():
    small = Photo(width=300, height=100)
    assert small.rendition_size(1008) == (300, 100)
    assert Photo(width=4000, height=1000).rendition_size(320) == (320, 80)
    assert Photo(width=5000, height=2).rendition_size(320) == (320, 1)
