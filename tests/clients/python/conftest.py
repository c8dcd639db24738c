"""Clients of people at a real server, and a folder of photos."""

import time
from functools import partial

import pytest
from typer.testing import CliRunner

from accounts import actions
from aquavision import Site
from aquavision.asking import Patience
from aquavision.commands import app, program
from tests.universe import photo_bytes

QUICK = Patience(pause=0.001)


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    """No test reads or writes the login of whoever runs it."""
    for name in ("AQUAVISION_URL", "AQUAVISION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))


@pytest.fixture
def token_of():
    return lambda person: actions.make_token(user=person, name="a program", by=person).secret


@pytest.fixture
def token(alice, token_of) -> str:
    return token_of(alice)


@pytest.fixture
def site(live_server, token):
    """As Alice."""
    with Site(live_server.url, token, patience=QUICK) as asked:
        yield asked


@pytest.fixture
def run(monkeypatch):
    """`run("upload", path, url=…, token=…)`: what a command says and ends with, as a person's terminal sees it."""

    def do(*words, url: str = "", token: str = "", input: str | None = None):
        said = {"AQUAVISION_URL": url, "AQUAVISION_TOKEN": token}
        return CliRunner().invoke(
            app, [str(each) for each in words], env={k: v for k, v in said.items() if v}, input=input
        )

    return do


@pytest.fixture
def photos(tmp_path):
    """`photos(3)`: a folder with so many photos, none like another."""

    def make(count: int):
        folder = tmp_path / "camera"
        folder.mkdir(exist_ok=True)
        for number in range(count):
            (folder / f"IMG_{number:04}.jpg").write_bytes(photo_bytes(f"camera {number}", (320, 160)))
        return folder

    return make


@pytest.fixture
def quick(monkeypatch):
    """Commands pause for milliseconds between tries, whatever they are told; called, they try so often."""

    def use(tries: int = 8) -> None:
        def wait(seconds: float) -> None:
            time.sleep(min(seconds, 0.01))

        monkeypatch.setattr(program, "Patience", partial(Patience, tries=tries, pause=0.001, wait=wait))

    use()
    return use
