"""Photos of a published sighting: added, ordered, removed and split off; and the sighting deleted."""

import pytest
from django.core.exceptions import ValidationError

from species import ingest
from species.access import NotYours
from species.actions import observations, occurrences, partings, photos, published, tallies
from species.models import Edit, Observation, Occurrence, OccurrencePhoto, Photo, State
from species.queries import edits as edits_queries
from species.queries import visibility
from tests import universe


@pytest.fixture
def sighting(alice, tree) -> Observation:
    """Of Alice's, open, with three photos."""
    return universe.sighting(
        alice, seed="three", photos=3, latitude=47.26812, longitude=11.39325, privacy="open"
    )


def ids(sighting) -> list:
    return list(sighting.photos.order_by("position", "created", "id").values_list("pk", flat=True))


def settled() -> None:
    assert not visibility.differing().exists()
    assert tallies.differing() == []


def history(sighting) -> list[dict]:
    rows = edits_queries.history(sighting)
    return [edits_queries.readable(each, level="open", exact=False)[1] for each in rows]


class TestAdding:
    def add(self, sighting, owner, **options):
        return ingest.receive(
            data=universe.photo_bytes("added"), owner=owner, observation=sighting, **options
        ).photo

    def test_is_of_its_organism_and_changes_nothing_that_was_said(self, alice, sighting):
        data = universe.photo_bytes("with exif", exif={"latitude": 1.0, "longitude": 2.0})
        before = ids(sighting)
        photo = ingest.receive(data=data, owner=alice, observation=sighting).photo
        assert ids(sighting) == [*before, photo.pk]
        assert photo.occurrences.get() == sighting.occurrences.get()
        sighting.refresh_from_db()
        assert sighting.latitude == 47.26812
        assert Photo.objects.get(pk=photo.pk).shown
        assert history(sighting) == [{"photos": 4}]
        settled()

    def test_shows_a_sighting_again_that_nobody_saw(self, alice, sighting):
        for each in sighting.photos.all():
            photos.say(photo=each, purpose="show", granted=False, by=alice)
        before = Observation.objects.get(pk=sighting.pk)
        self.add(sighting, alice)
        sighting.refresh_from_db()
        assert not before.shown and sighting.shown and sighting.listed_at > before.listed_at
        settled()

    def test_where_there_are_several_it_is_a_sighting_of_its_own(self, alice, sighting):
        occurrences.add(observation=sighting, photos=[sighting.photos.first()], by=alice)
        with pytest.raises(ValidationError, match="several"):
            self.add(sighting, alice)

    def test_only_by_whose_it_is(self, bob, sighting):
        with pytest.raises(NotYours):
            self.add(sighting, bob)

    def test_an_import_stays_what_was_imported(self, rita):
        batch, imported = universe.imported(operator=rita)
        data, source = universe.photo_bytes("more"), imported.observer
        with pytest.raises(ValidationError, match="published"):
            ingest.receive(data=data, owner=source, by=rita, observation=imported, batch=batch)

    def test_undone_it_is_gone(self, alice, sighting):
        photo = self.add(sighting, alice)
        published.undo(edit=Edit.objects.get(), by=alice)
        assert photo.pk not in ids(sighting)
        assert history(sighting) == [{"photos": 4}, {"photos": 3}]
        published.undo(edit=Edit.objects.last(), by=alice)
        assert ids(sighting)[-1] == photo.pk
        assert photo.occurrences.get() == sighting.occurrences.get()
        settled()


class TestOrder:
    def test_the_first_comes_first_and_back(self, alice, sighting):
        one, two, three = ids(sighting)
        edit = published.order(observation=sighting, ids=[three, one, two], by=alice)
        assert ids(sighting) == [three, one, two]
        assert history(sighting) == [{"photo_order": [3, 1, 2]}]
        published.undo(edit=edit, by=alice)
        assert ids(sighting) == [one, two, three]

    def test_every_photo_once(self, alice, sighting):
        one, two, three = ids(sighting)
        for wrong in ([one, two], [one, two, two], [one, two, three, three]):
            with pytest.raises(ValidationError):
                published.order(observation=sighting, ids=wrong, by=alice)

    def test_the_same_order_is_no_edit(self, alice, sighting):
        assert published.order(observation=sighting, ids=ids(sighting), by=alice) is None


