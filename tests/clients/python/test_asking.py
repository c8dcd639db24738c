"""Whatever is cut off is asked again, for as long as it is of use, and never done twice that may not be."""

import socket

import pytest

from aquavision import Refused, Site, Unreachable
from aquavision.asking import Patience
from tests.clients.python.scripted import answer, problem, scripted

GOOD = answer({"id": "1"}, "201 Created")
CUT = {
    "nothing": b"",
    "the status line, half": GOOD[:14],
    "the header, half": GOOD[: GOOD.index(b"\r\n\r\n") - 8],
    "the body, half": GOOD[:-4],
    "a 201 without a body": answer(status="201 Created", body=b""),
    "a 201 without anything": b"HTTP/1.1 201 Created\r\n\r\n",
    "half a JSON that ends with the connection": b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{",
    "half a refusal": answer(
        status="400 Bad Request", body=b'{"type": "x", "det', Content_Type="application/problem+json"
    ),
    "a gateway that waited": answer(status="504 Gateway Timeout", body=b"<html>", Content_Type="text/html"),
}


@pytest.fixture
def pauses() -> list[float]:
    """What a client of `asking` slept, in seconds."""
    return []


@pytest.fixture
def asking(pauses):
    def make(script, **how):
        return Site(script.url, "aqua_x", patience=Patience(wait=pauses.append, **how))

    return make


@pytest.mark.parametrize("name", CUT)
def test_what_came_in_half_is_asked_again(asking, pauses, name):
    with scripted(CUT[name], CUT[name], GOOD) as script, asking(script) as site:
        assert site.put("things/1", note="x") == {"id": "1"}
    assert len(script.questions) == 3 and len(set(script.questions)) == 1, "the very same request"
    assert len(pauses) == 2


def test_pauses_grow_and_stay_bounded(asking, pauses):
    with scripted(b"") as script, asking(script, pause=1, longest=5) as site:
        with pytest.raises(Unreachable, match="broke off .* Asked 8 times"):
            site.get("things")
    assert len(script.questions) == 8 and len(pauses) == 7
    for pause, most in zip(pauses, (1, 2, 4, 5, 5, 5, 5), strict=True):
        assert most / 2 <= pause <= most


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_who_is_told_to_come_back_comes_back_then(asking, pauses, status):
    busy = problem(status, "That was a lot at once.", Retry_After="7")
    with scripted(busy, GOOD) as script, asking(script) as site:
        assert site.post("things", note="x") == {"id": "1"}, "nothing was done, so even this is asked again"
    assert pauses == [7]


def test_who_should_wait_too_long_is_told_so(asking, pauses):
    busy = problem("429 Too Many Requests", "One person may add 2 GB a day.", "throttled", Retry_After="3600")
    with scripted(busy) as script, asking(script) as site:
        with pytest.raises(Refused, match="One person may add 2 GB a day") as refused:
            site.put("things/1")
    assert (refused.value.status, refused.value.code, pauses) == (429, "throttled", [])


def test_what_may_be_done_once_only_is_not_sent_again_where_nobody_knows(asking):
    with scripted(CUT["the body, half"], GOOD) as script, asking(script) as site:
        with pytest.raises(Unreachable):
            site.post("things", note="x")
        assert site.post("things", again=True, note="x") == {"id": "1"}
    assert len(script.questions) == 2


def test_a_refusal_is_its_sentence_and_is_not_asked_again(asking):
    with (
        scripted(problem("400 Bad Request", "privacy: none of the choices.")) as script,
        asking(script) as site,
    ):
        with pytest.raises(Refused) as refused:
            site.put("things/1", privacy="x")
    assert str(refused.value) == "privacy: none of the choices."
    assert refused.value.errors[0]["pointer"] == "#/privacy" and len(script.questions) == 1


def test_a_refusal_of_another_server_says_at_least_its_status(asking):
    page = answer(status="413 Content Too Large", body=b"<html>", Content_Type="text/html")
    with scripted(page) as script, asking(script) as site:
        with pytest.raises(Refused, match="The site answered 413 Content Too Large"):
            site.put("things/1")


def test_a_page_is_no_api(asking):
    with scripted(answer(body=b"<html>", Content_Type="text/html")) as script, asking(script) as site:
        with pytest.raises(Refused, match="Is it a site's API"):
            site.get("things")
    assert len(script.questions) == 1


def test_the_token_follows_no_redirection(asking):
    with scripted(GOOD) as other:
        moved = answer(status="301 Moved Permanently", body=b"", Location=f"{other.url}/api/v1/things")
        with scripted(moved) as script, asking(script) as site:
            with pytest.raises(Refused, match="This address leads on to http"):
                site.get("things")
    assert other.questions == []


def test_a_list_goes_on_at_the_same_site_whatever_next_says(asking):
    with scripted(GOOD) as other:
        first = answer(
            {"results": [{"id": 1}], "next": f"{other.url}/api/v1/things?cursor=a%20b&page_size=1"}
        )
        last = answer({"results": [{"id": 2}], "next": None})
        with scripted(first, last) as script, asking(script) as site:
            assert [each["id"] for each in site.rows("things", page_size=1)] == [1, 2]
            with pytest.raises(ValueError, match="would hear its token"):
                site.get(f"{other.url}/api/v1/things")
    assert script.questions[1].startswith(b"GET /api/v1/things?cursor=a%20b&page_size=1 ")
    assert b"Authorization: Token aqua_x" in script.questions[1] and other.questions == []


def test_nobody_there_is_said_in_a_sentence(asking, pauses):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    told: list[str] = []
    site = Site(url, "", patience=Patience(tries=3, wait=pauses.append, told=told.append))
    with pytest.raises(Unreachable, match="The site does not answer"):
        site.get("things")
    assert len(pauses) == len(told) == 2
