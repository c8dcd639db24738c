"""What others will see of one's photos: the choice, as a draft and after, the page that shows it, a box in numbers."""

import pytest
from django.urls import reverse

from labeling.actions import boxes
from labeling.models import Box, Region
from species.access import NotYours
from species.actions import observations, occurrences
from species.models import Observation, Photo
from tests import universe
from tests.labeling.browsing import queries, read
from tests.labeling.test_upload import save

PLACE = {"latitude": 47.9, "longitude": 13.8}
BOX = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}
FIELDS = {"left": "25", "top": "25", "wide": "50", "high": "50"}


@pytest.fixture
def draft(alice) -> Observation:
    return universe.sighting(alice, published=False, **PLACE)


@pytest.fixture
def mine(client, alice):
    client.force_login(alice)
    return client


def url(sighting) -> str:
    return reverse("as_others_see", args=[sighting.pk])


def post(client, sighting, expect=302, **said):
    photo = sighting.photos.first()
    answer = client.post(url(sighting), {"photo": photo.pk, "occurrence": "", **FIELDS, **said})
    assert answer.status_code == expect, answer.content[:1000]
    return answer


class TestTheChoice:
    def test_on_a_draft(self, mine, draft):
        page = read(mine.get(reverse("upload"), {"draft": draft.pk}))
        assert page.all("select", name="surroundings")
        assert page.all("a", href=url(draft))
        save(mine, draft, surroundings="softened")
        draft.refresh_from_db()
        assert (draft.surroundings, draft.surroundings_shown) == ("softened", "softened")
        assert draft.photos.get().shown_as == "softened"

    def test_after_publishing_it_is_a_row_of_the_history(self, mine, alice):
        sighting = universe.sighting(alice, **PLACE)
        address = reverse("edit_sighting", args=[sighting.pk])
        answer = mine.get(address)
        assert read(answer).all("select", name="surroundings")
        form = answer.context["form"]
        said = {name: form[name].value() for name in form.fields}
        said = {name: "" if value is None else value for name, value in said.items()}
        mine.post(address, said | {"seen": answer.context["version"], "surroundings": "cropped"})
        sighting.refresh_from_db()
        assert sighting.surroundings == "cropped"
        assert sighting.edits.get().after == {"surroundings": "cropped"}
        assert "What of the photo others see" in read(mine.get(sighting.get_absolute_url())).text

    def test_what_a_page_does_not_ask_stays_as_it_is(self, mine, draft, alice):
        observations.describe(observation=draft, by=alice, surroundings="cropped")
        save(mine, draft, surroundings="")
        draft.refresh_from_db()
        assert draft.surroundings == "cropped"


