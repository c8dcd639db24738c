"""The API of names, sightings and photos: idempotent, honest about refusals, silent about exact places."""

import json
from datetime import date, datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts import actions as accounts
from species import access
from species.actions import observations, occurrences, photos
from species.api.observations import ObservationInput
from species.images.decoder import TRY_AGAIN
from species.models import Observation, Photo, State
from species.places.protection import Grounds
from tests import universe
from tests.problems import problem, refusals

PLACE = {"latitude": 47.26812, "longitude": 11.39325}

RULED = Grounds(ruled=True)


@pytest.fixture
def api() -> APIClient:
    return APIClient(enforce_csrf_checks=True)


def speak_for(api, person) -> None:
    secret = accounts.make_token(user=person, name="test", by=person).secret
    api.credentials(HTTP_AUTHORIZATION=f"Token {secret}")


def sighting_url(id) -> str:
    return reverse("api-observation-detail", args=[id])


def sightings_url() -> str:
    return reverse("api-observation-list")


def photo_url(id) -> str:
    return reverse("api-photo-detail", args=[id])


def listed(api, **filters) -> list[str]:
    answer = api.get(reverse("api-observation-list"), filters)
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def send(api, id, data: bytes, **fields):
    file = SimpleUploadedFile("IMG_1.jpg", data, content_type="image/jpg")
    return api.put(photo_url(id), {"file": file, **fields}, format="multipart")


class TestTaxa:
    def test_one_by_its_label(self, api, tree):
        row = api.get(reverse("api-taxon-detail", args=["cutbow"])).json()
        assert (row["rank"], row["parent"], row["second_parent"]) == (
            "hybrid",
            "cutthroat_trout",
            "rainbow_trout",
        )
        assert row["common_names"] == {"en": "cutbow"}
        assert api.get(reverse("api-taxon-detail", args=["unicorn"])).status_code == 404

    def test_all_of_them_filtered_and_searched(self, api, tree):
        url = reverse("api-taxon-list")

        def labels(**query):
            return [row["label"] for row in api.get(url, query).json()["results"]]

        assert set(labels(page_size=200)) == set(tree)
        assert set(labels(rank="hybrid")) == {"cutbow", "tiger_trout"}
        assert set(labels(parent="rainbow_trout")) == {"cutbow"}
        assert labels(search="forelle")[0] == "brown_trout"
        assert labels(search="trout", rank="hybrid") == ["tiger_trout"]
        assert api.get(url, {"search": " "}).status_code == 400
        assert api.get(url, {"rank": "kind"}).status_code == 400

    def test_two_queries_however_many(self, api, tree, django_assert_num_queries):
        with django_assert_num_queries(2):
            api.get(reverse("api-taxon-list"), {"page_size": 3})
        with django_assert_num_queries(2):
            api.get(reverse("api-taxon-list"), {"page_size": 200})

    def test_nobody_writes_names_here(self, api, ada, tree):
        speak_for(api, ada)
        for method in (api.put, api.patch, api.delete):
            assert method(reverse("api-taxon-detail", args=["chub"]), {}).status_code == 405


