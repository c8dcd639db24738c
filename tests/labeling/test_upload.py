"""Adding photos: drafts that only their owner sees, what is said of them, and sending them."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from labeling.actions import drafts, identifications
from labeling.forms.drafts import DraftForm
from labeling.models import Identification
from labeling.queries import uploads as pages
from species.actions import observations
from species.images.decoder import TRY_AGAIN
from species.models import Observation, Photo, PlaceSource
from tests import universe
from tests.labeling.browsing import PEOPLE, as_person, queries, read
from tests.look.pages import Page

TAKEN = {
    "taken_at": datetime(2015, 10, 10, 17, 7, 31),
    "offset": "+02:00",
    "latitude": 48.1208,
    "longitude": 14.8672,
}
SAID = {
    "date": "2015-10-10",
    "time": "17:07:31",
    "utc_offset": "120",
    "latitude": "48.1208",
    "longitude": "14.8672",
    "privacy": "generalized",
    "licence": "CC-BY-4.0",
    "consents": ["show", "research", "train"],
}


def file(seed: object = 0, name: str = "IMG_1.JPG", **options) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, universe.photo_bytes(seed, **options), "image/jpg")


def broken(name: str = "half.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, universe.photo_bytes("half", size=(800, 600))[:3000], "image/jpeg")


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def draft(alice) -> Observation:
    """With one photo that says when and where."""
    observation = observations.start(by=alice)
    universe.ingest.receive(
        data=universe.photo_bytes("draft", exif=TAKEN),
        owner=alice,
        observation=observation,
        file_name="P1.JPG",
    )
    observation.refresh_from_db()
    return observation


def refusal(draft) -> str:
    return f"{reverse('upload')}?draft={draft.pk}"


def save(client, draft, then="save", **changes):
    data = {name: value for name, value in (SAID | changes).items() if value is not None}
    return client.post(reverse("draft", args=[draft.pk]), data | {"then": then})


LOS_ANGELES = {"latitude": 34.05, "longitude": -118.25}


@pytest.fixture
def draft_of(alice):
    """A draft made of one photo with this EXIF and XMP."""

    def make(xmp: bytes | None = None, **exif) -> Observation:
        data = universe.photo_bytes("clocked", exif=exif, xmp=xmp)
        return universe.ingest.receive(data=data, owner=alice).photo.observation

    return make


def answer(client, draft, then="save", **changes):
    """What the page's own form holds, sent with `changes`."""
    before = DraftForm(observation=pages.drafts(draft.observer).get(pk=draft.pk)).initial
    said = {name: "" if value is None else value for name, value in before.items()} | changes
    return client.post(reverse("draft", args=[draft.pk]), said | {"then": then})