class TestThePage:
    def test_without_a_box_it_says_that_one_is_needed(self, mine, draft):
        page = read(mine.get(url(draft)))
        assert "There is no box around the" in page.text
        sources = [each.get("src") for each in page.all("img")]
        photo = draft.photos.get()
        assert reverse("photo_preview", args=[photo.pk, "softened"]) in sources
        assert reverse("photo_preview", args=[photo.pk, "cropped"]) not in sources

    def test_a_box_in_numbers_makes_a_crop_of_a_draft_that_has_no_name_yet(self, mine, draft, alice):
        post(mine, draft)
        photo = Photo.objects.get()
        assert photo.frame == [0.25, 0.25, 0.5, 0.5]
        assert draft.occurrences.count() == 1
        page = read(mine.get(url(draft)))
        assert reverse("photo_preview", args=[photo.pk, "cropped"]) in [
            each.get("src") for each in page.all("img")
        ]
        assert [each.get("value") for each in page.all("input", name="left")] == ["25"]
        # It is drawn anew, and the organism is the same one.
        post(mine, draft, left="0", occurrence=draft.occurrences.get().pk)
        assert Photo.objects.get().frame == [0, 0.25, 0.5, 0.5]
        assert (draft.occurrences.count(), Box.objects.filter(withdrawn_at=None).count()) == (1, 1)
        observations.publish(observation=draft, by=alice)
        assert draft.occurrences.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"left": "a lot"}, "Enter a number"),
            ({"wide": "80"}, "It ends outside of the photo: 75 % at most."),
            ({"high": "0"}, "greater than or equal to 0.1"),
            ({"top": "-1"}, "greater than or equal to 0"),
            ({"left": ""}, "required"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
        self, mine, draft, wrong, sentence
    ):
        page = read(post(mine, draft, expect=400, **wrong))
        assert sentence in page.text
        for name, value in (FIELDS | wrong).items():
            assert [each.get("value") or "" for each in page.all("input", name=name)] == [value]
        assert not Box.objects.exists()

    def test_of_another_photo_or_organism_it_is_refused(self, mine, draft, bob):
        other = universe.sighting(bob, seed="bob")
        post(mine, draft, expect=404, photo=other.photos.get().pk)
        post(mine, draft, expect=404, occurrence=other.occurrences.get().pk)
        post(mine, draft, expect=404, photo="no id")
        assert not Box.objects.exists()

    def test_who_may(self, client, alice, bob, charlie, rita, ada):
        sighting = universe.sighting(alice, **PLACE)
        seen, drawn = {}, {}
        for name, person in (
            ("alice", alice),
            ("bob", bob),
            ("charlie", charlie),
            ("rita", rita),
            ("ada", ada),
        ):
            client.force_login(person)
            seen[name] = client.get(url(sighting)).status_code
            drawn[name] = client.post(
                url(sighting), {"photo": sighting.photos.get().pk, **FIELDS}
            ).status_code
        client.logout()
        assert client.get(url(sighting)).status_code == 302
        assert seen == {"alice": 200, "bob": 404, "charlie": 404, "rita": 404, "ada": 200}
        # An admin's box would not count.
        assert drawn == {"alice": 302, "bob": 404, "charlie": 404, "rita": 404, "ada": 403}
        for person in (bob, charlie, rita, ada):
            with pytest.raises(NotYours):
                boxes.draw_own(sighting.photos.get(), None, by=person, **BOX)

    def test_it_says_what_others_see_now(self, mine, alice):
        sighting = universe.sighting(alice, surroundings="cropped", privacy="open", **PLACE)
        assert "Everybody sees the place as it is now" in read(mine.get(url(sighting))).text
        observations.describe(observation=sighting, by=alice, privacy="private")
        assert "this is what others see" in read(mine.get(url(sighting))).text

    def test_its_queries_do_not_grow_with_its_photos(self, mine, alice):
        one = universe.sighting(alice, seed="one", **PLACE)
        five = universe.sighting(alice, seed="five", photos=5, **PLACE)
        assert queries(mine, url(one)) == queries(mine, url(five)) <= 15


class TestWhichBoxCounts:
    def frame(self) -> list | None:
        return Photo.objects.get().frame

    def test_the_owners_and_nobody_elses_however_many_agree(self, alice, bob, charlie, tree):
        sighting = universe.sighting(alice)
        organism, photo = sighting.occurrences.get(), sighting.photos.get()
        for stranger in (bob, charlie):
            boxes.draw(occurrence=organism, photo=photo, by=stranger, x=0, y=0, width=1, height=1)
        assert Region.objects.get().width == 1 and self.frame() is None
        own = boxes.draw(occurrence=organism, photo=photo, by=alice, **BOX)
        assert self.frame() == [0.25, 0.25, 0.5, 0.5]
        boxes.withdraw(box=own, by=alice)
        assert Region.objects.exists() and self.frame() is None

    def test_of_an_import_the_one_of_who_ran_it(self, rita):
        _, sighting = universe.imported(rita)
        organism, photo = sighting.occurrences.get(), sighting.photos.get()
        boxes.draw(occurrence=organism, photo=photo, by=rita, **BOX)
        assert self.frame() == [0.25, 0.25, 0.5, 0.5]

    def test_of_two_organisms_what_holds_both(self, alice):
        sighting = universe.sighting(alice)
        photo = sighting.photos.get()
        first = sighting.occurrences.get()
        second = occurrences.add(observation=sighting, photos=[photo], by=alice)
        boxes.draw(occurrence=first, photo=photo, by=alice, x=0.1, y=0.1, width=0.2, height=0.2)
        boxes.draw(occurrence=second, photo=photo, by=alice, x=0.5, y=0.6, width=0.2, height=0.3)
        assert self.frame() == [0.1, 0.1, 0.6, 0.8]