class TestReadingSightings:
    def test_a_stranger_reads_what_is_public_and_nothing_that_leads_to_the_rest(self, api, sighting_of_alice):
        for answer in (
            api.get(sighting_url(sighting_of_alice.pk)),
            api.get(reverse("api-observation-list")),
            api.get(photo_url(sighting_of_alice.photos.first().pk)),
        ):
            text = answer.content.decode()
            for secret in ("47.26", "11.39", "map_pin", 'generalized":false', "sha256", "example.org"):
                assert secret not in text
        row = api.get(sighting_url(sighting_of_alice.pk)).json()
        assert row["exact"] is None
        assert (row["place"]["latitude"], row["place"]["longitude"]) == (47.25, 11.35)
        assert row["place"]["generalized"] is True
        assert (row["observed_at"], row["utc_offset"], row["local_date"]) == (
            "2015-10-10T12:30:00Z",
            120,
            "2015-10-10",
        )
        assert row["observer"]["name"] == "Alice"
        assert len(row["photos"]) == len(row["occurrences"][0]["photos"]) == 2
        assert row["photos"][0]["renditions"]["320"].startswith("http://testserver/photos/")

    def test_the_owner_and_a_colleague_read_the_exact_place(self, api, alice, bob, sighting_of_alice):
        accounts.grant(
            user=bob, scope=access.observation_scope(sighting_of_alice.pk), purpose="a study", by=alice
        )
        for person in (alice, bob):
            speak_for(api, person)
            for row in (
                api.get(sighting_url(sighting_of_alice.pk)).json(),
                api.get(reverse("api-observation-list")).json()["results"][0],
            ):
                assert row["exact"]["latitude"] == 47.26812
                assert row["exact"]["place_source"] == "map_pin"

    def test_a_hidden_place_is_null_and_found_by_no_box(self, api, alice):
        hidden = universe.sighting(alice, privacy="private", **PLACE)
        assert api.get(sighting_url(hidden.pk)).json()["place"] is None
        assert listed(api, bbox="-180,-90,180,90") == []

    def test_a_name_is_told_to_whom_it_tells_no_more(self, api, alice, bob, charlie):
        pool, lake = (
            universe.place(name="Alder pool"),
            universe.place(name="Alder lake", uncertainty_m=30_000),
        )
        kept, wide = (universe.sighting(alice, seed=each.name, place=each, **PLACE) for each in (pool, lake))
        shown = universe.sighting(alice, seed="open", place=pool, privacy="open", **PLACE)
        hidden = universe.sighting(alice, seed="hidden", place=lake, privacy="private", **PLACE)
        accounts.grant(user=bob, scope=access.observation_scope(kept.pk), purpose="a study", by=alice)
        rows = [kept, wide, shown, hidden]

        def told(person) -> list[str]:
            api.credentials() if person is None else speak_for(api, person)
            here = {row["id"]: row["locality"] for row in api.get(sightings_url()).json()["results"]}
            one_by_one = [api.get(sighting_url(each.pk)).json()["locality"] for each in rows]
            assert one_by_one == [here[str(each.pk)] for each in rows]
            return one_by_one

        for stranger in (None, charlie):
            assert told(stranger) == ["", "Alder lake", "Alder pool", ""]
        assert told(bob) == ["Alder pool", "Alder lake", "Alder pool", ""]
        assert told(alice) == ["Alder pool", "Alder lake", "Alder pool", "Alder lake"]

    def test_how_an_organism_came_there(self, api, alice, sighting_of_alice):
        organism = sighting_of_alice.occurrences.get()
        assert (
            api.get(sighting_url(sighting_of_alice.pk)).json()["occurrences"][0]["establishmentMeans"] == ""
        )
        occurrences.say_origin(occurrence=organism, means="stocked", by=alice)
        row = api.get(sighting_url(sighting_of_alice.pk)).json()["occurrences"][0]
        assert row["establishmentMeans"] == "stocked"

    def test_boxes_ask_the_public_place_only(self, api, sighting_of_alice):
        around_exact = "11.392,47.267,11.394,47.269"
        assert listed(api, bbox=around_exact) == []
        assert listed(api, bbox="11.34,47.24,11.36,47.26") == [str(sighting_of_alice.pk)]

    @pytest.mark.parametrize(
        "bbox", ["", "1,2,3", "a,b,c,d", "1,2,3,4,5", "0,10,1,5", "0,0,200,1", "nan,0,1,1"]
    )
    def test_a_box_that_is_none_is_refused(self, api, bbox, db):
        answer = api.get(reverse("api-observation-list"), {"bbox": bbox or "x"})
        assert list(refusals(answer, 400)) == ["bbox"]

    def test_taxon_and_status_are_asked_of_one_occurrence(self, api, alice, tree):
        trout = universe.sighting(alice, seed="trout", photos=2)
        chub = universe.sighting(alice, seed="chub")
        open_one = universe.sighting(alice, seed="open")
        second = occurrences.add(observation=trout, photos=[trout.photos.first()], by=alice)
        first = trout.occurrences.exclude(pk=second.pk).get()
        occurrences.settle(occurrence=first, status="verified", taxon=tree["river_trout"].pk)
        occurrences.settle(occurrence=second, status="disputed", taxon=tree["salmonidae"].pk)
        occurrences.settle(occurrence=chub.occurrences.get(), status="verified", taxon=tree["chub"].pk)
        assert listed(api, taxon="brown_trout") == [str(trout.pk)], "what is under it too"
        assert listed(api, taxon="salmo_fario") == [str(trout.pk)], "by its old name too"
        assert listed(api, taxon="chub") == [str(chub.pk)]
        assert set(listed(api, status="verified")) == {str(trout.pk), str(chub.pk)}
        assert listed(api, status="needs_id") == [str(open_one.pk)]
        assert listed(api, taxon="brown_trout", status="disputed") == []
        assert listed(api, taxon="salmonidae", status="disputed") == [str(trout.pk)]
        refused = api.get(reverse("api-observation-list"), {"taxon": "unicorn"})
        assert list(refusals(refused, 400)) == ["taxon"]

    def test_by_day_and_observer(self, api, alice, bob):
        spring = universe.sighting(alice, seed=1, local_date=date(2016, 4, 1))
        autumn = universe.sighting(bob, seed=2, local_date=date(2016, 10, 1))
        assert listed(api, observed_from="2016-05-01") == [str(autumn.pk)]
        assert listed(api, observed_to="2016-04-01") == [str(spring.pk)]
        assert listed(api, observer=str(bob.pk)) == [str(autumn.pk)]
        assert api.get(reverse("api-observation-list"), {"observed_to": "soon"}).status_code == 400

    def test_only_photos_that_are_shown(self, api, alice, rita, sighting_of_alice):
        hidden, shown = sighting_of_alice.photos.order_by("position")
        photos.say(photo=hidden, purpose="show", granted=False, by=alice)
        row = api.get(sighting_url(sighting_of_alice.pk)).json()
        assert [photo["id"] for photo in row["photos"]] == [str(shown.pk)]
        assert row["occurrences"][0]["photos"] == [str(shown.pk)]
        assert api.get(photo_url(hidden.pk)).status_code == 404
        photos.say(photo=shown, purpose="show", granted=False, by=alice)
        assert api.get(sighting_url(sighting_of_alice.pk)).status_code == 404
        speak_for(api, rita)
        assert len(api.get(sighting_url(sighting_of_alice.pk)).json()["photos"]) == 2

    def test_drafts_are_listed_to_their_owner_when_asked_for(self, api, alice, sighting_of_alice):
        draft = universe.sighting(alice, seed="draft", published=False)
        assert listed(api, state="draft") == []
        speak_for(api, alice)
        assert listed(api) == [str(sighting_of_alice.pk)]
        assert listed(api, state="draft") == [str(draft.pk)]

    def test_as_many_queries_for_one_as_for_many(self, api, alice, bob, ada, tree, django_assert_num_queries):
        accounts.grant(user=bob, scope=f"taxon:{tree['salmo'].pk}", purpose="a study", by=ada)

        def add(number):
            sighting = universe.sighting(alice, seed=number, photos=2, **PLACE)
            occurrence = sighting.occurrences.get()
            occurrences.settle(
                occurrence=occurrence, status="verified", taxon=tree["brown_trout"].pk, grounds=RULED
            )
            occurrences.measure(occurrence=occurrence, kind="weight", value=number + 1, by=alice)

        def anonymous_queries():
            return api.get(reverse("api-observation-list"))

        add(0)
        # the rows with their people, photos, occurrences, on which photos, measurements
        with django_assert_num_queries(6):
            anonymous_queries()
        for number in range(1, 4):
            add(number)
        with django_assert_num_queries(6):
            assert len(anonymous_queries().json()["results"]) == 4
        api.force_authenticate(bob)
        # and his grants, the agreed taxa, the tree
        with django_assert_num_queries(9):
            rows = anonymous_queries().json()["results"]
        assert all(row["exact"] for row in rows)

    def test_pages_neither_repeat_nor_skip(self, api, alice):
        ids = {str(universe.sighting(alice, seed=number).pk) for number in range(5)}
        seen, url = [], reverse("api-observation-list") + "?page_size=2"
        while url:
            page = api.get(url).json()
            seen += [row["id"] for row in page["results"]]
            url = page["next"]
        assert len(seen) == 5 and set(seen) == ids


