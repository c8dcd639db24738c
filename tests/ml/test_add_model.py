import json

import pytest
from django.core.management import CommandError, call_command

from ml.queries import models, promotions
from tests.ml.folder import write_folder


@pytest.fixture
def out(dataset, tmp_path):
    write_folder(tmp_path / "out" / "model", dataset_hash=dataset.content_hash)
    (tmp_path / "out" / "metrics.json").write_text(json.dumps({"photo": None}))
    return tmp_path / "out"


def test_a_folder_made_elsewhere_goes_live(out, ada):
    call_command("add_model", out, dataset=1, by=ada.email, promote="Made on the big machine.")
    assert promotions.live_model().card["dataset_hash"] == "ab" * 32


def test_another_datasets_model_is_not_taken_by_mistake(dataset, tmp_path, ada):
    write_folder(tmp_path / "model", dataset_hash="cd" * 32)
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(CommandError, match="names dataset cdcd"):
        call_command("add_model", tmp_path, dataset=1, by=ada.email)
    call_command("add_model", tmp_path, dataset=1, by=ada.email, other_data=True)
    assert models.models().count() == 1


def test_only_for_an_admin(out, rita):
    with pytest.raises(CommandError, match="no admin"):
        call_command("add_model", out, dataset=1, by=rita.email)


def test_a_folder_that_is_none(dataset, tmp_path, ada):
    with pytest.raises(CommandError, match="not what the training program writes"):
        call_command("add_model", tmp_path, dataset=1, by=ada.email)
