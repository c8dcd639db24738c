"""A grant on a taxon opens what others agree is one: nobody's own word, and no newcomer's, widens it."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import User
from labeling.actions import identifications, rulings
from species.models import Observation, Occurrence
from tests import universe
from tests.conftest import person


def settled(user: User, days: int = 8, confirmed: bool = True) -> User:
    """An account of some age, with or without an address that was confirmed."""
    User.objects.filter(pk=user.pk).update(created=timezone.now() - timedelta(days=days))
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": confirmed, "primary": True}
    )
    return user


@pytest.fixture
def sighting(charlie, tree) -> Observation:
    """Charlie hides where it was."""
    return universe.sighting(charlie, seed="hidden", latitude=47.26812, longitude=11.39325, privacy="private")


@pytest.fixture
def bob(bob, ada, tree) -> User:
    """Holds a grant on brown trout and everything under it."""
    accounts.grant(user=bob, scope=f"taxon:{tree['brown_trout'].pk}", purpose="a study", by=ada)
    return settled(bob)


@pytest.fixture
def say(sighting, tree):
    def say(who, label="brown_trout"):
        return identifications.add(occurrence=Occurrence.objects.get(), taxon=tree[label], by=who)

    return say


@pytest.fixture
def seen(client, sighting, bob):
    """Whether Bob gets the exact place, the EXIF and the sha256, wherever he asks."""

    def seen() -> bool:
        client.force_login(bob)
        photo = sighting.photos.get()
        answers = [
            client.get(reverse("api-observation-detail", args=[sighting.pk])).json()["exact"] is not None,
            client.get(reverse("api-observation-list")).json()["results"][0]["exact"] is not None,
            client.get(reverse("api-photo-detail", args=[photo.pk])).json()["file"] is not None,
            client.get(reverse("photo_original", args=[photo.pk])).status_code == 200,
            "47.268" in client.get(reverse("observation", args=[sighting.pk])).content.decode(),
        ]
        assert len(set(answers)) == 1, answers
        return answers[0]

    return seen


def test_the_grantee_and_a_helper_see_nothing(say, seen, bob):
    helper = settled(person("Helper"))
    for each in (bob, helper):
        say(each)
    assert Occurrence.objects.get().status == "verified"
    assert not seen()
    say(settled(person("Dora")))
    assert seen(), "two who are not he"


@pytest.mark.parametrize(
    ("days", "confirmed", "counts"), [(8, True, True), (6, True, False), (8, False, False)]
)
def test_newcomers_and_unconfirmed_accounts_do_not_count(say, seen, days, confirmed, counts):
    for name in ("Dora", "Emil"):
        say(settled(person(name), days, confirmed))
    assert Occurrence.objects.get().status == "verified"
    assert seen() == counts


def test_an_account_counts_from_the_day_on_which_it_is_old_enough(say, seen):
    people = [settled(person(name), days=6) for name in ("Dora", "Emil")]
    for each in people:
        say(each)
    assert not seen()
    for each in people:
        settled(each, days=8)
    assert seen(), "nobody has to say it again"


def test_nor_with_the_observer_and_nobody_else(say, seen, charlie, bob):
    say(settled(charlie))
    say(bob)
    assert Occurrence.objects.get().status == "verified"
    assert not seen()
    say(settled(person("Dora")))
    assert seen()


def test_whoever_is_heard_can_also_disagree(say, seen, bob):
    for name in ("Dora", "Emil"):
        say(settled(person(name)))
    say(settled(person("Fritz")), "chub")
    say(bob)
    assert Occurrence.objects.get().agreed_taxon.label == "brown_trout", "three of four"
    assert not seen(), "two of three without him"


def test_a_ruling_opens_it_and_trust_in_a_source_does(say, seen, rita, tree, source, bob):
    ruling = rulings.rule(
        occurrence=Occurrence.objects.get(), taxon=tree["river_trout"], reason="Seen.", by=rita
    )
    assert seen(), "what is under the taxon, too"
    rulings.withdraw(ruling=ruling, by=rita)
    assert not seen()
    rulings.trust(source=source, reason="In the hand.", by=rita)
    identifications.add_imported(
        occurrence=Occurrence.objects.get(), said={source: tree["brown_trout"]}, by=rita
    )
    assert seen()


def test_a_role_that_somebody_gave_is_as_good_as_a_confirmed_address(say, seen, rita, ada):
    for each in (rita, ada):
        say(each)
    assert not seen(), "they are new"
    User.objects.filter(pk__in=[rita.pk, ada.pk]).update(created=timezone.now() - timedelta(days=8))
    assert seen()
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert not seen()


def test_nor_does_a_ruling_of_ones_own(say, seen, bob, tree):
    User.objects.filter(pk=bob.pk).update(role="reviewer")
    bob.refresh_from_db()
    rulings.rule(occurrence=Occurrence.objects.get(), taxon=tree["brown_trout"], reason="Mine.", by=bob)
    User.objects.filter(pk=bob.pk).update(role="contributor")
    assert not seen()
