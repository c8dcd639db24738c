"""The training manifest is taken whole or refused with the photo or option at fault."""

import copy
import json

import pytest

from ml.vision.training_manifest import ManifestRefused, parse, read


def photo(number: int, **changes) -> dict:
    return {
        "id": f"p{number}",
        "path": f"{number}.jpg",
        "sha256": f"{number:064x}",
        "occurrence": f"o{number}",
        "group": f"g{number}",
        "label": "chub" if number % 2 else "perch",
        "split": "train",
    } | changes


@pytest.fixture
def data() -> dict:
    return {"dataset_hash": "abc", "classes": ["chub", "perch"], "photos": [photo(n) for n in range(4)]}


def test_a_manifest_is_read_with_paths_beside_it(data, tmp_path):
    data["photos"][1]["path"] = "/elsewhere/1.jpg"
    data["options"] = {"size": [96, 160], "epochs_unfrozen": 0}
    (tmp_path / "manifest.json").write_text(json.dumps(data))
    manifest = read(tmp_path / "manifest.json")
    assert manifest.photos[0].path == tmp_path / "0.jpg"
    assert str(manifest.photos[1].path) == "/elsewhere/1.jpg"
    assert manifest.options.size == (96, 160)
    assert manifest.options.arch == "tf_efficientnet_lite0"
    assert manifest.of("train") == [0, 1, 2, 3]
    assert manifest.of("test") == []
    assert manifest.taxa == {}


def test_which_taxon_a_class_is_goes_along(data, tmp_path):
    assert parse(data | {"taxa": {"chub": "3c"}}, tmp_path).taxa == {"chub": "3c"}
    for taxa in (["chub"], {"chub": 3}, {"nase": "3c"}):
        with pytest.raises(ManifestRefused, match="taxa"):
            parse(data | {"taxa": taxa}, tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sha256": "xyz"}, "Photo p2: `sha256`"),
        ({"label": "pike"}, "Photo p2 is labelled 'pike'"),
        ({"split": "exam"}, "Photo p2: `split` is 'exam'"),
        ({"group": ""}, "Photo p2 has no `group`"),
        ({"weight": 0}, "Photo p2: `weight` is 0"),
        ({"weight": float("nan")}, "Photo p2: `weight`"),
        ({"fold": "1"}, "Photo p2: `fold` is '1'"),
        ({"id": "p1"}, "Photo p1 is listed twice"),
    ],
)
def test_a_bad_photo_is_named(data, tmp_path, change, said):
    data["photos"][2] |= change
    with pytest.raises(ManifestRefused) as refused:
        parse(data, tmp_path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"colour": 1}, "Unknown option: colour"),
        ({"size": [224]}, "Option `size`"),
        ({"size": [224, 10_000]}, "Option `size`"),
        ({"resize": "crop"}, "must be one of squash, pad"),
        ({"kfold": 1}, "Option `kfold`"),
        ({"epochs_unfrozen": 2.5}, "Option `epochs_unfrozen`"),
        ({"flip": "no"}, "Option `flip`"),
        ({"keep": True}, "Option `keep`"),
        ([], "no photos"),
    ],
)
def test_a_bad_option_is_named(data, tmp_path, options, said):
    if options == []:
        data["photos"] = []
    data["options"] = options
    with pytest.raises(ManifestRefused) as refused:
        parse(data, tmp_path)
    assert said in str(refused.value)


def leaks() -> list:
    return [
        ("a group", {1: {"group": "g0", "split": "test"}}, {}),
        ("a file", {1: {"sha256": f"{0:064x}", "split": "test"}}, {}),
        (
            "a group over folds",
            {0: {"fold": 0}, 1: {"fold": 1, "group": "g0"}, 2: {"fold": 0}, 3: {"fold": 1}},
            2,
        ),
        ("an organism over groups", {1: {"occurrence": "o0"}}, {}),
    ]


@pytest.mark.parametrize(("what", "changes", "kfold"), leaks(), ids=[leak[0] for leak in leaks()])
def test_a_leak_is_refused(data, tmp_path, what, changes, kfold):
    for place, change in changes.items():
        data["photos"][place] |= change
    if kfold:
        data["options"] = {"kfold": kfold}
    with pytest.raises(ManifestRefused, match="is in more than one"):
        parse(data, tmp_path)


def test_folds_must_be_complete(data, tmp_path):
    data["options"] = {"kfold": 2}
    for place in range(4):
        data["photos"][place]["fold"] = place % 2
    assert parse(data, tmp_path).photos[1].fold == 1
    fewer = copy.deepcopy(data)
    del fewer["photos"][0]["fold"]
    with pytest.raises(ManifestRefused, match="some have none"):
        parse(fewer, tmp_path)
    data["options"] = {"kfold": 3}
    with pytest.raises(ManifestRefused, match="`kfold` is 3"):
        parse(data, tmp_path)


@pytest.mark.parametrize("classes", [["chub"], ["chub", "chub"], "chub", ["chub", 3]])
def test_classes_are_at_least_two_different_labels(data, tmp_path, classes):
    data["classes"] = classes
    with pytest.raises(ManifestRefused, match=r"class|Telling"):
        parse(data, tmp_path)


def test_training_on_one_class_is_refused(data, tmp_path):
    for row in data["photos"]:
        row["label"] = "chub"
    with pytest.raises(ManifestRefused, match="fewer than two classes"):
        parse(data, tmp_path)


def test_a_file_that_is_no_manifest_is_refused(tmp_path):
    with pytest.raises(ManifestRefused, match="cannot be read"):
        read(tmp_path / "none.json")
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(ManifestRefused, match="not JSON"):
        read(tmp_path / "m.json")
    (tmp_path / "m.json").write_text("[]")
    with pytest.raises(ManifestRefused, match="not a JSON object"):
        read(tmp_path / "m.json")


class TestAClassWithoutATrainingPhoto:
    @pytest.fixture
    def lopsided(self, data) -> dict:
        data["classes"] = ["bream", "chub", "nase", "perch"]
        data["photos"] += [photo(4, label="nase", split="test"), photo(5, label="nase", split="validation")]
        return data

    def test_is_left_out_and_counted(self, lopsided, tmp_path):
        manifest = parse(lopsided, tmp_path)
        assert manifest.classes == ("chub", "perch")
        assert {each.label for each in manifest.photos} == {"chub", "perch"}
        assert manifest.left_out == {"no_training_photo": 2}
        assert manifest.classes_left_out == ("bream", "nase")

    def test_joins_what_was_left_out_before(self, lopsided, tmp_path):
        before = {"left_out": {"no_train_consent": 3}, "classes_left_out": ["asp"]}
        manifest = parse(lopsided | before, tmp_path)
        assert manifest.left_out == {"no_train_consent": 3, "no_training_photo": 2}
        assert manifest.classes_left_out == ("asp", "bream", "nase")

    def test_nothing_is_left_out_of_what_is_whole(self, data, tmp_path):
        manifest = parse(data, tmp_path)
        assert (manifest.left_out, manifest.classes_left_out) == ({}, ())

    def test_sides_do_not_matter_where_folds_are_measured(self, lopsided, tmp_path):
        lopsided["options"] = {"kfold": 2}
        assert len(parse(lopsided, tmp_path).photos) == 6

    @pytest.mark.parametrize(
        "said", [{"left_out": ["x"]}, {"left_out": {"x": -1}}, {"classes_left_out": "nase"}]
    )
    def test_rubbish_is_refused(self, data, tmp_path, said):
        with pytest.raises(ManifestRefused, match="left_out"):
            parse(data | said, tmp_path)
