"""Many drafts at once: photos joined and split, the same said of several, what is ready added; each undone."""

import re
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from labeling.actions import boxes, drafts, flags, tray
from labeling.forms.tray import ManyForm
from labeling.models import DraftWords, Flag, Identification
from species import ingest
from species.access import NotYours
from species.actions import observations, photos
from species.models import Observation, Photo, State
from tests import universe
from tests.labeling.browsing import guess, queries, read
from tests.labeling.test_drafts import keep, make
from tests.labeling.test_upload import SAID, TAKEN, refusal, save

NOT_SAID = {"place_source": "map_pin"}


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def two(alice) -> list[Observation]:
    return [make(alice, "one", 2), make(alice, "other", 2)]


def press(client, name, *args, follow=True, **data):
    return read(client.post(reverse(name, args=args), data, follow=follow))


def undo(client, page):
    [form] = [each for each in page.all("form") if "/upload/undo/" in each["action"]]
    return read(client.post(form["action"], follow=True))


def ids(rows) -> list[str]:
    return [str(each.pk) for each in rows]


def shape() -> list[int]:
    kept = Observation.objects.filter(discarded_at=None)
    return sorted(each.photos.count() for each in kept)


def version(draft) -> str:
    draft.refresh_from_db()
    return f"{draft.pk}:{draft.version}"


