"""Where a token is kept, who can read it, and to whom it is sent."""

import json
import stat

import pytest

from aquavision import NotLoggedIn, Site, login
from aquavision.commands.program import Code
from tests.clients.python.scripted import answer, problem, scripted

NOTHING = answer({"next": None, "previous": None, "results": []})


def test_it_is_kept_for_this_person_alone(run):
    with scripted(NOTHING) as script:
        said = run("login", script.url + "/", input="aqua_secret\n")
        assert said.exit_code == 0, said.output
        assert "aqua_secret" not in said.output
        assert login.find() == login.Login(script.url, "aqua_secret")
        assert stat.S_IMODE(login.file().stat().st_mode) == 0o600
        assert stat.S_IMODE(login.file().parent.stat().st_mode) == 0o700
        assert [each.name for each in login.file().parent.iterdir()] == ["login.json"]
        with Site() as site:
            site.get("things")
    assert all(b"Authorization: Token aqua_secret" in each for each in script.questions)


def test_the_address_is_asked_for_too(run):
    with scripted(NOTHING) as script:
        assert run("login", input=f"{script.url}\naqua_secret\n").exit_code == 0
    assert login.find().url == script.url


def test_a_token_that_is_refused_is_not_kept(run):
    refused = problem("401 Unauthorized", "This token is unknown or was revoked.", "not_authenticated")
    with scripted(refused) as script:
        said = run("login", script.url, input="aqua_wrong\n")
    assert said.exit_code == Code.NOT_LOGGED_IN and "unknown or was revoked" in said.stderr
    assert not login.file().exists()


def test_the_environment_comes_first_and_a_token_goes_to_its_own_site_only(monkeypatch):
    login.keep(login.Login("https://fish.example", "aqua_kept"))
    assert login.find().token == "aqua_kept"
    monkeypatch.setenv("AQUAVISION_URL", "https://other.example/")
    assert login.find() == login.Login("https://other.example", "")
    monkeypatch.setenv("AQUAVISION_TOKEN", " aqua_said\n")
    assert login.find() == login.Login("https://other.example", "aqua_said")
    monkeypatch.delenv("AQUAVISION_URL")
    assert login.find() == login.Login("https://fish.example", "aqua_said")


@pytest.mark.parametrize("command", [("export",), ("label",), ("sync", ".")])
def test_without_a_site_every_command_says_what_to_do(run, command):
    said = run(*command)
    assert said.exit_code == Code.NOT_LOGGED_IN and "aquavision login" in said.stderr
    with pytest.raises(NotLoggedIn):
        login.find()


def test_a_damaged_file_is_said_to_be(run):
    login.keep(login.Login("https://fish.example", "aqua_kept"))
    login.file().write_text(json.dumps({"url": 1})[:-3])
    said = run("export")
    assert said.exit_code == Code.REFUSED and "damaged" in said.stderr


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fish.example", "https://fish.example"),
        ("localhost:8000", "http://localhost:8000"),
        ("https://fish.example/p/trout/", "https://fish.example/p/trout"),
        ("https://fish.example/api/v1/", "https://fish.example"),
    ],
)
def test_an_address_is_the_home_of_a_site(said, meant):
    assert login.address(said) == meant


@pytest.mark.parametrize("said", ["", "ftp://fish.example", "https://", "https://fish.example/?a=b"])
def test_what_is_no_address_is_refused(said):
    with pytest.raises(ValueError, match="Write the address"):
        login.address(said)


@pytest.mark.parametrize("said", ["aqua_ä", "Token aqua_x", "aqua_x\naqua_y"])
def test_what_is_no_token_is_refused(said):
    with pytest.raises(ValueError, match="one word"):
        login.secret(said)


@pytest.mark.parametrize(
    ("url", "open"),
    [("http://fish.example", True), ("https://fish.example", False), ("http://127.0.0.1:8000", False)],
)
def test_who_sends_a_token_in_the_open_is_told(url, open):
    assert login.Login(url, "aqua_x").in_the_open is open