class TestClocks:
    def test_the_satellites_clock_alone_shows_no_hour_and_asks_for_the_zone(self, signed_in, draft_of):
        draft = draft_of(satellites=datetime(2023, 5, 2), latitude=44.05, longitude=-121.3)
        text = read(signed_in.get(reverse("upload"))).text
        assert "1 May 2023" in text and "from the satellites’ clock" in text
        assert "The satellites’ clock says 00:00 UTC, and the file no zone." in text and "2 May" not in text
        assert answer(signed_in, draft, utc_offset="-420").status_code == 302
        draft.refresh_from_db()
        assert (draft.observed_text, draft.utc_offset) == ("2023-05-02T00:00:00Z", -420)
        assert (draft.local_date, draft.time_source) == (date(2023, 5, 1), "gps")
        text = read(signed_in.get(reverse("upload"))).text
        assert "1 May 2023, 17:00 -07:00" in text and "2 May" not in text

    def test_where_the_day_is_not_sure_either_it_is_not_said(self, signed_in, draft_of):
        draft = draft_of(satellites=datetime(2023, 5, 1, 23, 30), latitude=47.27, longitude=11.39)
        assert (draft.observed_at, draft.local_date, draft.time_source) == (None, None, "")
        text = read(signed_in.get(reverse("upload"))).text
        assert "No time yet" in text and "says 1 May 2023, 23:30 UTC, and the file no zone." in text
        answer(signed_in, draft, utc_offset="120")
        draft.refresh_from_db()
        assert (draft.local_time.isoformat(), draft.time_source) == ("2023-05-02T01:30:00+02:00", "gps")

    @pytest.mark.parametrize(
        "exif",
        [
            # left on UTC: the clocks agree, and so the zone is read as +00:00
            {"taken_at": datetime(2022, 5, 19, 3, 17, 57), "satellites": datetime(2022, 5, 19, 3, 17, 57)},
            # on the time of home, with or without satellites
            {"taken_at": datetime(2022, 5, 19, 5, 17, 57), "offset": "+02:00"},
            {"taken_at": datetime(2022, 5, 19, 5, 17, 57), "satellites": datetime(2022, 5, 19, 3, 17, 50)},
            # on UTC, though a zone of the place is written
            {
                "taken_at": datetime(2022, 5, 19, 3, 17, 57),
                "offset": "-07:00",
                "satellites": datetime(2022, 5, 19, 3, 17, 57),
            },
        ],
        ids=["utc", "home written", "home by satellites", "utc with a zone"],
    )
    def test_a_clock_of_another_place_is_a_doubt_with_two_answers(self, signed_in, draft_of, exif):
        draft = draft_of(**LOS_ANGELES, **exif)
        asked, before = "Which clock was that?", (draft.observed_text, draft.utc_offset, draft.local_date)
        page = read(signed_in.get(reverse("upload")))
        assert asked in page.text and "by the sun it is about −08:00 at this place" in page.text
        kinds = [each["value"] for each in page.all("input", name="clock")]
        assert kinds == ["kept", "utc" if exif.get("offset") == "-07:00" else "moved"]

        assert answer(signed_in, draft).status_code == 302, "it can stay open"
        draft.refresh_from_db()
        assert (draft.observed_text, draft.utc_offset, draft.local_date) == before

        assert answer(signed_in, draft, clock="kept").status_code == 302
        draft.refresh_from_db()
        assert (draft.observed_text, draft.utc_offset, draft.local_date) == before
        assert asked not in read(signed_in.get(reverse("upload"))).text

        observations.describe(observation=draft, by=draft.observer, zone_kept=False)
        assert answer(signed_in, draft, clock=kinds[1], utc_offset="")["Location"] == refusal(draft)
        assert answer(signed_in, draft, clock=kinds[1], utc_offset="-420").status_code == 302
        draft.refresh_from_db()
        assert (draft.observed_text, draft.utc_offset) == ("2022-05-19T03:17:57Z", -420)
        assert draft.local_date == date(2022, 5, 18)
        text = read(signed_in.get(reverse("upload"))).text
        assert "18 May 2022, 20:17 -07:00" in text and asked not in text

    def test_the_same_zone_is_no_answer_to_which_other_it_was(self, signed_in, draft_of):
        draft = draft_of(**LOS_ANGELES, taken_at=datetime(2022, 5, 19, 5, 17, 57), offset="+02:00")
        refused = answer(signed_in, draft, clock="moved")
        assert refused["Location"] == refusal(draft)
        refused = signed_in.get(refusal(draft))
        assert "Choose the hours from UTC that were kept there." in read(refused).text

    def test_a_place_pinned_later_brings_the_doubt(self, signed_in, draft_of):
        draft = draft_of(taken_at=datetime(2022, 5, 19, 5, 17, 57), offset="+02:00")
        assert "Which clock" not in read(signed_in.get(reverse("upload"))).text
        answer(signed_in, draft, latitude="34.05", longitude="-118.25")
        assert "Which clock" in read(signed_in.get(reverse("upload"))).text

    def test_what_xmp_says_is_read_and_named(self, signed_in, draft_of, client):
        draft = draft_of(xmp=XMP_ONLY)
        assert (draft.observed_text, draft.utc_offset) == ("2019-02-25T01:19:21Z", 180)
        assert (draft.latitude, draft.longitude) == (43.0764007, -79.0770035)
        assert (draft.time_source, draft.place_source) == ("xmp", "xmp")
        page = read(signed_in.get(reverse("upload")))
        assert page.text.count("from the photo’s XMP") == 2
        observations.publish(observation=draft, by=draft.observer)
        page = read(as_person(client, None).get(draft.get_absolute_url()))
        assert "from the photo’s XMP" in page.text

    def test_an_unknown_zone_is_in_no_text_of_the_page(self, signed_in, draft_of, client):
        draft = draft_of(taken_at=datetime(2024, 7, 21, 23, 39, 24), **LOS_ANGELES)
        observations.publish(observation=draft, by=draft.observer)
        answered = as_person(client, None).get(draft.get_absolute_url())
        page = read(answered)
        assert "21 Jul 2024, 23:39" in page.text and "zone not known" in page.text
        assert "2024-07-21T23:39:24" in [each["datetime"] for each in page.all("time")]
        assert "23:39:24Z" not in answered.content.decode() and "23:39:24+" not in answered.content.decode()


