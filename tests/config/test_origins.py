"""Which origins may do what with our pages."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.origins import POLICY, policy


def test_nothing_comes_from_elsewhere():
    assert policy("") == POLICY
    assert all("http" not in origin for origins in POLICY.values() for origin in origins)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
        ("http://10.0.0.7:8080/a/{z}/{x}/{y}.png?key=1", "http://10.0.0.7:8080"),
        ("https://{s}.tiles.example.org/{z}/{x}/{y}.png", "https://*.tiles.example.org"),
    ],
)
def test_a_tile_server_may_send_pictures_and_nothing_else(address, origin):
    allowed = policy(address)
    assert allowed["img-src"] == [*POLICY["img-src"], origin]
    assert {name: each for name, each in allowed.items() if name != "img-src"} == {
        name: each for name, each in POLICY.items() if name != "img-src"
    }


@pytest.mark.parametrize(
    "address",
    [
        "tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org/map.png",
        "javascript:{z}",
        "https:///{z}",
        "https://a.org; script-src *//{z}",
        "https://a.org,b.org/{z}",
        "https://a b.org/{z}",
    ],
)
def test_what_is_no_tile_server_stops_the_start(address):
    with pytest.raises(ImproperlyConfigured, match="TILE_URL"):
        policy(address)
