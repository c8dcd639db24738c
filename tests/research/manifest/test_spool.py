"""A manifest is made an entry at a time, and is what it would be if it were made at once."""

import gc
import hashlib
import json

import pytest
from django.core.files.storage import default_storage

from research import tasks
from research.manifest import store
from research.manifest.spool import Rows, Spool
from research.queries import photos as photos_queries
from species.models import Occurrence
from tests.research.building import freeze

ENTRY = {"z": [1, -0.5, None], "a": {"ö": "line\nbreak", "b": {}}, "c": [], "d": [{"x": True}, {}]}


@pytest.mark.parametrize(
    "content",
    [
        {"format": "x", "list": []},
        {"b": [ENTRY], "a": [ENTRY, {}, ENTRY], "split": ENTRY, "format": "x\ny", "“q”": None},
        {"of numbers": [1.5, 2, "3\n"], "of lists": [[1, [2]], []]},
    ],
)
def test_pieces_are_what_json_makes_of_the_whole(content):
    lazy = {
        key: Rows(lambda value=value: iter(value), len(value)) if isinstance(value, list) else value
        for key, value in content.items()
    }
    for options in (
        {"indent": 1, "separators": (",", ": ")},
        {"indent": None, "separators": (",", ":")},
    ):
        whole = json.dumps(content, sort_keys=True, ensure_ascii=False, **options)
        for each in (content, lazy):
            assert "".join(store._pieces(each, **options)) == whole


def test_the_stored_file_is_written_as_before(dataset):
    with default_storage.open(dataset.manifest_name) as file:
        stored = file.read()
    content = json.loads(stored)
    assert stored == json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False).encode()
    assert hashlib.sha256(store.canonical(content)).hexdigest() == dataset.content_hash


def test_no_organism_is_held_while_the_manifest_is_made(library, rosa, monkeypatch):
    monkeypatch.setattr(photos_queries, "CHUNK", 2)
    mine = {each.pk for each in library}
    library.clear()
    real, held = tasks.build, []

    def build(spool, **options):
        gc.collect()
        held.append(
            # By its type as such: others' weak references answer isinstance by what is gone.
            {id(each) for each in gc.get_objects() if type(each) is Occurrence and each.pk in mine}
        )
        return real(spool, **options)

    monkeypatch.setattr(tasks, "build", build)
    assert freeze(rosa).state == "frozen"
    assert len(held[0]) <= 2, "no more than one chunk of them"


def test_a_spool_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with Spool() as spool:
        for number in range(2000):
            spool.put("photos", id=str(number), sha256="0" * 64, entry={"id": "x" * 1000})
        assert spool.photos() == 2000 and list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
