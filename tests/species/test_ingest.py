"""The one way in for photos: same bytes, same photo; a refusal leaves nothing; a race has one winner."""

import io
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts import actions as accounts
from accounts.models import Licence
from species import access, clocks, ingest, stored_files
from species.actions import observations, occurrences, photos
from species.images.decoder import get_decoder
from species.images.refusals import MAX_BYTES, ImageRefused
from species.models import Consent, Observation, Photo, PlaceSource, Purpose, State
from tests import universe
from tests.species.images.pictures import encoded, texture, xmp_of_a_drawing


def stored(settings) -> set[str]:
    """Names of every file in the store."""
    root = Path(settings.FILES)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def allowed(photo: Photo) -> set[str]:
    return set(
        Consent.objects.filter(photo=photo, granted=True, superseded_at=None).values_list(
            "purpose", flat=True
        )
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_drawing_is_known_by_what_its_file_says(alice, form):
    # Pillow writes a PNG's packet only as a text chunk.
    if form == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp_of_a_drawing().decode())
        drawing = encoded(texture(200, 100), form, pnginfo=info)
    else:
        drawing = encoded(texture(200, 100), form, xmp=xmp_of_a_drawing())
    assert ingest.receive(data=drawing, owner=alice).photo.drawn
    assert not ingest.receive(data=encoded(texture(200, 100), form), owner=alice).photo.drawn


def test_a_photo_is_a_row_an_original_and_three_renditions(alice, settings):
    data = universe.photo_bytes("one", size=(3000, 1000))
    received = ingest.receive(data=data, owner=alice, file_name="C:\\my photos\\IMG_1.JPG")
    photo = received.photo
    assert received.created and received.notice == ""
    assert (photo.width, photo.height, photo.media_type) == (3000, 1000, "image/jpeg")
    assert (photo.file_name, photo.file_size) == ("IMG_1.JPG", len(data))
    assert stored(settings) == {
        photo.original_name,
        *(photo.rendition_name(size) for size in (320, 1008, 2016)),
    }
    with default_storage.open(photo.original_name) as file:
        assert file.read() == data, "the original is untouched"
    for size in (320, 1008, 2016):
        with default_storage.open(photo.rendition_name(size)) as file, Image.open(file) as rendition:
            assert rendition.size == photo.rendition_size(size)
            assert not rendition.getexif(), "renditions carry no EXIF"


def test_a_draft_is_made_and_filled_from_exif(alice):
    exif = {
        "taken_at": datetime(2015, 10, 10, 1, 30),
        "offset": "+02:00",
        "latitude": 47.26812,
        "longitude": 11.39325,
        "camera": "Brook Cam 2",
    }
    photo = ingest.receive(data=universe.photo_bytes(exif=exif), owner=alice).photo
    draft = photo.observation
    assert draft.state == State.DRAFT and draft.observer == alice
    assert draft.observed_at == datetime(2015, 10, 9, 23, 30, tzinfo=UTC)
    assert (draft.utc_offset, draft.local_date) == (120, date(2015, 10, 10))
    assert (draft.latitude, draft.longitude) == (pytest.approx(47.26812), pytest.approx(11.39325))
    assert draft.place_source == PlaceSource.EXIF
    assert photo.metadata["camera"].endswith("Brook Cam 2")
    draft.refresh_from_db()
    assert (draft.public_latitude, draft.public_longitude) == (47.25, 11.35)


def test_a_time_without_offset_keeps_its_day_and_says_that_the_zone_is_unknown(alice):
    data = universe.photo_bytes(exif={"taken_at": datetime(2015, 10, 10, 23, 59)})
    draft = ingest.receive(data=data, owner=alice).photo.observation
    assert draft.observed_at == datetime(2015, 10, 10, 23, 59, tzinfo=UTC)
    assert (draft.utc_offset, draft.local_date) == (None, date(2015, 10, 10))


def test_a_photo_without_gps_leaves_the_place_empty(alice):
    draft = ingest.receive(data=universe.photo_bytes(), owner=alice).photo.observation
    assert (draft.latitude, draft.longitude, draft.place_source) == (None, None, "")
    assert not draft.has_public_place and draft.observed_at is None