class TestRemoving:
    def test_gone_for_everybody_at_once_and_back_as_it_was(self, alice, rita, sighting):
        one, two, three = ids(sighting)
        links = set(OccurrencePhoto.objects.values_list("occurrence", "photo"))
        edit = partings.remove(photo=Photo.objects.get(pk=two), by=alice)
        assert ids(sighting) == [one, three]
        for person in (None, alice, rita):
            assert not Photo.objects.visible_to(person).filter(pk=two).exists()
        settled()
        published.undo(edit=edit, by=alice)
        assert ids(sighting) == [one, two, three]
        assert set(OccurrencePhoto.objects.values_list("occurrence", "photo")) == links
        assert Photo.objects.get(pk=two).shown
        assert Observation.objects.count() == 1
        settled()

    def test_the_last_one_stays(self, alice, sighting):
        for pk in ids(sighting)[:2]:
            partings.remove(photo=Photo.objects.get(pk=pk), by=alice)
        with pytest.raises(ValidationError, match="last one"):
            partings.remove(photo=sighting.photos.get(), by=alice)

    def test_an_organism_that_is_on_it_alone_goes_along_and_the_place_stays_rough(
        self, alice, tree, sighting
    ):
        one, two, three = sighting.photos.order_by("position")
        second = occurrences.add(observation=sighting, photos=[three], by=alice)
        OccurrencePhoto.objects.filter(photo=three).exclude(occurrence=second).delete()
        occurrences.settle(
            occurrence=occurrences.lock(second), status="verified", taxon=tree["bull_trout"].pk
        )
        sighting.refresh_from_db()
        assert sighting.place_shown == "generalized"
        edit = partings.remove(photo=three, by=alice)
        sighting.refresh_from_db()
        assert sighting.place_shown == "generalized" and sighting.privacy == "generalized"
        assert not sighting.occurrences.filter(pk=second.pk).exists()
        settled()
        published.undo(edit=edit, by=alice)
        sighting.refresh_from_db()
        assert sighting.privacy == "open" and sighting.place_shown == "generalized"
        assert sighting.occurrences.filter(pk=second.pk).exists()
        settled()

    def test_too_late_is_said(self, alice, sighting):
        photo = sighting.photos.order_by("position").last()
        edit = partings.remove(photo=photo, by=alice)
        photo.refresh_from_db()
        home = photo.observation
        Observation.objects.filter(pk=home.pk).update(discarded_at=home.discarded_at - observations.GRACE)
        observations.clear(observation=home, before=home.discarded_at)
        with pytest.raises(ValidationError, match="gone for good"):
            published.undo(edit=edit, by=alice)

    def test_sent_again_it_is_a_new_photo(self, alice, sighting):
        photo = sighting.photos.order_by("position").last()
        partings.remove(photo=photo, by=alice)
        again = ingest.receive(data=universe.photo_bytes("three 2"), owner=alice)
        assert again.created and again.photo.pk != photo.pk

    def test_what_was_removed_is_no_sighting_that_comes_back(self, alice, sighting):
        photo = sighting.photos.order_by("position").last()
        partings.remove(photo=photo, by=alice)
        photo.refresh_from_db()
        with pytest.raises(NotYours):
            published.restore(observation=photo.observation, by=alice)


