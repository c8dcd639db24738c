"""Against a real program on a real socket: what is sent, and what never is. See also tests/species/test_fetching.py."""

import socket
import time

import pytest

from outgoing.addresses import Refused, vet
from outgoing.posting import post
from tests.webhooks.receiving import listening


@pytest.fixture
def program(settings):
    with listening() as program:
        settings.URL_FETCH_ALLOW = [f"127.0.0.1:{program.port}"]
        yield program


def code(url: str, timeout: float = 3.0) -> str:
    with pytest.raises(Refused) as refused:
        post(url, b"{}", {}, timeout)
    assert str(refused.value).endswith(".")
    return refused.value.code


def test_body_path_and_headers_arrive(program):
    assert post(f"{program.url}?für=dich", "Forelle ü".encode(), {"webhook-id": "x"}, 3.0) == 200
    [heard] = program.heard
    assert (heard.path, heard.body.decode()) == ("/hook?f%C3%BCr=dich", "Forelle ü")
    assert heard.headers["webhook-id"] == "x" and heard.headers["Host"] == f"127.0.0.1:{program.port}"


@pytest.mark.parametrize("status", [204, 302, 410, 500])
def test_any_answer_is_one_and_leads_nowhere(program, status):
    program.answers = [status]
    assert post(program.url, b"{}", {}, 3.0) == status
    assert len(program.heard) == 1


def test_only_where_it_is_allowed(program, settings):
    settings.URL_FETCH_ALLOW = []
    assert code(program.url) == "private"
    assert code(program.url.replace("127.0.0.1", "[::1]")) == "private"
    assert code("file:///etc/passwd") == "scheme"
    assert program.heard == []


def test_who_says_nothing_meets_the_deadline(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings.URL_FETCH_ALLOW = [f"127.0.0.1:{port}"]
        started = time.monotonic()
        assert code(f"http://127.0.0.1:{port}/", timeout=0.3) == "timeout"
        assert time.monotonic() - started < 2


def test_vetting_makes_no_connection(program, settings):
    vet(program.url, 3.0)
    assert program.heard == []
    settings.URL_FETCH_ALLOW = []
    with pytest.raises(Refused) as refused:
        vet(program.url, 3.0)
    assert refused.value.code == "private"
