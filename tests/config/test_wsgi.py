import io

import pytest
from django.core.wsgi import get_wsgi_application

from config.wsgi import readable_type, under_prefix


def call(application, **environ):
    said = {}

    def start_response(status, headers):
        said["status"] = status

    said["body"] = b"".join(application(environ, start_response))
    return said


FORM = "multipart/form-data; boundary=b"
UNREADABLE = [
    f"{FORM}; x*=nonsense''%41",
    "multipart/form-data; boundary*=nonsense''b%41",
    f"{FORM}; charset=hex",
    f"{FORM}; charset=idna",
    f"{FORM}; charset=punycode",
    f"{FORM}; charset=undefined",
]


@pytest.mark.parametrize("content_type", UNREADABLE)
def test_a_content_type_that_nobody_can_read_gets_an_answer_as_json(content_type, db):
    body = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x\xff"\r\n\r\nx\r\n--b--\r\n'
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/predict",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    said = call(readable_type(get_wsgi_application()), **environ)
    assert said["status"].startswith("400 ")
    assert b'"success": false' in said["body"]


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        FORM,
        f"{FORM}; charset=utf-8",
        f"{FORM}; charset=latin-1",
        f"{FORM}; charset=unheard-of",
        "image/jpg",
    ],
)
def test_other_content_types_are_left_alone(content_type):
    def kind(environ, start_response):
        start_response("200 OK", [])
        return [environ["CONTENT_TYPE"].encode()]

    assert call(readable_type(kind), CONTENT_TYPE=content_type)["body"] == content_type.encode()


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