class TestArranging:
    def test_photos_become_one_sighting_and_undone_they_are_two_again(self, signed_in, two, tree):
        one, other = two
        save(signed_in, one, name="chub", note="By the weir.")
        page = press(signed_in, "arrange", photo=ids(other.photos.all()), draft=ids([one]), then="together")
        assert "One sighting now." in page.text and shape() == [4]
        assert one.photos.count() == 4, "the one of which somebody has said something stays"
        assert one.occurrences.get().photos.count() == 4
        page = undo(signed_in, page)
        assert "As it was." in page.text and shape() == [2, 2]
        assert one.occurrences.get().photos.count() == 2
        other.refresh_from_db()
        assert other.discarded_at is None

    def test_what_was_said_of_a_draft_that_is_left_empty_comes_back_with_its_photos(
        self, signed_in, two, tree
    ):
        one, other = two
        save(signed_in, other, name="chub", note="Of the other.")
        keep(signed_in, other, note="Typed since.")
        page = press(signed_in, "arrange", photo=ids(other.photos.all()), into=str(one.pk))
        assert one.photos.count() == 4
        assert "Typed since." not in read(signed_in.get(reverse("upload"))).text
        undo(signed_in, page)
        page = read(signed_in.get(refusal(other)))
        assert "Typed since." in page.text and "another window" not in page.text
        assert Identification.objects.get().occurrence.photos.count() == 2

    def test_a_photo_on_its_own_has_its_own_time_and_place(self, signed_in, alice):
        draft = observations.start(
            by=alice, note="Of the first.", latitude=47.0, longitude=11.0, place_source="map_pin"
        )
        for number in range(2):
            taken = TAKEN | {"taken_at": datetime(2015, 10, 10, 17, 10 + number), "latitude": 48.5}
            ingest.receive(
                data=universe.photo_bytes(f"n {number}", exif=taken), owner=alice, observation=draft
            )
        second = draft.photos.order_by("position")[1]
        page = press(signed_in, "arrange", photo=str(second.pk), then="apart")
        second.refresh_from_db()
        own = second.observation
        assert own.pk != draft.pk and own.note == ""
        assert (own.latitude, own.local_time.minute, own.place_source) == (48.5, 11, "exif")
        undo(signed_in, page)
        assert draft.photos.count() == 2 and shape() == [2]

    def test_one_of_several_that_are_all_taken_apart_stays(self, signed_in, two):
        one, _ = two
        press(signed_in, "arrange", draft=str(one.pk), then="apart")
        assert shape() == [1, 1, 2] and one.photos.count() == 1
        press(signed_in, "arrange", draft=str(one.pk), then="apart")
        assert shape() == [1, 1, 2], "pressed twice it is done once"

    def test_what_somebody_split_is_not_joined_again_by_its_time(self, signed_in, alice, two):
        one, _ = two
        photo = one.photos.first()
        press(signed_in, "arrange", photo=str(photo.pk), then="apart")
        photos.join(photos=Photo.objects.all(), by=alice)
        assert 1 in shape()

    def test_the_name_stays_on_the_photos_that_stay(self, signed_in, two, tree):
        one, _ = two
        save(signed_in, one, name="chub")
        occurrence, photo = one.occurrences.get(), one.photos.first()
        occurrence.photos.set([photo])
        press(signed_in, "arrange", photo=str(photo.pk), then="apart")
        assert occurrence.photos.count() == 1 and occurrence.photos.get().observation_id == one.pk

    def test_a_window_drawn_before_is_stale(self, signed_in, two):
        one, other = two
        seen = one.version
        press(signed_in, "arrange", photo=str(other.photos.first().pk), into=str(one.pk))
        save(signed_in, one, note="From before.", seen=seen)
        assert "changed in another window" in read(signed_in.get(refusal(one))).text

    def test_nothing_chosen_says_so(self, signed_in, two):
        assert "Choose photos first." in press(signed_in, "arrange", photo=["x"], then="together").text
        assert shape() == [2, 2]

    def test_of_drafts_of_ones_own_alone(self, alice, bob, two, signed_in):
        one, _ = two
        theirs, published = make(bob, "theirs"), universe.sighting(alice, seed="published")
        mine = one.photos.first().pk
        for moves in ({theirs.photos.get().pk: one.pk}, {mine: theirs.pk}, {uuid4(): one.pk}):
            with pytest.raises(NotYours):
                tray.arrange(moves=moves, by=alice)
        for moves in ({mine: published.pk}, {published.photos.get().pk: one.pk}):
            with pytest.raises(ValidationError):
                tray.arrange(moves=moves, by=alice)
        page = press(signed_in, "arrange", photo=str(mine), into=str(published.pk))
        assert "This sighting is published" in page.text
        assert published.photos.count() == 1 and theirs.photos.count() == 1

    def test_a_box_holds_a_photo_to_its_sighting(self, alice, two, tree, signed_in):
        one, other = two
        save(signed_in, one, name="chub")
        photo = one.photos.first()
        boxes.draw(occurrence=one.occurrences.get(), photo=photo, by=alice, x=0, y=0, width=1, height=1)
        with pytest.raises(ValidationError, match="A box"):
            tray.arrange(moves={photo.pk: other.pk}, by=alice)

    def test_an_undo_is_for_the_last_act_and_once(self, signed_in, two):
        one, _ = two
        page = press(signed_in, "arrange", photo=str(one.photos.first().pk), then="apart")
        undo(signed_in, page)
        assert "too late" in undo(signed_in, page).text


