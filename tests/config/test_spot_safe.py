"""Where a place is not open, others see as much of its photos as its observer chose: at every door that gives pictures.

The photo is striped in red and blue around its box and green within. Whoever may see the exact place sees the red, at
addresses of their own; nobody else finds any of it, whatever they ask, before and after the pictures for others are.
"""

import io
import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts import actions as accounts
from jobs import worker
from labeling.actions import boxes, identifications, rulings
from species import access, ingest, tasks
from species.actions import observations, partings, photos, published
from species.images.decode import SIZES
from species.images.surroundings import pixels
from species.models import Observation, Photo
from tests import universe
from tests.problems import refusals
from tests.species.images.pictures import encoded

PLACE = {"latitude": 47.26812, "longitude": 11.39325, "uncertainty_m": 8, "place_source": "map_pin"}
BOX = {"x": 0.4, "y": 0.25, "width": 0.2, "height": 0.5}
AROUND, WITHIN = (230, 20, 20), (20, 200, 60)
STRIPE = 10  # pixels: told apart at 320, and not in what is softened
MAY = ("alice", "bob", "rita", "ada")
WIDTH, HEIGHT = 900, 600


def picture(seed: int = 0) -> bytes:
    drawn = Image.new("RGB", (WIDTH, HEIGHT), (20, 20, 230 - seed))
    for left in range(0, WIDTH, 2 * STRIPE):
        drawn.paste(AROUND, (left, 0, left + STRIPE, HEIGHT))
    drawn.paste(WITHIN, pixels("cropped", tuple(BOX.values()), WIDTH, HEIGHT))
    return encoded(drawn, "PNG")


@pytest.fixture
def people(alice, bob, charlie, rita, ada):
    return {"alice": alice, "bob": bob, "charlie": charlie, "rita": rita, "ada": ada, "nobody": None}


@pytest.fixture
def make(people, tree):
    """A published sighting of Alice's on which Bob holds a grant; with `boxed` she has drawn a box."""

    def make(
        surroundings: str, privacy: str = "generalized", boxed: bool = True, seed: int = 0
    ) -> Observation:
        alice = people["alice"]
        sighting = observations.start(by=alice, privacy=privacy, surroundings=surroundings, **PLACE)
        ingest.receive(data=picture(seed), owner=alice, observation=sighting, file_name="bridge.png")
        observations.publish(observation=sighting, by=alice)
        occurrence = sighting.occurrences.get()
        if boxed:
            boxes.draw(occurrence=occurrence, photo=sighting.photos.get(), by=alice, **BOX)
        scope = access.observation_scope(sighting.pk)
        accounts.grant(user=people["bob"], scope=scope, purpose="a study", by=people["ada"])
        sighting.refresh_from_db()
        return sighting

    return make


def render() -> int:
    """What a worker does at its next sweep; how many jobs that were."""
    tasks.find_photos_to_render()
    return worker.run_due()


def client_of(person) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def red(data: bytes) -> bool:
    """Whether anything of what is around stands in a picture as it does in the photo."""
    return bool((abs(opened(data) - AROUND).max(axis=2) < 60).any())


def public(photo: Photo, size: int = 1008) -> str:
    return reverse("photo_rendition", args=[photo.pk, size])


def whole(photo: Photo, size: int = 1008) -> str:
    return reverse("photo_whole", args=[photo.pk, size])


def pages(sighting: Observation) -> list[str]:
    occurrence, photo = sighting.occurrences.get(), sighting.photos.get()
    return [
        reverse("observation", args=[sighting.pk]),
        reverse("gallery"),
        reverse("home"),
        reverse("taxon", args=["brown_trout"]),
        reverse("explore_card") + f"?observation={sighting.pk}",
        reverse("api-observation-detail", args=[sighting.pk]),
        reverse("api-observation-list"),
        reverse("api-occurrence-detail", args=[occurrence.pk]),
        reverse("api-occurrence-list"),
        reverse("api-photo-detail", args=[photo.pk]),
        reverse("label") + f"?occurrence={occurrence.pk}",
        reverse("site_config"),
    ]