def test_the_satellites_clock_is_kept_as_the_instant_it_is(alice):
    exif = {"satellites": datetime(2023, 5, 2), "latitude": 44.05, "longitude": -121.3}
    photo = ingest.receive(data=universe.photo_bytes(exif=exif), owner=alice).photo
    assert photo.metadata["satellite_time"] == "2023-05-02T00:00:00Z"
    draft = photo.observation
    assert (draft.observed_at, draft.utc_offset, draft.local_date) == (None, None, date(2023, 5, 1))
    assert (draft.time_source, draft.satellite_time) == ("gps", datetime(2023, 5, 2))


@pytest.mark.parametrize("offset", ["-12:00", "+14:00"])
def test_the_edge_of_the_future_is_that_of_the_moment_not_of_the_wall(alice, offset):
    zone = clocks.zone(clocks.offset(offset))
    for ahead, known in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        at = (datetime.now(UTC) + ahead).astimezone(zone).replace(tzinfo=None, microsecond=0)
        data = universe.photo_bytes(f"{offset} {ahead}", exif={"taken_at": at, "offset": offset})
        draft = ingest.receive(data=data, owner=alice).photo.observation
        assert (draft.local_date == at.date()) == known


PACKET = (
    b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description '
    b'xmlns:e="http://ns.adobe.com/exif/1.0/" e:GPSLatitude="43,4.58404N" e:GPSLongitude="79,4.62021W"/></r:RDF>'
)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_what_exif_lacks_xmp_says_and_who_said_it_is_kept(alice, form):
    options = {"xmp": PACKET}
    if form == "PNG":
        chunks = PngInfo()
        chunks.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        options = {"pnginfo": chunks}
    exif = universe.exif_block(taken_at=datetime(2019, 2, 25, 4, 19, 21)).tobytes()
    data = encoded(texture(64, 48), form, exif=exif, **options)
    draft = ingest.receive(data=data, owner=alice).photo.observation
    assert (draft.time_source, draft.observed_text) == ("exif", "2019-02-25T04:19:21")
    assert (draft.place_source, draft.latitude) == (PlaceSource.XMP, 43.0764007)


def test_a_clock_that_runs_years_ahead_is_not_believed(alice):
    data = universe.photo_bytes(exif={"taken_at": datetime(2099, 1, 1)})
    draft = ingest.receive(data=data, owner=alice).photo.observation
    assert draft.observed_at is None and draft.local_date is None


def test_exif_fills_only_what_a_sighting_does_not_say(alice):
    said = observations.start(by=alice, latitude=48.0, longitude=12.0, place_source="map_pin")
    exif = {"taken_at": datetime(2015, 10, 10, 12), "latitude": 1.0, "longitude": 2.0}
    ingest.receive(data=universe.photo_bytes(exif=exif), owner=alice, observation=said)
    said.refresh_from_db()
    assert (said.latitude, said.place_source) == (48.0, "map_pin")
    assert said.local_date == date(2015, 10, 10)


def test_photos_of_one_sighting_take_the_next_position(alice):
    sighting = universe.sighting(alice, photos=3)
    assert list(sighting.photos.values_list("position", flat=True).order_by("position")) == [0, 1, 2]


def test_the_same_bytes_again_are_the_same_photo_and_it_says_so(alice, settings):
    data = universe.photo_bytes()
    first = ingest.receive(data=data, owner=alice)
    before = stored(settings)
    again = ingest.receive(data=data, owner=alice, id=uuid4())
    assert again.photo == first.photo and not again.created
    assert "before" in again.notice
    assert Photo.objects.count() == Observation.objects.count() == 1
    assert stored(settings) == before


def test_nobody_learns_that_a_stranger_has_the_same_photo(alice, bob):
    data = universe.photo_bytes()
    ingest.receive(data=data, owner=alice)
    bobs = ingest.receive(data=data, owner=bob)
    assert bobs.created and bobs.notice == ""
    assert bobs.photo.owner == bob
    assert Photo.objects.count() == 2