class TestWritingSightings:
    def test_put_makes_a_draft_and_again_describes_it(self, api, alice):
        speak_for(api, alice)
        id = uuid4()
        fields = {**PLACE, "place_source": "device", "observed_at": "2015-10-10T14:30:00", "utc_offset": 120}
        made = api.put(sighting_url(id), fields)
        assert (made.status_code, made.json()["state"]) == (201, "draft")
        assert made.json()["observed_at"] == "2015-10-10T12:30:00Z"
        again = api.put(sighting_url(id), {"note": "at dusk"})
        assert (again.status_code, again.json()["note"]) == (200, "at dusk")
        assert again.json()["exact"]["latitude"] == 47.26812, "what it leaves out stays"
        gone = api.put(sighting_url(id), {"latitude": None, "longitude": None})
        assert gone.json()["exact"]["latitude"] is None
        assert Observation.objects.count() == 1

    def test_an_instant_reads_back_as_the_same_instant(self, api, alice):
        speak_for(api, alice)
        id = uuid4()
        first = api.put(sighting_url(id), {"observed_at": "2015-10-10T14:30:00+02:00"}).json()
        assert (first["observed_at"], first["utc_offset"]) == ("2015-10-10T12:30:00Z", 120)
        again = api.put(sighting_url(id), {"observed_at": first["observed_at"]}).json()
        assert (again["observed_at"], again["utc_offset"]) == ("2015-10-10T12:30:00Z", 120)

    @pytest.mark.parametrize(
        ("said", "observed_at", "utc_offset", "local_date"),
        [
            ({"observed_at": "2024-01-01"}, None, None, "2024-01-01"),
            ({"observed_at": "2024-01-01", "utc_offset": 60}, None, 60, "2024-01-01"),
            ({"local_date": "2024-01-01"}, None, None, "2024-01-01"),
            ({"observed_at": "2024-07-21T23:39:24"}, "2024-07-21T23:39:24", None, "2024-07-21"),
            ({"observed_at": "2024-07-21 23:39"}, "2024-07-21T23:39:00", None, "2024-07-21"),
            ({"observed_at": "2024-07-21T23:39:24.5"}, "2024-07-21T23:39:24.500000", None, "2024-07-21"),
            ({"observed_at": "2024-07-21T23:39:24Z"}, "2024-07-21T23:39:24Z", 0, "2024-07-21"),
            ({"observed_at": "2024-07-21T23:39:24+02:00"}, "2024-07-21T21:39:24Z", 120, "2024-07-21"),
            ({"observed_at": "2024-07-21T23:39:24Z", "utc_offset": 120}, "2024-07-21T23:39:24Z", 120, "2024-07-22"),
            ({"observed_at": "2024-07-21T23:39:24Z", "utc_offset": None}, "2024-07-21T23:39:24", None, "2024-07-21"),
        ],
    )  # fmt: skip
    def test_what_leaves_has_a_zone_only_where_somebody_gave_one(
        self, api, alice, said, observed_at, utc_offset, local_date
    ):
        speak_for(api, alice)
        row = api.put(sighting_url(uuid4()), said).json()
        assert (row["observed_at"], row["utc_offset"], row["local_date"]) == (
            observed_at,
            utc_offset,
            local_date,
        )

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        at=st.none()
        | st.dates(date(1990, 1, 1), date(2025, 1, 1))
        | st.datetimes(datetime(1990, 1, 1), datetime(2025, 1, 1)),
        offset=st.none() | st.integers(-14 * 60, 14 * 60),
        source=st.sampled_from(["", "exif", "xmp", "iptc", "gps", "said"]),
        kept=st.booleans(),
        place=st.sampled_from([{}, PLACE | {"place_source": "exif"}]),
    )
    def test_to_put_what_one_got_changes_nothing(self, api, alice, at, offset, source, kept, place):
        speak_for(api, alice)
        said = {"observed_at": at, "utc_offset": offset, "time_source": source, "zone_kept": kept, **place}
        row = observations.start(by=alice, **said)
        before = Observation.objects.values().get(pk=row.pk)
        got = api.get(sighting_url(row.pk)).json()
        assert (got["observed_at"] or "Z").endswith("Z") == (
            offset is not None or not isinstance(at, datetime)
        )
        again = api.put(sighting_url(row.pk), got)
        assert (again.status_code, again.json()) == (200, got)
        assert Observation.objects.values().get(pk=row.pk) == before
        for name in sorted(set(got) & set(ObservationInput().fields)):
            part = api.put(sighting_url(row.pk), {name: got[name]})
            assert (part.status_code, part.json()) == (200, got), name

    def test_a_place_in_words(self, api, alice):
        speak_for(api, alice)
        id = uuid4()
        assert (
            api.put(sighting_url(id), {"locality": " Traun at  Gmunden"}).json()["locality"]
            == "Traun at Gmunden"
        )
        place = Observation.objects.get().place
        assert place.latitude is None
        for again in (
            {"locality": "Traun at Gmunden"},
            {"note": "Rain."},
            PLACE | {"place_source": "map_pin"},
        ):
            assert api.put(sighting_url(id), again).json()["locality"] == "Traun at Gmunden"
        assert Observation.objects.get().place == place
        assert api.put(sighting_url(id), {"locality": "x" * 161}).status_code == 400
        assert api.put(sighting_url(id), {"locality": ""}).json()["locality"] == ""
        assert Observation.objects.get().place is None

    def test_a_place_that_came_with_its_position_stays_it(self, api, alice):
        beck = universe.place(name="Alder beck", latitude=47.2, longitude=11.3)
        row = universe.sighting(alice, place=beck, published=False, **PLACE)
        speak_for(api, alice)
        got = api.get(sighting_url(row.pk)).json()
        assert api.put(sighting_url(row.pk), got).json() == got
        assert Observation.objects.get().place == beck

    def test_a_zone_far_from_the_sun_is_a_doubt_that_a_program_can_answer(self, api, alice):
        speak_for(api, alice)
        id = uuid4()
        la = {"latitude": 34.05, "longitude": -118.25, "place_source": "device"}
        row = api.put(sighting_url(id), la | {"observed_at": "2023-05-02T00:00:00Z"}).json()
        assert row["exact"]["zone_in_doubt"] is True
        assert api.put(sighting_url(id), {"utc_offset": -420}).json()["local_date"] == "2023-05-01"
        assert api.put(sighting_url(id), {"utc_offset": 0}).json()["exact"]["zone_in_doubt"] is True
        assert api.put(sighting_url(id), {"zone_kept": True}).json()["exact"]["zone_in_doubt"] is False

    def test_publish_needs_a_photo(self, api, alice):
        speak_for(api, alice)
        id = uuid4()
        api.put(sighting_url(id), {})
        publish = reverse("api-observation-publish", args=[id])
        refused = api.post(publish)
        assert refused.status_code == 400
        assert refusals(refused) == {"detail": ["A sighting needs at least one photo before it is sent."]}
        assert send(api, uuid4(), universe.photo_bytes(), observation=str(id)).status_code == 201
        published = api.post(publish)
        assert (published.status_code, published.json()["state"]) == (200, "published")
        assert len(published.json()["occurrences"]) == 1
        assert api.post(publish).status_code == 200, "again is no second time"
        assert Observation.objects.get().occurrences.count() == 1

    def test_delete_discards_a_draft_and_withdraws_what_is_published(self, api, alice, sighting_of_alice):
        speak_for(api, alice)
        draft = universe.sighting(alice, seed="draft", published=False)
        for status in (204, 404):
            assert api.delete(sighting_url(draft.pk)).status_code == status
        assert api.get(sighting_url(draft.pk)).status_code == 404
        assert list(Observation.objects.filter(discarded_at=None)) == [sighting_of_alice]
        for status in (204, 404):
            assert api.delete(sighting_url(sighting_of_alice.pk)).status_code == status
        sighting_of_alice.refresh_from_db()
        assert sighting_of_alice.state == "withdrawn"

    def test_what_was_discarded_is_had_back_by_its_owner_alone(self, api, alice, bob):
        draft = universe.sighting(alice, published=False)
        restore = reverse("api-observation-restore", args=[draft.pk])
        speak_for(api, alice)
        api.delete(sighting_url(draft.pk))
        speak_for(api, bob)
        assert api.post(restore).status_code == 404
        speak_for(api, alice)
        assert api.put(sighting_url(draft.pk), {}).status_code == 404, "its id is not free yet"
        for _ in range(2):
            assert (api.post(restore).status_code, api.get(sighting_url(draft.pk)).status_code) == (200, 200)
        assert api.post(reverse("api-observation-restore", args=[uuid4()])).status_code == 404

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"latitude": 91, "longitude": 0, "place_source": "exif"}, "latitude"),
            ({"latitude": 47.0}, "latitude"),
            ({"latitude": 47.0, "longitude": 11.0}, "place_source"),
            ({"latitude": "here", "longitude": 11.0}, "latitude"),
            ({"observed_at": "yesterday"}, "observed_at"),
            ({"observed_at": "2015-02-30T00:00:00"}, "observed_at"),
            ({"observed_at": 1444480200}, "observed_at"),
            ({"observed_at": "2024-01"}, "observed_at"),
            ({"observed_at": "2024-W01-1"}, "observed_at"),
            ({"observed_at": "20240101"}, "observed_at"),
            ({"observed_at": "2024-01-01T10"}, "observed_at"),
            ({"observed_at": "2024-01-01T24:00"}, "observed_at"),
            ({"observed_at": "2024:01:01 10:00:00"}, "observed_at"),
            ({"observed_at": "2024-01-01T10:00:00 PM"}, "observed_at"),
            ({"observed_at": "2199-01-01"}, "observed_at"),
            ({"observed_at": "2199-01-01T00:00:00Z"}, "observed_at"),
            ({"privacy": "secret"}, "privacy"),
            ({"note": "x" * 5001}, "note"),
            ({"note": "a\x00b"}, "note"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, api, alice, fields, field):
        speak_for(api, alice)
        refused = api.put(sighting_url(uuid4()), fields)
        assert list(refusals(refused, 400)) == [field]
        assert not Observation.objects.exists()

    def test_nan_in_json_is_refused(self, api, alice):
        speak_for(api, alice)
        answer = api.put(
            sighting_url(uuid4()),
            data=json.dumps({"latitude": float("nan"), "longitude": 1, "place_source": "exif"}),
            content_type="application/json",
        )
        assert answer.status_code == 400
        assert not Observation.objects.exists()

    def test_broken_json_is_a_400(self, api, alice):
        speak_for(api, alice)
        answer = api.put(sighting_url(uuid4()), data="{", content_type="application/json")
        assert list(refusals(answer, 400)) == ["detail"]

    def test_somebody_elses_id_is_not_found_whatever_is_done_with_it(
        self, api, alice, bob, ada, sighting_of_alice
    ):
        accounts.grant(user=bob, scope="all", purpose="to look", by=ada)
        draft = universe.sighting(alice, seed="draft", published=False)
        speak_for(api, bob)
        for id in (draft.pk, sighting_of_alice.pk):
            assert api.put(sighting_url(id), {"note": "mine"}).status_code == 404
            assert api.delete(sighting_url(id)).status_code == 404
            assert api.post(reverse("api-observation-publish", args=[id])).status_code == 404
        draft.refresh_from_db()
        assert (draft.state, draft.note) == (State.DRAFT, "")

    def test_nobody_writes_without_saying_who_they_are(self, api, sighting_of_alice):
        for answer in (
            api.put(sighting_url(uuid4()), {}),
            api.delete(sighting_url(sighting_of_alice.pk)),
            api.post(reverse("api-observation-publish", args=[sighting_of_alice.pk])),
            send(api, uuid4(), universe.photo_bytes()),
        ):
            assert answer.status_code == 401
            assert "detail" in answer.json()
        assert Observation.objects.count() == 1

    def test_a_session_needs_the_csrf_token(self, api, alice):
        api.force_login(alice)
        assert api.put(sighting_url(uuid4()), {}).status_code == 403
        assert not Observation.objects.exists()


