"""`aquavision upload` and `aquavision sync`, at a real site."""

from datetime import date

import pytest

from aquavision.journal import Journal
from species.models import Observation, Photo, State
from tests import universe
from tests.clients.python.cutting import proxy

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def as_alice(run, live_server, token, quick):
    def do(*words, url: str = ""):
        return run(*words, url=url or live_server.url, token=token)

    return do


def test_each_photo_is_a_sighting_with_everything_that_was_said(as_alice, photos, live_server):
    said = as_alice(
        *["upload", *sorted(photos(2).glob("*.jpg"))],
        *["--note", "Under the bridge.", "--licence", "CC0-1.0", "--credit", "A. Lice"],
        *["--consent", "show", "--privacy", "private", "--time-precision", "month"],
        *["--surroundings", "softened", "--at", "-47.25,11.5", "--uncertainty", "25"],
        *["--locality", "Old mill", "--observed", "2015-10-10"],
    )
    assert said.exit_code == 0, said.output
    assert "2 new, 0 there already, 0 refused." in said.stdout
    for each in Observation.objects.all():
        assert f"{live_server.url}/sightings/{each.pk}" in said.stdout
        assert (each.state, each.note, each.privacy) == (State.PUBLISHED, "Under the bridge.", "private")
        assert (each.latitude, each.longitude, each.uncertainty_m) == (-47.25, 11.5, 25)
        assert (each.time_precision, each.surroundings) == ("month", "softened")
        assert (each.place_source, each.local_date) == ("map_pin", date(2015, 10, 10))
        assert each.told_locality(exact=True) == "Old mill"
        photo = each.photos.get()
        assert (photo.licence, photo.credit) == ("CC0-1.0", "A. Lice")
        assert {row.purpose for row in photo.consents.filter(granted=True)} == {"show"}
    assert Observation.objects.count() == 2


def test_together_they_are_one_and_a_draft_stays_one(as_alice, photos):
    folder = photos(3)
    said = as_alice("upload", *folder.glob("*.jpg"), "--together", "--draft", "--note", "Three.")
    assert said.exit_code == 0 and "a draft, which only you see" in said.stdout
    sighting = Observation.objects.get()
    assert (sighting.state, sighting.photos.count()) == (State.DRAFT, 3)
    # Again: nothing more, but shown now.
    said = as_alice("upload", *folder.glob("*.jpg"), "--together")
    assert "0 new, 3 there already" in said.stdout
    sighting.refresh_from_db()
    assert (sighting.state, sighting.note, Observation.objects.count()) == (State.PUBLISHED, "Three.", 1)


def test_a_photo_that_cannot_be_taken_keeps_no_other_back(as_alice, photos):
    folder = photos(2)
    (folder / "IMG_0000.jpg").write_bytes(b"no photo")
    said = as_alice("upload", *sorted(folder.glob("*.jpg")))
    assert said.exit_code == 1
    assert "IMG_0000.jpg: file: " in said.stderr and "1 new, 0 there already, 1 refused." in said.stdout
    assert Observation.objects.get().state == State.PUBLISHED


def test_what_is_refused_of_a_sighting_loses_no_photo(as_alice, photos):
    [photo] = photos(1).glob("*.jpg")
    said = as_alice("upload", photo, "--privacy", "hidden")
    assert said.exit_code == 1 and "privacy: " in said.stderr
    assert Observation.objects.get().state == State.DRAFT, (
        "nobody sees a photo with less privacy than asked for"
    )
    assert as_alice("upload", photo, "--privacy", "private").exit_code == 0
    sighting = Observation.objects.get()
    assert (sighting.state, sighting.privacy) == (State.PUBLISHED, "private")


def test_what_stands_at_the_site_is_not_said_anew(as_alice, alice, photos):
    """A published sighting may have been described better since, and a draft of the pages is being written."""
    published, drafted = sorted(photos(2).glob("*.jpg"))
    as_alice("upload", published, "--note", "First.")
    draft = universe.sighting(alice, photos=0, published=False, note="Not yet.")
    universe.ingest.receive(data=drafted.read_bytes(), owner=alice, observation=draft)
    said = as_alice("upload", published, drafted, "--note", "Second.")
    assert said.exit_code == 0 and "0 new, 2 there already" in said.stdout
    assert {each.note: each.state for each in Observation.objects.all()} == {
        "First.": State.PUBLISHED,
        "Not yet.": State.DRAFT,
    }


@pytest.mark.parametrize(
    "words", [["--at", "47"], ["--at", "x,y"], ["--uncertainty", "5"], ["--unknown"], ["no such file.jpg"]]
)
def test_a_command_line_that_cannot_be_read_sends_nothing(as_alice, photos, words):
    said = as_alice("upload", *photos(1).glob("*.jpg"), *words)
    assert said.exit_code == 2 and not Photo.objects.exists()


def test_who_may_not_send_is_told_so_at_the_first_photo(run, live_server, photos, quick):
    said = run("upload", *photos(3).glob("*.jpg"), url=live_server.url, token="aqua_wrong")
    assert said.exit_code == 3 and said.stderr.count("unknown or was revoked") == 1


def test_a_folder_is_sent_with_what_is_below_it_and_goes_on(as_alice, photos, live_server):
    folder = photos(2)
    (folder / "2015").mkdir()
    (folder / "2015" / "B.PNG").write_bytes(universe.photo_bytes("b", format="PNG"))
    (folder / ".thumbnails").mkdir()
    (folder / ".thumbnails" / "t.jpg").write_bytes(universe.photo_bytes("t"))
    (folder / "notes.txt").write_text("No photo.")
    assert "3 new" in as_alice("sync", folder).stdout
    journal = folder / ".aquavision.jsonl"
    lines = journal.read_text().splitlines()
    assert len(lines) == 3 and '"2015/B.PNG"' in "".join(lines)
    # Killed in the middle of the last line: that photo is asked for again, and the next line is whole.
    journal.write_text("\n".join(lines)[:-20])
    (folder / "new.jpg").write_bytes(universe.photo_bytes("new"))
    with proxy(live_server.url, every=0) as line:
        said = as_alice("sync", folder, url=line.url)
        assert line.asked["PUT"] == 4, "another address is another site, to which nothing was sent"
        said = as_alice("sync", folder)
    assert said.exit_code == 0 and "0 new, 2 there already" in said.stdout
    assert Journal(folder, live_server.url).waiting() == []
    assert Photo.objects.count() == 4


def test_a_file_that_changed_is_another_photo(as_alice, photos):
    folder = photos(1)
    as_alice("sync", folder)
    [path] = folder.glob("*.jpg")
    path.write_bytes(universe.photo_bytes("another"))
    assert "1 new" in as_alice("sync", folder).stdout
    assert Observation.objects.count() == 2


def test_what_could_not_be_taken_is_tried_again_the_next_time(as_alice, photos):
    folder = photos(1)
    (folder / "bad.jpg").write_bytes(b"no photo")
    assert as_alice("sync", folder).exit_code == 1
    (folder / "bad.jpg").write_bytes(universe.photo_bytes("good"))
    said = as_alice("sync", folder)
    assert said.exit_code == 0 and "1 new, 0 there already" in said.stdout
