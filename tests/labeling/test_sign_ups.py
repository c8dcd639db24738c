"""Who signed up from one network, or with many others at once, does not count as several until others found them
right."""

from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from labeling.actions import identifications, reliability, sign_ups
from labeling.actions.verdicts import differing, follow
from labeling.models import Reliability, SignUp, Verdict
from labeling.presenters import wording
from labeling.queries.reliability import HISTORY
from species.models import Status
from tests.conftest import person

HERE, THERE = "81.2.69.160", "81.2.69.161"


def say(occurrence, taxon, *people):
    for each in people:
        identifications.add(occurrence=occurrence, taxon=taxon, by=each)
    occurrence.refresh_from_db()
    return occurrence


def test_two_of_one_network_are_one_until_a_stranger_agrees(occurrence, tree, bob, charlie, ada):
    for each in (bob, charlie):
        sign_ups.remember(person=each, address=HERE)
    say(occurrence, tree["chub"], bob, charlie)
    assert (occurrence.status, occurrence.exported_taxon) == (Status.NEEDS_ID, None)
    assert occurrence.agreed_taxon == tree["chub"], "it is what people agree on all the same"
    explained = Verdict.objects.get().explained()
    assert (explained.reason, explained.kin, explained.needed) == ("not_independent", "household", 1)
    text = wording.sentence(explained, {tree["chub"].pk: tree["chub"]})
    assert text == (
        "Two people say chub, but they signed up from the same network and haven’t yet been right often enough to "
        "count one by one. One more, from elsewhere, would settle it."
    )
    sign_ups.remember(person=ada, address=THERE)
    say(occurrence, tree["chub"], ada)
    assert (occurrence.status, occurrence.exported_taxon) == (Status.VERIFIED, tree["chub"])


def test_who_was_right_often_enough_counts(occurrence, tree, bob, charlie):
    for each in (bob, charlie):
        sign_ups.remember(person=each, address=HERE)
    for right, status in ((HISTORY - 1, Status.NEEDS_ID), (HISTORY, Status.VERIFIED)):
        version = f"after {right}"
        row = {"clade": tree["chub"], "value": 0.8, "answers": 20, "right": right}
        reliability.write(rows=[Reliability(version=version, person=bob, **row)])
        reliability.use(version=version)
        say(occurrence, tree["chub"], bob, charlie)
        assert occurrence.status == status


def test_of_a_network_no_address_is_kept(bob):
    kept = sign_ups.remember(person=bob, address=HERE)
    assert len(kept.network) == 32 and HERE not in str(vars(kept))
    assert kept.network == sign_ups.network(HERE) != sign_ups.network(THERE)
    with mock.patch.object(settings, "SECRET_KEY", "another"):
        assert sign_ups.network(HERE) != kept.network, "without the key nobody can try addresses"
    assert sign_ups.remember(person=bob, address=THERE) == kept, "once"
    bob.delete()
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("address", ["", "127.0.0.1", "10.0.0.7", "192.168.1.4", "::1", "a proxy"])
def test_within_the_sites_own_walls_nothing_tells_who_lives_with_whom(address):
    assert sign_ups.network(address) == ""


def test_a_burst_is_one(occurrence, tree):
    people = [person(f"New{number}") for number in range(sign_ups.BURST)]
    for each in people[:-1]:
        sign_ups.remember(person=each, address="")
    say(occurrence, tree["chub"], *people[:2])
    assert occurrence.status == Status.VERIFIED, "nine in an hour are no burst"
    sign_ups.remember(person=people[-1], address="")
    assert set(SignUp.objects.values_list("burst", flat=True)) != {""}
    assert SignUp.objects.order_by().values("burst").distinct().count() == 1
    assert follow() == 1, "what they said is settled anew"
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.exported_taxon) == (Status.NEEDS_ID, None)
    assert Verdict.objects.get().explained().kin == "burst" and not list(differing())
    SignUp.objects.update(created=timezone.now() - timedelta(hours=2))
    assert sign_ups.remember(person=person("Late"), address="").burst == ""


def test_the_page_where_people_sign_up_keeps_it(client, db):
    said = {"display_name": "Nora", "email": "nora@example.org", "password1": "a long enough one"}
    page = client.post(
        reverse("account_signup"), said | {"password2": said["password1"]}, REMOTE_ADDR=HERE, follow=False
    )
    assert page.status_code == 302
    kept = SignUp.objects.get(person=User.objects.by_address("nora@example.org"))
    assert kept.network == sign_ups.network(HERE)


def test_the_order_in_which_they_speak_does_not_matter(occurrence, tree, bob, charlie, ada):
    for each in (bob, charlie):
        sign_ups.remember(person=each, address=HERE)
    say(occurrence, tree["chub"], ada, bob)
    assert occurrence.status == Status.VERIFIED
    own = occurrence.identifications.get(person=ada)
    say(occurrence, tree["chub"], charlie)
    identifications.withdraw(identification=own, by=ada)
    occurrence.refresh_from_db()
    assert occurrence.status == Status.NEEDS_ID
    call_command("recompute")
    assert not list(differing())