class TestPhotos:
    def test_put_sends_a_photo_once(self, api, alice):
        speak_for(api, alice)
        id, data = uuid4(), universe.photo_bytes("api")
        made = send(api, id, data, licence="CC0-1.0", consents=["show", "train"])
        assert made.status_code == 201, made.json()
        row = made.json()
        assert (row["id"], row["width"], row["height"]) == (str(id), 640, 320)
        assert (row["licence"], row["notice"]) == ("CC0-1.0", "")
        assert row["consents"] == {"show": True, "research": False, "train": True}
        assert row["file"]["name"] == "IMG_1.jpg"
        retried = send(api, id, data)
        assert (retried.status_code, retried.json()["id"]) == (200, str(id))
        other = send(api, uuid4(), data)
        assert (other.status_code, other.json()["id"]) == (200, str(id))
        assert "before" in other.json()["notice"]
        assert Photo.objects.count() == Observation.objects.count() == 1

    def test_while_no_photo_can_be_opened_it_says_when_to_come_back(self, api, alice, no_decoder):
        speak_for(api, alice)
        answer = send(api, uuid4(), universe.photo_bytes())
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert refusals(answer, 503) == {"detail": [TRY_AGAIN]}
        assert not Photo.objects.exists() and not Observation.objects.exists()

    def test_without_consents_the_accounts_hold(self, api, alice):
        speak_for(api, alice)
        row = send(api, uuid4(), universe.photo_bytes()).json()
        assert row["consents"] == {"show": True, "research": True, "train": True}
        assert row["licence"] == alice.licence

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "empty"),
            (b"not a photo at all", "not_an_image"),
            (universe.photo_bytes()[:3000], "truncated"),
        ],
    )
    def test_a_file_that_is_no_photo(self, api, alice, data, code):
        speak_for(api, alice)
        refused = send(api, uuid4(), data)
        assert refused.status_code == 400
        [error] = problem(refused)["errors"]
        assert (error["code"], error["pointer"]) == (code, "#/file") and error["detail"].endswith(".")
        assert not Photo.objects.exists()

    def test_other_bad_requests(self, api, alice, bob):
        speak_for(api, alice)
        missing = api.put(photo_url(uuid4()), {}, format="multipart")
        assert list(refusals(missing, 400)) == ["file"]
        data = universe.photo_bytes()
        for fields, field in (
            ({"licence": "WTFPL"}, "licence"),
            ({"consents": ["sell"]}, "consents"),
            ({"position": -1}, "position"),
            ({"observation": "mine"}, "observation"),
        ):
            refused = send(api, uuid4(), data, **fields)
            assert list(refusals(refused, 400)) == [field]
        theirs = universe.sighting(bob, seed="bob", published=False)
        assert send(api, uuid4(), data, observation=str(theirs.pk)).status_code == 404
        assert send(api, uuid4(), data, observation=str(uuid4())).status_code == 404
        assert Photo.objects.filter(owner=alice).count() == 0

    def test_a_published_sighting_takes_more_photos_of_its_one_organism(self, api, alice, sighting_of_alice):
        speak_for(api, alice)
        added = send(api, uuid4(), universe.photo_bytes("more"), observation=str(sighting_of_alice.pk))
        assert added.status_code == 201 and sighting_of_alice.photos.count() == 3
        api.delete(photo_url(added.json()["id"]))
        occurrences.add(observation=sighting_of_alice, photos=sighting_of_alice.photos.all(), by=alice)
        refused = send(api, uuid4(), universe.photo_bytes("late"), observation=str(sighting_of_alice.pk))
        assert list(refusals(refused, 400)) == ["detail"]
        assert sighting_of_alice.photos.count() == 2

    def test_somebody_elses_photo_is_not_found(self, api, bob, sighting_of_alice):
        photo = sighting_of_alice.photos.first()
        speak_for(api, bob)
        assert send(api, photo.pk, universe.photo_bytes("bob")).status_code == 404
        assert api.delete(photo_url(photo.pk)).status_code == 404
        consents = reverse("api-photo-consents", args=[photo.pk])
        assert api.patch(consents, {"show": False}, format="json").status_code == 404
        row = api.get(photo_url(photo.pk)).json()
        assert (row["file"], row["consents"]) == (None, None)

    def test_consents_are_said_one_by_one(self, api, alice, sighting_of_alice):
        photo = sighting_of_alice.photos.first()
        consents = reverse("api-photo-consents", args=[photo.pk])
        assert api.patch(consents, {"show": False}, format="json").status_code == 401
        speak_for(api, alice)
        said = api.patch(consents, {"train": False}, format="json")
        assert said.json()["consents"] == {"show": True, "research": True, "train": False}
        form = api.patch(consents, {"research": "false"}, format="multipart")
        assert form.json()["consents"] == {"show": True, "research": False, "train": False}
        assert api.patch(consents, {"show": "perhaps"}, format="json").status_code == 400

    def test_an_admin_can_only_withdraw(self, api, ada, sighting_of_alice):
        consents = reverse("api-photo-consents", args=[sighting_of_alice.photos.first().pk])
        speak_for(api, ada)
        assert api.patch(consents, {"show": False}, format="json").status_code == 200
        refused = api.patch(consents, {"show": True}, format="json")
        assert list(refusals(refused, 403)) == ["detail"]

    def test_delete_erases(self, api, alice, sighting_of_alice):
        photo = sighting_of_alice.photos.first()
        speak_for(api, alice)
        assert api.delete(photo_url(photo.pk)).status_code == 204
        assert api.get(photo_url(photo.pk)).status_code == 404

    def test_a_photo_costs_the_same_queries_with_many_beside_it(
        self, api, alice, django_assert_max_num_queries
    ):
        photo = universe.sighting(alice, photos=4).photos.first()
        with django_assert_max_num_queries(2):
            api.get(photo_url(photo.pk))


def test_a_revoked_token_says_nothing(api, alice):
    token = accounts.make_token(user=alice, name="old", by=alice)
    api.credentials(HTTP_AUTHORIZATION=f"Token {token.secret}")
    assert api.put(sighting_url(uuid4()), {}).status_code == 201
    accounts.revoke_token(token=token.token, by=alice)
    assert api.put(sighting_url(uuid4()), {}).status_code == 401


def test_the_schema_describes_all_of_it(api, db):
    answer = api.get(
        reverse("api_schema"), {"format": "json"}, HTTP_ACCEPT="application/vnd.oai.openapi+json"
    )
    assert answer.status_code == 200
    paths = answer.json()["paths"]
    for path, methods in {
        "/api/v1/taxa/{label}": {"get"},
        "/api/v1/observations/{id}": {"get", "put", "delete"},
        "/api/v1/photos/{id}": {"get", "put", "delete"},
        "/api/v1/photos/{id}/consents": {"patch"},
    }.items():
        assert set(paths[path]) >= methods, path
