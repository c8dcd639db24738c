"""A name in the store holds all bytes or does not exist."""

import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from species.storage import DurableFileSystemStorage


def names(folder) -> set[str]:
    return {path.name for path in Path(folder).rglob("*") if path.is_file()}


def test_the_default_store_is_the_durable_one(settings):
    assert not default_storage.exists("a/b")
    assert isinstance(storages["default"], DurableFileSystemStorage)
    assert Path(default_storage.path("a/b")) == Path(settings.FILES) / "a" / "b"


def test_the_same_name_again_replaces_the_file(tmp_path):
    store = DurableFileSystemStorage(location=tmp_path)
    assert store.save("a/b.txt", ContentFile(b"one")) == "a/b.txt"
    assert store.save("a/b.txt", ContentFile(b"two")) == "a/b.txt"
    with store.open("a/b.txt") as file:
        assert file.read() == b"two"
    assert names(tmp_path) == {"b.txt"}


def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path):
    class Torn(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half of "
            raise OSError("the disk is full")

    store = DurableFileSystemStorage(location=tmp_path)
    store.save("photo", ContentFile(b"whole"))
    with pytest.raises(OSError, match="full"):
        store.save("photo", Torn(b""))
    with pytest.raises(OSError, match="full"):
        store.save("other", Torn(b""))
    assert names(tmp_path) == {"photo"}
    assert (tmp_path / "photo").read_bytes() == b"whole"


def test_while_a_file_is_written_its_name_is_not_there(tmp_path):
    store = DurableFileSystemStorage(location=tmp_path)
    seen = []

    class Watched(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            seen.append((store.exists("photo"), names(tmp_path)))
            yield b"whole"

    store.save("photo", Watched(b""))
    [(existed, while_writing)] = seen
    assert not existed
    assert len(while_writing) == 1 and while_writing.pop().startswith(".incoming-")
    assert (tmp_path / "photo").read_bytes() == b"halfwhole"


def test_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    order = []
    real_fsync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("sync"), real_fsync(fd))[1])
    monkeypatch.setattr(os, "replace", lambda *args: (order.append("rename"), real_replace(*args))[1])
    DurableFileSystemStorage(location=tmp_path).save("photo", ContentFile(b"bytes"))
    assert order == ["sync", "rename", "sync"], "the file, its name, and the folder that holds the name"


def test_no_name_leads_out_of_the_store(tmp_path):
    store = DurableFileSystemStorage(location=tmp_path / "store")
    with pytest.raises(Exception, match="(?i)path|located"):
        store.save("../outside", ContentFile(b"no"))
    assert names(tmp_path) == set()


def test_others_on_the_machine_cannot_read_originals(tmp_path):
    DurableFileSystemStorage(location=tmp_path).save("photo", ContentFile(b"private"))
    assert (tmp_path / "photo").stat().st_mode & 0o007 == 0
