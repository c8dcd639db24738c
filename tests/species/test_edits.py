"""Each edit of a published sighting is a row that says what stood before; anybody may read what the rules allow."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import actions as accounts
from species import access
from species.actions import edits, observations, occurrences, partings, photos, published, tallies
from species.models import Edit, Measurement, Observation
from species.queries import edits as edits_queries
from species.queries import visibility
from tests import universe

EXACT = {"latitude": 47.26812, "longitude": 11.39325}
ELSEWHERE = {"latitude": 46.51234, "longitude": 10.98765}


@pytest.fixture
def sighting(sighting_of_alice) -> Observation:
    return sighting_of_alice


def read(edit: Edit, exact: bool = False) -> tuple[dict, dict]:
    level = edits_queries.level(Observation.objects.get(pk=edit.observation_id))
    return edits_queries.readable(edit, level=level, exact=exact)


def settled() -> None:
    assert not visibility.differing().exists()
    assert tallies.differing() == []


class TestRows:
    def test_one_act_is_one_row_with_all_that_it_changed(self, alice, sighting):
        organism = sighting.occurrences.get()
        version, updated = sighting.version, sighting.updated
        edit = published.edit(
            observation=sighting,
            by=alice,
            described={"note": "By the weir.", "local_date": date(2015, 10, 11), "observed_at": None},
            licence="CC0-1.0",
            lengths={organism.pk: 312.0},
        )
        assert Edit.objects.get() == edit and edit.by == alice
        before, after = read(edit)
        assert after == {
            "observed_at": None,
            "utc_offset": 120,
            "local_date": "2015-10-11",
            "time_source": "said",
            "note": "By the weir.",
            "length_mm": [312.0],
            "licence": ["CC0-1.0"],
        }
        assert before == {
            "observed_at": "2015-10-10T12:30:00Z",
            "utc_offset": 120,
            "local_date": "2015-10-10",
            "time_source": "said",
            "note": "",
            "length_mm": [None],
            "licence": ["CC-BY-4.0"],
        }
        sighting.refresh_from_db()
        assert sighting.version > version and sighting.updated > updated
        settled()

    def test_saying_the_same_again_is_no_edit(self, alice, sighting):
        said = {"note": sighting.note, "privacy": sighting.privacy}
        assert published.edit(observation=sighting, by=alice, described=said, licence="CC-BY-4.0") is None
        assert not Edit.objects.exists()

    def test_a_draft_has_no_history(self, alice):
        draft = universe.sighting(alice, seed="draft", published=False)
        observations.describe(observation=draft, by=alice, note="Mine.")
        photos.relicense(photo=draft.photos.get(), licence="CC0-1.0", by=alice)
        assert not Edit.objects.exists()

    def test_doors_that_are_older_write_it_too(self, alice, sighting):
        observations.describe(observation=sighting, by=alice, note="Mine.")
        photos.relicense(photo=sighting.photos.first(), licence="CC0-1.0", by=alice)
        occurrences.measure(occurrence=sighting.occurrences.get(), kind="total_length", value=250, by=alice)
        assert [sorted(each.after) for each in Edit.objects.all()] == [["note"], ["licence"], ["length_mm"]]

    def test_what_is_refused_leaves_no_row(self, alice, bob, sighting):
        for by, described, licence in (
            (alice, {"note": "x", "local_date": date(1800, 1, 1), "observed_at": None}, None),
            (alice, {"note": "x"}, "WTFPL"),
            (bob, {"note": "x"}, None),
        ):
            with pytest.raises((ValidationError, PermissionDenied)), transaction.atomic():
                published.edit(observation=sighting, by=by, described=described, licence=licence)
        sighting.refresh_from_db()
        assert sighting.note == "" and not Edit.objects.exists()

    def test_an_old_tab_overwrites_nothing(self, alice, sighting):
        seen = Observation.objects.get(pk=sighting.pk).version
        published.edit(observation=sighting, by=alice, described={"note": "One."}, seen=seen)
        with pytest.raises(edits.Stale):
            published.edit(observation=sighting, by=alice, described={"note": "Two."}, seen=seen)
        sighting.refresh_from_db()
        assert sighting.note == "One."

    def test_lengths_and_licences_make_another_version_too(self, alice, sighting):
        seen = Observation.objects.get(pk=sighting.pk).version
        published.edit(observation=sighting, by=alice, described={}, licence="CC0-1.0")
        with pytest.raises(edits.Stale):
            published.edit(observation=sighting, by=alice, described={"note": "Two."}, seen=seen)

    def test_a_length_replaces_the_one_before(self, alice, sighting):
        organism = sighting.occurrences.get()
        for length in (300.0, 310.0, None, 305.0):
            published.edit(observation=sighting, by=alice, described={}, lengths={organism.pk: length})
        assert Measurement.objects.get().value == 305
        assert [each.after["length_mm"][str(organism.pk)] for each in Edit.objects.all()] == [
            300,
            310,
            None,
            305,
        ]

    @pytest.mark.parametrize("who", ["bob", "charlie", "rita"])
    def test_nobody_else_edits(self, request, ada, sighting, who):
        person = request.getfixturevalue(who)
        accounts.grant(user=person, scope="all", purpose="to look", by=ada)
        photo = sighting.photos.first()
        for act in (
            lambda: published.edit(observation=sighting, by=person, described={"note": "x"}),
            lambda: published.order(observation=sighting, ids=[photo.pk], by=person),
            lambda: partings.remove(photo=photo, by=person),
            lambda: partings.split(photo=photo, by=person),
            lambda: published.withdraw(observation=sighting, by=person),
        ):
            with pytest.raises(PermissionDenied):
                act()
        assert not Edit.objects.exists()

    def test_an_admin_does_in_the_owners_place(self, alice, ada, sighting):
        edit = published.edit(observation=sighting, by=ada, described={"note": "Mended."})
        assert edit.by == ada
        with pytest.raises(PermissionDenied):
            published.edit(observation=sighting, by=ada, described={}, licence="CC0-1.0")

    def test_the_database_knows_that_published_is_not_deleted(self, sighting):
        for fields in ({"discarded_at": timezone.now()}, {"state": "withdrawn"}, {"state": "kept"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Observation.objects.filter(pk=sighting.pk).update(**fields)


class TestPlaces:
    def move(self, sighting, by, **fields) -> Edit:
        return published.edit(observation=sighting, by=by, described=fields)

    def test_others_read_squares_and_the_owner_the_places(self, alice, sighting):
        edit = self.move(sighting, alice, **ELSEWHERE)
        before, after = read(edit)
        assert before["place"]["shown"] == after["place"]["shown"] == "generalized"
        assert (before["place"]["latitude"], before["place"]["longitude"]) == (47.25, 11.35)
        assert (after["place"]["latitude"], after["place"]["longitude"]) == (46.55, 10.95)
        before, after = read(edit, exact=True)
        assert before["place"]["latitude"] == EXACT["latitude"]
        assert after["place"]["longitude"] == ELSEWHERE["longitude"]

    @pytest.mark.parametrize(
        ("then", "now", "shown"),
        [
            ("open", "open", "exact"),
            ("open", "generalized", "generalized"),
            ("open", "private", "withheld"),
            ("generalized", "open", "generalized"),
            ("private", "open", "withheld"),
            ("private", "generalized", "withheld"),
        ],
    )
    def test_by_the_stricter_of_the_rules_of_then_and_now(self, alice, sighting, then, now, shown):
        self.move(sighting, alice, privacy=then)
        edit = self.move(sighting, alice, **ELSEWHERE)
        self.move(sighting, alice, privacy=now)
        for side in read(edit):
            assert side["place"]["shown"] == shown
        if shown == "withheld":
            assert read(edit)[0]["place"] == {"shown": "withheld"}

    def test_a_place_that_was_hidden_stays_so_when_the_next_is_open(self, alice, sighting):
        self.move(sighting, alice, privacy="private")
        edit = self.move(sighting, alice, **ELSEWHERE, privacy="open")
        before, after = read(edit)
        assert before["place"] == {"shown": "withheld"}
        assert after["place"]["shown"] == "exact"

    def test_what_a_protected_name_hides_is_hidden_in_the_history(self, alice, tree, sighting):
        self.move(sighting, alice, privacy="open")
        edit = self.move(sighting, alice, **ELSEWHERE)
        assert read(edit)[0]["place"]["shown"] == "exact"
        occurrence = occurrences.lock(sighting.occurrences.get())
        occurrences.settle(occurrence=occurrence, status="verified", taxon=tree["huchen"].pk)
        assert read(edit)[0]["place"] == {"shown": "withheld"}

    def test_a_name_says_no_more_than_the_square(self, alice, sighting):
        pool = universe.place(name="Cedar pool", latitude=47.2, longitude=11.3, uncertainty_m=20)
        lake = universe.place(name="Wide lake", latitude=47.2, longitude=11.3, uncertainty_m=90_000)
        edit = self.move(sighting, alice, place=pool)
        assert read(edit)[1]["place"]["name"] == ""
        assert read(edit, exact=True)[1]["place"]["name"] == "Cedar pool"
        assert read(self.move(sighting, alice, place=lake))[1]["place"]["name"] == "Wide lake"

    def test_a_place_that_comes_and_goes(self, alice, sighting):
        gone = self.move(sighting, alice, latitude=None, longitude=None)
        assert read(gone)[1]["place"] is None
        back = published.undo(edit=gone, by=alice)
        assert read(back)[0]["place"] is None and read(back)[1]["place"]["shown"] == "generalized"
        sighting.refresh_from_db()
        assert (sighting.latitude, sighting.longitude) == (47.26812, 11.39325)

    def test_nothing_but_what_is_named_leaves(self, alice, sighting):
        partings.remove(photo=sighting.photos.last(), by=alice)
        edit = self.move(sighting, alice, **ELSEWHERE)
        told = str([read(each) for each in Edit.objects.all()])
        assert not [
            word for word in ("47.268", "11.393", "46.512", "10.987", "map_pin", "seen_on") if word in told
        ]
        assert not [photo for photo in edit.observation.photos.all() if str(photo.pk) in told]


class TestUndo:
    @pytest.mark.parametrize(
        "described",
        [
            {"note": "Another."},
            {"privacy": "private"},
            ELSEWHERE,
            {"latitude": None, "longitude": None},
            {"utc_offset": None},
            {"utc_offset": -60},
            {"observed_at": None, "local_date": None},
            {"observed_at": date(2015, 10, 12)},
            {"observed_at": datetime(2015, 10, 10, 9, 5), "utc_offset": None},
        ],
        ids=str,
    )
    def test_an_edit_back_is_a_new_edit(self, alice, sighting, described):
        before = edits.said(sighting)
        edit = published.edit(observation=sighting, by=alice, described=described)
        assert edits.said(sighting) != before
        back = published.undo(edit=edit, by=alice)
        assert edits.said(sighting) == before
        assert set(back.after) == set(edit.after)
        assert Edit.objects.count() == 2
        again = published.undo(edit=back, by=alice)
        assert again.after == {
            name: said if name != "place" else again.after["place"] for name, said in edit.after.items()
        }
        settled()

    def test_time_keeps_where_it_came_from(self, alice):
        taken = datetime(2020, 5, 1, 10, 0)
        sighting = observations.start(by=alice)
        data = universe.photo_bytes("camera", exif={"taken_at": taken, "offset": "+02:00"})
        universe.ingest.receive(data=data, owner=alice, observation=sighting)
        sighting = observations.publish(observation=Observation.objects.get(pk=sighting.pk), by=alice)
        assert sighting.time_source == "exif"
        edit = published.edit(
            observation=sighting, by=alice, described={"observed_at": datetime(2020, 5, 1, 11)}
        )
        published.undo(edit=edit, by=alice)
        sighting.refresh_from_db()
        assert (sighting.time_source, sighting.observed_text) == ("exif", "2020-05-01T08:00:00Z")

    def test_of_licences_and_lengths(self, alice, sighting):
        organism = sighting.occurrences.get()
        before = edits.said(sighting)
        edit = published.edit(
            observation=sighting, by=alice, described={}, licence="CC0-1.0", lengths={organism.pk: 200.0}
        )
        published.undo(edit=edit, by=alice)
        assert edits.said(sighting) == before

    def test_what_was_changed_again_since_stays(self, alice, sighting):
        edit = published.edit(observation=sighting, by=alice, described={"note": "One."})
        published.edit(observation=sighting, by=alice, described={"note": "Two."})
        with pytest.raises(ValidationError, match="changed again"):
            published.undo(edit=edit, by=alice)

    def test_only_by_whoever_may_edit(self, alice, bob, sighting):
        edit = published.edit(observation=sighting, by=alice, described={"note": "One."})
        with pytest.raises(PermissionDenied):
            published.undo(edit=edit, by=bob)

    def test_not_of_a_sighting_that_is_gone(self, alice, sighting):
        edit = published.edit(observation=sighting, by=alice, described={"note": "One."})
        published.withdraw(observation=sighting, by=alice)
        with pytest.raises(access.NotYours):
            published.undo(edit=edit, by=alice)
