"""The page that says who was let see one's exact places: every grant that covers one, and no other."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import actions as accounts
from home.queries import exact_places as queries
from labeling.actions import identifications
from tests import universe
from tests.research.building import agreed

PAGE = "/accounts/exact-places/"


def purposes(person) -> list[str]:
    return [grant.purpose for grant in queries.grants_on(person)]


@pytest.fixture
def chub(alice, bob, charlie, tree):
    return agreed(alice, tree["chub"], [bob, charlie], seed="chub", latitude=47.1, longitude=11.1)


def test_every_grant_that_covers_one_and_no_other(alice, bob, charlie, ada, tree, chub):
    other = universe.sighting(charlie, seed="charlie")

    def give(scope: str, **more):
        return accounts.grant(user=bob, scope=scope, purpose=scope, by=ada, **more)

    give(f"observation:{chub.observation_id}")
    give(f"taxon:{tree['chub'].pk}")
    give(f"taxon:{tree['squalius'].pk}")
    give("all", until=timezone.now() - timedelta(days=1))
    give(f"observation:{other.pk}")
    give(f"taxon:{tree['brown_trout'].pk}")
    give(f"taxon:{tree['bream'].pk}")
    accounts.revoke(grant=give("all"), by=ada)
    covering = ["all", "all", f"taxon:{tree['squalius'].pk}", f"taxon:{tree['chub'].pk}"]
    assert purposes(alice) == [*covering, f"observation:{chub.observation_id}"]
    assert purposes(bob) == []  # what he was given is not of his own
    said = {each.grant.scope: each for each in queries.described(alice, list(queries.grants_on(alice)))}
    assert said[f"taxon:{tree['squalius'].pk}"].count == said["all"].count == 1
    assert not said["all"].stands and said[f"taxon:{tree['chub'].pk}"].stands


def test_a_name_that_nobody_agrees_on_opens_nothing(alice, bob, ada, tree):
    alone = universe.sighting(alice, seed="alone")
    identifications.add(occurrence=alone.occurrences.get(), taxon=tree["chub"], by=bob)
    accounts.grant(user=bob, scope=f"taxon:{tree['chub'].pk}", purpose="chub", by=ada)
    assert purposes(alice) == []


def test_the_page_says_who_and_what_for_and_is_ones_own(client, alice, bob, rita, ada, chub):
    accounts.grant(user=bob, scope="all", purpose="a study of <b>spawning</b>", by=ada)
    assert client.get(PAGE).status_code == 302
    client.force_login(alice)
    page = client.get(PAGE).content.decode()
    assert "a study of &lt;b&gt;spawning&lt;/b&gt;" in page and "Bob" in page and "1 reviewer " in page
    client.force_login(bob)
    assert "spawning" not in client.get(PAGE).content.decode()


def test_it_takes_as_many_queries_for_one_grant_as_for_many(client, alice, bob, ada, tree, chub):
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(PAGE).status_code == 200
        return len(found)

    client.force_login(alice)
    accounts.grant(user=bob, scope="all", purpose="one", by=ada)
    accounts.grant(user=bob, scope=f"observation:{chub.observation_id}", purpose="one", by=ada)
    accounts.grant(user=bob, scope=f"taxon:{tree['chub'].pk}", purpose="one", by=ada)
    before = asked()
    for number in range(5):
        accounts.grant(user=bob, scope="all", purpose=f"{number}", by=ada)
        accounts.grant(user=bob, scope=f"taxon:{tree['chub'].pk}", purpose=f"{number}", by=ada)
    assert asked() == before
