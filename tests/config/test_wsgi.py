import io

from config.wsgi import spool_chunked, under_prefix


def call(application, **environ):
    said = {}

    def start_response(status, headers):
        said["status"] = status

    said["body"] = b"".join(application(environ, start_response))
    return said


def echo(environ, start_response):
    start_response("200 OK", [])
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return [environ["wsgi.input"].read(length), environ.get("HTTP_TRANSFER_ENCODING", "none").encode()]


def test_a_chunked_body_gets_a_length():
    said = call(
        spool_chunked(echo),
        **{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(b"abc" * 50_000)},
    )
    assert said["body"] == b"abc" * 50_000 + b"none"


def test_a_body_with_a_length_is_left_alone():
    body = io.BytesIO(b"abc")
    said = call(spool_chunked(echo), **{"CONTENT_LENGTH": "3", "wsgi.input": body})
    assert said["body"] == b"abcnone"


def test_a_body_without_end_is_cut(monkeypatch):
    class Endless:
        def read(self, size):
            return b"x" * size

    monkeypatch.setattr("config.wsgi.LIMIT", 300_000)
    seen = {}

    def length(environ, start_response):
        seen["length"] = int(environ["CONTENT_LENGTH"])
        start_response("413", [])
        return []

    call(spool_chunked(length), **{"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Endless()})
    assert 300_000 <= seen["length"] < 400_000


def where(environ, start_response):
    start_response("200 OK", [])
    return [f"{environ.get('SCRIPT_NAME', '')}|{environ['PATH_INFO']}".encode()]


def test_a_prefix_is_taken_off_and_remembered():
    site = under_prefix(where, "/p/trout/")
    assert call(site, PATH_INFO="/p/trout/ping")["body"] == b"/p/trout|/ping"
    assert call(site, PATH_INFO="/p/trout")["body"] == b"/p/trout|/"
    assert call(site, PATH_INFO="/ping")["body"] == b"/p/trout|/ping", "a proxy that strips it already"
    assert call(site, PATH_INFO="/p/trouts/x")["body"] == b"/p/trout|/p/trouts/x"


def test_without_a_prefix_nothing_changes():
    assert under_prefix(where, "") is where
