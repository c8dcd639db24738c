"""What is read out of a folder, before anything is taken in."""

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from labeling.imports import collection as collection_imports
from labeling.imports.collection import Unreadable
from labeling.imports.readers import read


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "collection"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(name.encode())
    return folder


def table(folder, *lines, name="observations.csv", encoding="utf-8"):
    (folder / name).write_bytes("\n".join(lines).encode(encoding))
    return read(folder)


def only(collection):
    assert collection.problems == []
    (sighting,) = collection.sightings
    return sighting


def test_rows_of_one_sighting_are_gathered_wherever_they_stand(folder):
    found = table(
        folder,
        "file,observation_id,scientific_name,fold",
        "a.jpg,1,Salmo trutta,0",
        "b.jpg,2,Lota lota,1",
        "c.jpg,1,Salmo trutta,3",
    )
    assert found.rows == 3 and found.problems == []
    assert [(each.key, each.name, [photo.key for photo in each.photos]) for each in found.sightings] == [
        ("1", "Salmo trutta", ["a.jpg", "c.jpg"]),
        ("2", "Lota lota", ["b.jpg"]),
    ]
    assert found.sightings[0].photos[1].where == "observations.csv line 4"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("2015-04-13T16:52:29", {"observed_at": datetime(2015, 4, 13, 16, 52, 29)}),
        ("2015-04-13 16:52", {"observed_at": datetime(2015, 4, 13, 16, 52)}),
        ("2015-04-13T16:52:29Z", {"observed_at": datetime(2015, 4, 13, 16, 52, 29, tzinfo=UTC)}),
        (
            "2015-04-13T16:52:29+02:00",
            {"observed_at": datetime(2015, 4, 13, 16, 52, 29, tzinfo=timezone(timedelta(hours=2)))},
        ),
        ("2015-04-13 16:52:29.5", {"observed_at": datetime(2015, 4, 13, 16, 52, 29, 500_000)}),
        ("2015-04-13T00:00", {"observed_at": datetime(2015, 4, 13)}),
        ("2015-04-13", {"local_date": date(2015, 4, 13)}),
        ("", {}),
    ],
)
def test_times(folder, text, fields):
    sighting = only(table(folder, "file,label,observed_at", f"a.jpg,brown_trout,{text}"))
    assert sighting.fields == fields


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("nowhere.jpg,Salmo trutta,,,,,", "There is no file"),
        ("../secret.jpg,Salmo trutta,,,,,", "outside the folder"),
        ("/etc/passwd,Salmo trutta,,,,,", "outside the folder"),
        (",Salmo trutta,,,,,", "Names no photo"),
        ("a.jpg,,,,,,", "Names no taxon"),
        ("a.jpg,Salmo trutta,tomorrow,,,,", "observed_at is tomorrow"),
        ("a.jpg,Salmo trutta,2015-02-30,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,2015,,,,", "or a day like 2015-04-13"),
        ("a.jpg,Salmo trutta,2015-04,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,20150413,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,2015-W16-1,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,13.04.2015,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,04/13/2015,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,2015-04-13T16,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,2015-04-13T16:52:29 PM,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,2015-04-13/2015-04-14,,,,", "observed_at"),
        ("a.jpg,Salmo trutta,,long,,,", "length_mm is long"),
        ("a.jpg,Salmo trutta,,nan,,,", "length_mm is nan"),
        ("a.jpg,Salmo trutta,,-4,,,", "not more than 0"),
        ("a.jpg,Salmo trutta,,,47.1,,map_pin", "both latitude and longitude"),
        ("a.jpg,Salmo trutta,,,47.1,11.2,", "place_source"),
        ("a.jpg,Salmo trutta", "Has 2 cells where the header has 7"),
        ("a.jpg,Salmo trutta,,,,,,", "Has 8 cells"),
        ("a.jpg,Salmo\0trutta,,,,,", "NUL"),
        ("b.jpg,Lota lota,,,,,", "The same photo as in observations.csv line 2"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_the_others_are_read(folder, row, what):
    (folder.parent / "secret.jpg").write_bytes(b"secret")
    found = table(
        folder,
        "file,scientific_name,observed_at,length_mm,latitude,longitude,place_source",
        "b.jpg,Lota lota,,310,47.1,11.2,map_pin",
        row,
        "c.jpg,Lota lota,,,,,",
    )
    assert found.rows == 3
    (problem,) = found.problems
    assert problem.where == "observations.csv line 3" and what in problem.what
    assert [each.photos[0].key for each in found.sightings] == ["b.jpg", "c.jpg"]
    assert found.sightings[0].length_mm == 310


@pytest.mark.parametrize(
    "row", ["b.jpg,1,Lota lota,2015-01-01", "b.jpg,1,Salmo trutta,2015-01-02", "b.jpg,1,Salmo trutta,"]
)
def test_a_row_that_contradicts_its_sighting_is_reported(folder, row):
    found = table(
        folder, "file,observation_id,scientific_name,observed_at", "a.jpg,1,Salmo trutta,2015-01-01", row
    )
    (problem,) = found.problems
    assert "something else about sighting 1 than observations.csv line 2" in problem.what
    assert len(only(collection_imports.Collection(sightings=found.sightings)).photos) == 1


def test_a_link_out_of_the_folder_is_not_followed(folder):
    (folder.parent / "secret.jpg").write_bytes(b"secret")
    (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")
    found = table(folder, "file,label", "link.jpg,brown_trout")
    assert "outside" in found.problems[0].what and found.sightings == []


def test_spreadsheets(folder):
    """A byte order mark, semicolons, quotes over two lines, an empty line, capitals in the header."""
    (folder / "observations.csv").write_bytes(
        '\ufeffFile; Scientific_Name ;note\r\na.jpg;Salmo trutta;"two\r\nlines"\r\n\r\nb.jpg;;\r\n'.encode()
    )
    found = read(folder)
    assert [each.name for each in found.sightings] == ["Salmo trutta"]
    assert [problem.where for problem in found.problems] == ["observations.csv line 5"]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([], "is empty"),
        (["name,label"], "no column called file or url"),
        (["file,species"], "none of the columns scientific_name"),
        (["file,label,file"], "two columns called file"),
    ],
)
def test_what_is_no_table(folder, lines, what):
    with pytest.raises(Unreadable, match=what):
        table(folder, *lines)


