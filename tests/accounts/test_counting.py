"""A limit is exact however many ask at once: in SQLite, in PostgreSQL and in Redis, as the suite has them."""

import os
import time
import uuid

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.throttling import SimpleRateThrottle

from accounts.counting import one_at_a_time
from tests.accounts.threads import THREADS, together
from tests.conftest import PASSWORD

LIMIT = 20
REDIS = os.environ.get("CACHE_URL")


@pytest.fixture(params=["database", "redis"] if REDIS else ["database"])
def counters(request, settings, transactional_db):
    """Where they are kept: in the database of this suite, or in Redis if there is one."""
    prefix = uuid.uuid4().hex
    if request.param == "redis":
        cache = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS}
    else:
        cache = {"BACKEND": "accounts.counting.CountersInDatabase", "LOCATION": "throttle_counters"}
    settings.CACHES = {"default": cache | {"KEY_PREFIX": prefix}}
    call_command("createcachetable")
    return request.param


def tried(client, user, password) -> bool:
    """Whether the password was looked at; read from the page: contexts of several threads get mixed up."""
    page = client.post(reverse("account_login"), {"login": user.email, "password": password}).content.decode()
    assert ("you specified are not correct" in page) != ("Too many failed" in page)
    return "Too many failed" not in page


def test_of_200_writes_at_once_as_many_pass_as_the_limit_says(counters, monkeypatch):
    rates = {"writes": f"{LIMIT}/hour", "writes_anonymous": f"{LIMIT}/hour"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    codes = together(lambda number: Client().post("/api/v1/predictions").status_code, 10)
    assert sorted(set(codes)) == [400, 429] and codes.count(400) == LIMIT


def test_two_addresses_take_nothing_from_each_other(counters, monkeypatch):
    rates = {"writes": "5/hour", "writes_anonymous": "5/hour"}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    codes = together(
        lambda n: (n % 2, Client(REMOTE_ADDR=f"192.0.2.{n % 2}").post("/api/v1/predictions").status_code), 2
    )
    assert [codes.count((side, 400)) for side in (0, 1)] == [5, 5]


@pytest.mark.parametrize(("limit", "tries"), [("5/300s/key", 5), ("20/300s/ip", 20)])
def test_of_60_wrong_passwords_as_many_are_tried(counters, settings, alice, limit, tries):
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": limit}

    def attempt(number):
        return tried(Client(), alice, f"wrong {number}")

    assert together(attempt, 3).count(True) == tries
    assert not tried(Client(), alice, PASSWORD), "nor is the right one, once they are used up"


def test_who_knows_their_password_uses_no_try_up(counters, settings, alice):
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "20/300s/key"}
    form = {"login": alice.email, "password": PASSWORD}
    codes = together(lambda number: Client().post(reverse("account_login"), form).status_code, 1)
    assert codes == [302] * THREADS
    assert [tried(Client(), alice, "wrong") for _ in range(21)] == [True] * 20 + [False]


@pytest.mark.parametrize(
    ("action", "name"), [("signup", "account_signup"), ("reset_password", "account_reset_password")]
)
def test_other_doors_count_as_exactly(counters, settings, action, name):
    settings.ACCOUNT_RATE_LIMITS = {action: "20/300s/ip", "confirm_email": ""}
    form = {"email": "nobody"} if action == "signup" else {"email": "nobody@example.org"}
    codes = together(lambda number: Client().post(reverse(name), form).status_code, 2)
    assert sum(code != 429 for code in codes) == 20


@pytest.mark.skipif(not REDIS, reason="no Redis in this suite")
@pytest.mark.parametrize("counters", ["redis"], indirect=True)
def test_a_counter_whose_holder_died_is_free_again(counters, monkeypatch):
    monkeypatch.setattr("accounts.counting.LOCK_ENDS", 0.2)
    monkeypatch.setattr(RedisCache, "close", lambda self: None)
    dead = one_at_a_time("somebody")
    assert dead.__enter__()
    with one_at_a_time("somebody") as counted:
        assert counted
    dead.__exit__(None, None, None)


@pytest.mark.skipif(not REDIS, reason="no Redis in this suite")
@pytest.mark.parametrize("counters", ["redis"], indirect=True)
def test_who_cannot_count_in_time_is_not_let_in(counters, monkeypatch):
    monkeypatch.setattr("accounts.counting.PATIENCE", 0.05)
    with one_at_a_time("somebody") as first, one_at_a_time("somebody") as second:
        assert (first, second) == (True, False)


@pytest.mark.skipif(not REDIS, reason="no Redis in this suite")
@pytest.mark.parametrize("counters", ["redis"], indirect=True)
def test_who_cannot_be_counted_is_told_when_to_come_back(counters, monkeypatch):
    monkeypatch.setattr("accounts.counting.PATIENCE", 0.05)
    with one_at_a_time("throttle_writes_127.0.0.1") as held:
        answer = Client().post("/api/v1/predictions")
    assert held and answer.status_code == 429 and int(answer["Retry-After"]) < 60


def test_a_counter_lasts_as_long_as_its_limit(counters):
    """Also in a database, which knows whole seconds only."""
    if counters == "redis":
        assert caches["default"].get_backend_timeout(3) == 3
    else:
        assert int(caches["default"].get_backend_timeout(3)) >= time.time() + 2.99
