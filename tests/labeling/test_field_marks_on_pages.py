"""Field marks on a sighting's page, in the labeling room and on the page of a name."""

import pytest
from django.urls import reverse

from labeling.actions import identifications
from labeling.models import FieldMark, ShownThread
from tests import universe
from tests.labeling.browsing import PEOPLE, as_person, get, queries, read
from tests.labeling.field_marking import BARE, FATTY, SLASH, TAIL, give_marks, point


@pytest.fixture
def marked(tree, ada):
    give_marks(tree, ada)
    return tree


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))


def say(occurrence, taxon, by):
    return identifications.add(occurrence=occurrence, taxon=taxon, by=by)


class TestTheSightingsPage:
    def test_what_people_point_at_is_numbered_and_said_beside(
        self, client, occurrence, photo, marked, bob, charlie
    ):
        point(occurrence, photo, bob, taxon=marked["cutthroat_trout"])
        point(occurrence, photo, charlie, taxon=marked["cutthroat_trout"], x=0.3)
        point(occurrence, photo, bob, "scar on the cheek")
        page = get(as_person(client, bob), "observation", occurrence.observation_id)
        entries = page.all("ol", class_="marks-inline")
        assert "cutthroat trout, you, Charlie" in page.text and "scar on the cheek" in page.text
        assert len(entries) == 1
        numbers = client.get(page_of(occurrence)).context["field_marks"]["points"]
        assert [(each["number"], each["x"]) for each in numbers] == [(1, 0.25), (1, 0.3), (2, 0.25)]
        assert all(0 < each["at_x"] < 1 and 0 < each["at_y"] < 1 for each in numbers)

    def test_the_marks_of_the_names_that_were_given_are_offered(
        self, client, occurrence, photo, marked, bob, charlie
    ):
        say(occurrence, marked["brown_trout"], charlie)
        page = get(as_person(client, bob), "observation", occurrence.observation_id)
        offered = [each.get("value") for each in page.all("option")]
        assert f"brown_trout|{BARE}" in offered and f"brown_trout|{FATTY}" in offered
        assert not any("cutthroat" in (each or "") for each in offered)

    def test_pointed_and_taken_back_by_form(self, client, occurrence, photo, marked, bob, charlie):
        form = {"mark": f"cutthroat_trout|{SLASH}", "words": "", "x": "25", "y": "50.5", "part": ""}
        answer = as_person(client, bob).post(reverse("point", args=[photo.pk]), form)
        assert answer.status_code == 302 and answer["Location"].endswith(f"?photo={photo.pk}#marks")
        row = FieldMark.objects.get()
        assert (row.taxon, row.mark, row.x, row.y) == (marked["cutthroat_trout"], SLASH, 0.25, 0.505)
        assert (
            as_person(client, charlie).post(reverse("withdraw_field_mark", args=[row.pk])).status_code == 403
        )
        as_person(client, bob).post(reverse("withdraw_field_mark", args=[row.pk]))
        row.refresh_from_db()
        assert row.withdrawn_at is not None

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"x": ""}, "Press on the photo where it is"),
            ({"x": "101"}, "A point lies on the photo"),
            ({"words": ""}, "Choose a mark above"),
            ({"words": "", "mark": "brown_trout|nothing like it"}, "Brown trout has no such field mark"),
            ({"words": "", "mark": "gone|a"}, "not listed any more"),
            ({"part": "0.1 0.1 0.5 0.5"}, "The picture has changed"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_typed_is_gone(
        self, client, occurrence, photo, marked, bob, wrong, says
    ):
        form = {"mark": "", "words": "scar on the cheek", "x": "25", "y": "50", "part": ""} | wrong
        answer = as_person(client, bob).post(reverse("point", args=[photo.pk]), form)
        assert answer.status_code == 400 and not FieldMark.objects.exists()
        page = read(answer)
        assert says in page.text
        kept = {each.get("name"): each.get("value") for each in page.all("input")}
        assert kept["words"] == (form["words"] or None) and kept["y"] == "50"

    def test_who_may(self, client, occurrence, photo, people):
        form = {"words": "scar", "x": "25", "y": "50", "part": ""}
        for name, person in people.items():
            before = FieldMark.objects.count()
            as_person(client, person).post(reverse("point", args=[photo.pk]), form)
            assert (FieldMark.objects.count() > before) == (name != "anonymous"), name
        FieldMark.objects.all().delete()
        universe.take_everything_back()
        for name, person in people.items():
            before = FieldMark.objects.count()
            answer = as_person(client, person).post(reverse("point", args=[photo.pk]), form)
            assert (FieldMark.objects.count() > before) == (name == "owner"), (name, answer)

    def test_scripts_in_words_are_words(self, client, occurrence, photo, bob):
        point(occurrence, photo, bob, "<script>alert(1)</script>")
        answer = as_person(client, bob).get(page_of(occurrence))
        assert b"<script>alert(1)" not in answer.content and b"&lt;script&gt;alert(1)" in answer.content

    def test_who_read_them_has_seen_what_others_say(self, client, occurrence, photo, bob, charlie, tree):
        point(occurrence, photo, charlie)
        as_person(client, bob).get(page_of(occurrence))
        client.post(
            reverse("identify", args=[occurrence.pk]), {"name": "Salmo trutta", "confidence": "likely"}
        )
        assert occurrence.identifications.get(person=bob).others_on_screen is True

    def test_ones_own_are_not_what_others_say(self, client, occurrence, photo, bob, tree):
        point(occurrence, photo, bob)
        as_person(client, bob).get(page_of(occurrence))
        client.post(
            reverse("identify", args=[occurrence.pk]), {"name": "Salmo trutta", "confidence": "likely"}
        )
        assert occurrence.identifications.get(person=bob).others_on_screen is False

    def test_the_number_of_queries_does_not_grow(self, client, occurrence, photo, marked, bob, charlie, rita):
        say(occurrence, marked["brown_trout"], charlie)
        address = page_of(occurrence)
        point(occurrence, photo, bob)
        one = queries(as_person(client, bob), address)
        for number in range(8):
            point(occurrence, photo, rita, f"spot {number}")
        say(occurrence, marked["cutthroat_trout"], rita)
        assert queries(client, address) <= one <= 15


class TestWhereToLookNext:
    def said(self, client, occurrence) -> str:
        [section] = client.get(page_of(occurrence)).context["sections"]
        page = get(client, "observation", occurrence.observation_id)
        assert section["look_next"] in page.text
        return section["look_next"]

    def test_which_photo_would_settle_it(self, client, occurrence, photo, marked, bob, charlie):
        assert self.said(client, occurrence) == ""
        say(occurrence, marked["cutthroat_trout"], bob)
        assert self.said(client, occurrence) == "A photo of the jaw from below would help."
        say(occurrence, marked["brown_trout"], charlie)
        assert self.said(client, occurrence) == f"A photo of {TAIL} would settle it."
        point(occurrence, photo, bob, BARE, taxon=marked["brown_trout"])
        assert self.said(client, occurrence) == "A photo of the jaw from below would settle it."

    def test_nothing_once_it_has_a_name(self, client, occurrence, marked, bob, charlie):
        for person in (bob, charlie):
            say(occurrence, marked["brown_trout"], person)
        assert self.said(client, occurrence) == ""


class TestTheRoom:
    def press(self, client, occurrence, photo, then="point_open", **more):
        form = {
            "occurrence": str(occurrence.pk),
            "photo": str(photo.pk),
            "then": then,
            "seen": "",
            "note": "typed",
        }
        form |= {"point-mark": "", "point-words": "", "point-x": "", "point-y": "", "point-part": ""}
        return client.post(reverse("label"), form | more)

    def test_it_is_away_until_it_is_asked_for(self, client, occurrence, photo, bob, charlie):
        point(occurrence, photo, charlie)
        answer = as_person(client, bob).get(reverse("label"))
        assert answer.context["pointing"] is None
        assert "red slash" not in answer.content.decode()

    def test_pointing_keeps_what_is_typed(self, client, occurrence, photo, marked, bob):
        as_person(client, bob)
        opened = self.press(client, occurrence, photo, name="cutthroat trout")
        assert f"cutthroat_trout|{SLASH}" in opened.content.decode()
        given = {"point-mark": f"cutthroat_trout|{SLASH}", "point-x": "25", "point-y": "50"}
        kept = read(self.press(client, occurrence, photo, "point", name="cutthroat trout", **given))
        row = FieldMark.objects.get()
        assert (row.person, row.taxon, row.x) == (bob, marked["cutthroat_trout"], 0.25)
        assert "typed" in kept.text or any(
            each.get("value") == "cutthroat trout" for each in kept.all("input")
        )
        self.press(client, occurrence, photo, "save", unpoint=str(row.pk))
        row.refresh_from_db()
        assert row.withdrawn_at is not None and not occurrence.identifications.exists()

    def test_a_wrong_one_comes_back_with_what_is_wrong(self, client, occurrence, photo, bob):
        answer = self.press(as_person(client, bob), occurrence, photo, "point", **{"point-words": "scar"})
        assert answer.status_code == 400
        assert "Press on the photo where it is" in answer.content.decode()

    def test_others_are_covered_until_asked_for_and_that_is_on_record(
        self, client, occurrence, photo, bob, charlie
    ):
        point(occurrence, photo, charlie)
        as_person(client, bob)
        assert SLASH not in self.press(client, occurrence, photo).content.decode()
        assert not ShownThread.objects.exists()
        assert SLASH in self.press(client, occurrence, photo, "point_others").content.decode()
        assert ShownThread.objects.filter(person=bob, occurrence=occurrence).exists()

    def test_nobody_takes_anothers_back(self, client, occurrence, photo, bob, charlie):
        row = point(occurrence, photo, charlie)
        self.press(as_person(client, bob), occurrence, photo, unpoint=str(row.pk))
        row.refresh_from_db()
        assert row.withdrawn_at is None


class TestThePageOfAName:
    @pytest.fixture
    def verified(self, occurrence, photo, marked, bob, charlie):
        for person in (bob, charlie):
            say(occurrence, marked["cutthroat_trout"], person)
        return occurrence

    def test_its_marks_in_words_and_those_above_it(self, client, marked):
        page = get(client, "taxon", "cutthroat_trout")
        assert SLASH in page.text and FATTY in page.text and BARE not in page.text
        assert "Field marks" not in get(client, "taxon", "chub").text

    def test_with_the_best_example_around_the_point(self, client, verified, photo, marked, bob, charlie):
        other = verified.photos.order_by("position").last()
        for person in (bob, charlie):
            point(verified, photo, person, taxon=marked["cutthroat_trout"], x=0.9, y=0.1)
        point(verified, other, bob, taxon=marked["cutthroat_trout"])
        answer = client.get(reverse("taxon_marks", args=["cutthroat_trout"]))
        example = next(each for each in answer.context["examples"] if each["mark"] == SLASH)
        width, height = photo.rendition_size(1008)
        left, top, side, _ = map(int, example["crop"]["view"].split())
        assert str(photo.pk) in example["crop"]["src"]
        assert (left, top, side) == (width - side, 0, round(height * 0.6))
        assert [each["crop"] for each in answer.context["examples"] if each["mark"] != SLASH] == [None, None]

    def test_only_of_what_is_verified_and_shown(self, client, occurrence, photo, marked, bob, charlie):
        def crops() -> list:
            answer = client.get(reverse("taxon_marks", args=["cutthroat_trout"]))
            return [each for each in answer.context["examples"] if each["crop"]]

        point(occurrence, photo, bob, taxon=marked["cutthroat_trout"])
        say(occurrence, marked["cutthroat_trout"], bob)
        assert crops() == []
        say(occurrence, marked["cutthroat_trout"], charlie)
        assert len(crops()) == 1
        universe.take_everything_back()
        assert crops() == []

    def test_few_queries(self, client, verified, photo, marked, bob):
        point(verified, photo, bob, taxon=marked["cutthroat_trout"])
        assert queries(client, reverse("taxon_marks", args=["cutthroat_trout"])) <= 6


def page_of(occurrence) -> str:
    return reverse("observation", args=[occurrence.observation_id])