def test_another_encoding_is_said_and_not_guessed(folder):
    with pytest.raises(Unreadable, match="UTF-8"):
        table(folder, "file,label", "Äsche.jpg,grayling", encoding="latin-1")


def test_a_folder_per_class(tmp_path):
    for name in (
        "brown_trout/1.jpg",
        "brown_trout/deeper/2.jpg",
        "Lota lota/3.jpg",
        ".ipynb_checkpoints/4.jpg",
        "brown_trout/.ipynb_checkpoints/5.jpg",
        "brown_trout/.DS_Store",
        "__MACOSX/6.jpg",
        "README.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Photos of fish passes.\n")
    found = read(tmp_path)
    assert found.problems == []
    assert {each.key: each.name for each in found.sightings} == {
        "brown_trout/1.jpg": "brown_trout",
        "brown_trout/deeper/2.jpg": "brown_trout",
        "Lota lota/3.jpg": "Lota lota",
    }


def test_addresses_per_class(tmp_path):
    (tmp_path / "brown_trout.txt").write_text(
        "# ours\nhttps://example.org/1.jpg\n\nhttps://example.org/2.jpg"
    )
    (tmp_path / "burbot.csv").write_text("url,found\nhttps://example.org/3.jpg,2019\n")
    (tmp_path / "notes.txt").write_text("Ask Karl about the chub.\n")
    found = read(tmp_path)
    assert [(each.name, each.photos[0].url, each.photos[0].where) for each in found.sightings] == [
        ("brown_trout", "https://example.org/1.jpg", "brown_trout.txt line 2"),
        ("brown_trout", "https://example.org/2.jpg", "brown_trout.txt line 4"),
        ("burbot", "https://example.org/3.jpg", "burbot.csv line 2"),
    ]
    assert read(tmp_path / "burbot.csv").rows == 1


@pytest.mark.parametrize("name", ["", "nothing", "photo.zip"])
def test_nothing_to_read(tmp_path, name):
    (tmp_path / "photo.zip").write_bytes(b"PK")
    with pytest.raises(Unreadable):
        read(tmp_path / name)


def test_the_real_table(sample_data):
    found = read(sample_data / "fishcam")
    assert (found.rows, len(found.sightings), found.problems) == (869, 84, [])
    assert sum(len(each.photos) for each in found.sightings) == 869
    assert {each.name for each in found.sightings} >= {"Salmo trutta", "Abramis brama"}


OBSERVED = ("file,observation_id,label,recorded_by", "a.jpg,1,chub,Ann", "b.jpg,1,chub,Ann", "c.jpg,2,perch,")


