import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import source_account
from accounts.models import User
from jobs import worker
from labeling.actions import boxes, identifications, rulings
from labeling.consensus.boxes import Rectangle
from labeling.imports import run
from labeling.imports.run import ImportRefused
from labeling.models import Box, Identification, Ruling, Verdict
from species.models import (
    Consent,
    ImportBatch,
    Measurement,
    Observation,
    Occurrence,
    Photo,
    Status,
)
from tests.labeling.imports.collecting import COLUMNS, rows_there, take
from tests.labeling.imports.readers.test_labelled import BOX, write
from tests.universe import photo_bytes


def test_everything_that_came_with_the_photos(folder, rita):
    report = take(folder, rita)
    assert report.sentence() == "4 photos new, 0 here already, in 2 sightings."
    source = source_account(name="cameras")
    trout = Observation.objects.get(local_date="2015-04-13")
    assert trout.observer == source and trout.state == "published"
    assert trout.utc_offset is None and trout.observed_at.isoformat() == "2015-04-13T16:52:29+00:00"
    names = list(trout.photos.order_by("position").values_list("file_name", flat=True))
    assert names == ["0.jpg", "1.jpg", "3.jpg"]
    photo = trout.photos.first()
    assert (photo.licence, photo.credit, photo.owner) == ("MIT", "© K", source)
    assert default_storage.exists(photo.original_name)
    said = set(photo.consents.values_list("purpose", "granted", "by"))
    assert said == {("show", True, rita.pk), ("research", True, rita.pk), ("train", False, rita.pk)}
    occurrence = trout.occurrences.get()
    assert occurrence.photos.count() == 3
    length = occurrence.measurements.get()
    assert (length.kind, length.value, length.unit, length.by) == ("total_length", 470, "mm", rita)
    identification = Identification.objects.get(occurrence=occurrence)
    assert (identification.person, identification.taxon.label, identification.confidence) == (
        source,
        "brown_trout",
        "sure",
    )
    assert occurrence.status == Status.NEEDS_ID  # its own uploader's word settles nothing
    other = Observation.objects.get(local_date="2015-04-14")
    assert (other.utc_offset, other.observed_at.hour) == (120, 23)
    assert not other.occurrences.get().measurements.exists()


