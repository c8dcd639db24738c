import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from labeling.actions import flags
from labeling.models import Flag
from notices.models import Notification
from tests.universe import sighting


def test_a_flag_stands_until_it_is_dealt_with(photo, bob, rita):
    flag = flags.raise_flag(photo=photo, kind="person", by=bob, reason=" a face at the left ")
    assert flag.reason == "a face at the left"
    flags.resolve(flag=flag, by=rita)
    assert flag.resolved_by == rita and flag.resolved_at is not None
    assert "It shows a person" in Notification.objects.get(user=bob).text
    first = flag.resolved_at
    assert flags.resolve(flag=flag, by=rita).resolved_at == first
    assert Notification.objects.count() == 1


def test_the_same_flag_again_is_the_same_one(photo, bob, rita):
    first = flags.raise_flag(photo=photo, kind="rights", by=bob)
    again = flags.raise_flag(photo=photo, kind="rights", by=bob, reason="It is mine.")
    assert first == again and again.reason == "It is mine."
    assert flags.raise_flag(photo=photo, kind="rights", by=bob).reason == "It is mine."
    flags.raise_flag(photo=photo, kind="rights", by=rita)
    flags.resolve(flag=first, by=rita)
    assert flags.raise_flag(photo=photo, kind="rights", by=bob) != first
    assert Flag.objects.count() == 3


def test_who_raised_it_takes_it_back(photo, bob):
    flag = flags.resolve(flag=flags.raise_flag(photo=photo, kind="person", by=bob), by=bob)
    assert flag.resolved_by == bob
    assert not Notification.objects.exists()


def test_a_reviewer_does_not_resolve_flags_on_their_own_photo(rita, bob, ada):
    own = sighting(rita, seed="own").photos.get()
    flag = flags.raise_flag(photo=own, kind="rights", by=bob)
    with pytest.raises(PermissionDenied):
        flags.resolve(flag=flag, by=rita)
    assert flags.resolve(flag=flag, by=ada).resolved_by == ada


def test_others_do_not_resolve(photo, alice, bob):
    flag = flags.raise_flag(photo=photo, kind="person", by=bob)
    with pytest.raises(PermissionDenied):
        flags.resolve(flag=flag, by=alice)


@pytest.mark.parametrize(("kind", "reason"), [("ugly", "very"), ("other", " ")])
def test_a_flag_says_what_is_wrong(photo, bob, kind, reason):
    with pytest.raises(ValidationError):
        flags.raise_flag(photo=photo, kind=kind, by=bob, reason=reason)
    assert not Flag.objects.exists()


def test_nobody_flags_what_they_cannot_see(alice, bob):
    draft = sighting(alice, seed="draft", published=False).photos.get()
    with pytest.raises(PermissionDenied):
        flags.raise_flag(photo=draft, kind="person", by=bob)