class TestSayingItOfMany:
    def many(self, client, drafts, **said):
        return press(client, "set_for_many", shown=[version(each) for each in drafts], **NOT_SAID | said)

    def test_only_what_was_said_changes_and_undone_it_is_as_it_was(self, signed_in, two):
        one, other = two
        save(signed_in, one, note="By the weir.", latitude="48.3")
        before = list(Observation.objects.order_by("pk").values())
        page = self.many(signed_in, two, privacy="open", licence="CC0-1.0", train="no")
        assert "Said of 2 sightings." in page.text
        one.refresh_from_db()
        assert (one.privacy, one.note, one.latitude, one.place_source) == (
            "open",
            "By the weir.",
            48.3,
            "map_pin",
        )
        assert set(Photo.objects.values_list("licence", flat=True)) == {"CC0-1.0"}
        for photo in Photo.objects.all():
            allowed = photo.consents.filter(superseded_at=None, granted=True)
            assert {each.purpose for each in allowed} == {"show", "research"}
        undo(signed_in, page)
        moving = ("version", "updated")
        after = [
            {name: value for name, value in row.items() if name not in moving}
            for row in Observation.objects.order_by("pk").values()
        ]
        assert after == [{n: v for n, v in row.items() if n not in moving} for row in before]
        assert set(Photo.objects.values_list("licence", flat=True)) == {"CC-BY-4.0"}
        assert Photo.objects.first().consents.filter(superseded_at=None, granted=True).count() == 3

    def test_how_much_of_their_times_others_are_told(self, signed_in, two):
        page = self.many(signed_in, two, time_precision="month")
        assert set(Observation.objects.values_list("time_precision", "time_shown")) == {("month", "month")}
        undo(signed_in, page)
        assert set(Observation.objects.values_list("time_precision", "time_shown")) == {("exact", "exact")}

    def test_how_much_of_their_photos_others_see(self, signed_in, two):
        chosen = ("surroundings", "surroundings_shown")
        page = self.many(signed_in, two, surroundings="cropped")
        assert set(Observation.objects.values_list(*chosen)) == {("cropped", "cropped")}
        assert set(Photo.objects.values_list("shown_as", flat=True)) == {"softened"}, "there is no box yet"
        undo(signed_in, page)
        assert set(Observation.objects.values_list(*chosen)) == {("whole", "whole")}
        assert set(Photo.objects.values_list("shown_as", flat=True)) == {""}

    def test_a_day_keeps_each_hour(self, signed_in, alice, two):
        dayless = universe.sighting(alice, seed="dayless", published=False)
        self.many(signed_in, [*two, dayless], date="2015-10-09")
        two[0].refresh_from_db()
        dayless.refresh_from_db()
        assert two[0].local_time.isoformat() == "2015-10-09T17:07:31+02:00"
        assert (dayless.local_date, dayless.observed_at) == (date(2015, 10, 9), None)

    def test_a_place_is_that_of_those_that_are_ticked(self, signed_in, two):
        one, other = two
        place = {"latitude": "47,5", "longitude": "11.2", "place_source": "device", "place_name": "Weir pool"}
        self.many(signed_in, two, photo=str(one.photos.first().pk), **place)
        for each in two:
            each.refresh_from_db()
        assert (one.latitude, one.place_source, one.place.name) == (47.5, "device", "Weir pool")
        assert (other.latitude, other.place) == (48.1208, None)

    def test_a_stale_window_is_refused_for_that_draft_alone(self, signed_in, two):
        one, other = two
        stale = f"{one.pk}:{one.version}"
        save(signed_in, one, note="From another window.")
        page = press(signed_in, "set_for_many", shown=[stale, version(other)], date="2015-10-01", **NOT_SAID)
        assert "It was changed in another window" in page.text and "Said of 1 sighting." in page.text
        for each in two:
            each.refresh_from_db()
        assert [str(one.local_date), str(other.local_date)] == ["2015-10-10", "2015-10-01"]

    def test_words_that_wait_say_it_too(self, signed_in, two):
        one, _ = two
        keep(signed_in, one, note="Typed.", latitude="x")
        self.many(signed_in, two, latitude="47.5", longitude="11.2", date="2015-10-01")
        page = read(signed_in.get(refusal(one)))
        assert "Typed." in page.text and "another window" not in page.text
        words = DraftWords.objects.get()
        assert (words.typed["latitude"], words.typed["date"]) == (["47.5"], ["2015-10-01"])

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({}, "Say at least one thing"),
            ({"time": "12:00"}, "On which day was that?"),
            ({"latitude": "48"}, "A place needs both"),
            ({"latitude": "91", "longitude": "1"}, "less than or equal to 90"),
            ({"licence": "GPL"}, "Select a valid choice"),
            ({"date": "2999-01-01"}, "has not come yet"),
        ],
    )
    def test_bad_input_changes_nothing(self, signed_in, two, said, why):
        before = list(Observation.objects.order_by("pk").values())
        assert why in self.many(signed_in, two, **said).text
        assert list(Observation.objects.order_by("pk").values()) == before

    def test_what_one_draft_refuses_the_others_take(self, signed_in, two, alice):
        one, other = two
        photos.relicense(photo=one.photos.first(), licence="NONE", by=alice)
        page = self.many(signed_in, two, train="yes")
        assert "A photo without a licence is used nowhere else." in page.text
        assert "Said of 1 sighting." in page.text
        assert (
            one.photos.first().consents.filter(superseded_at=None, purpose="train", granted=True).count() == 0
        )

    def test_nobody_elses(self, client, bob, two):
        client.force_login(bob)
        self.many(client, two, date="2015-10-01")
        assert not Observation.objects.filter(local_date=date(2015, 10, 1)).exists()
        form = ManyForm({"date": "2015-10-01"} | NOT_SAID)
        assert form.is_valid()
        [outcome] = tray.set_for_many(chosen={two[0].pk: None}, by=bob, **form.arguments())
        assert outcome.refused


