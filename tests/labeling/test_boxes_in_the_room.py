"""Boxes that come with an answer: in one act with it, taken back with it, and never lost by what is refused."""

from uuid import uuid4

import pytest
from django.urls import reverse

from labeling.actions import boxes, identifications
from labeling.models import AllBoxed, Box, Identification, Pass
from species.actions import occurrences
from species.models import Occurrence
from tests import universe
from tests.labeling.browsing import as_person, get, read
from tests.labeling.test_room import form_of

BOX = {"x": "25", "y": "12.5", "width": "50", "height": "40"}
WHOLE = {"x": 0, "y": 0, "width": 1, "height": 1}


def fields(photo, was: str = "", **box: str) -> dict[str, str]:
    return {f"box-{photo.pk}-{side}": value for side, value in ({"was": was} | BOX | box).items()}


def filled(page, photo) -> list[str]:
    return [page.all("input", name=f"box-{photo.pk}-{side}")[0].get("value") or "" for side in BOX]


def send(client, page, then: str = "save", **typed):
    return client.post(reverse("label"), form_of(page) | {"name": "chub"} | typed | {"then": then})


def standing() -> list[tuple[float, ...]]:
    return [(each.x, each.y, each.width, each.height) for each in Box.objects.filter(withdrawn_at=None)]


@pytest.fixture
def page(client, occurrence, bob):
    return get(as_person(client, bob), "label")


class TestWithAnAnswer:
    @pytest.mark.parametrize("then", ["save", "cannot", "skip"])
    def test_kept_with_it_and_taken_back_with_it(self, client, page, photo, then):
        answer = send(client, page, then, **fields(photo))
        assert answer.status_code == 302
        assert standing() == [(0.25, 0.125, 0.5, 0.4)]
        after = read(client.get(answer["Location"]))
        [drawn] = after.all("input", name="drawn")
        sent = {name: after.all("input", name=name)[0]["value"] for name in ("kind", "id", "occurrence")}
        back = client.post(reverse("label"), sent | {"then": "undo", "drawn": drawn["value"]})
        assert standing() == []
        again = read(client.get(back["Location"]))
        assert filled(again, photo) == ["25.0", "12.5", "50.0", "40.0"], "to go on from"
        assert not Identification.objects.filter(withdrawn_at=None).exists()
        assert not Pass.objects.filter(withdrawn_at=None).exists()
        # What was taken back is no box that stands: saved again it is drawn anew.
        was = again.all("input", name=f"box-{photo.pk}-was")[0].get("value") or ""
        send(client, again, then, **fields(photo, was))
        assert len(standing()) == 1

    def test_of_no_organism_there_is_none(self, client, page, photo):
        assert send(client, page, "not_subject", **fields(photo)).status_code == 302
        assert standing() == []

    def test_both_or_neither(self, client, page, photo, monkeypatch):
        def breaks(**_):
            raise RuntimeError

        monkeypatch.setattr(identifications, "add", breaks)
        with pytest.raises(RuntimeError):
            send(client, page, **fields(photo))
        assert standing() == []

    def test_a_refused_name_keeps_what_is_drawn(self, client, page, photo):
        answer = send(client, page, name="unicorn", **fields(photo))
        assert answer.status_code == 400 and standing() == []
        assert filled(read(answer), photo) == list(BOX.values())

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ({"x": "60"}, "A box lies within the photo"),
            ({"x": "-1"}, "A box lies within the photo"),
            ({"height": "0"}, "A box lies within the photo"),
            ({"width": ""}, "A box has four numbers"),
            ({"width": "wide"}, "Enter a number"),
            ({"y": "nan"}, "Enter a number"),
        ],
    )
    @pytest.mark.parametrize("then", ["save", "cannot", "box"])
    def test_wrong_numbers_are_refused_in_words_and_stay(self, client, page, photo, wrong, why, then):
        answer = send(client, page, then, note="The fins.", **fields(photo, **wrong))
        assert answer.status_code == 400
        refused = read(answer)
        assert why in refused.text and "The fins." in refused.text
        assert filled(refused, photo) == list((BOX | wrong).values())
        assert refused.all("input", name="name")[0]["value"] == "chub"
        assert not Identification.objects.exists() and standing() == []

    def test_the_whole_photo_within_what_is_rounded(self, client, page, photo):
        send(client, page, **fields(photo, x="33.333", y="0", width="66.667", height="100"))
        [(x, y, width, height)] = standing()
        assert x + width <= 1 and y + height <= 1

    def test_each_photo_has_its_own(self, client, page, photo, occurrence):
        other = occurrence.photos.order_by("position").last()
        send(client, page, **fields(photo), **fields(other, x="0"))
        assert {each.photo: each.x for each in Box.objects.all()} == {photo: 0.25, other: 0.0}

    def test_sent_twice_it_is_one(self, client, page, photo):
        for _ in range(2):
            answer = send(client, page, **fields(photo))
            assert answer.status_code == 302
        assert Box.objects.count() == Identification.objects.count() == 1

    def test_of_photos_that_one_does_not_see_nothing_is_taken(self, client, page, photo, alice):
        other = universe.sighting(alice, seed="elsewhere").photos.get()
        send(client, page, **fields(other))
        assert standing() == []


