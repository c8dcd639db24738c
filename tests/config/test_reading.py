"""Asking writes nothing: every address, asked by everybody, leaves every row and every file as it was."""

import hashlib
import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import URLPattern, get_resolver
from oauth2_provider.models import Application

from accounts import actions as accounts
from home import kept_uploads
from jobs.actions import enqueue
from labeling.actions import (
    all_boxed,
    boxes,
    comments,
    field_marks,
    flags,
    identifications,
    leases,
    passes,
    quality,
    rulings,
    sanctions,
)
from labeling.actions.suggestions import suggest
from labeling.models import Flag
from ml.models import TrainingRun
from notices.actions import notify
from notices.models import Notification
from species import uploads
from species.actions import occurrences, taxon_changes, trips, waters
from species.models import Observation
from species.queries import waters as gridded
from tests import universe
from tests.config.scene import done
from tests.conftest import person as somebody
from tests.research.building import agreed, freeze
from tests.species.queries.test_places import WATERS
from webhooks import actions as webhooks

WRITES = re.compile(r"\s*(insert|update|delete|replace|create|alter|drop|truncate)\b", re.I)
# What a part of an address is filled with: something that is there, by the name of the route, and then by that of
# the part.
PEOPLE = ["nobody", "alice", "ada"]

pytestmark = pytest.mark.once


def routes(patterns, before: str = "") -> list[tuple[str, dict]]:
    """Every address as text with %(name)s in it, and the parts of it."""
    found = []
    for each in patterns:
        if isinstance(each, URLPattern):
            found.append((before + str(each.pattern), each))
        else:
            found += routes(each.url_patterns, before + str(each.pattern))
    return found


ROUTES = routes(get_resolver().url_patterns)


def filled(pattern: str, things: dict[str, str]) -> list[str]:
    """The address with each thing of this site in the place of its parts."""
    path = "/" + pattern.replace("^", "").replace("\\Z", "").replace("$", "")
    path = path.replace("\\.(?P<format>[a-z0-9]+)/?", ".json").replace("\\.(?P<format>[a-z]+)", ".json")
    parts = r"\(\?P<(\w+)>(?:\[[^\]]*\]|\\.|\([^()]*\)|[^()])*\)|<(?:\w+:)?(\w+)>"
    if not re.search(parts, path):
        return [path]
    if path.startswith("/admin/"):
        things = things[:2]  # a page of each; many have numbers, and no id of another table

    def with_this(thing: str) -> str:
        return re.sub(parts, lambda found: SPECIAL.get(found[1] or found[2], thing), path)

    return [with_this(thing) for thing in things]


SPECIAL = {
    "size": "320",
    "level": "4",
    "x": "8",
    "y": "5",
    "format": "csv",
    "form": "cropped",
    "key": "abc-def",
    "uidb36": "1",
    "app_label": "species",
    "collectionId": "occurrences",
    "url": "nowhere",
    "label": "brown_trout",
    "name": "csv",
    "queue": "flagged",
}


