"""What the tables of this floor refuse, whoever writes: each constraint with the row it exists for."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Departure, Grant, KeptAnswer, User
from species.models import (
    Allowance,
    BatchWithdrawal,
    ChangedTaxon,
    Consent,
    ImportBatch,
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Place,
    TaxaVersion,
    Taxon,
    TaxonChange,
    Trip,
    TripPerson,
    Upload,
)

NOON = datetime(2015, 10, 10, 12, tzinfo=UTC)
HIDDEN = {"place_shown": "withheld", "place_rule": "observer"}
PLACE = {"latitude": 47.0, "longitude": 11.0, "place_source": "exif", **HIDDEN}
MONTH = {"time_precision": "month", "time_shown": "month"}
PUBLIC = {
    "place_shown": "exact",
    "public_latitude": 47.0,
    "public_longitude": 11.0,
    "public_h3_5": "851f8d6bfffffff",
}


def taxon(name: str = "Salmo", rank: str = "genus", **fields) -> Taxon:
    return Taxon(scientific_name=name, rank=rank, label=name.lower().replace(" ", "_"), **fields)


def saved(row):
    row.save(force_insert=True)
    return row


class World:
    """Rows that others stand on, made as they are asked for."""

    def __init__(self, person):
        self.person = person
        self.genus = saved(taxon())
        self.species = saved(taxon("Salmo trutta", "species", parent=self.genus))
        self.sighting = saved(Observation(observer=person))
        self.photo = saved(self.new_photo())
        self.occurrence = saved(Occurrence(observation=self.sighting))

    def new_photo(self, **fields) -> Photo:
        values = {
            "owner": self.person,
            "observation": self.sighting,
            "sha256": "a" * 64,
            "phash": "0" * 16,
            "media_type": "image/jpeg",
            "file_size": 1,
            "width": 10,
            "height": 10,
            "licence": "CC0-1.0",
        }
        return Photo(**values | fields)


def observation(**fields):
    return lambda world: Observation(observer=world.person, **fields)


def departure(world: World, **said) -> Departure:
    asked = {"display_name": "Alice", "photos": "give", "words": "keep", "asked": NOON}
    return Departure(user=world.person, **asked | {"due": NOON.replace(day=24)} | said)


def withdrawal(world: World, **said) -> BatchWithdrawal:
    batch = saved(ImportBatch(source=world.person, operator=world.person, licence="MIT"))
    return BatchWithdrawal(**{"batch": batch, "by": world.person, "reason": "Wrong names."} | said)


def merge(world: World) -> TaxonChange:
    return TaxonChange(kind="merge", by=world.person, reason="One fish.")


REFUSED = {
    "observation_shown_is_published": observation(shown=True),
    "occurrence_shown_is_listed": lambda world: Occurrence(observation=world.sighting, shown=True),
    "user_role_known": lambda world: User(email="x@example.org", role="king"),
    "user_source_cannot_log_in": lambda world: User(email="x@example.org", is_source=True, is_active=True),
    "user_email_in_normal_form": lambda world: User(email="admın@example.org"),
    "taxon_hybrid_has_two_parents": lambda world: taxon("A × B", "hybrid", parent=world.genus),
    "taxon_parents_differ": lambda world: taxon(
        "A × A", "hybrid", parent=world.genus, second_parent=world.genus
    ),
    "taxon_not_its_own_parent": lambda world: taxon("Loop", id=(id := uuid4()), parent_id=id),
    "place_coordinates_in_range": lambda world: Place(name="Nowhere", latitude=91, longitude=0),
    "trip_ends_after_it_starts": lambda world: Trip(
        person=world.person, started_at=NOON, ended_at=NOON.replace(hour=11)
    ),
    "trip_coordinates_in_range": lambda world: Trip(person=world.person, latitude=91, longitude=0),
    "trip_offset_in_range": lambda world: Trip(person=world.person, utc_offset=841),
    "trip_shown_is_over_and_not_private": lambda world: Trip(
        person=world.person, started_at=NOON, shown=True
    ),
    "trip_without_a_catch_has_a_time": lambda world: Trip(person=world.person, nothing_caught=True),
    "trip_has_somebody": lambda world: Trip(person=world.person, people_count=0),
    "trip_names_a_person_once": lambda world: (
        saved(TripPerson(trip=(trip := saved(Trip(person=world.person))), person=world.person)),
        TripPerson(trip=trip, person=world.person),
    )[-1],
    "trip_person_has_one_answer": lambda world: TripPerson(
        trip=saved(Trip(person=world.person)), person=world.person, agreed_at=NOON, declined_at=NOON
    ),
    "batch_withdrawn_once": lambda world: withdrawal(world, batch=saved(withdrawal(world)).batch),
    "batch_withdrawn_for_a_reason": lambda world: withdrawal(world, reason=""),
    "batch_restored_by_somebody": lambda world: withdrawal(world, restored_at=timezone.now()),
    "observation_coordinates_in_range": observation(**PLACE | {"latitude": 90.5}),
    "observation_place_says_where_from": observation(latitude=47.0, longitude=11.0, **HIDDEN),
    "observation_offset_in_range": observation(utc_offset=841),
    "observation_time_has_a_day": observation(observed_at=NOON),
    "observation_time_source_has_a_day": observation(time_source="exif"),
    "observation_hidden_place_is_nowhere": observation(privacy="private", **PLACE | PUBLIC),
    "observation_says_what_is_shown": observation(**PLACE | {"place_shown": "exact"}),
    "observation_says_by_which_rule": observation(**PLACE | {"place_rule": ""}),
    "observation_time_shown_as_chosen": observation(time_shown="month", time_precision="day"),
    "observation_surroundings_as_chosen": observation(surroundings_shown="cropped", surroundings="softened"),
    "observation_public_days_hold_the_day": observation(
        local_date=date(2015, 10, 10),
        public_first_day=date(2015, 10, 11),
        public_last_day=date(2015, 10, 31),
        **MONTH,
    ),
    "occurrence_floor_says_why": lambda world: Occurrence(observation=world.sighting, place_floor="private"),
    "observation_published_has_a_time": observation(state="published"),
    "observation_published_is_not_discarded": observation(
        state="published", published_at=NOON, discarded_at=NOON
    ),
    "photo_once_per_owner": lambda world: world.new_photo(),
    "photo_has_a_size": lambda world: world.new_photo(sha256="b" * 64, width=0),
    "photo_cropped_has_a_frame": lambda world: world.new_photo(
        sha256="b" * 64, shown_as="cropped-0123456789ab"
    ),
    "consent_one_stands": lambda world: (
        saved(Consent(photo=world.photo, purpose="show", granted=True, by=world.person)),
        Consent(photo=world.photo, purpose="show", granted=False, by=world.person),
    )[-1],
    "occurrence_status_known": lambda world: Occurrence(observation=world.sighting, status="maybe"),
    "occurrence_verified_has_a_taxon": lambda world: Occurrence(
        observation=world.sighting, status="verified"
    ),
    "occurrence_photo_once": lambda world: (
        saved(OccurrencePhoto(occurrence=world.occurrence, photo=world.photo)),
        OccurrencePhoto(occurrence=world.occurrence, photo=world.photo),
    )[-1],
    "grant_scope_known": lambda world: Grant(
        user=world.person, granted_by=world.person, scope="everything", purpose="a study"
    ),
    "grant_says_what_for": lambda world: Grant(
        user=world.person, granted_by=world.person, scope="all", purpose=""
    ),
    "allowance_one_row_a_span": lambda world: (
        saved(Allowance(who="somebody", since=NOON)),
        Allowance(who="somebody", since=NOON),
    )[-1],
    "kept_answer_once_a_key": lambda world: (
        saved(KeptAnswer(user=world.person, key="a", asked="x")),
        KeptAnswer(user=world.person, key="a", asked="y"),
    )[1],
    "departure_photos_known": lambda world: departure(world, photos="sell"),
    "departure_words_known": lambda world: departure(world, words="burn"),
    "departure_can_be_called_back": lambda world: departure(world, due=NOON),
    "departure_done_is_nameless": lambda world: departure(world, done=NOON),
    "taxon_change_has_a_reason": lambda world: TaxonChange(kind="merge", by=world.person, reason=""),
    "taxon_change_begun_by_somebody": lambda world: TaxonChange(
        kind="merge", by=world.person, reason="One fish.", state="applying"
    ),
    "taxon_change_undone_by_somebody": lambda world: TaxonChange(
        kind="merge",
        by=world.person,
        reason="One fish.",
        state="undone",
        begun_at=NOON,
        applied_by=world.person,
    ),
    "changed_taxon_once_a_side": lambda world: (
        saved(ChangedTaxon(change=(change := saved(merge(world))), taxon=world.species, side="old")),
        ChangedTaxon(change=change, taxon=world.species, side="old"),
    )[-1],
    "occurrence_exported_is_verified": lambda world: Occurrence(
        observation=world.sighting, exported_taxon=world.species
    ),
    "taxa_version_one_row": lambda world: TaxaVersion(id=2, version="x"),
    "upload_within_length": lambda world: Upload(owner=world.person, length=5, offset=6, expires=NOON),
    "upload_refused_says_why": lambda world: Upload(
        owner=world.person, length=5, state="refused", expires=NOON
    ),
    "allowance_not_negative": lambda world: Allowance(who="somebody", since=NOON, used=-1),
    "measurement_positive": lambda world: Measurement(
        occurrence=world.occurrence, kind="weight", value=0, unit="g", by=world.person
    ),
    "measurement_unit_fits_kind": lambda world: Measurement(
        occurrence=world.occurrence, kind="total_length", value=31, unit="cm", by=world.person
    ),
}


@pytest.fixture
def world(alice) -> World:
    return World(alice)


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(world, name):
    row = REFUSED[name](world)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        row.save(force_insert=True)
    said = str(refusal.value)
    # SQLite names a unique index's columns instead of the constraint.
    assert name in said or "UNIQUE constraint failed" in said


def test_no_constraint_of_these_floors_is_without_its_row():
    named = {
        constraint.name
        for app in ("accounts", "species")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
    }
    assert named == set(REFUSED)


ALSO_REFUSED = {
    "half a place": observation(latitude=47.0, place_source="exif"),
    "a longitude alone": observation(longitude=11.0),
    "a source of no place": observation(place_source="exif"),
    "a public place of no place": observation(**PUBLIC),
    "a month of an open place": observation(**PLACE | PUBLIC | MONTH),
    "another day than its own": observation(
        local_date=date(2015, 10, 10), public_first_day=date(2015, 10, 10), public_last_day=date(2015, 10, 11)
    ),
    "half a span": observation(local_date=date(2015, 10, 10), public_last_day=date(2015, 10, 31), **MONTH),
    "public days of no day": observation(
        public_first_day=date(2015, 10, 1), public_last_day=date(2015, 10, 31), **MONTH
    ),
    "a public cell of no place": observation(public_h3_5="851f8d6bfffffff"),
    "a draft with a time of publishing": observation(published_at=NOON),
    "half a named place": lambda world: Place(name="Nowhere", longitude=11.0),
    "a synonym of itself": lambda world: taxon("Loop", id=(id := uuid4()), synonym_of_id=id),
    "two parents and no hybrid": lambda world: taxon(
        "Salmo b", "species", parent=world.genus, second_parent=world.species
    ),
    "a scientific name twice": lambda world: Taxon(scientific_name="Salmo", rank="genus", label="other"),
    "a label twice": lambda world: Taxon(scientific_name="Other", rank="genus", label="salmo"),
    "an address twice": lambda world: User(email="alice@example.org", display_name="Other"),
    "a source with a role": lambda world: User(
        email="x@example.org", is_source=True, is_active=False, role="admin"
    ),
}


@pytest.mark.parametrize("what", ALSO_REFUSED)
def test_the_database_also_refuses(world, what):
    row = ALSO_REFUSED[what](world)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_what_is_right_is_let_in(world, alice):
    for row in (
        Observation(observer=alice, observed_at=NOON, local_date=date(2015, 10, 10), **PLACE | PUBLIC),
        Observation(observer=alice, privacy="private", **PLACE),
        Observation(observer=alice, state="published", published_at=NOON, utc_offset=-840),
        Observation(observer=alice, latitude=-90, longitude=180, place_source="gpx", **HIDDEN),
        taxon("Salmo × Salmo trutta", "hybrid", parent=world.genus, second_parent=world.species),
        world.new_photo(sha256="b" * 64),
        Trip(person=alice, started_at=NOON, ended_at=NOON),
        Consent(photo=world.photo, purpose="show", granted=True, by=alice, superseded_at=NOON),
        Consent(photo=world.photo, purpose="show", granted=False, by=alice),
        Occurrence(observation=world.sighting, status="verified", agreed_taxon=world.species),
        Measurement(occurrence=world.occurrence, kind="weight", value=0.5, unit="g", by=alice),
    ):
        row.save(force_insert=True)


def test_what_others_stand_on_cannot_be_deleted(world, alice):
    for row in (world.genus, world.sighting, alice):
        with pytest.raises(models.ProtectedError):
            row.delete()


def test_a_source_account_is_made_as_the_table_asks(db):
    source = accounts.source_account(name="A collection")
    assert (source.is_source, source.is_active, source.role) == (True, False, "contributor")
