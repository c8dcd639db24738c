"""Explore's page and the API: the same query string is the same rows in the same order."""

import re
from datetime import date
from uuid import UUID

import pytest
from django.urls import reverse

from labeling.actions import identifications
from species.models import Occurrence
from tests import universe

QUERIES = [
    *[
        "",
        "q=trout",
        "q=ALICE",
        "q=nobody",
        "q=basin",
        "taxon=brown_trout",
        "taxon=Salmo+trutta",
        "taxon=salmonidae",
    ],
    *[
        "taxon=chub",
        "status=verified",
        "status=needs_id",
        "taxon=salmo&status=verified",
        "place=inn",
        "who=bob",
    ],
    *[
        "since=2020-05-02",
        "until=2020-05-03",
        "since=2020-05-02&until=2020-05-04",
        "month=5",
        "month=5&month=6",
    ],
    *["bbox=11,47,12,48", "bbox=170,-10,-170,10", "bbox=0,0,1,1", "updated_since=2020-01-01T00:00:00Z"],
    *["updated_since=2999-01-01T00:00:00%2B02:00", "observation=ALICES", "who=ALICES"],
    *["near=47.2,11.4&radius=20000", "near=-47,11&radius=1", "near=90,0&radius=1", "uncertainty_max=100000"],
    *["uncertainty_max=1", "has=place", "has=place&has=boxes", "has=marks", "has=comments"],
    *["lacks=boxes", "lacks=place&lacks=marks", "has=place&lacks=comments"],
    *["identified_by=ALICES", "agreement_min=0.9", "agreement_max=0.4", "agreement_min=0.1&agreement_max=1"],
    *["model_disagrees=true", "licence=CC0-1.0", "licence=CC-BY-4.0&licence=CC0-1.0", "drawn=true"],
    *["drawn=false", "drawn=false&licence=CC0-1.0", "trip=00000000-0000-4000-8000-000000000000"],
]
BROKEN = [
    *[
        "taxon=unicorn",
        "status=x",
        "since=x",
        "month=13",
        "bbox=1",
        "zzz=1",
        "status=verified&status=disputed",
    ],
    *[
        "since=2020-02-01&until=2020-01-01",
        "observation=x",
        "updated_since=2020-01-01",
        "page_size=0",
        "cursor=x",
    ],
    *["q=%00", "order=up", "near=47.2,11.4", "radius=5", "near=91,0&radius=5", "near=x&radius=5"],
    *[
        "radius=0&near=1,1",
        "has=fins",
        "lacks=fins",
        "agreement_min=2",
        "agreement_min=0.9&agreement_max=0.1",
    ],
    *["identified_by=Bob", "licence=mine", "drawn=maybe", "model_disagrees=false", "trip=x"],
]


@pytest.fixture
def shown(tree, alice, bob):
    """Seven sightings, one of them hidden, one a draft; names, days, places."""
    place = universe.place(name="Upper Inn basin", uncertainty_m=60_000)
    for number, owner in enumerate([alice, bob, alice, bob, alice, alice, alice]):
        sighting = universe.sighting(
            owner,
            seed=f"filters {number}",
            size=(64, 32),
            local_date=date(2020, 5 + number // 4, 1 + number),
            consents=[] if number == 5 else None,
            published=number != 6,
            **({"latitude": 47.2, "longitude": 11.4, "place": place} if number % 2 else {}),
        )
        names = ["brown_trout", "chub", "brown_trout", "river_trout"] if number < 4 else []
        if names and sighting.state == "published":
            for person in (alice, bob)[: 1 + number % 2]:
                taxon = tree.get(names[number], tree["brown_trout"])
                identifications.add(occurrence=sighting.occurrences.get(), taxon=taxon, by=person)
    return Occurrence.objects.first()


def of_page(client, query: str) -> list[str]:
    html = client.get(f"{reverse('gallery')}?{query}").content.decode()
    cards = re.findall(r"/sightings/([0-9a-f-]{36})", html)
    return list(dict.fromkeys(cards))


def of_api(client, query: str) -> list[str]:
    answer = client.get(f"/api/v1/occurrences?{query}")
    assert answer.status_code == 200, answer.content
    return [row["observation"] for row in answer.json()["results"]]


@pytest.mark.parametrize("who", [None, "alice", "rita"])
def test_the_same_query_is_the_same_rows_in_the_same_order(client, shown, who, alice, rita):
    if who:
        client.force_login({"alice": alice, "rita": rita}[who])
    sizes = set()
    for query in QUERIES:
        query = query.replace("observation=ALICES", f"observation={shown.observation_id}")
        query = query.replace("who=ALICES", f"who={alice.pk}").replace("by=ALICES", f"by={alice.pk}")
        for order in ("oldest", "newest"):
            asked = f"{query}&order={order}"
            found = of_page(client, asked)
            assert found == of_api(client, asked), asked
            sizes.add(len(found))
        assert of_page(client, query) == of_page(client, f"{query}&order=newest")
        assert of_api(client, query) == of_api(client, f"{query}&order=oldest")
    assert {0, 1} < sizes and max(sizes) == (5 if who is None else 6)


def test_what_one_refuses_the_other_refuses(client, shown):
    for query in BROKEN:
        assert client.get(f"/api/v1/occurrences?{query}").status_code == 400, query
        assert client.get(f"{reverse('gallery')}?{query}").status_code == 400, query


def test_a_cursor_of_one_goes_on_in_the_other(client, shown):
    everything = of_api(client, "order=newest")
    first = client.get("/api/v1/occurrences?order=newest&page_size=2").json()
    following = first["next"].partition("?")[2]
    assert of_page(client, following) == everything[2:4]
    html = client.get(f"{reverse('gallery')}?{following}").content.decode()
    further = re.search(r'rel="next" href="[^"?]*\?([^"]*)"', html)[1].replace("&amp;", "&")
    assert of_api(client, further) == everything[4:]


def test_fields_left_empty_are_not_asked_on_the_page(client, shown):
    assert of_page(client, "q=&taxon=&status=&since=&bbox=") == of_page(client, "")
    assert all(UUID(each) for each in of_page(client, ""))
