"""Who may do what with somebody's sighting: the one table of docs/access.md, asked over HTTP."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from accounts import actions as accounts
from labeling.models import Ruling
from species import access
from species.actions import occurrences, photos
from species.models import Observation
from tests import universe

PEOPLE = ["owner", "colleague", "stranger", "reviewer", "admin", "anonymous"]


KINDS = ["published", "hidden", "draft"]
EXACT = "47.268"
JSON = {"content_type": "application/json"}
SOME = "00000000-0000-4000-8000-000000000000"


def read_tables() -> dict[str, dict[str, dict[str, bool]]]:
    """Kind of sighting to person to deed to whether they may, as the page says it."""
    text = (settings.ROOT / "docs" / "access.md").read_text(encoding="utf-8").partition("## ")[0]
    found = {}
    for said, table in re.findall(r"^With (.+:)\n\n((?:\|.*\|\n)+)", text, re.M):
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in table.splitlines()
            if "---" not in line
        ]
        kind = re.search(r"\*\*(\w+)\*\*", said).group(1)
        found[kind] = {
            row[0]: {deed: cell == "yes" for deed, cell in zip(rows[0][1:], row[1:], strict=True)}
            for row in rows[1:]
        }
    return found


TABLES = read_tables()


@pytest.fixture
def make(alice):
    """A sighting of Alice's of some kind, at an exact place, with one organism; private is about its place."""

    def make(kind: str, privacy: str = "generalized") -> Observation:
        sighting = universe.sighting(
            alice,
            seed=kind,
            published=kind != "draft",
            privacy=privacy,
            latitude=47.26812,
            longitude=11.39325,
        )
        if kind == "draft":
            occurrences.add(observation=sighting, photos=sighting.photos.all(), by=alice)
        if kind == "hidden":
            photos.say(photo=sighting.photos.get(), purpose="show", granted=False, by=alice)
        return sighting

    return make


@pytest.fixture
def people(alice, bob, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, bob, charlie, rita, ada, None], strict=True))


def look(client, sighting) -> bool:
    photo = sighting.photos.get()
    codes = [
        client.get(reverse(name, args=args)).status_code
        for name, args in (
            ("observation", [sighting.pk]),
            ("api-observation-detail", [sighting.pk]),
            ("api-photo-detail", [photo.pk]),
            ("photo_rendition", [photo.pk, 320]),
        )
    ]
    assert codes in ([200] * 4, [404] * 4), codes
    assert history(client, sighting) == (codes[0] == 200)
    return codes[0] == 200


def original(client, sighting) -> bool:
    photo = sighting.photos.get()
    answer = client.get(reverse("photo_original", args=[photo.pk]))
    assert answer.status_code in (200, 404)
    file = client.get(reverse("api-photo-detail", args=[photo.pk]))
    in_api = file.status_code == 200 and file.json()["file"] is not None
    assert in_api == (answer.status_code == 200)
    for each in (answer, file) if in_api else ():
        assert "no-store" in each["Cache-Control"]
    return in_api


def exact_place(client, sighting) -> bool:
    shown = client.get(reverse("observation", args=[sighting.pk]))
    answered = client.get(reverse("api-observation-detail", args=[sighting.pk]))
    on_page, in_api = EXACT in shown.content.decode(), EXACT in answered.content.decode()
    assert on_page == in_api == (answered.status_code == 200 and answered.json()["exact"] is not None)
    for answer in (shown, answered):
        assert ("no-store" in answer.get("Cache-Control", "")) == in_api
    return in_api