class TestAlone:
    def test_it_needs_no_name_and_the_same_is_asked_on(self, client, page, photo, occurrence):
        for _ in range(2):
            answer = send(client, page, "box", name="", **fields(photo))
            after = read(client.get(answer["Location"]))
            assert "Box saved." in after.text
            assert after.all("input", name="occurrence")[-1]["value"] == str(occurrence.pk)
            assert filled(after, photo) == ["25.0", "12.5", "50.0", "40.0"]
        assert Box.objects.count() == 1

    def test_emptied_it_is_taken_back(self, client, photo, occurrence, bob):
        boxes.draw(occurrence=occurrence, photo=photo, by=bob, **WHOLE)
        page = get(as_person(client, bob), "label")
        was = page.all("input", name=f"box-{photo.pk}-was")[0]["value"]
        answer = send(client, page, "box", **fields(photo, was, **dict.fromkeys(BOX, "")))
        assert answer.status_code == 302 and standing() == []

    def test_without_one_it_says_so_and_keeps_what_is_typed(self, client, page, photo):
        answer = send(client, page, "box", note="Spots.", **fields(photo, **dict.fromkeys(BOX, "")))
        assert answer.status_code == 400
        assert "Draw a box first." in read(answer).text and "Spots." in read(answer).text

    def test_a_tab_that_changed_nothing_says_nothing(self, client, page, photo, occurrence, bob):
        """It was opened before the box was drawn in another one."""
        boxes.draw(occurrence=occurrence, photo=photo, by=bob, **WHOLE)
        send(client, page, **fields(photo, **dict.fromkeys(BOX, "")))
        assert standing() == [(0, 0, 1, 1)]


class TestWhatIsShown:
    def test_ones_own_is_there_to_go_on_from_and_of_others_nothing(
        self, client, photo, occurrence, alice, bob, charlie
    ):
        boxes.draw(occurrence=occurrence, photo=photo, by=alice, **WHOLE)
        page = get(as_person(client, bob), "label")
        assert not page.all("rect", class_="box") and filled(page, photo) == [""] * 4
        boxes.draw(occurrence=occurrence, photo=photo, by=bob, x=0.1, y=0.2, width=0.3, height=0.4)
        assert filled(get(client, "label"), photo) == ["10.0", "20.0", "30.0", "40.0"]
        assert filled(get(as_person(client, charlie), "label"), photo) == [""] * 4

    def test_of_several_the_one_that_is_meant_is_pointed_out(self, client, photo, occurrence, alice, bob):
        boxes.draw(occurrence=occurrence, photo=photo, by=alice, x=0.1, y=0.1, width=0.2, height=0.2)
        second = occurrences.add(observation=occurrence.observation, photos=[photo], by=alice)
        page = get(as_person(client, bob), "label", occurrence=occurrence.pk, photo=photo.pk)
        assert "What is fish 1?" in page.text and page.all("rect", class_="box", x="10.00%")
        boxes.draw(occurrence=occurrence, photo=photo, by=bob, **WHOLE)
        page = get(client, "label", occurrence=second.pk, photo=photo.pk)
        assert "What is fish 2?" in page.text and not page.all("rect", class_="box")
        [mine] = page.all("li", **{"data-beside": str(photo.pk)})
        assert mine["data-name"] == "Fish 1" and mine["data-width"] == "100.0"


class TestAllBoxed:
    def test_said_with_the_box_that_is_drawn_and_taken_back(self, client, page, photo, bob):
        answer = send(client, page, "all_boxed", note="Spots.", **fields(photo))
        said = read(answer)
        assert answer.status_code == 200 and "Spots." in said.text and len(standing()) == 1
        [button] = said.all("button", value="not_all_boxed")
        assert button["aria-pressed"] == "true"
        assert AllBoxed.objects.get(withdrawn_at=None).person == bob
        assert send(client, said, "not_all_boxed").status_code == 200
        assert not AllBoxed.objects.filter(withdrawn_at=None).exists()

    def test_without_a_box_neither(self, client, page, photo):
        answer = send(client, page, "all_boxed")
        assert answer.status_code == 400
        assert "Not yet: one fish has no box on this photo." in read(answer).text
        wrong = send(client, page, "all_boxed", **fields(photo, x="99"))
        assert wrong.status_code == 400 and not AllBoxed.objects.exists() and standing() == []


class TestAnotherOne:
    def test_pressed_twice_it_is_one_and_nothing_typed_is_lost(self, client, page, photo, bob):
        id = page.all("input", name="another")[0]["value"]
        for _ in range(2):
            answer = send(client, page, "another", another=id, note="Spots.", **fields(photo))
            assert answer.status_code == 200
        after = read(answer)
        assert "What is fish 1?" in after.text and "Spots." in after.text
        assert filled(after, photo) == list(BOX.values())
        second = Occurrence.objects.get(pk=id)
        assert second.added_by == bob and list(second.photos.all()) == [photo] and standing() == []

    @pytest.mark.parametrize("who", ["alice", "bob", "charlie", "rita", "ada"])
    def test_who_takes_it_back(self, client, request, occurrence, photo, bob, who):
        added = occurrences.add(observation=occurrence.observation, photos=[photo], by=bob)
        person = request.getfixturevalue(who)
        answer = as_person(client, person).post(reverse("take_back_organism", args=[added.pk]))
        assert answer.status_code == (302 if who == "bob" else 403)
        assert Occurrence.objects.filter(pk=added.pk).exists() == (who != "bob")

    def test_not_once_somebody_has_said_something_of_it(self, client, occurrence, photo, tree, bob, charlie):
        added = occurrences.add(observation=occurrence.observation, photos=[photo], by=bob)
        identifications.add(occurrence=added, taxon=tree["chub"], by=charlie)
        answer = as_person(client, bob).post(reverse("take_back_organism", args=[added.pk]), follow=True)
        assert "Somebody has said something of it. It stays." in read(answer).text
        assert Occurrence.objects.filter(pk=added.pk).exists()
        assert client.post(reverse("take_back_organism", args=[uuid4()])).status_code == 404