def test_a_retried_id_is_the_same_photo(alice):
    id, data = uuid4(), universe.photo_bytes()
    assert ingest.receive(data=data, owner=alice, id=id).created
    again = ingest.receive(data=data, owner=alice, id=id)
    assert (again.photo.pk, again.created) == (id, False)


def test_somebody_elses_id_is_not_yours(alice, bob):
    id = uuid4()
    ingest.receive(data=universe.photo_bytes(1), owner=alice, id=id)
    with pytest.raises(ingest.NotYours):
        ingest.receive(data=universe.photo_bytes(2), owner=bob, id=id)
    with pytest.raises(ingest.NotYours):
        ingest.receive(data=universe.photo_bytes(1), owner=bob, id=id)
    assert Photo.objects.count() == 1


def test_an_id_holds_one_photo_only(alice):
    id = uuid4()
    ingest.receive(data=universe.photo_bytes(1), owner=alice, id=id)
    with pytest.raises(ValidationError, match="already"):
        ingest.receive(data=universe.photo_bytes(2), owner=alice, id=id)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"GIF87 not really", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (universe.photo_bytes(size=(1600, 1200))[:-40000], "truncated"),
    ],
)
def test_a_file_that_is_no_photo_leaves_nothing(alice, settings, data, code):
    with pytest.raises(ImageRefused) as refusal:
        ingest.receive(data=data, owner=alice)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")
    assert not Photo.objects.exists() and not Observation.objects.exists()
    assert stored(settings) == set()


def test_too_large_a_file_is_refused_before_it_is_read_or_decoded(alice):
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size=-1):
            assert size != -1, "it must never be read as a whole"
            self.asked += size
            return b"\xff" * size

    file = Endless()
    with pytest.raises(ImageRefused) as refusal:
        ingest.read(file)
    assert refusal.value.code == "too_large"
    assert file.asked == MAX_BYTES + 1
    with pytest.raises(ImageRefused, match="25 MB"):
        ingest.receive(data=b"\xff" * (MAX_BYTES + 1), owner=alice)


def test_when_the_rows_are_refused_the_files_go_too(alice, settings):
    with pytest.raises(ValidationError, match="licence|Choose"):
        ingest.receive(data=universe.photo_bytes(), owner=alice, licence="WTFPL")
    published = universe.sighting(alice, seed="published")
    occurrences.add(observation=published, photos=published.photos.all(), by=alice)
    before = stored(settings)
    with pytest.raises(ValidationError, match="several"):
        ingest.receive(data=universe.photo_bytes("late"), owner=alice, observation=published)
    assert stored(settings) == before
    assert published.photos.count() == 1


def test_a_sighting_published_while_its_photo_is_decoded_says_what_it_said(alice):
    draft = universe.sighting(alice, published=False)
    stale = Observation.objects.get(pk=draft.pk)
    observations.publish(observation=draft, by=alice)
    data = universe.photo_bytes("late", exif={"latitude": 1.0, "longitude": 2.0})
    photo = ingest.receive(data=data, owner=alice, observation=stale).photo
    draft.refresh_from_db()
    assert draft.latitude is None and Photo.objects.get(pk=photo.pk).shown
    assert draft.edits.count() == 1


def test_a_sighting_discarded_while_its_photo_is_decoded_leaves_nothing(alice, settings):
    draft = observations.start(by=alice)
    observations.discard(observation=Observation.objects.get(), by=alice)
    with pytest.raises(access.NotYours):
        ingest.receive(data=universe.photo_bytes(), owner=alice, observation=draft)
    assert not stored(settings) and not Photo.objects.exists()


def test_a_photo_erased_meanwhile_is_nobodys(alice):
    photo = ingest.receive(data=universe.photo_bytes(), owner=alice).photo
    photos.erase(photo=Photo.objects.get(), by=alice)
    with pytest.raises(access.NotYours):
        photos.erase(photo=photo, by=alice)
    with pytest.raises(access.NotYours):
        photos.say(photo=photo, purpose=Purpose.SHOW, granted=False, by=alice)