class TestSplitting:
    def test_the_words_stay_and_the_new_one_needs_a_name(self, alice, tree, sighting):
        organism = sighting.occurrences.get()
        occurrences.settle(occurrence=occurrences.lock(organism), status="verified", taxon=tree["chub"].pk)
        photo = sighting.photos.order_by("position").last()
        new = partings.split(photo=photo, by=alice)
        assert [each.pk for each in sighting.occurrences.all()] == [organism.pk]
        alone = new.occurrences.get()
        assert (alone.status, alone.shown) == ("needs_id", True)
        assert list(new.photos.all()) == [photo] and photo.occurrences.get() == alone
        assert (new.state, new.latitude, new.observer) == (State.PUBLISHED, 47.26812, alice)
        assert history(sighting)[0]["split_off"] == str(new.pk)
        assert history(new) == [{"split_from": str(sighting.pk)}]
        settled()

    def test_undone_there_was_never_another(self, alice, sighting):
        before = ids(sighting)
        links = set(OccurrencePhoto.objects.values_list("occurrence", "photo"))
        new = partings.split(photo=Photo.objects.get(pk=before[1]), by=alice)
        published.undo(edit=sighting.edits.get(), by=alice)
        assert ids(sighting) == before
        assert set(OccurrencePhoto.objects.values_list("occurrence", "photo")) == links
        assert not Observation.objects.filter(pk=new.pk).exists()
        assert Occurrence.objects.count() == 1
        assert history(sighting)[1]["split_off"] is None
        settled()

    def test_a_measure_of_the_new_one_keeps_it(self, alice, sighting):
        new = partings.split(photo=sighting.photos.first(), by=alice)
        occurrences.measure(occurrence=new.occurrences.get(), kind="weight", value=100, by=alice)
        with pytest.raises(ValidationError, match="stays"):
            published.undo(edit=sighting.edits.get(), by=alice)

    def test_no_place_is_finer_for_it(self, alice, tree, sighting):
        organism = sighting.occurrences.get()
        occurrences.settle(
            occurrence=occurrences.lock(organism), status="verified", taxon=tree["bull_trout"].pk
        )
        new = partings.split(photo=sighting.photos.first(), by=alice)
        assert (new.privacy, new.place_shown, new.place_rule) == ("generalized", "generalized", "observer")
        sighting.refresh_from_db()
        assert sighting.place_shown == "generalized"
        assert new.public_latitude == sighting.public_latitude

    def test_the_only_photo_is_one_already(self, alice):
        alone = universe.sighting(alice, seed="alone")
        with pytest.raises(ValidationError, match="last one"):
            partings.split(photo=alone.photos.get(), by=alice)


class TestDeleting:
    def test_nobody_sees_it_and_it_comes_back_whole(self, alice, bob, rita, ada, sighting):
        organism, photo = sighting.occurrences.get(), sighting.photos.first()
        before = Observation.objects.get(pk=sighting.pk)
        published.withdraw(observation=sighting, by=alice)
        for person in (None, alice, bob, rita, ada):
            assert not Observation.objects.visible_to(person).exists()
            assert not Photo.objects.visible_to(person).exists()
            assert not Occurrence.objects.visible_to(person).exists()
            assert not Occurrence.objects.listed_for(person).exists()
        assert not Photo.objects.kept().filter(pk=photo.pk).exists()
        settled()
        for act in (
            lambda: observations.describe(observation=sighting, by=alice, note="x"),
            lambda: occurrences.lock(organism),
            lambda: partings.remove(photo=photo, by=alice),
            lambda: published.withdraw(observation=sighting, by=alice),
            lambda: published.restore(observation=sighting, by=bob),
        ):
            with pytest.raises(NotYours):
                act()
        published.restore(observation=sighting, by=alice)
        after = Observation.objects.get(pk=sighting.pk)
        assert (after.state, after.shown, after.published_at) == (before.state, True, before.published_at)
        assert after.listed_at > before.listed_at and after.updated > before.updated
        assert [each.get("deleted") for each in history(sighting)] == [True, False]
        settled()

    def test_a_draft_is_not_deleted_but_discarded(self, alice):
        draft = universe.sighting(alice, seed="draft", published=False)
        with pytest.raises(ValidationError):
            published.withdraw(observation=draft, by=alice)

    def test_an_admin_deletes_and_restores(self, ada, sighting):
        published.withdraw(observation=sighting, by=ada)
        assert published.restore(observation=sighting, by=ada).state == State.PUBLISHED