class TestAddingWhatIsReady:
    def test_in_one_press_the_others_stay_and_say_what_is_missing(self, signed_in, alice, two, tree):
        one, other = two
        lacking = universe.sighting(alice, seed="lacking", published=False)
        keep(signed_in, one, name="chub", note="Typed, not saved.")
        page = read(signed_in.get(reverse("upload")))
        assert "2 ready, 1 without a day" in page.text and "Needs a day and a place" in page.text
        ready = [each["value"] for each in page.all("input", name="ready")]
        assert {each.partition(":")[0] for each in ready} == {str(each.pk) for each in two}
        page = press(signed_in, "add_ready", ready=ready)
        assert "2 sightings added." in page.text
        assert list(Observation.objects.filter(state=State.DRAFT)) == [lacking]
        one.refresh_from_db()
        assert one.note == "Typed, not saved." and Identification.objects.get().taxon == tree["chub"]
        page = undo(signed_in, page)
        assert "2 sightings taken back: only you see them." in page.text
        assert Observation.objects.filter(state=State.DRAFT).count() == 3

    def test_one_that_another_window_changed_stays(self, signed_in, two):
        one, other = two
        ready = [version(each) for each in two]
        save(signed_in, one, note="From another window.")
        page = press(signed_in, "add_ready", ready=ready)
        assert "1 sighting added." in page.text and "changed in another window" in page.text
        one.refresh_from_db()
        assert one.state == State.DRAFT

    def test_pressed_twice_it_is_added_once(self, signed_in, two):
        ready = [version(each) for each in two]
        press(signed_in, "add_ready", ready=ready)
        page = press(signed_in, "add_ready", ready=ready)
        assert "sent or discarded in another window" in page.text
        assert Observation.objects.filter(state=State.PUBLISHED).count() == 2

    def test_words_that_are_wrong_are_not_ready(self, signed_in, two):
        keep(signed_in, two[0], latitude="x")
        page = read(signed_in.get(reverse("upload")))
        assert "1 ready, 1 to correct" in page.text
        press(signed_in, "add_ready", ready=[version(two[0])])
        two[0].refresh_from_db()
        assert two[0].state == State.DRAFT

    def test_nobody_elses(self, client, bob, two):
        client.force_login(bob)
        press(client, "add_ready", ready=[version(each) for each in two])
        assert not Observation.objects.filter(state=State.PUBLISHED).exists()


def test_the_page_of_forty_drafts_takes_no_more_queries_than_that_of_one(signed_in, alice):
    universe.sighting(alice, seed="first", published=False, size=(64, 32))
    one = queries(signed_in, reverse("upload"))
    for number in range(39):
        universe.sighting(alice, seed=number, published=False, size=(64, 32))
    assert queries(signed_in, reverse("upload")) == one <= 15