def test_what_others_say_stands_in_a_table_of_its_own(folder):
    (folder / "opinions.csv").write_text(
        "observation_id,identified_by,label\n1,Ben,Chub\n1,Cleo,perch\n2,Ann,perch\n\n"
    )
    found = table(folder, *OBSERVED)
    assert (found.rows, found.problems) == (6, [])
    assert [
        (each.recorded_by, [(one.person, one.name) for one in each.identifications])
        for each in found.sightings
    ] == [
        ("Ann", [("Ben", "Chub"), ("Cleo", "perch")]),
        ("", [("Ann", "perch")]),
    ]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("3,Ben,chub", "There is no sighting '3'"),
        ("1,,chub", "whose opinion"),
        ("1,Ben,", "Names no taxon"),
        ("1,Ann,perch", "Ann has named sighting 1 already"),
        ("1,Cleo,perch", "Cleo has named sighting 1 already"),
        ("1,Ben", "Has 2 cells"),
        (f"1,{'B' * 81},chub", "longer than 80"),
    ],
)
def test_an_identification_that_cannot_be_used_is_reported_and_the_rest_stays(folder, line, what):
    (folder / "opinions.csv").write_text(f"observation_id,identified_by,label\n1,Cleo,chub\n{line}\n")
    found = table(folder, *OBSERVED)
    assert [each.where for each in found.problems] == ["opinions.csv line 3"]
    assert what in found.problems[0].what
    assert [each.person for each in found.sightings[0].identifications] == ["Cleo"]


@pytest.mark.parametrize("header", ["", "identified_by,label", "observation_id,label"])
def test_a_table_of_identifications_that_is_none_is_refused(folder, header):
    (folder / "opinions.csv").write_text(header)
    with pytest.raises(Unreadable, match="opinions.csv"):
        table(folder, *OBSERVED)


def test_rows_of_one_sighting_have_one_observer(folder):
    found = table(folder, OBSERVED[0], "a.jpg,1,chub,Ann", "b.jpg,1,chub,Ben")
    assert "Says something else about sighting 1" in found.problems[0].what


def nfd(text):
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("disk", [str, nfd], ids=["composed on disk", "decomposed on disk"])
@pytest.mark.parametrize("told", [str, nfd], ids=["composed in the table", "decomposed in the table"])
def test_a_file_is_found_in_whichever_way_its_letters_were_written(folder, disk, told):
    (folder / disk("Königssee")).mkdir()
    (folder / disk("Königssee") / disk("Äsche 1.jpg")).write_bytes(b"x")
    file = told("Königssee/Äsche 1.jpg")
    found = table(folder, "file,observation_id,vernacular_name", f"{file},{told('Überfall')},{told('Äsche')}")
    sighting = only(found)
    assert sighting.photos[0].path.is_file()
    assert (sighting.key, sighting.photos[0].key) == ("Überfall", "Königssee/Äsche 1.jpg")


def test_capitals_of_a_file_do_not_matter_unless_two_differ_by_them(folder):
    (folder / "DCIM").mkdir()
    for name in ("ÄSCHE.JPG", "b.jpg", "B.jpg"):
        (folder / "DCIM" / name).write_bytes(b"x")
    found = table(folder, "file,class", f"dcim/{nfd('Äsche')}.jpg,chub", "DCIM/B.jpg,chub", "DCIM/B.JPG,chub")
    assert [each.photos[0].path.name for each in found.sightings] == ["ÄSCHE.JPG", "B.jpg"]
    assert [problem.what for problem in found.problems] == ["There is no file DCIM/B.JPG."]


def test_an_address_is_left_as_it_was_written(folder):
    address = nfd("https://example.org/Äsche.jpg")
    assert only(table(folder, "url,class", f"{address},chub")).photos[0].url == address


@pytest.mark.parametrize("disk", [str, nfd])
def test_a_class_folder_is_the_same_photos_wherever_it_was_copied(tmp_path, disk):
    (tmp_path / disk("Äsche")).mkdir()
    (tmp_path / disk("Äsche") / disk("Flüsse.jpg")).write_bytes(b"x")
    assert only(read(tmp_path)).photos[0].key == "Äsche/Flüsse.jpg"


def test_a_path_out_of_the_folder_stays_refused(folder):
    found = table(folder, "file,class", f"../{nfd('Ä')}.jpg,chub", f"sub/../../{nfd('Ä')}.jpg,chub")
    assert [problem.what.split(" ", 1)[1] for problem in found.problems] == ["lies outside the folder."] * 2