def test_a_full_disk_leaves_no_row(alice, settings):
    folder = Path(settings.FILES) / "renditions"
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    with pytest.raises(OSError):
        ingest.receive(data=universe.photo_bytes(), owner=alice)
    assert not Photo.objects.exists() and not Observation.objects.exists()
    assert stored(settings) == {"renditions"}, "the original that was already written is gone again"


def test_somebody_elses_sighting_takes_no_photo(alice, bob):
    draft = observations.start(by=alice)
    with pytest.raises(ingest.NotYours):
        ingest.receive(data=universe.photo_bytes(), owner=bob, observation=draft)


def test_consents_and_licence_start_from_the_account(alice):
    accounts.set_defaults(
        user=alice,
        by=alice,
        display_name="Alice",
        licence=Licence.CC0,
        privacy="private",
        show=True,
        research=True,
        train=False,
    )
    photo = ingest.receive(data=universe.photo_bytes(), owner=alice).photo
    assert photo.licence == Licence.CC0
    assert allowed(photo) == {Purpose.SHOW, Purpose.RESEARCH}
    assert photo.observation.privacy == "private"
    assert observations.start(by=alice, privacy="open").privacy == "open"
    assert Consent.objects.filter(photo=photo, purpose=Purpose.TRAIN, granted=False, by=alice).exists()


def test_what_is_said_now_outranks_the_account(alice):
    data = universe.photo_bytes()
    photo = ingest.receive(data=data, owner=alice, consents=["train"], licence="CC0-1.0").photo
    assert (allowed(photo), photo.licence) == ({Purpose.TRAIN}, "CC0-1.0")


def test_without_a_licence_it_is_shown_and_used_nowhere_else(alice):
    photo = ingest.receive(data=universe.photo_bytes(), owner=alice, licence=Licence.NONE).photo
    assert allowed(photo) == {Purpose.SHOW}


def test_an_unknown_purpose_is_refused_before_anything_is_stored(alice, settings):
    with pytest.raises(ValidationError, match="sell"):
        ingest.receive(data=universe.photo_bytes(), owner=alice, consents=["show", "sell"])
    assert stored(settings) == set()


def test_an_import_speaks_in_its_operators_name(rita):
    batch, sighting = universe.imported(operator=rita, consents=("show", "research"))
    photo = sighting.photos.get()
    assert (photo.owner, photo.batch) == (batch.source, batch)
    assert (photo.licence, photo.credit) == ("MIT", "© somebody")
    assert allowed(photo) == {Purpose.SHOW, Purpose.RESEARCH}
    assert {consent.by for consent in photo.consents.all()} == {rita}


def test_nobody_shares_in_somebody_elses_name(alice, bob, rita):
    with pytest.raises(PermissionDenied):
        ingest.receive(data=universe.photo_bytes(), owner=alice, by=bob)
    batch, _ = universe.imported(operator=rita)
    with pytest.raises(PermissionDenied):
        ingest.receive(data=universe.photo_bytes(), owner=batch.source, by=bob, batch=batch)
    with pytest.raises(PermissionDenied):
        ingest.receive(data=universe.photo_bytes(), owner=alice, by=rita, batch=batch)


def test_an_original_goes_with_the_last_who_sent_it(alice, bob, django_capture_on_commit_callbacks):
    data = universe.photo_bytes()
    first = ingest.receive(data=data, owner=alice).photo
    second = ingest.receive(data=data, owner=bob).photo
    small = default_storage.open(second.rendition_name(320)).read()
    for lost in (second.original_name, second.rendition_name(320)):
        default_storage.delete(lost)
    stored_files.confirm(second, data, {320: small})
    assert default_storage.open(second.original_name).read() == data
    assert default_storage.open(second.rendition_name(320)).read() == small
    with django_capture_on_commit_callbacks(execute=True):
        photos.erase(photo=first, by=alice)
    assert default_storage.exists(second.original_name), "bob's is the same file"
    assert not default_storage.exists(first.rendition_name(320))
    with django_capture_on_commit_callbacks(execute=True):
        photos.erase(photo=second, by=bob)
    assert not default_storage.exists(second.original_name)


