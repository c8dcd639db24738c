"""The program that reads strangers' files reaches neither the network nor the site's own files."""

import json
import logging
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from species.images import confinement, decoder
from species.images.decoder import Decoder
from tests import universe

TRIES = """
import json, os, signal, socket, sys
from species.images import confinement

said = {"kept": confinement.confine()}

def can(name, act):
    try:
        act()
        said[name] = True
    except OSError:
        said[name] = False

var = sys.argv[1]
can("read", lambda: open(var).read())
can("list", lambda: os.listdir(os.path.dirname(var)))
can("write", lambda: open(var + "2", "w"))
can("remove", lambda: os.remove(var))
can("settings", lambda: open(sys.argv[2]).read())
can("environment", lambda: open(f"/proc/{os.getppid()}/environ").read())
for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"):
    for kind in ("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"):
        can(f"{family} {kind}", lambda: socket.socket(getattr(socket, family), getattr(socket, kind)))
can("pair", socket.socketpair)
can("run", lambda: os.execv(sys.executable, [sys.executable, "-c", ""]))
can("signal", lambda: os.kill(os.getppid(), 0))
import xml.dom.minidom
said["imports"] = True
print(json.dumps(said))
"""
linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in confinement.REFUSED, reason="Linux alone can do this"
)


def confined(var: Path) -> dict:
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRIES, str(var), str(settings.ROOT / "manage.py")],
        env={"PYTHONPATH": str(settings.ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@linux
def test_nothing_but_its_own_code_can_be_reached(tmp_path):
    secret = tmp_path / "var" / "secret_key"
    secret.parent.mkdir()
    secret.write_text("a secret")
    said = confined(secret)
    if said["kept"]:
        pytest.skip(f"This kernel lacks {said['kept']}")
    assert {name for name, could in said.items() if could} == {"imports"}
    assert secret.read_text() == "a secret"


@linux
def test_the_programs_own_folder_does_not_open_what_lies_beside_it():
    """`make run` keeps the site in the project's folder by default."""
    roots = [Path(folder) for folder in confinement._code()]
    assert not [root for root in roots if Path(settings.ROOT / "var").is_relative_to(root)]


@linux
def test_the_living_child_is_confined_and_decodes():
    one = Decoder()
    try:
        one.prepare(universe.photo_bytes())
        status = Path(f"/proc/{one._child.process.pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
        assert len(os.listdir(f"/proc/{one._child.process.pid}/task")) == 1, (
            "a thread started before would be free"
        )
    finally:
        one.close()


def test_where_the_kernel_cannot_it_is_said_once(caplog):
    decoder._warn.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            decoder._say_once(["files (Landlock)"])
        decoder._say_once([])
        decoder._say_once(None)
    assert [record.getMessage() for record in caplog.records] == [
        "This system cannot keep the decoding program from files (Landlock); see docs/operations.md."
    ]


@pytest.mark.parametrize("machine", ["riscv64", ""])
def test_on_an_unknown_machine_nothing_is_refused_by_numbers_of_another(monkeypatch, machine):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert confinement._no_sockets(None) is False


@pytest.mark.parametrize("machine", confinement.REFUSED)
def test_the_filter_refuses_what_it_names_and_allows_the_rest(machine):
    """The program is run here as the kernel would run it."""
    audit, refused = confinement.REFUSED[machine]
    steps = confinement._filter(audit, refused)

    def answer(number: int, of: int = audit) -> int:
        at, value = 0, 0
        while True:
            code, yes, no, k = confinement.struct.unpack_from("=HBBI", steps, at * 8)
            at += 1
            if code == confinement.LOAD:
                value = number if k == confinement.NUMBER_AT else of
            elif code == confinement.ANSWER:
                return k
            else:
                true = value == k if code == confinement.JUMP_EQUAL else value >= k
                at += yes if true else no

    no = confinement.WITH_ERROR | confinement.EPERM
    for number in range(500):
        assert answer(number) == (no if number in refused.values() else confinement.ALLOW)
        assert answer(number, of=0x40000003) == no
    assert answer(confinement.OTHER_NUMBERS + 41) == no