def test_what_is_here_is_asked_for_many_at_a_time_and_not_written(tmp_path, rita, tree):
    asked = []
    for count in (2, 6):
        folder = tmp_path / str(count)
        folder.mkdir()
        lines = ["file,observation_id,scientific_name,length_mm"]
        for number in range(count):
            (folder / f"{number}.jpg").write_bytes(photo_bytes(f"{count} {number}", (64, 48)))
            lines.append(f"{number}.jpg,{number},Salmo trutta,{100 + number}")
        (folder / "observations.csv").write_text("\n".join(lines), encoding="utf-8")
        take(folder, rita, source=folder.name)
        before = list(Verdict.objects.order_by("pk").values())
        with CaptureQueriesContext(connection) as found:
            assert take(folder, rita, source=folder.name).sentence() == (
                f"0 photos new, {count} here already, in {count} sightings."
            )
        asked.append(len(found))
        assert not [each["sql"] for each in found if each["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
        assert list(Verdict.objects.order_by("pk").values()) == before
    assert asked[0] == asked[1]


def test_what_is_told_otherwise_than_it_is_here_is_taken_in(folder, rita, tree):
    take(folder, rita)
    occurrence = Occurrence.objects.get(observation__local_date="2015-04-13")
    Identification.objects.filter(occurrence=occurrence).update(withdrawn_at=timezone.now())
    occurrence.measurements.all().delete()
    assert take(folder, rita).sentence() == "0 photos new, 4 here already, in 2 sightings."
    assert Identification.objects.get(occurrence=occurrence, withdrawn_at=None).taxon == tree["brown_trout"]
    assert occurrence.measurements.get().value == 470


def test_another_person_settles_an_import_without_trust(folder, rita, alice, tree):
    take(folder, rita)
    occurrence = Occurrence.objects.get(observation__local_date="2015-04-13")
    identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
    assert occurrence.status == Status.VERIFIED


def test_trusted_it_is_verified_by_one_ruling_that_is_withdrawn_as_one(folder, rita):
    take(folder, rita, trust=True, reason="Named in the hand.")
    assert set(Occurrence.objects.values_list("status", flat=True)) == {Status.VERIFIED}
    ruling = Ruling.objects.get()
    assert ruling.reason == "Named in the hand." and ruling.reviewer == rita
    rulings.withdraw(ruling=ruling, by=rita)
    worker.run_due()
    assert set(Occurrence.objects.values_list("status", flat=True)) == {Status.NEEDS_ID}


@pytest.fixture
def several(folder) -> Path:
    """The same two sightings, by two people of whom a third agrees with one and contradicts the other."""
    lines = (folder / "observations.csv").read_text().splitlines()
    said = [f"{line},{'Ben' if ',B,' in line else 'Ann'}" for line in lines[1:]]
    (folder / "observations.csv").write_text("\n".join([lines[0] + ",recorded_by", *said]))
    (folder / "opinions.csv").write_text(
        "observation_id,identified_by,label\nA,Cleo,brown_trout\nB,Cleo,brown_trout\nB,Ann,unicorn\n"
    )
    return folder


def test_the_people_of_a_collection_have_a_say_each(several, rita, alice):
    report = take(several, rita)
    assert [(each.where, each.what.split(".")[0]) for each in report.problems] == [
        ("opinions.csv line 4", "No taxon here is called “unicorn”")
    ]
    agreed = Occurrence.objects.get(status=Status.VERIFIED)
    assert str(agreed.observation.observer) == "Ann" and agreed.agreed_taxon.label == "brown_trout"
    assert {photo.owner for photo in agreed.observation.photos.all()} == {agreed.observation.observer}
    disputed = Occurrence.objects.get(status=Status.DISPUTED)
    assert {str(each.person) for each in disputed.identifications.all()} == {"Ben", "Cleo"}
    people = User.objects.filter(is_source=True)
    assert not any(person.is_active for person in people)
    before = Identification.objects.count(), Photo.objects.count(), people.count()
    assert take(several, rita).new == 0
    assert before == (Identification.objects.count(), Photo.objects.count(), people.count())


def test_the_ann_of_another_collection_is_somebody_else(several, rita, tmp_path):
    take(several, rita)
    take(several, rita, source="Elsewhere")
    assert User.objects.filter(is_source=True, display_name="Ann").count() == 2


def test_trust_in_a_collection_is_not_trust_in_everybody_it_names(several, rita):
    take(several, rita, trust=True, reason="Their word.")
    assert Occurrence.objects.get(observation__observer__display_name="Ben").status == Status.DISPUTED


def test_importing_again_is_the_same_data(folder, rita):
    take(folder, rita, trust=True, reason="Named in the hand.")
    before = rows_there()
    report = take(folder, rita, trust=True, reason="Named in the hand.")
    assert (report.new, report.known, report.sightings, report.problems) == (0, 4, 2, [])
    assert rows_there() == before


def test_ids_follow_from_the_source_and_the_row(folder, rita, tmp_path):
    take(folder, rita)
    before = rows_there()
    Consent.objects.all().delete()
    for model in (Verdict, Identification, Measurement, Occurrence, Photo, Observation, ImportBatch):
        model.objects.all().delete()
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    lines = (moved / "observations.csv").read_text().splitlines()
    (moved / "observations.csv").write_text("\n".join([lines[0], lines[3], lines[1], lines[2], lines[4]]))
    take(moved, rita)
    assert rows_there() == before


def test_trust_that_comes_later_reaches_what_came_before(folder, rita):
    take(folder, rita)
    (folder / "4.jpg").write_bytes(photo_bytes("camera 4"))
    (folder / "observations.csv").write_text(f"{COLUMNS}\n4.jpg,C,Salmo trutta,,")
    take(folder, rita, trust=True, reason="Named in the hand.")
    assert Occurrence.objects.verified().count() == 3


def test_an_identification_that_changed_in_the_table_is_said_anew(folder, rita, tree):
    take(folder, rita)
    table = folder / "observations.csv"
    table.write_text(table.read_text().replace("Oncorhynchus mykiss", "Oncorhynchus clarkii"))
    take(folder, rita)
    standing = Identification.objects.get(occurrence__observation__local_date="2015-04-14", withdrawn_at=None)
    assert standing.taxon.scientific_name == "Oncorhynchus clarkii"
    assert Identification.objects.count() == 3


def test_broken_off_half_way_and_begun_again_it_is_whole(folder, rita, monkeypatch):
    """Wherever it stops: between photos, and between an organism and its publication."""
    take(folder, rita, trust=True, reason="Named in the hand.")
    whole = rows_there()
    wipe()

    class Stopped(BaseException):
        pass

    calls = []

    def stop_at(number, real):
        def act(*arguments, **keywords):
            calls.append(real)
            if len(calls) == number:
                raise Stopped
            return real(*arguments, **keywords)

        return act

    for place, name, number in (
        (run.ingest, "receive", 1),
        (run.ingest, "receive", 2),
        (run.identifications, "add_imported", 1),
        (run.observations, "publish", 1),
    ):
        calls.clear()
        with monkeypatch.context() as patch, pytest.raises(Stopped):
            patch.setattr(place, name, stop_at(number, getattr(place, name)))
            take(folder, rita, trust=True, reason="Named in the hand.")
        assert not Observation.objects.published().exists()
        assert not Identification.objects.exists()
    take(folder, rita, trust=True, reason="Named in the hand.")
    assert rows_there() == whole


def wipe():
    for model in (Verdict, Identification, Measurement, Occurrence, Consent, Photo, Observation):
        model.objects.all().delete()


def test_bad_rows_are_reported_and_the_rest_is_taken_in(folder, rita):
    data = photo_bytes("half")
    (folder / "half.jpg").write_bytes(data[: len(data) // 2])
    (folder / "text.jpg").write_text("not a photo")
    (folder / "same.jpg").write_bytes((folder / "0.jpg").read_bytes())
    (folder / "5.jpg").write_bytes(photo_bytes("camera 5"))
    with (folder / "observations.csv").open("a") as table:
        table.write("\nhalf.jpg,A,Salmo trutta,2015-04-13T16:52:29,470")
        table.write("\ntext.jpg,D,Salmo trutta,,\nsame.jpg,E,Salmo trutta,,\n5.jpg,F,Piscis rarus,,")
        table.write("\ngone.jpg,G,Salmo trutta,,\n5.jpg,H,Salmo trutta,2999-01-01,")
    report = take(folder, rita)
    assert {problem.where: problem.what for problem in report.problems} == {
        "observations.csv line 6": "The file stops half-way. Copy it from the camera again.",
        "observations.csv line 7": ("This is not a photo we can read. Send a JPEG, HEIC, PNG, WebP or AVIF."),
        "observations.csv line 8": "The same photo came with another sighting already.",
        "observations.csv line 9": (
            "No taxon here is called “Piscis rarus”. Check the spelling, or name a group it belongs to."
        ),
        "observations.csv line 10": "There is no file gone.jpg.",
        "observations.csv line 11": "The same photo as in observations.csv line 9.",
    }
    assert (report.rows, report.new, report.sightings) == (10, 4, 2)
    assert not Observation.objects.filter(state="draft").exists()
    assert Photo.objects.count() == 4


def test_a_time_that_has_not_come_is_reported(folder, rita):
    (folder / "observations.csv").write_text(f"{COLUMNS}\n0.jpg,A,Salmo trutta,2999-01-01T00:00,")
    report = take(folder, rita)
    assert [problem.where for problem in report.problems] == ["observations.csv line 2"]
    assert not Observation.objects.exists()


def test_a_file_that_is_not_the_one_described(folder, rita):
    row = f"0.jpg,Salmo trutta,{'ab' * 32}"
    (folder / "observations.csv").write_text(f"file,scientific_name,sha256\n{row}\n1.jpg,Salmo trutta,\n")
    report = take(folder, rita)
    assert "sha256" in report.problems[0].what and report.new == 1
    (folder / "1.jpg").write_bytes(photo_bytes("another"))
    again = take(folder, rita)
    assert "Has changed since" in again.problems[1].what
    assert Photo.objects.count() == 1


def test_a_place_with_its_source(folder, rita):
    columns = "file,scientific_name,latitude,longitude,place_source,uncertainty_m"
    rows = ["0.jpg,Salmo trutta,47.26812,11.39325,map_pin,30", "1.jpg,Salmo trutta,95,11,map_pin,"]
    (folder / "observations.csv").write_text("\n".join([columns, *rows]))
    report = take(folder, rita)
    observation = Observation.objects.get()
    assert (observation.latitude, observation.place_source, observation.uncertainty_m) == (
        47.26812,
        "map_pin",
        30,
    )
    assert observation.has_public_place and observation.public_latitude != observation.latitude
    assert report.problems[0].where == "observations.csv line 3"


def test_a_folder_per_class(tmp_path, tree, rita):
    for number, name in enumerate(
        ["browntrout", "Rainbow trout", "Salmo fario", "unicorn", ".ipynb_checkpoints"]
    ):
        (tmp_path / "food" / name).mkdir(parents=True)
        (tmp_path / "food" / name / "1.jpg").write_bytes(photo_bytes(number))
    (tmp_path / "food" / "browntrout" / "readme.txt").write_text("hello")
    report = take(tmp_path / "food", rita)
    labels = Identification.objects.order_by("taxon__label").values_list("taxon__label", flat=True)
    assert list(labels) == ["brown_trout", "brown_trout", "rainbow_trout"]
    assert [problem.where for problem in report.problems] == ["browntrout/readme.txt", "unicorn/1.jpg"]


def test_addresses_per_class(web, tmp_path, tree, rita):
    address, asked = web
    lists = tmp_path / "lists"
    lists.mkdir()
    lines = [f"{address}/0.jpg", f"{address}/gone.jpg", "http://169.254.169.254/", f"{address}/1.jpg"]
    (lists / "brown_trout.txt").write_text("\n".join(lines))
    report = take(lists, rita)
    assert report.new == 2
    assert [problem.where for problem in report.problems] == [
        "brown_trout.txt line 2",
        "brown_trout.txt line 3",
    ]
    assert "private network" in report.problems[1].what
    asked.clear()
    again = take(lists, rita)
    assert (again.new, again.known) == (0, 2)
    assert asked.count("/0.jpg") == 0  # what is here is not fetched again


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ({"licence": "free for all"}, "no licence by its SPDX id"),
        ({"licence": ""}, "SPDX"),
        ({"consents": ["show", "sell"]}, "sell"),
        ({"trust": True}, "why this source is trusted"),
        ({"source": " "}, "what the collection is called"),
        ({"source": "a" * 81}, "what the collection is called"),
    ],
)
def test_what_an_import_must_say(folder, rita, bad, what):
    with pytest.raises(ImportRefused, match=what):
        take(folder, rita, **bad)
    assert not Photo.objects.exists() and not Ruling.objects.exists()


def test_only_reviewers_import(folder, alice, source):
    for person in (alice, source):
        with pytest.raises(ImportRefused, match="Only a reviewer"):
            take(folder, person)


def test_spdx_ids_are_written_as_the_list_writes_them(folder, rita):
    take(folder, rita, licence="cc-by-4.0")
    assert ImportBatch.objects.get().licence == "CC-BY-4.0"


def test_what_another_began_is_not_taken_over_silently(folder, rita, ada, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(run.observations, "publish", _fail)
        take(folder, ada)
    report = take(folder, rita)
    assert len(report.problems) == 3  # ada's draft, and every row of it is named
    assert take(folder, ada).sightings == 2


def _fail(**keywords):
    raise RuntimeError("the power went")


def test_progress_counts_rows_and_may_stop_it(folder, rita):
    told = []
    take(folder, rita, progress=lambda done, total, message: told.append((done, total)))
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


# --- names ------------------------------------------------------------------------------------------------


def test_real_photos(sample_data, tmp_path, tree, rita):
    with (sample_data / "fishcam" / "observations.csv").open() as file:
        rows = list(csv.DictReader(file))
    chosen = list(dict.fromkeys(row["observation_id"] for row in rows))[:3]
    rows = [row for row in rows if row["observation_id"] in chosen][:12]
    for row in rows:
        target = tmp_path / "slice" / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sample_data / "fishcam" / row["file"], target)
    with (tmp_path / "slice" / "observations.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
    report = take(tmp_path / "slice", rita, source="fishcam", trust=True, reason="Named by experts.")
    assert report.problems == [] and report.new == len(rows)
    photo = Photo.objects.get(sha256=rows[0]["sha256"])
    assert (photo.width, photo.height) == (int(rows[0]["width"]), int(rows[0]["height"]))
    with default_storage.open(photo.original_name) as original:
        assert original.read() == (sample_data / "fishcam" / rows[0]["file"]).read_bytes()
    measured = set(Measurement.objects.values_list("value", flat=True))
    assert measured == {float(row["length_mm"]) for row in rows}
    assert Occurrence.objects.verified().count() == len({row["observation_id"] for row in rows})


PREPARE = """
import django; django.setup()
from accounts.actions import sign_up
from tests.universe import plant_tree
plant_tree()
sign_up(email="rita@example.org", password=None, display_name="Rita", role="reviewer")
"""
COUNT = """
import django; django.setup()
from labeling.models import Identification
from species.models import Observation, Occurrence, Photo
print(Photo.objects.count(), Observation.objects.published().count(), Observation.objects.count(),
      Occurrence.objects.verified().count(), Identification.objects.count())
"""


def test_killed_outright_and_begun_again_nothing_is_lost_or_doubled(tmp_path):
    """The real command on a database of its own, ended by kill -9 in the middle of its work."""
    folder = tmp_path / "cameras"
    folder.mkdir()
    rows = ["file,observation_id,scientific_name"]
    for number in range(60):
        (folder / f"{number}.jpg").write_bytes(photo_bytes(number, size=(96, 64)))
        rows.append(f"{number}.jpg,{number // 3},Salmo trutta")
    (folder / "observations.csv").write_text("\n".join(rows))
    path = os.pathsep.join(str(each) for each in (settings.ROOT, settings.ROOT / "platform"))
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"VAR": str(tmp_path / "var"), "PYTHONPATH": path, "OPTIONAL_APPS": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"

    def python(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, cwd=settings.ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    python("manage.py", "migrate", "-v0")
    python("-c", PREPARE)
    arguments = ["manage.py", "import_photos", str(folder), "--trust", "--reason", "Seen."]
    arguments += ["--by", "rita@example.org", "--license", "MIT"]
    killed = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment,
        cwd=settings.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    originals = tmp_path / "var" / "files" / "originals"
    deadline = time.monotonic() + 60
    while len(list(originals.rglob("*"))) < 25 and time.monotonic() < deadline:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    photos, *_ = map(int, python("-c", COUNT).split())
    assert 0 < photos < 60
    said = python(*arguments)
    assert "in 20 sightings." in said and f"{photos} here already" in said
    assert python("-c", COUNT).split() == ["60", "20", "20", "20", "20"]


def test_boxes_come_with_their_photos_once(tmp_path, rita, tree):
    said = {"a.jpg": [("brown_trout", BOX)], "b.jpg": [("chub", BOX)]}
    folder = write(tmp_path / "set", "coco", said)
    report = take(folder, rita)
    assert report.problems == [] and report.new == 2
    boxes = Box.objects.filter(person=source_account(name="cameras"))
    assert [(each.x, each.y, each.width, each.height) for each in boxes] == [pytest.approx(BOX)] * 2
    assert not boxes.filter(ruling=True).exists(), "trust is in names"
    before = rows_there()
    assert take(folder, rita).sentence() == "0 photos new, 2 here already, in 2 sightings."
    assert rows_there() == before and Box.objects.count() == 2
    # Gone meanwhile, as where an import of before boxes were read had taken the photos in.
    boxes.first().delete()
    take(folder, rita)
    assert boxes.count() == 2


def test_photos_of_another_licence_are_for_an_import_of_their_own(tmp_path, rita, tree):
    folder = write(tmp_path / "set", "coco", {"a.jpg": [("chub", BOX)]})
    report = take(folder, rita, licence="CC-BY-4.0")
    assert [problem.what for problem in report.problems] == [
        "Its licence is MIT. Import what has that licence by itself."
    ]
    assert not Photo.objects.exists()
    assert take(folder, rita).new == 1


def test_only_a_source_has_imported_boxes(folder, rita, alice):
    take(folder, rita)
    organism = Occurrence.objects.first()
    place = {"occurrence": organism, "photo": organism.photos.first(), "rectangle": Rectangle(*BOX)}
    with pytest.raises(ValidationError):
        boxes.add_imported(**place, person=alice, by=rita)
    with pytest.raises(PermissionDenied):
        boxes.add_imported(**place, person=source_account(name="cameras"), by=alice)
    assert not Box.objects.exists()