def edit(client, sighting) -> bool:
    url = reverse("api-observation-detail", args=[sighting.pk])
    answer = client.put(url, {"note": "mine"}, content_type="application/json")
    assert answer.status_code in (200, 401, 404)
    sighting.refresh_from_db()
    assert (sighting.note == "mine") == (answer.status_code == 200)
    photo = sighting.photos.get()
    consents = reverse("api-photo-consents", args=[photo.pk])
    said = client.patch(consents, {"train": False}, content_type="application/json")
    assert said.status_code == answer.status_code
    page = client.get(reverse("edit_sighting", args=[sighting.pk]))
    assert page.status_code in (200, 302, 404)
    # A draft is filled in where drafts are.
    assert (page.status_code == 200) == (answer.status_code == 200 and sighting.published_at is not None)
    if answer.status_code != 200:
        for name in ("delete_sighting", "add_photos", "restore_sighting"):
            client.post(reverse(name, args=[sighting.pk]))
        for name in ("first_photo", "earlier_photo", "remove_photo", "split_photo"):
            client.post(reverse(name, args=[sighting.pk, photo.pk]))
        bodies = {"arrange": {"photos": [SOME]}, "undo": {"edit": SOME}, "restore": None}
        for name, body in bodies.items():
            refused = client.post(reverse(f"api-observation-{name}", args=[sighting.pk]), body, **JSON)
            assert refused.status_code == answer.status_code
        assert client.post(reverse("api-photo-split", args=[photo.pk])).status_code == answer.status_code
        assert Observation.objects.get(pk=sighting.pk).state == sighting.state
        for name, id in (("api-observation-detail", sighting.pk), ("api-photo-detail", photo.pk)):
            assert client.delete(reverse(name, args=[id])).status_code == answer.status_code
        sent = client.post(reverse("api-observation-publish", args=[sighting.pk]))
        assert sent.status_code == answer.status_code
    return answer.status_code == 200


def ruling(client, sighting) -> bool:
    occurrence = sighting.occurrences.first()
    form = {"unsettled": "on", "reason": "Too blurred to tell."}
    by_page = client.post(reverse("rule", args=[occurrence.pk]), form)
    ruled = Ruling.objects.filter(withdrawn_at=None).exists()
    said = {"occurrence": str(occurrence.pk), "taxon": None, "reason": "Too blurred to tell."}
    by_api = client.post("/api/v1/rulings", said, content_type="application/json")
    assert ruled == (by_api.status_code == 201), (by_page.status_code, by_api.content)
    assert Ruling.objects.exists() == ruled
    return ruled


def admin(client, sighting) -> bool:
    organism = sighting.occurrences.get()
    rows = {"photo": sighting.photos.get(), "observation": sighting, "occurrence": organism}
    found = set()
    for name, row in rows.items():
        answer = client.get(reverse(f"admin:species_{name}_changelist"))
        assert answer.status_code in (200, 302)
        listed = answer.status_code == 200 and str(row.pk) in answer.content.decode()
        opened = client.get(reverse(f"admin:species_{name}_change", args=[row.pk])).status_code == 200
        found |= {listed, opened}
    assert len(found) == 1
    return found == {True}


def history(client, sighting) -> bool:
    """Read by whoever may look at it."""
    return client.get(reverse("api-observation-history", args=[sighting.pk])).status_code == 200


DEEDS = {
    "look": look,
    "original": original,
    "exact place": exact_place,
    "edit": edit,
    "ruling": ruling,
    "admin": admin,
}


def test_the_page_speaks_of_every_kind_of_everybody_and_of_every_deed():
    assert list(TABLES) == KINDS
    for table in TABLES.values():
        assert list(table) == PEOPLE
        assert all(list(row) == list(DEEDS) for row in table.values())


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("kind", KINDS)
def test_the_tables(client, tree, people, make, kind, who, deed):
    sighting = make(kind)
    scope = access.observation_scope(sighting.pk)
    accounts.grant(user=people["colleague"], scope=scope, purpose="to compare spots", by=people["owner"])
    if people[who] is not None:
        client.force_login(people[who])
    assert DEEDS[deed](client, sighting) == TABLES[kind][who][deed]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("kind", KINDS)
def test_a_private_place_is_seen_by_the_same_people(client, people, make, kind, who):
    sighting = make(kind, privacy="private")
    for scope in ("all", access.observation_scope(sighting.pk)):
        accounts.grant(user=people["colleague"], scope=scope, purpose="to compare", by=people["admin"])
    if people[who] is not None:
        client.force_login(people[who])
    assert exact_place(client, sighting) == TABLES[kind][who]["exact place"]


def test_what_everybody_sees_may_be_cached(client, make):
    sighting = make("published")
    for address in (
        reverse("observation", args=[sighting.pk]),
        reverse("api-observation-detail", args=[sighting.pk]),
        reverse("photo_rendition", args=[sighting.photos.get().pk, 320]),
    ):
        assert "no-store" not in client.get(address).get("Cache-Control", "")


@pytest.mark.parametrize("name", ["upload", "my_uploads", "api-observation-list"])
def test_ones_own_lists_are_kept_by_no_cache(client, people, make, name):
    make("published"), make("draft")
    client.force_login(people["owner"])
    assert "no-store" in client.get(reverse(name))["Cache-Control"]


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