@pytest.mark.django_db(transaction=True)
def test_the_same_photo_in_several_requests_at_once_is_one_photo(settings):
    owner = accounts.sign_up(email="a@example.org", password=None, display_name="A")
    draft = observations.start(by=owner)
    data = universe.photo_bytes("race", size=(1200, 800))
    start, results, errors = threading.Barrier(4), [], []

    def send():
        try:
            start.wait()
            results.append(ingest.receive(data=data, owner=owner, observation=draft, id=uuid4()))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    photo = Photo.objects.get()
    assert {result.photo.pk for result in results} == {photo.pk}
    assert sum(result.created for result in results) == 1
    assert stored(settings) == {photo.original_name, *(photo.rendition_name(n) for n in (320, 1008, 2016))}
    assert photo.consents.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_id_in_several_requests_at_once_is_one_photo(settings):
    owner = accounts.sign_up(email="a@example.org", password=None, display_name="A")
    id, data = uuid4(), universe.photo_bytes("retry")
    start, results, errors = threading.Barrier(3), [], []

    def send():
        try:
            start.wait()
            results.append(ingest.receive(data=data, owner=owner, id=id).photo.pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (errors, set(results)) == ([], {id})
    assert Observation.objects.count() == 1, "the losers' drafts went with their rows"
    for size in (320, 1008, 2016):
        assert default_storage.exists(Photo.objects.get().rendition_name(size))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("owners", [1, 2])
def test_two_photos_under_one_id_at_once_leave_one_with_its_own_pictures(settings, owners):
    people = [
        accounts.sign_up(email=f"{n}@example.org", password=None, display_name=str(n)) for n in range(owners)
    ]
    id, photos_sent = uuid4(), [universe.photo_bytes(f"rival {n}", size=(1200, 800)) for n in range(2)]
    start, results, errors = threading.Barrier(2), [], []

    def send(data, owner):
        try:
            start.wait()
            results.append((ingest.receive(data=data, owner=owner, id=id).photo, data))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=send, args=[data, people[n % owners]]) for n, data in enumerate(photos_sent)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    [refused], [(photo, data)] = errors, results
    assert isinstance(refused, ValidationError if owners == 1 else access.NotYours)
    assert Photo.objects.get().sha256 == photo.sha256
    renditions = get_decoder().prepare(data).renditions
    assert stored(settings) == {photo.original_name, *(photo.rendition_name(size) for size in renditions)}
    for size, rendition in renditions.items():
        with default_storage.open(photo.rendition_name(size)) as file:
            assert file.read() == rendition


def test_an_orphan_of_a_killed_process_is_found_by_its_name(alice, settings):
    """Files are written first: one without a row is named after no photo that exists."""
    default_storage.save("originals/ab/" + "ab" * 32, ContentFile(b"left behind"))
    photo = ingest.receive(data=universe.photo_bytes(), owner=alice).photo
    known = {photo.original_name, *(photo.rendition_name(size) for size in (320, 1008, 2016))}
    assert stored(settings) - known == {"originals/ab/" + "ab" * 32}


def test_taken_just_now_far_in_the_east_is_not_the_future(alice):
    wall = (datetime.now(UTC) + timedelta(hours=13)).replace(tzinfo=None, microsecond=0)
    data = universe.photo_bytes(exif={"taken_at": wall})
    assert ingest.receive(data=data, owner=alice).photo.observation.local_date == wall.date()


def test_every_hostile_file_is_taken_whole_or_refused_whole(alice, settings, sample_data):
    """Files that crash, hang, bomb or overflow decoders: each ends in a photo or in a sentence."""
    hostile = sorted(path for path in (sample_data / "hostile").rglob("*") if path.is_file())
    assert len(hostile) > 40
    for path in hostile:
        photos_before, files_before = Photo.objects.count(), stored(settings)
        try:
            received = ingest.receive(data=path.read_bytes(), owner=alice, file_name=path.name)
        except ImageRefused as refusal:
            assert str(refusal).endswith("."), path.name
            assert (Photo.objects.count(), stored(settings)) == (photos_before, files_before), path.name
        else:
            assert received.photo.width > 0, path.name
    assert Observation.objects.count() == Photo.objects.count()