XMP_ONLY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" exif:GPSLatitude="43,4.58404N" '
    b'exif:GPSLongitude="79,4.62021W" photoshop:DateCreated="2019-02-25T04:19:21+03:00"/></rdf:RDF></x:xmpmeta>'
)


class TestThePlainForm:
    def test_photos_become_one_draft(self, signed_in, alice):
        photos = [file(1, exif=TAKEN), file(2, "IMG_2.JPG")]
        answer = signed_in.post(reverse("upload"), {"photos": photos, "together": "on"}, follow=True)
        draft = Observation.objects.get()
        assert (draft.observer, draft.state, draft.photos.count()) == (alice, "draft", 2)
        page = read(answer)
        assert "2 photos here, as drafts that only you see." in page.text
        assert "10 Oct 2015, 17:07 +02:00" in page.text and "from the camera" in page.text
        assert "48.1208, 14.8672" in page.text and "IMG_2.JPG" in page.text

    def test_photos_that_say_no_time_or_place_are_each_their_own(self, signed_in):
        signed_in.post(reverse("upload"), {"photos": [file(1), file(2)]})
        assert Observation.objects.count() == 2

    def test_photos_of_one_encounter_are_one_sighting_whatever_order_they_come_in(self, signed_in):
        half_past, later = (
            TAKEN["taken_at"] + timedelta(minutes=29),
            TAKEN["taken_at"] + timedelta(minutes=59),
        )
        photos = [
            file(1, "later.JPG", exif=TAKEN | {"taken_at": later}),
            file(2, "elsewhere.JPG", exif=TAKEN | {"latitude": 48.13}),
            file(3, "half past.JPG", exif=TAKEN | {"taken_at": half_past}),
            file(4, "unplaced.JPG", exif={"taken_at": TAKEN["taken_at"], "offset": "+02:00"}),
            file(5, "first.JPG", exif=TAKEN),
            file(6, "undated.JPG"),
            broken(),
        ]
        page = read(signed_in.post(reverse("upload"), {"photos": photos}, follow=True))
        assert "6 photos here" in page.text and "half.jpg: The file stops half-way." in page.text
        found = {
            tuple(each.photos.order_by("position").values_list("file_name", flat=True)): each
            for each in Observation.objects.all()
        }
        together = ("first.JPG", "half past.JPG")
        alone = {("later.JPG",), ("elsewhere.JPG",), ("unplaced.JPG",), ("undated.JPG",)}
        assert found.keys() == alone | {together}
        assert found[together].local_time.replace(tzinfo=None) == TAKEN["taken_at"]
        assert found[("later.JPG",)].local_time.replace(tzinfo=None) == later
        assert (found[("elsewhere.JPG",)].latitude, found[("unplaced.JPG",)].latitude) == (48.13, None)

    def test_a_broken_file_is_said_and_the_others_stay(self, signed_in):
        photos = [file(1), broken(), file(2)]
        answer = signed_in.post(reverse("upload"), {"photos": photos, "together": "on"}, follow=True)
        assert answer.redirect_chain == [(reverse("upload"), 302)], "reloaded it sends no file again"
        page = read(answer)
        assert "half.jpg: The file stops half-way." in page.text
        assert "autofocus" in page.all("div", class_="notice-bad")[0]
        assert Observation.objects.get().photos.count() == 2

    def test_while_no_photo_can_be_opened_it_says_when_to_come_back(self, signed_in, draft, no_decoder):
        known = SimpleUploadedFile("known.jpg", universe.photo_bytes("draft", exif=TAKEN), "image/jpeg")
        answer = signed_in.post(reverse("upload"), {"photos": [file(1), known]})
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert f"IMG_1.JPG {TRY_AGAIN}" in read(answer).text
        assert Photo.objects.get().observation == draft, "what is here already stays"

    def test_no_file_at_all(self, signed_in):
        answer = signed_in.post(reverse("upload"), {}, follow=True)
        assert answer.redirect_chain and "Choose at least one photo." in read(answer).text

    def test_the_same_photo_again_is_one_and_says_so(self, signed_in):
        for _ in range(2):
            answer = signed_in.post(reverse("upload"), {"photos": [file(1)]}, follow=True)
        assert Photo.objects.count() == 1
        assert "You have sent this photo before." in read(answer).text

    def test_without_an_account_one_logs_in_first(self, client, db):
        for answer in (client.get(reverse("upload")), client.post(reverse("upload"), {"photos": [file(1)]})):
            assert answer["Location"].startswith(reverse("account_login"))
        assert not Photo.objects.exists()

    def test_a_photo_without_a_place_asks_for_it(self, signed_in):
        signed_in.post(reverse("upload"), {"photos": [file(1)]})
        assert "Where was this?" in read(signed_in.get(reverse("upload"))).text

    def test_the_number_of_queries_does_not_grow(self, signed_in, alice, draft, tree):
        one = queries(signed_in, reverse("upload"))
        for number in range(4):
            universe.sighting(alice, seed=number, photos=2, published=False, size=(64, 32))
        assert queries(signed_in, reverse("upload")) == one <= 13


