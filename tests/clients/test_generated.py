"""The client that openapi-python-client makes of docs/openapi.yaml, without a warning: it works at a real server."""

import importlib
import io
import json
import re
import subprocess
import sys
from uuid import uuid4

import pytest
from django.conf import settings

from accounts.actions import make_token
from config.description import Generator
from species.models import Photo
from tests import universe

# Kinds of files that it knows by no name of their own.
AS_BYTES = ("application/zip", "image/*", "application/offset+octet-stream")
NAME = "made_of_the_description"
# What a list has to be asked with.
ASKED = {"/api/v1/suggestions": "photo", "/api/v1/places": "q"}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Its package, by the path within it."""
    folder = tmp_path_factory.mktemp("made")
    config = folder / "config.yaml"
    overrides = dict.fromkeys(AS_BYTES, "application/octet-stream")
    config.write_text(json.dumps({"post_hooks": [], "content_type_overrides": overrides}), "utf-8")
    asked = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    asked += ["--path", str(settings.ROOT / "docs" / "openapi.yaml"), "--config", str(config)]
    asked += ["--output-path", str(folder / NAME)]
    said = subprocess.run(asked, cwd=folder, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0 and "WARNING" not in said.stdout, said.stdout[-5000:] + said.stderr[-2000:]
    sys.path.insert(0, str(folder))
    yield lambda path: importlib.import_module(f"{NAME}.{path}" if path else NAME)
    sys.path.remove(str(folder))


@pytest.fixture
def client_of(made, live_server):
    def client(person):
        secret = make_token(user=person, name="made", by=person).secret
        return made("client").AuthenticatedClient(live_server.url, token=secret, prefix="Token")

    return client


def snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


@pytest.mark.django_db(transaction=True)
def test_it_uploads_and_predicts(made, client_of, live, alice):
    client, types = client_of(alice), made("types")
    send = made("api.photos.photos_update").sync_detailed
    id, data = uuid4(), universe.photo_bytes("made")
    body = made("models.photo_input").PhotoInput(file=types.File(io.BytesIO(data), "fish.jpg", "image/jpeg"))
    sent = send(str(id), client=client, body=body)
    assert sent.status_code == 201 and sent.parsed.id == id
    again = send(str(id), client=client, body=types.File(io.BytesIO(data), "fish.jpg", "image/jpeg"))
    assert again.status_code == 200, "and as the body itself"
    assert Photo.objects.filter(owner=alice).count() == 1
    ask = made("api.predictions.predictions_create").sync_detailed
    part = made("models.photo_part").PhotoPart(file=types.File(io.BytesIO(data), "fish.jpg", "image/jpeg"))
    answer = ask(client=client, body=part)
    assert answer.status_code == 200 and answer.parsed.predictions


@pytest.mark.django_db(transaction=True)
def test_it_lists_every_resource(made, client_of, live, sighting_of_alice, ada):
    client, photo = client_of(ada), sighting_of_alice.photos.first()
    values = {"photo": photo.pk, "q": "Traun"}
    paths = Generator().get_schema(request=None, public=True)["paths"]
    lists = {
        path: methods["get"]
        for path, methods in paths.items()
        if path.startswith("/api/v1/")
        and "{" not in path
        and methods.get("get", {}).get("operationId", "")[-5:] == "_list"
    }
    assert len(lists) > 15, sorted(lists)
    for path, operation in lists.items():
        module = f"api.{snake(operation['tags'][0])}.{snake(operation['operationId'])}"
        more = {ASKED[path]: values[ASKED[path]]} if path in ASKED else {}
        answer = made(module).sync_detailed(client=client, **more)
        assert answer.status_code == 200 and answer.parsed is not None, (path, answer.content[:500])