@pytest.fixture
def things(alice, bob, rita, ada, tree, live, sighting_of_alice, tmp_path) -> list[str]:
    """Ids of one of everything, and labels."""
    rivers = tmp_path / "waters.geojson"
    rivers.write_text(json.dumps(WATERS))
    waters.prepare(rivers)
    organism = agreed(alice, tree["brown_trout"], [bob, rita])
    frozen = freeze(ada)
    photo = organism.observation.photos.first()
    said = [
        identifications.add(occurrence=sighting_of_alice.occurrences.get(), taxon=tree["chub"], by=bob),
        rulings.rule(occurrence=organism, taxon=tree["brown_trout"], reason="Seen.", by=rita),
        flags.raise_flag(photo=photo, kind=Flag.Kind.NOT_SUBJECT, by=bob),
        boxes.draw(occurrence=organism, photo=photo, x=0.1, y=0.1, width=0.5, height=0.5, by=alice),
        field_marks.point(occurrence=organism, photo=photo, mark="a scar", x=0.5, y=0.5, by=alice),
        enqueue(kind="suggest", by=alice),
        comments.add(observation=sighting_of_alice, text="Which river?", by=bob),
    ]
    for each in organism.observation.photos.all():
        boxes.draw(occurrence=organism, photo=each, x=0.2, y=0.1, width=0.5, height=0.5, by=bob)
    said.append(all_boxed.add(photo=photo, by=bob))
    guess = {"answers": [{"label": "chub", "probability": 0.5}], "taxon": None, "uncertainty": 0.5}
    said.append(suggest(photo=photo, source="m", **guess))
    SPECIAL["content_type_id"] = str(ContentType.objects.get_for_model(Observation).pk)
    draft = universe.sighting(alice, seed="draft", published=False)
    occurrences.add(observation=draft, photos=list(draft.photos.all()), by=alice)
    for person in (alice, ada):
        accounts.make_token(user=person, name="a phone", by=person)
    for person in (alice, ada):
        EmailAddress.objects.get_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
    notify(user=alice, kind="agreed", text="It is a brown trout.")
    notify(user=ada, kind="agreed", text="It is a brown trout.")
    said.append(passes.add(occurrence=sighting_of_alice.occurrences.get(), kind="skip", by=ada))
    said += [Notification.objects.get(user=ada, kind="agreed"), *ada.api_tokens.all()]
    bream = {"old": [tree["bream"]], "new": [tree["chub"]]}
    said.append(taxon_changes.propose(kind="merge", reason="One species.", by=rita, **bream))
    said.append(webhooks.add(url="https://93.184.216.34/hook", events=["model.live"], by=ada))
    said += [trips.start(by=ada, name="The weir"), uploads.begin(by=ada, id=uuid4(), length=10, said={})]
    said.append(Application.objects.create(
        user=ada, name="An app", client_type="public", authorization_grant_type="authorization-code",
        redirect_uris="https://example.org/",
    ))  # fmt: skip
    TOTP.activate(ada, generate_totp_secret())
    RecoveryCodes.activate(ada)
    gathered = done(ada, photo)
    quality.measure()
    universe.sighting(alice, seed="waits")
    said += [universe.imported(ada)[0], leases.take(by=ada, gold=False)]
    said.append(sanctions.suspend(person=somebody("Mallory"), reason="Spam.", by=rita))
    rows = [sighting_of_alice, organism, draft, sighting_of_alice.photos.first(), draft.photos.first(), live]
    rows += [frozen, TrainingRun.objects.first(), alice, tree["brown_trout"], *said]
    held = kept_uploads.hold(universe.photo_bytes(), address="192.0.2.1")
    ids = [*[each.pk for each in rows], *gathered.values()]
    return [*[str(each) for each in ids], held, gridded.version(), "brown_trout", str(uuid4())]


def files(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


class Watch:
    """Every statement that would write, on its way to the database."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if WRITES.match(sql):
            self.seen.append(sql)
        return execute(sql, params, many, context)


@pytest.mark.parametrize("name", PEOPLE)
def test_asking_writes_no_row_and_no_file(client, request, things, settings, tmp_path, name):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    client.raise_request_exception = False
    if name != "nobody":
        client.force_login(request.getfixturevalue(name))
    # The first who asks has the model brought from the store.
    client.get("/api/classes")
    before = files(tmp_path)
    answered, broke = {}, {}
    watch = Watch()
    with connection.execute_wrapper(watch):
        for pattern, _ in ROUTES:
            for path in filled(pattern, things):
                answer = client.get(path)
                if answer.streaming:
                    b"".join(answer.streaming_content)
                answered.setdefault(pattern, set()).add(answer.status_code)
                if watch.seen:
                    broke[path] = watch.seen[:]
                    watch.seen.clear()
    assert broke == {}
    assert files(tmp_path) == before
    assert 500 not in set().union(*answered.values()), [p for p, s in answered.items() if 500 in s]
    if name == "ada":
        silent = [pattern for pattern, statuses in answered.items() if statuses <= {404}]
        # The admin's own 404, keys that nobody was sent, and passkeys, which only a device makes.
        known = (".*", ":key>", "webauthn/keys/")
        assert [pattern for pattern in silent if not any(each in pattern for each in known)] == []
