"""Whom limits count, and whom a site with the development key answers."""

import os
import subprocess
import sys

import pytest
import requests
from django.conf import settings as site_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.client_address import client_address
from ops import development_key, gunicorn
from tests.end_to_end.site import free_port

addresses = st.ip_addresses(v=4).map(str)


@pytest.mark.parametrize(
    ("trusted", "peer", "said", "address"),
    [
        (0, "192.0.2.1", "198.51.100.9", "192.0.2.1"),
        (1, "192.0.2.1", "198.51.100.9", "198.51.100.9"),
        (1, "192.0.2.1", "made up, 203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "192.0.2.1", "made up, 203.0.113.5, 198.51.100.9", "203.0.113.5"),
        (3, "192.0.2.1", "203.0.113.5, 198.51.100.9", "203.0.113.5"),
        (1, "192.0.2.1", None, "192.0.2.1"),
        (1, "192.0.2.1", " , ,", "192.0.2.1"),
        (1, "192.0.2.1", "unknown", "192.0.2.1"),
        (1, "192.0.2.1", "198.51.100.9:41234", "198.51.100.9"),
        (1, "192.0.2.1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::"),
        (1, "192.0.2.1", "::ffff:198.51.100.9", "198.51.100.9"),
        (0, "2001:db8:1:2:ffff::1", None, "2001:db8:1:2::"),
        (0, "fe80::1%eth0", None, "fe80::"),
        (0, "::1", None, "::1"),
        (0, "", None, ""),
    ],
)
def test_the_address_is_what_trusted_proxies_vouch_for(settings, trusted, peer, said, address):
    settings.TRUSTED_PROXIES = trusted
    environ = {"REMOTE_ADDR": peer} | ({} if said is None else {"HTTP_X_FORWARDED_FOR": said})
    assert client_address(environ) == address


@given(
    st.lists(st.text(max_size=20).filter(lambda text: "," not in text)),
    addresses,
    st.lists(addresses, max_size=3),
)
def test_what_a_client_makes_up_never_counts(made_up, client, proxies):
    """Each proxy adds whom it heard; the site hears the last one."""
    heard = [client, *proxies]
    environ = {"REMOTE_ADDR": heard[-1], "HTTP_X_FORWARDED_FOR": ",".join([*made_up, *heard[:-1]])}
    before, site_settings.TRUSTED_PROXIES = site_settings.TRUSTED_PROXIES, len(proxies)
    try:
        assert client_address(environ) == client
    finally:
        site_settings.TRUSTED_PROXIES = before


def seen(client, **environ) -> dict:
    return client.get("/ping", **environ).wsgi_request.META


@pytest.mark.parametrize(("trusted", "address"), [(0, "192.0.2.1"), (1, "198.51.100.9")])
def test_inside_there_is_one_address(client, settings, trusted, address):
    """So throttles, log-in limits and whatever comes later count the same one."""
    settings.TRUSTED_PROXIES = trusted
    meta = seen(client, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.9")
    assert meta["REMOTE_ADDR"] == address and "HTTP_X_FORWARDED_FOR" not in meta


def statuses(client, count: int, ask) -> list[int]:
    return [ask(client, number).status_code for number in range(count)]


def write(client, number):
    return client.post(
        "/api/v1/predictions", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}"
    )


def log_in(client, number):
    # Failures for one name are counted by themselves.
    said = {"login": f"person{number}@example.org", "password": "wrong"}
    return client.post(
        "/accounts/login/", said, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}"
    )


@pytest.mark.parametrize("trusted", [0, 1])
def test_limits_believe_no_address_that_is_only_claimed(client, db, settings, monkeypatch, trusted):
    settings.TRUSTED_PROXIES = trusted
    monkeypatch.setattr(
        "rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES",
        {"writes": "3/hour", "writes_anonymous": "2/hour"},
    )
    assert (429 in statuses(client, 4, write)) == (trusted == 0)


@pytest.mark.parametrize("trusted", [0, 1])
def test_log_ins_from_one_address_are_counted_whatever_it_claims(client, db, settings, trusted):
    settings.TRUSTED_PROXIES = trusted
    assert (429 in statuses(client, 40, log_in)) == (trusted == 0)


def test_the_web_server_believes_nobody_by_itself():
    assert gunicorn.forwarded_allow_ips == "" and gunicorn.secure_scheme_headers == {}
    assert gunicorn.forwarder_headers == ""


HERE = [
    {},
    {"HTTP_HOST": "localhost:8000"},
    {"HTTP_HOST": "127.0.0.1"},
    {"HTTP_HOST": "[::1]:8000", "REMOTE_ADDR": "::1"},
    {"REMOTE_ADDR": "::ffff:127.0.0.1"},
]
ELSEWHERE = [
    {"REMOTE_ADDR": "192.0.2.1"},
    {"REMOTE_ADDR": ""},
    {"HTTP_HOST": "trout.example"},
    {"HTTP_HOST": "192.168.1.5:8000"},
    {"HTTP_HOST": "127.0.0.1.trout.example"},
    {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    {"HTTP_X_REAL_IP": "127.0.0.1"},
    {"HTTP_FORWARDED": "for=192.0.2.1"},
    {"HTTP_VIA": "1.1 proxy"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
]


@pytest.mark.parametrize("trusted", [0, 1])
@pytest.mark.parametrize(
    ("environ", "here"), [*((each, True) for each in HERE), *((each, False) for each in ELSEWHERE)]
)
def test_the_development_key_answers_this_machine_alone(client, settings, environ, here, trusted):
    settings.TRUSTED_PROXIES = trusted
    own, settings.SECRET_KEY = settings.SECRET_KEY, development_key.KEY
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"} | environ
    answer = client.get("/ping", **environ)
    assert answer.status_code == (200 if here else 403)
    assert here or "Set SECRET_KEY" in answer.content.decode()
    settings.SECRET_KEY = own
    assert client.get("/ping", **environ).status_code == 200


@pytest.fixture
def by_hand(tmp_path):
    """Starts gunicorn as somebody would who never read how: without a key."""
    started = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen:
        root = site_settings.ROOT
        env = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DEBUG")}
        env |= {"PYTHONPATH": f"{root}{os.pathsep}{root / 'platform'}", "VAR": str(tmp_path)} | environment
        argv = [sys.executable, "-m", "gunicorn", *arguments, "config.wsgi:application"]
        started.append(subprocess.Popen(argv, cwd=root, env=env, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def test_a_server_started_by_hand_on_every_address_answers_this_machine(by_hand):
    port = free_port()
    by_hand("--bind", f"0.0.0.0:{port}")
    session = requests.Session()
    session.mount(
        "http://", requests.adapters.HTTPAdapter(max_retries=requests.adapters.Retry(8, backoff_factor=0.2))
    )
    assert session.get(f"http://127.0.0.1:{port}/ping", timeout=20).text == "pong"
    for headers in ({"Host": "trout.example"}, {"X-Forwarded-For": "192.0.2.1"}):
        assert session.get(f"http://127.0.0.1:{port}/ping", headers=headers, timeout=20).status_code == 403


def test_our_own_server_does_not_even_listen_elsewhere(by_hand):
    process = by_hand("--config", "python:ops.gunicorn", "--bind", f"0.0.0.0:{free_port()}")
    assert process.wait(30) != 0
    assert "Set SECRET_KEY" in process.stderr.read()