class TestAlike:
    def test_two_that_are_nearly_the_same_stand_side_by_side_until_both_are_kept(self, signed_in, alice):
        first = ingest.receive(data=universe.photo_bytes("same"), owner=alice, file_name="a.jpg").photo
        again = ingest.receive(
            data=universe.photo_bytes("same", format="PNG"), owner=alice, file_name="b.png"
        ).photo
        page = read(signed_in.get(reverse("upload")))
        assert "b.png is nearly the same as a.jpg ." in page.text.replace("a.jpg.", "a.jpg .")
        assert first.pk != again.pk
        page = press(signed_in, "keep_both", again.pk)
        assert "nearly the same" not in page.text and Photo.objects.count() == 2

    def test_or_one_is_dropped(self, signed_in, alice):
        for format in ("JPEG", "PNG"):
            again = ingest.receive(data=universe.photo_bytes("same", format=format), owner=alice).photo
        page = press(signed_in, "drop_photo", again.pk)
        assert "nearly the same" not in page.text and Photo.objects.kept().count() == 1

    def test_others_are_not(self, signed_in, alice, bob):
        for number in range(3):
            ingest.receive(data=universe.photo_bytes(f"n {number}"), owner=alice)
        ingest.receive(data=universe.photo_bytes("n 0", format="PNG"), owner=bob)
        assert "nearly the same" not in read(signed_in.get(reverse("upload"))).text


class TestDoubts:
    def sent(self, client, draft) -> list[Flag]:
        press(client, "add_ready", ready=[version(draft)])
        draft.refresh_from_db()
        assert draft.state == State.PUBLISHED, "nothing stops it"
        return list(Flag.objects.filter(photo__observation=draft, by=None))

    @pytest.mark.parametrize("format", ["JPEG", "PNG"])
    def test_somebody_elses_picture(self, signed_in, alice, bob, rita, client, format):
        universe.sighting(bob, seed="theirs")
        draft = ingest.receive(
            data=universe.photo_bytes("theirs 0", format=format), owner=alice, file_name="mine.jpg"
        ).photo.observation
        assert "somebody else shows here already" in read(signed_in.get(reverse("upload"))).text
        [flag] = self.sent(signed_in, draft)
        assert (flag.kind, flag.resolved_at) == ("rights", None)
        # It is nobody's answer, so it can be taken back; a reviewer deals with it.
        drafts.take_back(observation=draft, by=alice)
        drafts.send(observation=draft, by=alice)
        assert Flag.objects.count() == 1
        flags.resolve(flag=flag, by=rita)
        assert flag.resolved_by == rita

    def test_whichever_door_sends_it(self, signed_in, alice, bob):
        universe.sighting(bob, seed="theirs")
        photo = ingest.receive(data=universe.photo_bytes("theirs 0"), owner=alice).photo
        answer = signed_in.post(reverse("api-observation-publish", args=[photo.observation_id]))
        assert answer.status_code == 200
        assert Flag.objects.get().photo == photo

    def test_but_not_what_they_show_nobody(self, signed_in, alice, bob):
        universe.sighting(bob, seed="theirs", published=False)
        hidden = universe.sighting(bob, seed="hidden")
        photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=bob)
        for seed in ("theirs 0", "hidden 0"):
            draft = ingest.receive(data=universe.photo_bytes(seed), owner=alice).photo.observation
            assert "somebody else" not in read(signed_in.get(reverse("upload"))).text
            assert self.sent(signed_in, draft) == []

    @pytest.mark.parametrize(
        ("name", "format", "size", "exif", "is_one"),
        [
            ("Screenshot_2024.png", "PNG", (300, 600), None, True),
            ("Bildschirmfoto 1.png", "PNG", (300, 600), None, True),
            ("a.png", "PNG", (750, 1334), None, True),
            ("a.png", "PNG", (1334, 750), None, True),
            ("a.jpg", "JPEG", (750, 1334), None, False),
            ("a.png", "PNG", (800, 1334), None, False),
            ("Screenshot.jpg", "JPEG", (300, 600), {"camera": "Compact"}, False),
        ],
    )
    def test_a_screenshot(self, signed_in, alice, name, format, size, exif, is_one):
        data = universe.photo_bytes("screen", size, exif, format)
        draft = ingest.receive(data=data, owner=alice, file_name=name).photo.observation
        said = "looks like a picture of a screen" in read(signed_in.get(reverse("upload"))).text
        assert said == is_one
        assert [each.kind for each in self.sent(signed_in, draft)] == ["rights"] * is_one

    def test_a_place_or_a_day_that_the_photo_contradicts(self, signed_in, alice):
        near, far, later = make(alice, "near"), make(alice, "far"), make(alice, "later")
        save(signed_in, near, latitude="48.3")
        save(signed_in, far, latitude="50")
        save(signed_in, later, date="2015-10-13")
        page = read(signed_in.get(reverse("upload")))
        assert "far0.jpg was taken 209 km from here." in page.text
        assert "later0.jpg was taken on another day." in page.text and "near0.jpg was taken" not in page.text
        assert self.sent(signed_in, near) == []
        assert [each.kind for each in self.sent(signed_in, far)] == ["wrong_place"]
        assert [each.kind for each in self.sent(signed_in, later)] == ["wrong_place"]

    def test_a_doubt_about_the_zone_that_was_left_open(self, signed_in, alice):
        data = universe.photo_bytes("zone", exif=TAKEN | {"offset": "-08:00"})
        draft = ingest.receive(data=data, owner=alice).photo.observation
        assert [each.kind for each in self.sent(signed_in, draft)] == ["wrong_place"]


