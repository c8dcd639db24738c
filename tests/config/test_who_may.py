"""Who may do what with somebody's sighting: the one table of docs/access.md, asked over HTTP."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import actions as accounts
from labeling.models import Ruling
from species import access
from species.models import Observation
from tests import universe

PEOPLE = ["owner", "colleague", "stranger", "reviewer", "admin", "anonymous"]


def read_table() -> dict[str, dict[str, bool]]:
    """Person to deed to whether they may, as the page says it."""
    text = (settings.ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|.*\|$", text, re.M)
        if "---" not in line
    ]
    deeds = rows[0][1:]
    return {
        row[0]: {deed: cell == "yes" for deed, cell in zip(deeds, row[1:], strict=True)} for row in rows[1:]
    }


TABLE = read_table()


@pytest.fixture
def people(alice, bob, charlie, rita, ada, sighting_of_alice):
    scope = access.observation_scope(sighting_of_alice.pk)
    accounts.grant(user=bob, scope=scope, purpose="to compare spots", by=alice)
    return dict(zip(PEOPLE, [alice, bob, charlie, rita, ada, None], strict=True))


def original(client, sighting) -> bool:
    answer = client.get(reverse("photo_original", args=[sighting.photos.first().pk]))
    assert answer.status_code in (200, 404)
    return answer.status_code == 200


def exact_place(client, sighting) -> bool:
    shown = client.get(reverse("observation", args=[sighting.pk])).content.decode()
    answered = client.get(reverse("api-observation-detail", args=[sighting.pk]))
    on_page, in_api = "47.268" in shown, "47.268" in answered.content.decode()
    assert on_page == in_api == (answered.json()["exact"] is not None)
    return in_api


def edit(client, sighting) -> bool:
    url = reverse("api-observation-detail", args=[sighting.pk])
    answer = client.put(url, {"note": "mine"}, content_type="application/json")
    assert answer.status_code in (200, 401, 404)
    assert (Observation.objects.get().note == "mine") == (answer.status_code == 200)
    return answer.status_code == 200


def ruling(client, sighting) -> bool:
    occurrence = sighting.occurrences.get()
    form = {"unsettled": "on", "reason": "Too blurred to tell."}
    by_page = client.post(reverse("rule", args=[occurrence.pk]), form)
    ruled = Ruling.objects.filter(withdrawn_at=None).exists()
    said = {"occurrence": str(occurrence.pk), "taxon": None, "reason": "Too blurred to tell."}
    by_api = client.post("/api/v1/rulings", said, content_type="application/json")
    assert ruled == (by_api.status_code == 201), (by_page.status_code, by_api.content)
    assert Ruling.objects.exists() == ruled
    return ruled


def admin(client, sighting) -> bool:
    names = ("species_photo", "species_observation", "species_occurrence", "labeling_identification")
    codes = {client.get(reverse(f"admin:{name}_changelist")).status_code for name in names}
    assert codes in ({200}, {302})
    return codes == {200}


DEEDS = {
    "original": original,
    "exact place": exact_place,
    "edit": edit,
    "ruling": ruling,
    "admin": admin,
}


def test_the_page_speaks_of_everybody_and_of_every_deed():
    assert list(TABLE) == PEOPLE
    assert all(list(row) == list(DEEDS) for row in TABLE.values())


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("who", PEOPLE)
def test_the_table(client, tree, people, sighting_of_alice, who, deed):
    if people[who] is not None:
        client.force_login(people[who])
    assert DEEDS[deed](client, sighting_of_alice) == TABLE[who][deed]


@pytest.mark.parametrize("name", ["rita", "ada"])
def test_nor_on_what_they_imported(client, request, tree, name):
    person = request.getfixturevalue(name)
    client.force_login(person)
    _, sighting = universe.imported(operator=person)
    assert edit(client, sighting)
    assert not ruling(client, sighting)


@pytest.mark.parametrize("name", ["rita", "ada"])
def test_not_even_they_rule_on_their_own_upload(client, request, tree, name):
    """Whatever the role, the owner's row holds for ruling."""
    person = request.getfixturevalue(name)
    client.force_login(person)
    assert not ruling(client, universe.sighting(person, seed=name))