def pictures_in(client: Client, sighting: Observation) -> Iterator[tuple[str, int, bytes]]:
    """Every address under the photo's that any page or answer names, and that one could guess; what is there."""
    photo = sighting.photos.get()
    addresses = set()
    for page in pages(sighting):
        answer = client.get(page)
        assert answer.status_code in (200, 302), page
        addresses |= set(re.findall(rf"/photos/{photo.pk}[^\s\"'<>]*\.jpg", answer.content.decode()))
    for size in SIZES:
        addresses |= {public(photo, size), whole(photo, size)}
        addresses |= {f"/{photo.rendition_name(size)}", f"/files/{photo.rendition_name(size)}"}
        addresses |= {f"/photos/{photo.pk}/{photo.shown_as}/{size}.jpg", f"/photos/{photo.pk}-{size}.jpg"}
    addresses |= {reverse("photo_original", args=[photo.pk]), f"/{photo.original_name}"}
    addresses |= {
        reverse("photo_preview", args=[photo.pk, form]) for form in ("cropped", "softened", "whole")
    }
    for address in sorted(addresses):
        answer = client.get(address)
        yield address, answer.status_code, body(answer)


def seen(client: Client, sighting: Observation) -> dict[str, bool]:
    """Address to whether the red is there, of those that answer with a picture."""
    found = {}
    for address, status, data in pictures_in(client, sighting):
        if data[:2] == b"\xff\xd8" or data[:4] == b"\x89PNG":
            found[address] = red(data)
        else:
            assert status >= 300, address
    return found


@pytest.mark.parametrize(
    ("surroundings", "boxed", "privacy"),
    [("cropped", True, "generalized"), ("softened", True, "private"), ("cropped", False, "generalized")],
)
def test_who_sees_what(make, people, tree, surroundings, boxed, privacy):
    sighting = make(surroundings, privacy, boxed)
    rulings.rule(
        occurrence=sighting.occurrences.get(), taxon=tree["brown_trout"], reason="Seen.", by=people["rita"]
    )
    for made in (False, True):
        if made:
            assert render() == 1
        for name, person in people.items():
            found = seen(client_of(person), sighting)
            photo = sighting.photos.get()
            assert [each for size in SIZES for each in [public(photo, size)] if found[each]] == [], name
            shown = [address for address, there in found.items() if there]
            if name in MAY:
                assert {whole(photo, size) for size in SIZES} <= set(shown), name
            else:
                assert shown == [], name


def test_what_is_cropped_has_no_pixel_of_what_is_around(make):
    sighting = make("cropped")
    render()
    photo = sighting.photos.get()
    assert photo.public_rendition == "cropped"
    for size in SIZES:
        found = opened(body(client_of(None).get(public(photo, size))))
        assert found.shape[1::-1] == photo.rendition_size(size), (
            "as large as pages say, so that nothing jumps"
        )
        assert (abs(found - WITHIN) <= 4).all()


def test_the_old_address_answers_with_the_new_bytes_and_caches_ask_within_the_hour(make, people):
    sighting = make("whole")
    photo, client = sighting.photos.get(), client_of(None)
    before = client.get(public(photo))
    assert before.status_code == 200 and red(body(before))
    assert "max-age=3600" in before["Cache-Control"] and "immutable" not in before["Cache-Control"]
    asked = {"If-None-Match": before["ETag"]}
    again = client.get(public(photo), headers=asked)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", before["ETag"])
    published.edit(observation=sighting, by=people["alice"], described={"surroundings": "cropped"})
    waiting = client.get(public(photo), headers=asked)
    # Nothing of it is made yet, and what is there shows too much.
    assert (waiting.status_code, waiting["Retry-After"], waiting["Cache-Control"]) == (503, "10", "no-store")
    assert not red(waiting.content)
    render()
    after = client.get(public(photo), headers=asked)
    assert after.status_code == 200 and after["ETag"] != before["ETag"] and not red(body(after))
    assert after["Cache-Control"] == before["Cache-Control"]
    published.edit(observation=sighting, by=people["alice"], described={"surroundings": "whole"})
    assert red(body(client.get(public(photo), headers={"If-None-Match": after["ETag"]})))