class TestWhatItSays:
    def test_where_it_comes_from_is_kept_with_a_name(self, signed_in, two, tree):
        one, other = two
        save(signed_in, one, name="chub", establishment_means="stocked", length_cm="43,5", method="Tape")
        save(signed_in, other, establishment_means="wild")
        occurrence = one.occurrences.get()
        assert occurrence.establishment_means == "stocked"
        measured = occurrence.measurements.get()
        assert (measured.value, measured.unit, measured.method) == (435, "mm", "Tape")
        assert not other.occurrences.exists(), "it is asked once there is a name"
        save(signed_in, one, "send", name="chub", establishment_means="stocked", length_cm="43,5")
        assert "Stocked" in read(signed_in.get(one.get_absolute_url())).text

    def test_only_words_of_the_subject(self, signed_in, two, tree):
        save(signed_in, two[0], name="chub", establishment_means="escaped")
        assert "Select a valid choice" in read(signed_in.get(refusal(two[0]))).text
        assert not Identification.objects.exists()

    def test_what_a_model_says_is_covered_until_one_has_spoken(self, signed_in, two, tree):
        one, _ = two
        guess(one.photos.order_by("position").first(), tree, ("chub", 0.9), ("bream", 0.1))
        page = read(signed_in.get(reverse("upload")))
        assert "is covered until you answer" in page.text and "0.900" not in page.text
        [link] = [each["href"] for each in page.all("a") if "show=" in (each["href"] or "")]
        assert "0.900" in read(signed_in.get(link)).text
        save(signed_in, one, name="bream")
        assert Identification.objects.get().model_on_screen, "it was shown before"
        assert "0.900" in read(signed_in.get(reverse("upload"))).text

    def test_why_there_is_no_place_is_said_where_it_is_missing(self, signed_in, alice):
        universe.sighting(alice, seed="nowhere", published=False)
        android = {"HTTP_USER_AGENT": "Mozilla/5.0 (Linux; Android 14)"}
        assert "Android’s photo picker" in read(signed_in.get(reverse("upload"), **android)).text
        page = read(signed_in.get(reverse("upload")))
        assert "Android" not in page.text and "is where you are now" in page.text
        assert re.search(r"Use my device’s place", page.text)


def test_forms_of_the_page_say_what_the_draft_does(signed_in, two):
    """Or a draft that nobody has touched would keep words of its own."""
    one, _ = two
    said = SAID | {"establishment_means": "", "length_cm": "", "method": ""}
    signed_in.post(reverse("keep_draft", args=[one.pk]), said)
    assert not DraftWords.objects.exists()


def test_what_models_say_of_many_drafts_costs_as_many_queries_as_of_one(signed_in, alice, tree):
    def named(seed: str) -> None:
        draft = make(alice, seed, 1)
        guess(draft.photos.get(), tree, ("chub", 0.6), ("brown_trout", 0.3))
        keep(signed_in, draft, taxon="chub")

    named("first")
    once = queries(signed_in, reverse("upload"))
    for seed in ("second", "third"):
        named(seed)
    assert queries(signed_in, reverse("upload")) == once
