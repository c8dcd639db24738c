import io
import types

import pytest
from django.core.exceptions import RequestDataTooBig
from hypothesis import given
from hypothesis import strategies as st

from jobs.full_disk import is_full_disk
from ops import bodies
from ops.bodies import Body, ChunkedBody, NotKept


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in zip(at, at[1:], strict=False)]


CUTS = st.lists(st.integers(0, 10_000), max_size=8)


@given(st.binary(max_size=200), st.binary(max_size=20), CUTS, st.booleans())
def test_a_body_is_what_came_and_what_comes_after_it_is_left(content, more, cuts, in_memory):
    body, rest = Body(len(content), 1000, in_memory), b""
    for piece in pieces(content + more, cuts):
        room = body.room()
        if room is not None and len(piece) <= len(room):
            # As the kernel does.
            room[: len(piece)] = piece
            room.release()
            body.came(len(piece))
        else:
            if room is not None:
                room.release()
            rest += body.add(piece) if body.missing else piece
    assert not body.missing
    assert (body.file.read(), rest) == (content, more)
    body.close()


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6), st.binary(max_size=20), CUTS)
def test_the_end_of_a_body_in_chunks_is_found_wherever_it_is_cut(chunks, more, cuts):
    sent = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    body, rest = ChunkedBody(), b""
    for piece in pieces(sent + more, cuts):
        rest += body.add(piece) if body.missing else piece
    assert not body.missing
    assert (body.file.read(), rest) == (sent, more)
    body.close()


@given(st.binary(max_size=300), CUTS)
def test_chunks_may_be_anything(data, cuts):
    body, rest = ChunkedBody(), b""
    for piece in pieces(data, cuts):
        rest += body.add(piece) if body.missing else piece
    assert body.length + len(rest) == len(data)
    body.close()


def test_a_body_longer_than_any_is_read_for_a_while_and_not_kept(monkeypatch):
    monkeypatch.setattr("ops.bodies.DROPPED", 30)
    body = Body(101, 100, in_memory=True)
    assert body.cut and body.missing == 30
    assert body.add(bytes(40)) == bytes(10)
    with pytest.raises(RequestDataTooBig):
        body.file.read()


@pytest.mark.parametrize("chunk", [b"1\r\nx\r\n", b"100\r\n" + bytes(256) + b"\r\n"])
def test_chunks_without_end_or_of_hardly_anything_are_cut(chunk, monkeypatch):
    monkeypatch.setattr("ops.bodies.API", 1_000_000)
    body, fed = ChunkedBody(), 0
    while body.missing:
        body.add(chunk * 100)
        fed += len(chunk) * 100
        assert fed < 1_200_000
    assert body.cut
    with pytest.raises(RequestDataTooBig):
        body.file.read()


@pytest.mark.parametrize("when", ["write", "seek"])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_disk_that_is_full_is_for_the_application_to_say(monkeypatch, tmp_path, when, chunked):
    def fail(*_):
        raise OSError(28, "No space left on device")

    full = io.BytesIO()
    disk = types.SimpleNamespace(
        **{"write": full.write, "seek": full.seek, "close": full.close} | {when: fail}
    )
    monkeypatch.setattr(bodies.tempfile, "TemporaryFile", lambda dir: disk)
    body = ChunkedBody() if chunked else Body(30, 100, in_memory=False)
    body.add(b"5\r\nhello\r\n" if chunked else bytes(10))
    body.add(b"0\r\n\r\n" if chunked else bytes(20))
    assert not body.missing
    with pytest.raises(NotKept) as refused:
        body.file.read()
    assert is_full_disk(refused.value, tmp_path)
