from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ml.serving import model_store
from ml.vision import known
from ml.vision.session import ModelRefused, Session
from tests.ml.folder import write_folder


def test_stored_and_fetched_is_the_same(tmp_path):
    folder = write_folder(tmp_path / "made")
    sha256 = model_store.store(folder)
    local = model_store.local(sha256)
    assert local.name == sha256
    for name in model_store.FILES:
        assert (local / name).read_bytes() == (folder / name).read_bytes()
    assert model_store.store(folder) == sha256


def test_a_missing_file_is_refused(tmp_path):
    folder = write_folder(tmp_path / "made")
    (folder / "card.json").unlink()
    with pytest.raises(ModelRefused, match="card.json"):
        model_store.store(folder)


def test_what_was_changed_in_the_store_is_refused_and_leaves_nothing(tmp_path):
    sha256 = model_store.store(write_folder(tmp_path / "made"))
    default_storage.save(f"models/{sha256}/model.onnx", ContentFile(b"something else"))
    with pytest.raises(ModelRefused, match="not the ones"):
        model_store.local(sha256)
    assert list(Path(settings.MODELS).iterdir()) == []


def test_what_a_model_knows_is_stored_with_it(tmp_path):
    folder = write_folder(tmp_path / "made", known=True)
    sha256 = model_store.store(folder)
    local = model_store.local(sha256)
    assert (local / known.FILE).read_bytes() == (folder / known.FILE).read_bytes()
    assert Session.load(local).known is not None
    assert sha256 != model_store.store(write_folder(tmp_path / "earlier"))


@pytest.mark.parametrize("other", [None, b"something else"])
def test_what_a_model_knows_is_neither_lost_nor_exchanged_on_the_way(tmp_path, other):
    sha256 = model_store.store(write_folder(tmp_path / "made", known=True))
    default_storage.delete(f"models/{sha256}/{known.FILE}")
    if other:
        default_storage.save(f"models/{sha256}/{known.FILE}", ContentFile(other))
    with pytest.raises(ModelRefused, match="not the ones"):
        model_store.local(sha256)


def test_nothing_is_slipped_into_a_model_that_knows_nothing(tmp_path):
    """Else a file put beside an earlier model would decide what that calls by a name."""
    sha256 = model_store.store(write_folder(tmp_path / "earlier"))
    slipped = write_folder(tmp_path / "made", known=True) / known.FILE
    default_storage.save(f"models/{sha256}/{known.FILE}", ContentFile(slipped.read_bytes()))
    with pytest.raises(ModelRefused, match="not the ones"):
        model_store.local(sha256)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"half"), lambda path: path.unlink()])
def test_a_copy_that_broke_on_this_machine_is_made_anew(tmp_path, damage):
    folder = write_folder(tmp_path / "made")
    sha256 = model_store.store(folder)
    damage(model_store.local(sha256) / "model.onnx")
    again = model_store.local(sha256)
    assert (again / "model.onnx").read_bytes() == (folder / "model.onnx").read_bytes()
    assert [path.name for path in Path(settings.MODELS).iterdir()] == [sha256]


def test_an_unknown_folder_is_refused():
    with pytest.raises(ModelRefused, match="cannot be read"):
        model_store.local("f" * 64)