class TestOneFileAtATime:
    def put(self, client, id=None, upload=None, **data):
        upload = upload or file("one", exif=TAKEN)
        return client.post(reverse("upload_photo", args=[id or uuid4()]), {"file": upload, **data})

    def test_answers_the_draft_it_is_in(self, signed_in):
        id = uuid4()
        answer = self.put(signed_in, id)
        assert answer.status_code == 200
        photo = Photo.objects.get(pk=id)
        page = Page(answer.content.decode())
        assert page.faults == []
        assert page.all("section")[0]["data-draft"] == str(photo.observation_id)
        assert "10 Oct 2015, 17:07" in page.text

    def test_retried_it_is_the_same_photo(self, signed_in):
        id = uuid4()
        first, second = self.put(signed_in, id), self.put(signed_in, id)
        assert second.status_code == 200 and Photo.objects.count() == Observation.objects.count() == 1
        sections = [Page(each.content.decode()).all("section")[0]["data-draft"] for each in (first, second)]
        assert sections[0] == sections[1]

    def test_the_next_one_joins_its_sighting(self, signed_in, draft):
        self.put(signed_in, observation=str(draft.pk))
        assert draft.photos.count() == 2

    @pytest.mark.parametrize("which", ["somebody else's", "published", "gone", "broken"])
    def test_a_sighting_it_cannot_join_leaves_it_one_of_its_own(self, signed_in, alice, bob, which):
        other = {
            "somebody else's": lambda: universe.sighting(bob, published=False).pk,
            "published": lambda: universe.sighting(alice).pk,
            "gone": uuid4,
            "broken": lambda: "x",
        }[which]()
        id = uuid4()
        assert self.put(signed_in, id, observation=str(other)).status_code == 200
        assert str(Photo.objects.get(pk=id).observation_id) != str(other)

    def test_somebody_elses_id_is_nobodys(self, signed_in, bob):
        photo = universe.sighting(bob).photos.get()
        assert self.put(signed_in, photo.pk).status_code == 404
        assert Photo.objects.count() == 1

    def test_a_refusal_is_a_sentence(self, signed_in):
        answer = self.put(signed_in, upload=broken())
        assert answer.status_code == 400 and answer["Content-Type"].startswith("text/plain")
        assert answer.content.decode() == "The file stops half-way. Copy it from the camera again."
        assert not Observation.objects.exists(), "a refused file leaves no empty draft"

    def test_while_no_photo_can_be_opened_it_says_when_to_come_back(self, signed_in, no_decoder):
        answer = self.put(signed_in, upload=file(1))
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert (answer["Content-Type"], answer.content.decode()) == ("text/plain; charset=utf-8", TRY_AGAIN)
        assert not Photo.objects.exists()

    def test_no_file(self, signed_in):
        answer = signed_in.post(reverse("upload_photo", args=[uuid4()]))
        assert (answer.status_code, answer.content) == (400, b"No file arrived. Try again.")

    def test_who_was_logged_out_is_told(self, client):
        answer = self.put(client)
        assert answer.status_code == 401 and "Log in again" in answer.content.decode()

    def test_a_photo_that_is_published_already(self, signed_in, alice):
        sighting = universe.sighting(alice, seed="known")
        again = SimpleUploadedFile("again.jpg", universe.photo_bytes("known 0"), "image/jpeg")
        page = Page(self.put(signed_in, upload=again).content.decode())
        assert "You have sent this photo before." in page.text
        assert page.all("a")[0]["href"] == sighting.get_absolute_url()


