"""Who may do what with somebody's sighting: one table, asked over HTTP."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from species import access
from species.actions import occurrences
from species.models import Observation, Photo
from species.places.protection import Grounds
from tests import universe

RULED = Grounds(ruled=True)

#             original exact  edit   admin pages
TABLE = {
    "owner": (True, True, True, False),
    "colleague": (True, True, False, False),
    "stranger": (False, False, False, False),
    "reviewer": (True, True, False, True),
    "admin": (True, True, True, True),
    "anonymous": (False, False, False, False),
}


@pytest.fixture
def people(alice, bob, charlie, rita, ada, sighting_of_alice):
    accounts.grant(
        user=bob, scope=access.observation_scope(sighting_of_alice.pk), purpose="to compare spots", by=alice
    )
    return {
        "owner": alice,
        "colleague": bob,
        "stranger": charlie,
        "reviewer": rita,
        "admin": ada,
        "anonymous": None,
    }


def log_in(client, person) -> None:
    client.logout()
    if person is not None:
        client.force_login(person)


@pytest.mark.parametrize("role", TABLE)
def test_the_table(client, people, sighting_of_alice, role):
    log_in(client, people[role])
    photo = sighting_of_alice.photos.first()
    sighting_api = reverse("api-observation-detail", args=[sighting_of_alice.pk])
    original = client.get(reverse("photo_original", args=[photo.pk])).status_code
    exact = client.get(sighting_api).json()["exact"]
    edited = client.put(sighting_api, {"note": "mine"}, content_type="application/json").status_code
    staff = [
        client.get(reverse(f"admin:species_{name}_changelist")).status_code
        for name in ("photo", "observation", "occurrence", "taxon")
    ]
    may_original, may_exact, may_edit, may_admin = TABLE[role]
    assert original == (200 if may_original else 404)
    assert (exact is not None) == may_exact
    assert edited == (200 if may_edit else 401 if role == "anonymous" else 404)
    assert Observation.objects.get().note == ("mine" if may_edit else "")
    assert staff == [200 if may_admin else 302] * 4


@pytest.mark.parametrize("role", TABLE)
def test_the_same_table_asked_of_the_functions(people, sighting_of_alice, role):
    person = people[role] or AnonymousUser()
    photo = Photo.objects.first()
    assert (
        access.can_see_original(person, photo),
        access.can_see_exact_place(person, sighting_of_alice),
        access.can_edit(person, sighting_of_alice),
    ) == TABLE[role][:3]


def test_nobody_at_all_may_be_asked_about(sighting_of_alice):
    assert not access.can_see_exact_place(None, sighting_of_alice)
    assert not access.can_edit(None, sighting_of_alice)


@pytest.mark.parametrize("role", ["colleague", "stranger", "reviewer", "anonymous"])
def test_a_draft_is_its_owners_alone(client, people, alice, ada, bob, role):
    accounts.grant(user=bob, scope="all", purpose="everything", by=ada)
    draft = universe.sighting(alice, seed="draft", published=False, latitude=47.2, longitude=11.3)
    photo = draft.photos.get()
    log_in(client, people[role])
    for name, args in (
        ("photo_original", [photo.pk]),
        ("photo_rendition", [photo.pk, 320]),
        ("api-photo-detail", [photo.pk]),
        ("api-observation-detail", [draft.pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 404, name
    listed = client.get(reverse("api-observation-list"), {"state": "draft"}).json()["results"]
    assert listed == []


def test_reviewers_find_no_drafts_in_the_admin(client, alice, rita, sighting_of_alice):
    draft = universe.sighting(alice, seed="draft", published=False)
    client.force_login(rita)
    for name, id in (("observation", draft.pk), ("photo", draft.photos.get().pk)):
        page = client.get(reverse(f"admin:species_{name}_changelist"))
        assert page.status_code == 200
        assert str(id) not in page.content.decode()


def test_a_grant_ends_when_it_is_taken_back_or_over(bob, alice, sighting_of_alice):
    scope = access.observation_scope(sighting_of_alice.pk)
    given = accounts.grant(user=bob, scope=scope, purpose="a look", by=alice)
    assert access.can_see_exact_place(bob, sighting_of_alice)
    accounts.revoke(grant=given, by=alice)
    assert not access.can_see_exact_place(bob, sighting_of_alice)
    accounts.grant(
        user=bob, scope=scope, purpose="too late", by=alice, until=timezone.now() - timedelta(seconds=1)
    )
    assert not access.can_see_exact_place(bob, sighting_of_alice)


def test_a_grant_on_a_taxon_holds_for_what_is_agreed_to_be_under_it(bob, ada, tree, sighting_of_alice):
    accounts.grant(user=bob, scope=f"taxon:{tree['salmo'].pk}", purpose="a study", by=ada)
    occurrence = sighting_of_alice.occurrences.get()
    assert not access.can_see_exact_place(bob, sighting_of_alice), "nothing is agreed yet"
    occurrences.settle(occurrence=occurrence, status="verified", taxon=tree["river_trout"].pk, grounds=RULED)
    assert access.can_see_exact_place(bob, sighting_of_alice)
    occurrences.settle(occurrence=occurrence, status="verified", taxon=tree["chub"].pk, grounds=RULED)
    assert not access.can_see_exact_place(bob, sighting_of_alice)


def test_asking_about_many_sightings_takes_three_queries(bob, ada, alice, tree, django_assert_num_queries):
    sightings = [universe.sighting(alice, seed=n, latitude=47.0, longitude=11.0) for n in range(3)]
    for sighting in sightings[:2]:
        occurrences.settle(
            occurrence=sighting.occurrences.get(),
            status="verified",
            taxon=tree["brown_trout"].pk,
            grounds=RULED,
        )
    accounts.grant(user=bob, scope=f"taxon:{tree['brown_trout'].pk}", purpose="a study", by=ada)
    with django_assert_num_queries(3):
        assert access.may_see_exact(bob, sightings) == {sightings[0].pk, sightings[1].pk}


def test_whoever_ran_an_import_may_edit_what_it_brought(ada, rita, charlie):
    batch, sighting = universe.imported(operator=charlie)
    assert access.can_edit(charlie, sighting)
    assert access.can_see_exact_place(charlie, sighting)
    assert not access.can_edit(rita, sighting)
