import pytest
from rest_framework.throttling import SimpleRateThrottle


@pytest.fixture(autouse=True)
def low_rates(monkeypatch):
    monkeypatch.setattr(
        SimpleRateThrottle, "THROTTLE_RATES", {"writes": "3/hour", "writes_anonymous": "2/hour"}
    )


def statuses(client, count):
    return [client.post("/api/v1/predictions").status_code for _ in range(count)]


def test_a_stranger_is_stopped_after_the_rate(client, db):
    assert statuses(client, 4) == [400, 400, 429, 429]


def test_two_addresses_are_counted_apart(client, db):
    statuses(client, 3)
    assert client.post("/api/v1/predictions", REMOTE_ADDR="192.0.2.7").status_code == 400


def test_reading_is_not_counted(client, db):
    assert {client.get("/api/v1/taxa").status_code for _ in range(6)} == {200}


def test_a_person_is_counted_as_a_person(client, alice):
    client.force_login(alice)
    codes = [client.post("/api/v1/flags", {}, "application/json").status_code for _ in range(5)]
    assert codes[:3] == [400, 400, 400] and codes[3:] == [429, 429]


def left(answer) -> list[str]:
    """What the headers say: of how many in how many seconds, how many are left, in how many seconds one more."""
    policy, rest = answer.headers["RateLimit-Policy"], answer.headers["RateLimit"]
    return [each.partition("=")[2] for each in f"{policy};{rest}".split(";") if "=" in each]


def test_every_write_is_answered_with_what_is_left(client, alice):
    client.force_login(alice)
    answers = [client.post("/api/v1/flags", {}, "application/json") for _ in range(5)]
    assert [left(each)[:3] for each in answers] == [["3", "3600", str(n)] for n in (2, 1, 0, 0, 0)]
    assert all(3590 <= int(left(each)[3]) <= 3600 for each in answers)
    assert int(answers[-1].headers["Retry-After"]) <= int(left(answers[-1])[3])
    assert "RateLimit" not in client.get("/api/v1/taxa").headers


def test_a_stranger_is_told_of_their_own_limit(client, db):
    assert [left(client.post("/api/v1/predictions"))[:3] for _ in range(3)] == [
        ["2", "3600", "1"],
        ["2", "3600", "0"],
        ["2", "3600", "0"],
    ]
