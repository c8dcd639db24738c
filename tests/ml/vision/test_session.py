"""What serves a model answers by its card, and refuses a folder that it cannot vouch for."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from ml.vision import known
from ml.vision.known import FILE, Known
from ml.vision.onnx_file import NotOnnx, external_data
from ml.vision.session import ModelRefused, Session, softmax
from tests.ml.folder import colour_photo, foreign_photo, write_folder

CLASSES = ["bream", "chub", "perch"]
# Each class looks at one channel: the scores are the channels' means.
WEIGHT = np.eye(3, dtype=np.float32)


def tiny_model(
    inputs: str = "image", outputs: str = "logits", weight: np.ndarray = WEIGHT
) -> onnx.ModelProto:
    nodes = [
        helper.make_node("GlobalAveragePool", [inputs], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weight"], [outputs]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(inputs, TensorProto.FLOAT, ["n", 3, 32, 48])],
        [helper.make_tensor_value_info(outputs, TensorProto.FLOAT, ["n", weight.shape[1]])],
        [numpy_helper.from_array(weight, "weight")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def card(**changes) -> dict:
    return {
        "name": "tiny",
        "architecture": "tiny",
        "classes": CLASSES,
        "input": {
            "size": [32, 48],
            "resize": "pad",
            "mean": [0.0, 0.0, 0.0],
            "std": [1.0, 1.0, 1.0],
            "upright": 1008,
        },
        "temperature": 0.5,
        "threshold": 0.6,
        "dataset_hash": "abc",
    } | changes


def fill(folder: Path, model: onnx.ModelProto | None = None, **changes) -> Path:
    onnx.save(model or tiny_model(), folder / "model.onnx")
    (folder / "card.json").write_text(json.dumps(card(**changes)))
    return folder


def test_it_answers_calibrated_and_sorted(tmp_path):
    session = Session.load(fill(tmp_path))
    assert session.classes == tuple(CLASSES)
    assert (session.threshold, session.upright) == (0.6, 1008)
    rgb = np.zeros((16, 24, 3), np.uint8)
    rgb[:, :, 0], rgb[:, :, 2] = 51, 255
    assert session.preprocess(rgb).shape == (1, 3, 32, 48)
    answer = session.predict(rgb)
    assert [label for label, _ in answer] == ["perch", "bream", "chub"]
    expected = np.exp(np.array([1.0, 0.2, 0.0]) / 0.5)
    np.testing.assert_allclose([p for _, p in answer], expected / expected.sum(), rtol=1e-5)


def test_equal_probabilities_stand_in_the_order_of_the_classes(tmp_path):
    session = Session.load(fill(tmp_path))
    assert [label for label, _ in session.predict(np.zeros((8, 8, 3), np.uint8))] == CLASSES


def test_sorting_is_by_the_unrounded_probability(tmp_path):
    session = Session.load(fill(tmp_path, temperature=100.0))
    rgb = np.zeros((32, 48, 3), np.uint8)
    rgb[0, 0, 1] = 1  # the least difference there can be
    assert session.predict(rgb)[0][0] == "chub"


def test_softmax_of_large_scores_is_finite():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0]])), [[1.0, 0.0]])


def test_a_batch_is_answered_row_by_row(tmp_path):
    session = Session.load(fill(tmp_path))
    batch = np.random.default_rng(1).random((5, 3, 32, 48), np.float32)
    np.testing.assert_allclose(session.logits(batch), batch.mean(axis=(2, 3)), rtol=1e-5)


def test_weights_in_another_file_are_refused(tmp_path):
    fill(tmp_path)
    onnx.save(
        tiny_model(),
        tmp_path / "model.onnx",
        save_as_external_data=True,
        location="model.onnx.data",
        size_threshold=0,
    )
    assert (tmp_path / "model.onnx.data").exists()
    with pytest.raises(ModelRefused, match="another file.*weight"):
        Session.load(tmp_path)


def test_external_data_is_found_inside_a_branch():
    outside = numpy_helper.from_array(WEIGHT, "hidden")
    outside.ClearField("raw_data")
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="/etc/hostname")
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["x"], value=outside)],
        "branch",
        [],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 3])],
    )
    node = helper.make_node("If", ["which"], ["y"], then_branch=branch, else_branch=branch)
    model = helper.make_model(helper.make_graph([node], "g", [], []))
    assert external_data(model.SerializeToString()) == ["hidden", "hidden"]
    assert external_data(tiny_model().SerializeToString()) == []


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x3a\xff\xff\xff\xff\x0f", b"\x80" * 20])
def test_what_is_no_onnx_file_is_refused(tmp_path, data):
    with pytest.raises(NotOnnx):
        external_data(data)
    fill(tmp_path)
    (tmp_path / "model.onnx").write_bytes(data)
    with pytest.raises(ModelRefused, match="not an ONNX file"):
        Session.load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"classes": ["bream", "chub"]}, "card.json has 2 classes"),
        ({"classes": ["bream", "bream", "chub"]}, "at least two different"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": None}, "temperature"),
        ({"input": None}, "no input contract"),
        ({"input": card()["input"] | {"size": [64, 64]}}, "does not take 3 x 64 x 64"),
        ({"input": card()["input"] | {"resize": "crop"}}, "resize"),
        ({"input": card()["input"] | {"std": [1, 0, 1]}}, "mean and std"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path, changes, said):
    with pytest.raises(ModelRefused, match=said):
        Session.load(fill(tmp_path, **changes))


def test_other_names_of_input_and_output_are_refused(tmp_path):
    with pytest.raises(ModelRefused, match="takes x"):
        Session.load(fill(tmp_path, tiny_model(inputs="x")))
    with pytest.raises(ModelRefused, match="gives y"):
        Session.load(fill(tmp_path, tiny_model(outputs="y")))


def test_scores_that_are_no_numbers_are_refused(tmp_path):
    with pytest.raises(ModelRefused, match="not numbers"):
        Session.load(fill(tmp_path, tiny_model(weight=np.full((3, 3), np.nan, np.float32))))


def test_missing_and_broken_files_are_refused(tmp_path):
    with pytest.raises(ModelRefused, match=r"card\.json cannot be read"):
        Session.load(tmp_path)
    fill(tmp_path)
    (tmp_path / "model.onnx").unlink()
    with pytest.raises(ModelRefused, match=r"model\.onnx cannot be read"):
        Session.load(tmp_path)
    (tmp_path / "card.json").write_text("{")
    with pytest.raises(ModelRefused, match="not JSON"):
        Session.load(tmp_path)


def test_serving_does_not_import_torch():
    code = (
        "import sys, ml.vision.session; "
        "print([name for name in sys.modules if name.split('.')[0] in ('torch', 'sklearn', 'scipy')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


class TestKnown:
    """How far a photo is from what was taught: measured where the folder says so, and never half."""

    def test_a_photo_of_a_colour_it_knows_is_near_and_another_is_strange(self, tmp_path):
        session = Session.load(write_folder(tmp_path, known=True))
        near = session.look(pixels(colour_photo("brook_trout")))
        far = session.look(pixels(foreign_photo()))
        assert near.distance < 1 and not near.strange
        assert far.distance > 1 and far.strange
        assert sum(probability for _, probability in far.ranked) == pytest.approx(1)

    def test_an_earlier_model_cannot_tell(self, tmp_path):
        look = Session.load(write_folder(tmp_path)).look(pixels(foreign_photo()))
        assert look.distance is None and not look.strange

    def test_a_distance_that_is_no_number_is_strange(self, tmp_path):
        session = Session.load(write_folder(tmp_path, known=True))
        session.known = replace(session.known, means=session.known.means * np.nan)
        look = session.look(pixels(colour_photo("brook_trout")))
        assert look.strange and np.isfinite(look.distance)

    def test_one_pass_gives_both(self, tmp_path):
        session = Session.load(write_folder(tmp_path, known=True))
        batch = np.concatenate(
            [session.preprocess(pixels(photo)) for photo in (colour_photo("brown_trout"), foreign_photo())]
        )
        logits, distances = session.looks(batch)
        np.testing.assert_array_equal(logits, session.logits(batch))
        assert distances[0] < 1 < distances[1]

    @pytest.mark.parametrize("threshold", [None, 0, -1, float("nan"), "0.2"])
    def test_a_card_without_a_threshold_is_refused(self, tmp_path, threshold):
        spoil(write_folder(tmp_path, known=True), lambda card: card["known"].update(threshold=threshold))
        with pytest.raises(ModelRefused, match="threshold"):
            Session.load(tmp_path)

    def test_a_card_that_promises_what_the_folder_lacks_is_refused(self, tmp_path):
        write_folder(tmp_path, known=True)
        (tmp_path / FILE).unlink()
        with pytest.raises(ModelRefused, match="cannot be read"):
            Session.load(tmp_path)

    def test_a_network_without_features_is_refused(self, tmp_path):
        (tmp_path / "without").mkdir()
        write_folder(tmp_path / "without")
        write_folder(tmp_path, known=True)
        (tmp_path / "without" / "model.onnx").rename(tmp_path / "model.onnx")
        with pytest.raises(ModelRefused, match="features"):
            Session.load(tmp_path)

    def test_what_is_measured_among_other_features_is_refused(self, tmp_path):
        write_folder(tmp_path, known=True)
        wider = Known(np.zeros(4), np.ones(4), np.zeros((1, 4)), np.zeros((0, 4)), np.zeros(0), np.ones(1))
        known.save(wider, tmp_path)
        with pytest.raises(ModelRefused, match="does not take"):
            Session.load(tmp_path)


def pixels(photo: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"))


def spoil(folder: Path, change) -> None:
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))
