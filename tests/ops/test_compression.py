import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse

from ops.compression import CompressionMiddleware
from tests.ml.folder import colour_photo

GZIP = {"headers": {"Accept-Encoding": "gzip, br"}}


@pytest.mark.parametrize("path", ["/label", "/taxa/", "/api/v1/taxa", "/api/v1/schema"])
def test_pages_and_json_are_compressed_for_whoever_asks(client, tree, sighting_of_alice, alice, path):
    client.force_login(alice)
    plain, short = client.get(path), client.get(path, **GZIP)
    assert plain.status_code == 200 and "Content-Encoding" not in plain
    assert short["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain["Vary"] and "Accept-Encoding" in short["Vary"]
    assert len(gzip.decompress(short.content)) > len(short.content)
    assert int(short["Content-Length"]) == len(short.content)


def test_how_long_it_gets_tells_nothing_twice(client, db):
    """Not even of what stays the same: guesses about what stands beside them drown in it."""
    assert len({len(client.get("/taxa/", **GZIP).content) for _ in range(30)}) > 5


def test_a_rendition_and_a_prediction_are_as_they_were(client, live, sighting_of_alice):
    photo = sighting_of_alice.photos.first()
    response = client.get(reverse("photo_rendition", args=[photo.pk, 320]), **GZIP)
    assert response.status_code == 200 and "Content-Encoding" not in response
    response = client.post(
        "/api/classify", {"file": SimpleUploadedFile("x", colour_photo("brown_trout"))}, **GZIP
    )
    assert response.status_code == 200 and "Content-Encoding" not in response


LONG = "trout " * 200


@pytest.mark.parametrize(
    ("response", "compressed"),
    [
        (lambda: HttpResponse(LONG), True),
        (lambda: JsonResponse({"a": LONG}), True),
        (lambda: HttpResponse(LONG, content_type="text/csv"), True),
        (lambda: HttpResponse("trout"), False),
        (lambda: HttpResponse(LONG, headers={"Cache-Control": "private, no-store"}), False),
        (lambda: HttpResponse(LONG, content_type="application/zip"), False),
        (lambda: HttpResponse(LONG, content_type="image/jpeg"), False),
        (lambda: HttpResponse(LONG, headers={"Content-Encoding": "br"}), False),
        (lambda: StreamingHttpResponse([LONG.encode()], content_type="application/zip"), False),
        (lambda: StreamingHttpResponse([LONG.encode()], content_type="text/csv"), False),
    ],
)
def test_what_is_compressed(rf, response, compressed):
    answer = CompressionMiddleware(lambda request: response())(rf.get("/", **GZIP))
    assert (answer.get("Content-Encoding") == "gzip") is compressed


def test_its_name_in_a_cache_says_that_the_bytes_differ(rf):
    given = HttpResponse(LONG, headers={"ETag": '"abc"'})
    assert CompressionMiddleware(lambda request: given)(rf.get("/", **GZIP))["ETag"] == 'W/"abc"'
