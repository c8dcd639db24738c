"""Uploads: a file too large is seen to be, and never kept whole."""

import gc
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops import uploads
from species import ingest
from species.images.refusals import MAX_BYTES, ImageRefused


def sent(rf, *sizes: int) -> list:
    files = [SimpleUploadedFile(f"{size}.jpg", b"a" * size) for size in sizes]
    return rf.post("/upload", {"photos": files}).FILES.getlist("photos")


@pytest.mark.parametrize("in_memory", [True, False])
def test_of_each_file_no_more_is_kept_than_shows_that_it_is_too_large(rf, settings, monkeypatch, in_memory):
    monkeypatch.setattr(uploads, "AT_MOST", 100_001)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10_000_000 if in_memory else 0
    files = sent(rf, 300_000, 100_001, 100_000, 70, 1)
    assert [file.size for file in files] == [100_001, 100_001, 100_000, 70, 1]
    assert [len(file.read()) for file in files] == [file.size for file in files]


def test_what_is_kept_of_a_file_too_large_is_refused_as_too_large(rf, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    [file] = sent(rf, MAX_BYTES + 2_000_000)
    assert file.size == MAX_BYTES + 1
    with pytest.raises(ImageRefused, match="larger than 25 MB"):
        ingest.read(file)


def test_a_request_that_is_over_leaves_no_upload_in_memory(rf):
    """Without waiting for the collector: handler and request refer to each other."""
    request = rf.post("/upload", {"photo": SimpleUploadedFile("a.jpg", b"a" * 2_000_000)})
    gc.disable()
    try:
        tracemalloc.start()
        assert request.FILES["photo"].size == 2_000_000
        request.close()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert kept < 1_000_000


@pytest.mark.parametrize("path", ["/", "/upload", "/accounts/login/", "/api/predict"])
def test_files_that_are_too_much_together_are_not_taken_in(
    client, alice, monkeypatch, settings, tmp_path, path
):
    """Whichever page they are sent to: a form is read before anybody looks who sent it."""
    monkeypatch.setattr(uploads, "TOGETHER", 100_000)
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = tmp_path, 0
    client.raise_request_exception = False
    client.force_login(alice)
    files = [SimpleUploadedFile(f"{number}.jpg", b"a" * 30_000) for number in range(5)]
    assert client.post(path, {"photos": files}).status_code == 413
    assert list(tmp_path.iterdir()) == []
