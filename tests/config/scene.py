"""Everybody, and something of everything: what every operation of the API is asked about.

Alice's are the sighting and all that is asked about; everything is undone after each question.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from rest_framework.test import APIClient

from accounts import actions as accounts
from accounts.models import Role
from config.description import Generator
from home.actions import takeout
from jobs import actions as jobs
from jobs import worker
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
from ml.actions import predictions
from notices import actions as notices
from notices.models import Notification
from species import uploads
from species.access import observation_scope
from species.actions import observations, occurrences, published, taxon_changes, trips
from species.models import Edit
from tests import universe
from tests.conftest import person
from tests.research import building
from webhooks import actions as webhooks

PEOPLE = ["nobody", "stranger", "owner", "colleague", "reviewer", "researcher", "admin"]


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


def build(*, tree, alice, bob, charlie, rita, ada, live) -> Scene:
    researcher = person("Renate", Role.RESEARCHER)
    agreed = building.agreed(alice, tree["rainbow_trout"], [bob, rita], seed="agreed")
    frozen = building.freeze(ada)
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
    for seed in ("waits", "waits too"):
        universe.sighting(charlie, seed=seed)
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
    rows |= done(alice, photo)
    # Of what there is for one deed alone.
    of = {"observations/{id}/publish POST": draft.pk, "observations/{id}/restore POST": gone.pk}
    of |= {"comments/{id}/unhide POST": hidden.pk, "field-marks/{id} PUT": uuid4()}
    of |= {"webhooks/{endpoint}/deliveries/{id}/replay POST": webhooks.ping(endpoint=told, by=alice).pk}
    # Not before every one has its box: this one has none.
    second = occurrences.add(observation=sighting, photos=[photo], by=alice)
    of |= {"occurrences/{id} PUT": uuid4(), "occurrences/{id}/take_back POST": second.pk}
    of |= {"photos/{id}/erase POST": agreed.observation.photos.get().pk}
    stopped = jobs.cancel(job=jobs.enqueue(kind="resettle", title="Settle", by=alice), by=alice)
    of |= {"jobs/{id}/retry POST": stopped.pk}
    applied = taxon_changes.propose(
        kind="merge", old=[tree["atlantic_salmon"]], new=[tree["brook_trout"]], reason="One species.", by=rita
    )
    worker.run(taxon_changes.apply(change=applied, by=ada).pk)
    of |= {"taxon-changes/{id}/undo POST": applied.pk}
    of |= {f"datasets/{{id}}/{each} GET": frozen.pk for each in ("changes", "manifest", "exports/{name}")}
    on_photos = {"photos": [str(photo.pk)]}
    rows["since"] = frozen.pk
    here, on = {"occurrence": str(occurrence.pk)}, {"photo": str(photo.pk)}
    named = here | {"taxon": "brown_trout"}
    mark = here | on | {"mark": "a scar", "x": 0.1, "y": 0.1}
    boxed = universe.sighting(alice, seed="boxed").occurrences.get()
    whole = boxed.observation.photos.get()
    boxes.draw(occurrence=boxed, photo=whole, x=0, y=0, width=1, height=1, by=alice)
    bodies = {
        "all_boxed POST": {"photo": str(whole.pk)},
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
        "imports POST": {
            "table": "url,scientific_name\nhttps://example.org/1.jpg,Salmo trutta\n",
            "source": "Fish of the Enns",
            "licence": "CC-BY-4.0",
            "consents": ["research", "show"],
        },
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
        "photos/{id}/consents PATCH": {"train": False},
        "reports POST": {"observation": str(sighting.pk), "reason": "Rude."},
        "suspensions POST": {"person": str(bob.pk), "reason": "Spam."},
        "suspensions/{id}/answer POST": {"text": "It stands."},
        "tasks/next POST": {"minutes": 20},
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
    bodies["predictions:batch POST"] = {"items": [on | {"top_k": 2}, {"url": "https://example.org/fish.jpg"}]}
    # As many at once as one.
    for noun in ("all_boxed", "boxes", "identifications", "passes", "flags", "rulings"):
        bodies[f"{noun}:batch POST"] = {"items": [bodies[f"{noun} POST"]]}
    people = [None, charlie, alice, bob, rita, researcher, ada]
    clients = {}
    for name, who in zip(PEOPLE, people, strict=True):
        clients[name] = APIClient()
        if who is not None:
            clients[name].force_login(who)
    return Scene(texts(rows), texts(of), bodies, clients)


def done(person, photo) -> dict[str, UUID]:
    """Jobs of theirs whose files are there, by the first word of the path."""
    place = {"latitude": 47.268, "longitude": 11.393, "observed_on": "2015-10-10"}
    asked = [{"photo": str(photo.pk), "top_k": 2} | place]
    made = {
        "takeouts": takeout.ask(user=person, by=person),
        "predictions": predictions.ask(items=asked, by=person),
    }
    for job in made.values():
        worker.run(job.pk)
    return {noun: job.pk for noun, job in made.items()}


def texts(ids: dict) -> dict[str, str]:
    return {name: str(id) for name, id in ids.items()}


ASKED = {
    "suggestions GET": "photo={photos}",
    "places GET": "q=Traun",
    "datasets/{id}/changes GET": "since={since}",
}


def ask(scene: Scene, operation: str, who: str, accept: str = "") -> tuple[Any, Any]:
    """What was sent (None where there is no body), and the answer, as if it had not been asked."""
    path, method = operation.split(" ")
    short = operation.removeprefix("/api/v1/")
    noun = next((each for each in path.split("/") if each in scene.rows), "")
    parts = {"label": "brown_trout", "name": "coco", "queue": "disputed", "endpoint": scene.rows["webhooks"]}
    parts |= {"id": scene.of.get(short, scene.rows.get(noun, "")), "collectionId": "occurrences"}
    address = path.format(**parts)
    body: Any = scene.bodies.get(short)
    if short in ("photos/{id} PUT", "predictions POST"):
        body = {"file": SimpleUploadedFile("a.jpg", universe.photo_bytes("asked"), "image/jpeg")}
    form = short in ("photos/{id} PUT", "predictions POST")
    query = ASKED.get(short, "").format(**scene.rows)
    data = {} if method == "GET" else {"data": body or {}, "format": "multipart" if form else "json"}
    if short.startswith("uploads"):
        data = {"headers": {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Offset": "0"}}
        if method == "PATCH":
            data |= {"data": b"12345", "content_type": "application/offset+octet-stream"}
    if accept:
        data["headers"] = data.get("headers", {}) | {"Accept": accept}
    with transaction.atomic():
        send = getattr(scene.clients[who], method.lower())
        answer = send(f"{address}?{query}" if query else address, **data)
        transaction.set_rollback(True)
    return body, answer
