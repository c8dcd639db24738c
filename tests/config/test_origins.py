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


class TestWhoMayReadUs:
    ELSEWHERE = {"HTTP_ORIGIN": "https://maps.example.org"}

    @pytest.mark.django_db
    @pytest.mark.parametrize("path", ["/api/v1/taxa", "/api/v1/nothing", "/api/v1/schema", "/api/v1/me"])
    def test_programs_of_any_page_read_the_api_and_its_headers(self, client, path):
        answer = client.get(path, **self.ELSEWHERE)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
        told = answer["Access-Control-Expose-Headers"]
        assert all(name in told for name in ("ETag", "Link", "Retry-After", "RateLimit"))
        # Not put into a page of theirs without asking: that would come with cookies.
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"

    @pytest.mark.django_db
    def test_a_write_is_asked_for_first(self, client):
        asked = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}
        asked["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = "authorization,if-match,idempotency-key"
        answer = client.options("/api/v1/observations", **self.ELSEWHERE, **asked)
        assert answer.status_code == 200 and "PUT" in answer["Access-Control-Allow-Methods"]
        allowed = answer["Access-Control-Allow-Headers"]
        assert all(name in allowed for name in ("authorization", "if-match", "idempotency-key"))

    @pytest.mark.django_db
    @pytest.mark.parametrize("path", ["/explore", "/accounts/login/", "/api/docs", "/label", "/upload"])
    def test_no_page_is_read_by_another(self, client, path):
        assert "Access-Control-Allow-Origin" not in client.get(path, **self.ELSEWHERE)

    def test_renditions_are_read_with_their_bytes(self, client, sighting_of_alice):
        photo = sighting_of_alice.photos.first()
        answer = client.get(f"/photos/{photo.pk}/256.jpg", **self.ELSEWHERE)
        assert answer["Access-Control-Allow-Origin"] == "*"