def test_the_whole_is_private_and_asked_for_each_time(make, people):
    sighting = make("cropped")
    photo = sighting.photos.get()
    for name, person in people.items():
        client = client_of(person)
        answer = client.get(whole(photo))
        assert answer.status_code == (200 if name in MAY else 404), name
        if name in MAY:
            assert answer["Cache-Control"] == "private, no-cache"
            assert client.get(whole(photo), headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client_of(people["alice"]).get(whole(photo, 319)).status_code == 404


def test_a_grant_that_ended_ends_at_once(make, people):
    photo, client = make("cropped").photos.get(), client_of(people["bob"])
    answer = client.get(whole(photo))
    grant = people["bob"].grants.get()
    accounts.revoke(grant=grant, by=people["ada"])
    assert client.get(whole(photo), headers={"If-None-Match": answer["ETag"]}).status_code == 404


def test_a_strangers_box_around_everything_shows_nothing_more(make, people):
    sighting = make("cropped", boxed=False)
    photo = sighting.photos.get()
    everything = {"x": 0, "y": 0, "width": 1, "height": 1}
    for name in ("charlie", "rita", "ada", "bob"):
        boxes.draw(occurrence=sighting.occurrences.get(), photo=photo, by=people[name], **everything)
    render()
    photo.refresh_from_db()
    assert (photo.frame, photo.shown_as) == (None, "softened")
    assert not red(body(client_of(None).get(public(photo))))


class TestFollowing:
    """Whatever it follows from changes what others see at once, and never to more than is allowed then."""

    def others(self, sighting: Observation) -> tuple[int, bool]:
        answer = client_of(None).get(public(sighting.photos.get()))
        return answer.status_code, red(body(answer))

    def test_the_privacy(self, make, people):
        sighting = make("cropped", "open")
        assert self.others(sighting) == (200, True), "everybody knows the place"
        published.edit(observation=sighting, by=people["alice"], described={"privacy": "private"})
        assert self.others(sighting) == (503, False)
        render()
        assert self.others(sighting) == (200, False)
        published.edit(observation=sighting, by=people["alice"], described={"privacy": "open"})
        assert self.others(sighting) == (200, True)

    def test_a_protected_name_and_what_lifts_it(self, make, people, tree):
        sighting = make("softened", "open")
        identifications.add(
            occurrence=sighting.occurrences.get(), taxon=tree["bull_trout"], by=people["charlie"]
        )
        assert self.others(sighting) == (503, False)
        render()
        assert self.others(sighting) == (200, False)
        rulings.rule(
            occurrence=sighting.occurrences.get(), taxon=tree["chub"], reason="Scales.", by=people["rita"]
        )
        assert self.others(sighting) == (200, True)

    def test_the_box(self, make, people):
        sighting = make("cropped")
        render()
        photo, occurrence = sighting.photos.get(), sighting.occurrences.get()
        first = photo.shown_as
        smaller = BOX | {"height": 0.2}
        boxes.draw(occurrence=occurrence, photo=photo, by=people["alice"], **smaller)
        assert self.others(sighting)[0] == 503
        render()
        photo.refresh_from_db()
        assert photo.shown_as != first and photo.rendition_size(2016) == (216, 144)
        assert client_of(None).get(public(photo, 2016)).status_code == 200
        boxes.withdraw(box=occurrence.boxes.get(withdrawn_at=None), by=people["alice"])
        photo.refresh_from_db()
        assert photo.shown_as == "softened" and self.others(sighting)[0] == 503

    def test_an_undone_edit(self, make, people):
        sighting = make("cropped")
        edit = published.edit(observation=sighting, by=people["alice"], described={"surroundings": "whole"})
        assert (edit.before, edit.after) == ({"surroundings": "cropped"}, {"surroundings": "whole"})
        assert self.others(sighting) == (200, True)
        published.undo(edit=edit, by=people["alice"])
        sighting.refresh_from_db()
        assert sighting.surroundings_shown == "cropped" and not self.others(sighting)[1]

    def test_a_photo_that_comes_and_one_that_leaves(self, make, people):
        sighting = make("softened")
        added = ingest.receive(data=picture(7), owner=people["alice"], observation=sighting).photo
        assert client_of(None).get(public(added)).status_code == 503
        render()
        new = partings.split(photo=added, by=people["alice"])
        assert (new.surroundings, new.surroundings_shown) == ("softened", "softened")
        assert not red(body(client_of(None).get(public(added))))

    def test_a_hidden_photo_is_hidden_and_shown_again_as_before(self, make, people):
        sighting = make("cropped")
        render()
        photo = sighting.photos.get()
        photos.say(photo=photo, purpose="show", granted=False, by=people["alice"])
        assert client_of(people["charlie"]).get(public(photo)).status_code == 404
        own = client_of(people["alice"]).get(public(photo))
        # Nobody else sees it, so its owner sees it there, too, and no cache keeps that for the time after.
        assert red(body(own)) and own["Cache-Control"] == "private, no-cache"
        photos.say(photo=photo, purpose="show", granted=True, by=people["alice"])
        assert self.others(sighting) == (200, False)


class TestDrafts:
    def test_it_is_made_before_it_is_sent(self, alice):
        draft = observations.start(by=alice, surroundings="softened", **PLACE)
        photo = ingest.receive(data=picture(), owner=alice, observation=draft).photo
        assert render() == 1
        observations.publish(observation=draft, by=alice)
        answer = client_of(None).get(public(photo))
        assert answer.status_code == 200 and not red(body(answer))

    def test_a_new_sighting_begins_with_what_the_account_says(self, alice):
        assert observations.start(by=alice).surroundings == "whole", "nobody is changed unasked"
        alice.surroundings = "cropped"
        alice.save()
        assert observations.start(by=alice).surroundings == "cropped"

    def test_without_a_place_it_is_kept_too(self, alice):
        """Nobody said where, so the picture would be all that tells."""
        sighting = universe.sighting(alice, surroundings="softened")
        assert sighting.place_shown == "" and sighting.surroundings_shown == "softened"
        assert sighting.photos.get().shown_as == "softened"


class TestPreview:
    def test_its_owner_sees_what_others_would(self, alice):
        draft = observations.start(by=alice, **PLACE)
        photo = ingest.receive(data=picture(), owner=alice, observation=draft).photo
        client = client_of(alice)
        soft = client.get(reverse("photo_preview", args=[photo.pk, "softened"]))
        assert (
            soft.status_code == 200 and soft["Cache-Control"] == "private, no-store" and not red(soft.content)
        )
        assert client.get(reverse("photo_preview", args=[photo.pk, "whole"])).status_code == 404
        observations.publish(observation=draft, by=alice)
        boxes.draw(occurrence=draft.occurrences.get(), photo=photo, by=alice, **BOX)
        cropped = client.get(reverse("photo_preview", args=[photo.pk, "cropped"]))
        assert (abs(opened(cropped.content) - WITHIN) <= 4).all()

    def test_nobody_else_has_one(self, make, people):
        photo = make("whole").photos.get()
        address = reverse("photo_preview", args=[photo.pk, "softened"])
        codes = {name: client_of(person).get(address).status_code for name, person in people.items()}
        assert codes == {"alice": 200, "bob": 404, "charlie": 404, "rita": 404, "ada": 200, "nobody": 302}

    def test_while_no_photo_can_be_opened_it_says_so(self, make, people, request):
        photo = make("whole").photos.get()
        request.getfixturevalue("no_decoder")
        answer = client_of(people["alice"]).get(reverse("photo_preview", args=[photo.pk, "softened"]))
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")


class TestTheApi:
    def test_it_takes_and_returns_it(self, make, people):
        sighting = make("whole")
        client, address = client_of(people["alice"]), reverse("api-observation-detail", args=[sighting.pk])
        for choice in ("cropped", "softened", "whole"):
            row = client.put(address, {"surroundings": choice}, content_type="application/json").json()
            assert (row["surroundings"], row["photos"][0]["public_rendition"]) == (choice, choice)
            back = client.put(address, client.get(address).json(), content_type="application/json")
            assert back.status_code == 200, "what a GET gives may be sent back"
        refused = client.put(address, {"surroundings": "blurred"}, content_type="application/json")
        assert "surroundings" in refusals(refused)
        for name in ("bob", "charlie", "rita"):
            other = client_of(people[name])
            answer = other.put(address, {"surroundings": "cropped"}, content_type="application/json")
            assert answer.status_code == 404, name

    def test_it_names_the_addresses_that_the_asker_may_see(self, make, people):
        sighting = make("cropped")
        photo = sighting.photos.get()
        part = {"x": 0.38, "y": 0.2, "width": 0.24, "height": 0.6}
        for door in ("api-photo-detail", "api-observation-detail"):
            for name, person in people.items():
                pk = photo.pk if "photo" in door else sighting.pk
                row = client_of(person).get(reverse(door, args=[pk])).json()
                row = row if "photo" in door else row["photos"][0]
                assert row["renditions"]["1008"] == f"http://testserver{public(photo)}"
                assert row["public_rendition"] == "cropped"
                assert row["shown_part"] == pytest.approx(part, abs=0.002)
                mine = row["whole_renditions"]
                assert (mine and mine["1008"]) == (
                    f"http://testserver{whole(photo)}" if name in MAY else None
                )

    def test_of_a_whole_photo_both_are_one(self, make, people):
        sighting = make("whole")
        row = (
            client_of(people["alice"])
            .get(reverse("api-photo-detail", args=[sighting.photos.get().pk]))
            .json()
        )
        assert row["whole_renditions"] == row["renditions"] and row["shown_part"] is None


def test_a_link_to_it_gives_programs_no_more(make, people, monkeypatch):
    """Home reads a photo of this very site from its store, and lets whoever asks keep it."""
    pytest.importorskip("ml.photo_requests")
    from django.test import RequestFactory  # noqa: PLC0415

    from ml import photo_requests  # noqa: PLC0415

    photo = make("cropped").photos.get()
    request = RequestFactory().get("/", headers={"host": "testserver"})
    address = f"http://testserver{public(photo)}"
    with pytest.raises(photo_requests.Refused):
        photo_requests._own(request, address)
    render()
    assert not red(photo_requests._own(request, address))


def test_marks_lie_where_the_organism_is_on_what_is_shown(make, people):
    sighting = make("cropped")
    address = reverse("observation", args=[sighting.pk])
    owner = client_of(people["alice"]).get(address).context
    others = client_of(people["charlie"]).get(address).context
    assert owner["marks"][0]["box"] == pytest.approx(BOX)
    # The box with a tenth of air around it is the picture.
    twelfth = 1 / 12
    expected = {"x": twelfth, "y": twelfth, "width": 10 * twelfth, "height": 10 * twelfth}
    assert others["marks"][0]["box"] == pytest.approx(expected, abs=0.01)
    assert owner["photo"]["src"] == whole(sighting.photos.get(), 2016)
    assert others["photo"]["src"] == public(sighting.photos.get(), 2016)
    assert owner["others_see"] == "Others see it cropped to its box."
    assert "could give the place away" in others["others_see"]


def test_of_other_organisms_boxes_outside_nothing_is_marked(make, people):
    sighting = make("cropped")
    corner = {"x": 0, "y": 0, "width": 0.1, "height": 0.1}
    boxes.draw(occurrence=sighting.occurrences.get(), photo=sighting.photos.get(), by=people["bob"], **corner)
    address = reverse("observation", args=[sighting.pk])
    assert client_of(people["charlie"]).get(address).context["marks"] == []


def test_a_photo_that_cannot_be_opened_is_shown_to_nobody_and_not_tried_for_ever(make):
    photo = make("cropped").photos.get()
    default_storage.delete(photo.original_name)
    assert render() == 1
    assert client_of(None).get(public(photo)).status_code == 404
    assert render() == 0


def test_what_was_made_before_goes_with_what_is_made_now(make, people):
    sighting = make("cropped")
    render()
    photo = sighting.photos.get()
    names = [photo.rendition_name(size, photo.shown_as) for size in SIZES]
    assert all(map(default_storage.exists, names))
    published.edit(observation=sighting, by=people["alice"], described={"surroundings": "whole"})
    render()
    assert not any(map(default_storage.exists, names))
    assert all(default_storage.exists(photo.rendition_name(size)) for size in SIZES)


def test_json_of_the_history_says_it(make, people):
    sighting = make("whole")
    published.edit(observation=sighting, by=people["alice"], described={"surroundings": "softened"})
    for person in (None, people["charlie"]):
        history = client_of(person).get(reverse("api-observation-history", args=[sighting.pk])).json()
        assert history["results"][-1]["after"] == {"surroundings": "softened"}, json.dumps(history)
        page = client_of(person).get(reverse("observation", args=[sighting.pk])).content.decode()
        assert "softened around its box" in page