class TestADraft:
    def test_what_is_left_as_it_was_keeps_its_source(self, signed_in, draft):
        assert save(signed_in, draft, note="By the weir.").status_code == 302
        draft.refresh_from_db()
        assert draft.place_source == PlaceSource.EXIF and draft.note == "By the weir."
        assert draft.observed_at == datetime(2015, 10, 10, 15, 7, 31, tzinfo=UTC)
        assert draft.state == "draft"

    def test_what_is_typed_says_so(self, signed_in, draft):
        save(signed_in, draft, latitude="48.2", uncertainty_m="250", time="18:00", utc_offset="60")
        draft.refresh_from_db()
        assert (draft.latitude, draft.uncertainty_m, draft.place_source) == (48.2, 250, PlaceSource.MAP_PIN)
        assert draft.observed_at == datetime(2015, 10, 10, 17, 0, tzinfo=UTC) and draft.utc_offset == 60

    def test_or_that_the_device_said_it(self, signed_in, draft):
        save(signed_in, draft, latitude="48.2", place_source="device")
        draft.refresh_from_db()
        assert draft.place_source == PlaceSource.DEVICE

    def test_place_and_time_can_be_taken_away(self, signed_in, draft):
        save(signed_in, draft, latitude="", longitude="", time="", utc_offset="", date="2015-10-09")
        draft.refresh_from_db()
        assert draft.latitude is None and draft.place_source == ""
        assert (draft.observed_at, draft.local_date) == (None, date(2015, 10, 9))

    def test_sent_others_see_a_rough_place_and_the_first_name(self, signed_in, draft, tree, client, alice):
        answer = save(signed_in, draft, "send", name="Brown trout", confidence="sure", length_cm="43")
        assert answer["Location"] == draft.get_absolute_url()
        draft.refresh_from_db()
        assert draft.state == "published" and draft.public_latitude == 48.15
        said = Identification.objects.get()
        assert (said.taxon, said.person, said.confidence) == (tree["brown_trout"], alice, "sure")
        page = read(as_person(client, None).get(draft.get_absolute_url()))
        assert "One person says brown trout." in page.text and "43 cm" in page.text
        assert "48.1208" not in page.text

    def test_sent_twice_it_is_sent_once(self, signed_in, draft, tree):
        save(signed_in, draft, "send", name="chub")
        again = save(signed_in, draft, "send", name="chub")
        assert again["Location"] == draft.get_absolute_url(), "it is no draft any more"
        assert draft.occurrences.count() == 1 and Identification.objects.count() == 1

    def test_a_name_kept_for_later_is_said_once(self, signed_in, draft, tree):
        for _ in range(2):
            save(signed_in, draft, name="chub")
        assert Identification.objects.count() == 1
        page = read(signed_in.get(reverse("upload")))
        assert page.all("input", name="name")[0]["value"] == "Squalius cephalus"
        save(signed_in, draft, "send", name="Squalius cephalus")
        assert Identification.objects.count() == 1 and draft.occurrences.count() == 1

    def test_licence_and_consents_of_every_photo(self, signed_in, draft, alice):
        universe.ingest.receive(data=universe.photo_bytes("second"), owner=alice, observation=draft)
        save(signed_in, draft, licence="NONE", consents=["show"])
        for photo in draft.photos.all():
            allowed = photo.consents.filter(superseded_at=None, granted=True)
            assert photo.licence == "NONE" and [each.purpose for each in allowed] == ["show"]

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"date": "", "time": "12:00"}, "On which day was that?"),
            ({"date": "2999-01-01"}, "This time has not come yet."),
            ({"date": "2999-01-01", "time": ""}, "This day has not come yet."),
            ({"longitude": ""}, "A place needs both latitude and longitude."),
            ({"latitude": "91"}, "less than or equal to 90"),
            ({"latitude": "nan"}, "Enter a number."),
            ({"uncertainty_m": "-1"}, "greater than or equal to 0"),
            ({"privacy": "secret"}, "Select a valid choice"),
            ({"licence": "GPL"}, "Select a valid choice"),
            ({"licence": "NONE"}, "Without a licence it can only be shown here."),
            ({"name": "unicorn"}, "No taxon here is called"),
            ({"length_cm": "0"}, "greater than or equal to 0.1"),
            ({"utc_offset": "9999"}, "Select a valid choice"),
        ],
    )
    def test_bad_input_changes_and_loses_nothing(self, signed_in, draft, tree, changes, why):
        before = Observation.objects.values().get(pk=draft.pk)
        answer = save(signed_in, draft, "send", note="What I typed.", **changes)
        assert answer["Location"] == refusal(draft)
        for _ in range(2):  # reloaded it says so again
            page = read(signed_in.get(refusal(draft)))
            assert why in page.text and "What I typed." in page.text
            for name, value in changes.items():
                found = [] if name == "privacy" else page.all("input", name=name)
                assert not found or value in [each.get("value") or "" for each in found], name
            assert [each for _, each in page.elements if "autofocus" in each], "the refusal has the focus"
        after = Observation.objects.values().get(pk=draft.pk)
        assert after == before | {"version": after["version"]}
        assert not draft.occurrences.exists()

    def test_what_the_action_refuses_undoes_everything(self, draft, alice, monkeypatch):
        monkeypatch.setattr(drafts.observations, "publish", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            drafts.save(
                observation=draft,
                by=alice,
                described={"note": "x"},
                licence="CC0-1.0",
                consents=[],
                send=True,
            )
        draft.refresh_from_db()
        assert draft.note == "" and draft.photos.get().licence == "CC-BY-4.0"

    def test_an_odd_offset_of_a_camera_stays(self, signed_in, draft, alice):
        observations.describe(observation=draft, by=alice, utc_offset=127)
        assert save(signed_in, draft, utc_offset="127").status_code == 302
        draft.refresh_from_db()
        assert draft.utc_offset == 127

    def test_a_named_place_is_the_owners_to_see(self, signed_in, draft, alice):
        observations.describe(observation=draft, by=alice, place=universe.place(name="Weir pool"))
        assert "Weir pool" in read(signed_in.get(reverse("upload"))).text

    @pytest.mark.parametrize("who", PEOPLE)
    @pytest.mark.parametrize("deed", ["draft", "discard_draft", "drop_photo"])
    def test_a_draft_is_its_owners_alone(self, client, people, draft, who, deed):
        id = draft.photos.get().pk if deed == "drop_photo" else draft.pk
        answer = as_person(client, people[who]).post(reverse(deed, args=[id]), SAID)
        expected = {"owner": 302, "anonymous": 302}.get(who, 404)
        assert answer.status_code == expected
        untouched = who != "owner" or deed == "draft"
        assert Observation.objects.filter(pk=draft.pk, discarded_at=None).exists() == untouched

    def test_nothing_published_is_dropped_or_discarded(self, signed_in, sighting_of_alice, tree, bob):
        occurrence = sighting_of_alice.occurrences.get()
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        photo = sighting_of_alice.photos.first()
        page = read(signed_in.post(reverse("drop_photo", args=[photo.pk]), follow=True))
        assert "This sighting is published." in page.text
        assert signed_in.post(reverse("discard_draft", args=[sighting_of_alice.pk])).status_code == 404
        assert sighting_of_alice.photos.count() == 2 and Identification.objects.count() == 1
