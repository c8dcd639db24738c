"""The zip itself: whole files of known length, of which any part can be made alone; large ones too."""

import io
import random
import zipfile
import zlib

import pytest

from research.exports import zips
from research.exports.archive import Archive, Part

ENTRIES = 40


def contents():
    dice = random.Random(7)
    for number in range(ENTRIES):
        data = dice.randbytes(dice.randrange(3000))
        if number % 3 == 0:
            yield f"tables/{number}.csv", data
        elif number % 3 == 1:
            yield f"tables/fische-ä-{number}.csv", [data[:100], data[100:]]
        else:
            yield f"images/{number}.jpg", Part(len(data), zlib.crc32(data), lambda data=data: data)


@pytest.fixture
def whole() -> bytes:
    return b"".join(Archive(contents()).read())


def test_it_is_a_zip_as_long_as_it_says(whole):
    zipped = zipfile.ZipFile(io.BytesIO(whole))
    assert zipped.testzip() is None and len(zipped.namelist()) == ENTRIES
    assert "tables/fische-ä-1.csv" in zipped.namelist()
    assert len(whole) == Archive(contents()).size
    made = {name: each for name, each in contents() if isinstance(each, bytes)}
    assert all(zipped.read(name) == data for name, data in made.items())


def test_any_part_of_it_is_that_part(whole):
    archive, dice = Archive(contents()), random.Random(3)
    for _ in range(300):
        first = dice.randrange(len(whole))
        last = dice.randrange(first, len(whole))
        assert b"".join(archive.read(first, last)) == whole[first : last + 1]
    assert b"".join(archive.read(len(whole) - 1)) == whole[-1:]


def test_what_is_not_asked_for_is_not_read():
    read: list[str] = []

    def picture(name: str) -> Part:
        return Part(1000, zlib.crc32(bytes(1000)), lambda: read.append(name) or bytes(1000))

    archive = Archive((name, picture(name)) for name in "abcdef")
    # Each header has 31 bytes.
    assert len(b"".join(archive.read(2 * 1031 + 40, 3 * 1031 + 40))) == 1032
    assert read == ["c", "d"]


@pytest.mark.parametrize(("entries", "size"), [(70_000, 1), (3, 2_000_000_000)])
def test_readers_open_one_with_more_entries_or_bytes_than_the_first_zips_knew(entries, size):
    """Only the part that a reader needs is made: the directory, and its entries' headers."""
    archive = Archive((f"{number}.jpg", Part(size, 0, lambda: bytes(size))) for number in range(entries))

    class Remote(io.RawIOBase):
        at = 0

        def seekable(self):
            return True

        def readable(self):
            return True

        def seek(self, offset, whence=0):
            self.at = offset + {0: 0, 1: self.at, 2: archive.size}[whence]
            return self.at

        def tell(self):
            return self.at

        def read(self, count=-1):
            ends = archive.size if count < 0 else min(archive.size, self.at + count)
            data = b"".join(archive.read(self.at, ends - 1)) if ends > self.at else b""
            self.at += len(data)
            return data

    zipped = zipfile.ZipFile(Remote())
    assert len(zipped.namelist()) == entries
    last = zipped.infolist()[-1]
    assert (last.filename, last.file_size) == (f"{entries - 1}.jpg", size)
    assert archive.size > (entries - 1) * size
    with zipped.open(last):
        """Its header is where the directory says."""


def test_an_entry_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match=r"a\.jpg"):
        zips.header("a.jpg", 2**32, 0)
