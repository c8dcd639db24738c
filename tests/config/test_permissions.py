"""Every operation of the API, asked by everybody: the table of docs/permissions.md, which is whole.

Alice's are the sighting and all that is asked about; everything is undone after each question.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from accounts import actions as accounts
from accounts.models import Role
from config.description import Generator
from jobs import actions as jobs
from labeling.actions import (
    all_boxed,
    boxes,
    comments,
    field_marks,
    flags,
    identifications,
    leases,
    passes,
    rulings,
    sanctions,
)
from labeling.actions.suggestions import suggest
from notices import actions as notices
from notices.models import Notification
from species import uploads
from species.access import observation_scope
from species.actions import observations, occurrences, published, taxon_changes, trips
from species.models import Edit
from tests import universe
from tests.conftest import person
from webhooks import actions as webhooks

PAGE = settings.ROOT / "docs" / "permissions.md"
PEOPLE = ["nobody", "stranger", "owner", "colleague", "reviewer", "researcher", "admin"]
# What an answer says of the right to it; 400 and 409 say that it is not possible now, to somebody who may.
WORDS = {
    202: "yes",
    200: "yes",
    201: "yes",
    204: "yes",
    400: "yes",
    409: "yes",
    401: "log in",
    403: "no",
    404: "not there",
}
# Looked at and forgotten: what is answered is up to the live model.
WORDS |= {503: "yes"}
START = "<!-- table -->\n"


@dataclass(frozen=True)
class Scene:
    """Ids by the first word of a path, bodies by operation, and who asks."""

    rows: dict[str, str]
    of: dict[str, str]
    bodies: dict[str, dict]
    clients: dict[str, APIClient]


def described() -> list[str]:
    paths = Generator().get_schema(request=None, public=True)["paths"]
    return sorted(f"{path} {method.upper()}" for path, methods in paths.items() for method in methods)


def told() -> dict[str, dict[str, str]]:
    """Operation to person to word, as the page says it."""
    rows = [
        line.strip("| \n").split("|") for line in PAGE.read_text("utf-8").partition(START)[2].splitlines()
    ]
    head, _, *rest = [[cell.strip() for cell in row] for row in rows if len(row) > 1]
    assert head[1:] == PEOPLE
    return {row[0].strip("`"): dict(zip(PEOPLE, row[1:], strict=True)) for row in rest}


@pytest.fixture
def scene(tree, alice, bob, charlie, rita, ada, live, monkeypatch) -> Scene:
    monkeypatch.setattr(
        SimpleRateThrottle, "THROTTLE_RATES", dict.fromkeys(SimpleRateThrottle.THROTTLE_RATES, "1000000/hour")
    )
    researcher = person("Renate", Role.RESEARCHER)
    sighting = universe.sighting(alice, seed="hers", photos=2, privacy="generalized")
    observations.describe(observation=sighting, by=alice, note="By the weir.")
    draft = universe.sighting(alice, seed="draft", published=False)
    gone = universe.sighting(alice, seed="gone")
    published.withdraw(observation=gone, by=alice)
    accounts.grant(user=bob, scope=observation_scope(sighting.pk), purpose="to measure it", by=ada)
    occurrence, photo = sighting.occurrences.get(), sighting.photos.first()
    batch, theirs = universe.imported(ada)
    elsewhere = theirs.occurrences.get()
    said = identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
    comment = comments.add(observation=sighting, text="Which river?", by=alice)
    hidden = comments.add(observation=sighting, text="A rude word.", by=alice)
    comments.hide(comment=hidden, by=rita, reason="Rude.")
    notices.notify(user=alice, kind="told", text="There is news.")
    told = webhooks.add(url="https://93.184.216.34/hook", events=["model.live"], by=alice)
    times = {
        "started_at": datetime(2015, 10, 10, 11, tzinfo=UTC),
        "ended_at": datetime(2015, 10, 10, 15, tzinfo=UTC),
    }
    trip = trips.start(by=alice, people=[bob], privacy="generalized", **times)
    trips.describe(trip=trip, by=alice, gear="fly rod")
    universe.sighting(charlie, seed="waits")
    mallory = person("Mallory")
    suspension = sanctions.suspend(person=mallory, reason="Spam.", by=person("Roy", Role.REVIEWER))
    sanctions.appeal(by=mallory, text="It was not me.")
    rows = {
        "observations": sighting.pk,
        "occurrences": occurrence.pk,
        "photos": photo.pk,
        "identifications": said.pk,
        "boxes": boxes.draw(occurrence=occurrence, photo=photo, x=0, y=0, width=1, height=1, by=alice).pk,
        "all_boxed": all_boxed.add(photo=photo, by=alice).pk,
        "field-marks": field_marks.point(
            occurrence=occurrence, photo=photo, mark="a scar", x=0.5, y=0.5, by=alice
        ).pk,
        "flags": flags.raise_flag(photo=photo, kind="rights", by=alice).pk,
        "rulings": rulings.rule(occurrence=elsewhere, taxon=None, reason="Blurred.", by=rita).pk,
        "comments": comment.pk,
        "import-batches": batch.pk,
        "jobs": jobs.enqueue(kind="resettle", title="Settle", by=alice).pk,
        "taxa": "brown_trout",
        "taxon-changes": taxon_changes.propose(
            kind="merge", old=[tree["bream"]], new=[tree["chub"]], reason="One species.", by=rita
        ).pk,
        "trips": trip.pk,
        "users": alice.pk,
        "uploads": uploads.begin(by=alice, id=uuid4(), length=10, said={}).pk,
        "tokens": accounts.make_token(user=alice, name="one", by=alice).token.pk,
        "notices": Notification.objects.get(user=alice, kind="told").pk,
        "passes": passes.add(occurrence=elsewhere, kind="cannot_tell", by=alice).pk,
        "tasks": leases.take(by=alice, gold=False).pk,
        "reports": sanctions.report(by=charlie, person=mallory, reason="Rude.").pk,
        "suspensions": suspension.pk,
        "suggestions": suggest(
            photo=photo,
            source="m",
            answers=[{"label": "chub", "probability": 0.5}],
            taxon=None,
            uncertainty=0.5,
        ).pk,
        "webhooks": told.pk,
        "models": live.pk,
        "runs": live.run_id,
        "datasets": live.run.dataset_id,
    }
    # Of what there is for one deed alone.
    of = {"observations/{id}/publish POST": draft.pk, "observations/{id}/restore POST": gone.pk}
    of |= {"comments/{id}/unhide POST": hidden.pk, "field-marks/{id} PUT": uuid4()}
    of |= {"webhooks/{endpoint}/deliveries/{id}/replay POST": webhooks.ping(endpoint=told, by=alice).pk}
    # Not before every one has its box: this one has none.
    second = occurrences.add(observation=sighting, photos=[photo], by=alice)
    of |= {"occurrences/{id} PUT": uuid4(), "occurrences/{id}/take_back POST": second.pk}
    on_photos = {"photos": [str(photo.pk)]}
    here, on = {"occurrence": str(occurrence.pk)}, {"photo": str(photo.pk)}
    named = here | {"taxon": "brown_trout"}
    mark = here | on | {"mark": "a scar", "x": 0.1, "y": 0.1}
    bodies = {
        "all_boxed POST": on,
        "boxes POST": here | on | {"x": 0.1, "y": 0.1, "width": 0.5, "height": 0.5},
        "comments POST": {"observation": str(sighting.pk), "text": "The Traun."},
        "comments/{id}/edit POST": {"text": "Which river is it?"},
        "comments/{id}/hide POST": {"reason": "Rude."},
        "comments/{id}/unhide POST": {"reason": "Not so rude."},
        "comments/{id}/report POST": {"reason": "Rude."},
        "datasets POST": {"title": "T"},
        "datasets/{id}/retire POST": {"reason": "Wrong names."},
        "occurrences/{id} PUT": on_photos | {"observation": str(sighting.pk)},
        "field-marks/{id} PUT": mark,
        "flags POST": on | {"kind": "other", "reason": "It is a boot."},
        "identifications POST": named,
        "import-batches/{id}/withdraw POST": {"reason": "Not theirs to give."},
        "me PATCH": {"privacy": "private"},
        "models/{id}/promote POST": {"reason": "Better."},
        "observations/{id} PUT": {"note": "Mine."},
        "observations/{id}/order POST": {
            "photos": [
                str(each) for each in sighting.photos.order_by("-position").values_list("pk", flat=True)
            ]
        },
        "observations/{id}/undo POST": {"edit": str(Edit.objects.filter(observation=sighting).first().pk)},
        "passes POST": here | {"kind": "skip"},
        "photos/{id}/consents PATCH": {"train": "false"},
        "reports POST": {"observation": str(sighting.pk), "reason": "Rude."},
        "suspensions POST": {"person": str(bob.pk), "reason": "Spam."},
        "suspensions/{id}/answer POST": {"text": "It stands."},
        "rulings POST": named | {"reason": "Seen."},
        "runs POST": {"dataset": str(live.run.dataset_id)},
        "taxon-changes POST": {"kind": "merge", "old": ["chub"], "new": ["bream"], "reason": "One species."},
        "tokens POST": {"name": "T"},
        "trips/{id} PATCH": {"gear": "worms"},
        "trips/{id} PUT": {"gear": "worms"},
        "trips/{id}/undo POST": {"edit": str(trip.edits.get().pk)},
        "webhooks POST": {"url": "https://93.184.216.34/hook", "events": ["model.live"]},
        "webhooks/{id} PATCH": {"description": "Mine."},
    }
    people = [None, charlie, alice, bob, rita, researcher, ada]
    clients = {}
    for name, who in zip(PEOPLE, people, strict=True):
        clients[name] = APIClient()
        if who is not None:
            clients[name].force_login(who)
    return Scene(texts(rows), texts(of), bodies, clients)


def texts(ids: dict) -> dict[str, str]:
    return {name: str(id) for name, id in ids.items()}


ASKED = {"suggestions GET": "photo={photos}", "places GET": "q=Traun"}


def ask(scene: Scene, operation: str, who: str) -> str:
    """In a word, and as if it had not been asked."""
    path, method = operation.split(" ")
    short = operation.removeprefix("/api/v1/")
    noun = next((each for each in path.split("/") if each in scene.rows), "")
    parts = {"label": "brown_trout", "name": "coco", "queue": "disputed", "endpoint": scene.rows["webhooks"]}
    parts |= {"id": scene.of.get(short, scene.rows.get(noun, "")), "collectionId": "occurrences"}
    address = path.format(**parts)
    body = scene.bodies.get(short, {})
    form = "json"
    if short in ("photos/{id} PUT", "predictions POST"):
        body = {"file": SimpleUploadedFile("a.jpg", universe.photo_bytes("asked"), "image/jpeg")}
    if short.startswith(("photos/{id} PUT", "predictions", "photos/{id}/consents")):
        form = "multipart"
    query = ASKED.get(short, "").format(**scene.rows)
    client = scene.clients[who]
    with transaction.atomic():
        send = getattr(client, method.lower())
        data = {} if method == "GET" else {"data": body, "format": form}
        if short.startswith("uploads"):
            data = {"headers": {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Offset": "0"}}
            if method == "PATCH":
                data |= {"data": b"12345", "content_type": "application/offset+octet-stream"}
        answer = send(f"{address}?{query}" if query else address, **data)
        transaction.set_rollback(True)
    assert answer.status_code in WORDS, (operation, who, answer.status_code, answer.content[:500])
    return WORDS[answer.status_code]


def test_the_page_names_every_operation():
    assert sorted(told()) == described(), f"{PAGE.name} has to say who may do what is new."


@pytest.mark.django_db
def test_everybody_may_what_the_page_says(scene):
    found = {each: {who: ask(scene, each, who) for who in PEOPLE} for each in described()}
    page = told()
    differs = {each: found[each] for each in found if found[each] != page.get(each)}
    if differs:  # to be put in, once it was read
        for each, words in differs.items():
            print(f"| `{each}` | " + " | ".join(words.values()) + " |")
    assert differs == {}


def test_what_the_page_says_holds_together():
    for operation, words in told().items():
        method = operation.rpartition(" ")[2]
        if method != "GET" and "predictions" not in operation:
            assert words["nobody"] == "log in", f"{operation}: whoever writes is somebody"
        for less, more in (("nobody", "stranger"), ("stranger", "colleague"), ("stranger", "reviewer")):
            assert words[less] != "yes" or words[more] == "yes", (operation, less, more)
        assert {*words.values()} - {"not there", "no", "log in"}, f"{operation}: somebody may"
