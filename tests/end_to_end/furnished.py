"""A site where everything that people write is as long as it may be, and the address of every page of it."""

import json
from datetime import UTC, datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Role
from home import kept_uploads
from jobs.actions import enqueue
from jobs.models import Job
from labeling.actions import field_marks, flags, identifications, review, rulings
from labeling.actions.suggestions import suggest
from labeling.queries import review as queues
from ml.actions import promotions, runs
from ml.models import Model, TrainingRun
from ml.queries.runs import recipe
from notices.actions import notify
from research.actions import datasets
from research.models import Dataset, DatasetPerson
from species import ingest
from species.actions import observations, occurrences, partings, published, taxon_changes, trips
from species.models import Taxon, TaxonChange
from tests import universe
from tests.conftest import PASSWORD
from tests.ml.test_pages import figures
from webhooks import actions as webhooks
from webhooks.events import EVENTS
from webhooks.models import Endpoint

WORD = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlungsstellenleiter"
CHINESE = "在鱼道拍到的褐鳟和虹鳟" * 7
EMAIL = f"{'lachsforelle' * 5}@{'donaudampfschiff' * 3}.{'donaudampfschiff' * 3}.example.org"


class Furnished:
    """`pages`: name to address, for Ada, who may see everything; `anonymous`: those one sees logged out."""

    def __init__(self) -> None:
        assert len(WORD) == 80
        self.tree = universe.plant_tree()
        self._rename()
        self.ada = self._person(EMAIL, WORD, Role.ADMIN)
        self.bob = self._person("bob@example.org", CHINESE[:77])
        self.eve = self._person("eve@example.org", "W" * 80)
        self.place = universe.place(name=WORD * 2, country_code="AT")
        self.agreed = self._sighting("agreed", photos=4)
        self.disputed = self._sighting("disputed")
        self.others = self._sighting("others", photos=2, by=self.bob)
        self.waiting = self._sighting("waiting")
        self.ruled = self._sighting("ruled")
        self._speak()
        self.draft = self._sighting("draft", publish=False)
        self.edited = self._sighting("edited", photos=4)
        said = {
            "note": f"{WORD * 2} {CHINESE}",
            "latitude": 47.5,
            "longitude": 11.5,
            "place_source": "map_pin",
        }
        published.edit(observation=self.edited, by=self.edited.observer, described=said, licence="CC0-1.0")
        partings.remove(photo=self.edited.photos.last(), by=self.edited.observer)
        self.dataset = datasets.freeze(title=(WORD * 2)[:120], note=f"{WORD} {CHINESE}", by=self.ada)
        self.model = self._model()
        self.run = TrainingRun.objects.create(
            dataset=self.dataset,
            kind=TrainingRun.Kind.KFOLD,
            options=recipe(self.model.run) | {"kfold": 5, WORD: WORD},
            metrics=figures("folds"),
            history=[{"stage": WORD, "epoch": 1, "metrics": {WORD: 0.5}}],
            created_by=self.ada,
            finished_at=timezone.now(),
        )
        self.job = enqueue(kind="freeze", arguments={}, by=self.ada, title=WORD * 2)
        Job.objects.filter(pk=self.job.pk).update(
            state="failed",
            finished_at=timezone.now(),
            message=f"{WORD} {CHINESE}",
            error=WORD * 4,
        )
        for kind in ("sighting", "dataset"):
            notify(user=self.ada, kind=kind, text=f"{WORD} named {CHINESE}", url="/")
        accounts.make_token(user=self.ada, name=WORD, by=self.ada)
        self.webhook = self._webhook()
        self.change = self._change()
        self.trip = self._trip()
        self.held = kept_uploads.hold(universe.photo_bytes("held"), address="127.0.0.1")

    def _person(self, email: str, name: str, role: str = Role.CONTRIBUTOR):
        return accounts.sign_up(email=email, password=PASSWORD, display_name=name, role=role)

    def _trip(self):
        """Over, with one sighting of it."""
        now = timezone.now()
        times = {"started_at": now - timedelta(hours=3), "ended_at": now, "utc_offset": 120}
        trip = trips.start(by=self.ada, name=WORD * 2, gear=WORD, effort=CHINESE, privacy="open", **times)
        trips.gather(trip=trip, sightings=[self.agreed.pk], by=self.ada)
        return trip

    def _rename(self) -> None:
        for label, said in (("brown_trout", WORD), ("rainbow_trout", CHINESE), ("chub", WORD.lower())):
            taxon = self.tree[label]
            taxon.common_names = {"en": said, "de": WORD, "zh-hans": CHINESE}
            taxon.authorship = WORD
            taxon.description = f"{WORD} {CHINESE}"
            taxon.field_marks = [{"mark": WORD, "view": WORD}, {"mark": CHINESE, "view": label}]
            taxon.save()
        Taxon.objects.filter(label="salmo").update(scientific_name=f"Salmo {WORD}")
        self.tree = {taxon.label: taxon for taxon in Taxon.objects.all()}

    def _sighting(self, seed: str, photos: int = 1, publish: bool = True, by=None):
        by = by or self.ada
        sighting = observations.start(
            by=by,
            note=f"At the weir. {WORD * 3} {CHINESE}",
            place=self.place,
            observed_at=datetime(2015, 10, 10, 14, 30, tzinfo=UTC),
            latitude=47.26812,
            longitude=11.39325,
            place_source="map_pin",
        )
        sizes = [(640, 320), (320, 640), (640, 640), (1200, 300)]
        for number in range(photos):
            ingest.receive(
                data=universe.photo_bytes(f"{seed} {number}", sizes[number]),
                owner=by,
                observation=sighting,
                file_name=f"{WORD * 2}.jpg",
            )
        if publish:
            observations.publish(observation=sighting, by=by)
        return sighting

    def _speak(self) -> None:
        brown, rainbow = self.tree["brown_trout"], self.tree["rainbow_trout"]
        said = {self.agreed: (brown, brown, brown), self.disputed: (brown, rainbow, None)}
        said |= {self.waiting: (brown, None, None), self.ruled: (rainbow, brown, None)}
        said[self.others] = (brown, rainbow, None)
        for sighting, names in said.items():
            occurrence = sighting.occurrences.get()
            by = sighting.observer
            occurrences.measure(occurrence=occurrence, kind="total_length", value=312, by=by)
            suggest(
                photo=sighting.photos.first(),
                source=f"{WORD}-v7",
                answers=[
                    {"label": "brown_trout", "probability": 0.9},
                    {"label": WORD.lower(), "probability": 0.1},
                ],
                taxon=brown,
                uncertainty=0.1,
            )
            for person, taxon in zip((self.ada, self.bob, self.eve), names, strict=True):
                if taxon:
                    identifications.add(
                        occurrence=occurrence, taxon=taxon, by=person, note=f"{WORD * 2} {CHINESE}"
                    )
        rita = self._person("rita@example.org", "Rita " + "R" * 70, Role.REVIEWER)
        rulings.rule(
            occurrence=self.ruled.occurrences.get(), taxon=brown, reason=f"{WORD * 2} {CHINESE}", by=rita
        )
        for sighting in (self.agreed, self.disputed):
            organism, photo = sighting.occurrences.get(), sighting.photos.first()
            for number, words in enumerate((WORD, CHINESE), start=1):
                field_marks.point(
                    occurrence=organism,
                    photo=photo,
                    mark=words,
                    x=number / 3,
                    y=0.5,
                    taxon=brown,
                    by=self.bob,
                )
            field_marks.point(occurrence=organism, photo=photo, mark="W" * 80, x=0.9, y=0.9, by=self.ada)
        flags.raise_flag(photo=self.agreed.photos.first(), kind="other", reason=WORD * 3, by=self.bob)
        flags.raise_flag(photo=self.others.photos.first(), kind="other", reason=WORD * 3, by=self.eve)
        rows = [queues.find("disputed", self.others.occurrences.get().pk)]
        act = review.rule(rows=rows, queue="disputed", taxon=brown, reason=WORD, by=self.ada)
        review.undo(act=act, by=self.ada)

    def _change(self) -> TaxonChange:
        names = {"old": [self.tree["bream"]], "new": [self.tree["chub"], self.tree["bream"]]}
        return taxon_changes.propose(
            kind="split",
            **names,
            reason=f"{WORD * 3} {CHINESE}",
            source=WORD * 3,
            areas={self.tree["chub"].pk: ["-179.123,-12.5,11.5,12.5", "841f8d7ffffffff"] * 5},
            by=self.ada,
        )

    @transaction.atomic
    def _webhook(self) -> Endpoint:
        """Off, and never on while anybody could send: nothing leaves this machine."""
        url = f"https://93.184.216.34/{WORD * 2}"
        endpoint = webhooks.add(by=self.ada, url=url, events=list(EVENTS), description=WORD, only_mine=True)
        webhooks.ping(endpoint=endpoint, by=self.ada)
        log = [{"at": timezone.now().isoformat(), "status": None, "error": (WORD * 3)[:200]}]
        endpoint.deliveries.update(log=log)
        return webhooks.change(endpoint=endpoint, by=self.ada, active=False)

    def _model(self) -> Model:
        Dataset.objects.filter(pk=self.dataset.pk).update(
            state=Dataset.State.FROZEN, frozen_at=timezone.now(), content_hash="ab" * 32
        )
        self.dataset.refresh_from_db()
        DatasetPerson.objects.create(dataset=self.dataset, person=self.ada, photos=1234, trainable=12)
        classes = ["brook_trout", "brown_trout", "rainbow_trout"]
        card = {
            "name": WORD,
            "architecture": WORD,
            "weights": WORD,
            "classes": classes,
            "classes_left_out": ["chub"],
            "left_out": {"no_training_photo": 3},
            "input": {"size": [32, 64], "resize": "squash"},
            "threshold": 0.6,
            "trained_on": {"photos": 30, "occurrences": 10, "groups": 5, "drawings": 3},
            "metrics": figures(),
            "onnx": {"checked": 10, "same_answer": 10, "largest_difference": 0.0},
        }
        run = TrainingRun.objects.create(
            dataset=self.dataset,
            created_by=self.ada,
            options={WORD: WORD},
            created=timezone.now() - timedelta(days=1),
        )
        model = runs.finish(run=run, metrics=figures(), history=[], card=card, sha256="cd" * 32)
        run.predictions = default_storage.save("runs/x/predictions.jsonl", ContentFile(self._missed()))
        run.save()
        promotions.Promotion.objects.create(model=model, by=self.ada, reason=f"{WORD * 2} {CHINESE}")
        return model

    def _missed(self) -> bytes:
        photo = self.agreed.photos.first().pk
        said = {"id": str(photo), "label": "brown_trout", "answer": "rainbow_trout", "probs": [0.1, 0.1, 0.8]}
        return json.dumps(said).encode()

    @property
    def pages(self) -> dict[str, str]:
        photo = self.agreed.photos.first().pk
        return {
            name: reverse(name)
            for name in (
                *(
                    "home",
                    "about",
                    "gallery",
                    "label",
                    "label_sets",
                    "upload",
                    "my_uploads",
                    "trips",
                    "taxa",
                    "notices",
                    "jobs",
                ),
                *("datasets", "models", "runs", "api_docs", "account_settings", "account_email"),
                *(
                    "account_keys",
                    "webhooks",
                    "account_sessions",
                    "account_apps",
                    "exact_places",
                    "take_out",
                    "leave",
                ),
                *("terms", "privacy", "support", "takedown"),
                *("account_change_password", "account_logout"),
            )
        } | {
            "gallery, filtered": f"{reverse('gallery')}?q={WORD}&taxon=brown_trout&status=verified",
            "gallery, nothing found": f"{reverse('gallery')}?q={WORD * 2}x",
            "taxa, nothing found": f"{reverse('taxa')}?q={WORD * 2}x",
            "taxon": reverse("taxon", args=["brown_trout"]),
            "taxon of a genus": reverse("taxon", args=["salmo"]),
            "taxon of a cross": reverse("taxon", args=["cutbow"]),
            "names side by side": f"{reverse('confusions', args=['brown_trout'])}?with=rainbow_trout&with=chub",
            "sighting, agreed": reverse("observation", args=[self.agreed.pk]),
            "sighting, disputed": reverse("observation", args=[self.disputed.pk]),
            "sighting, waiting": reverse("observation", args=[self.waiting.pk]),
            "sighting, ruled": reverse("observation", args=[self.ruled.pk]),
            "sighting, edited": reverse("observation", args=[self.edited.pk]),
            "trip": reverse("trip", args=[self.trip.pk]),
            "editing a trip": reverse("edit_trip", args=[self.trip.pk]),
            "editing": reverse("edit_sighting", args=[self.edited.pk]),
            "as others see it": reverse("as_others_see", args=[self.edited.pk]),
            "sighting, draft": reverse("observation", args=[self.draft.pk]),
            "person": reverse("person", args=[self.ada.pk]),
            "person, of no sighting": reverse("person", args=[self.eve.pk]),
            "what a person named": reverse("person_names", args=[self.bob.pk]),
            "what a person's photos are used in": reverse("person_uses", args=[self.ada.pk]),
            "what a sighting is used in": reverse("sighting_uses", args=[self.agreed.pk]),
            "review": reverse("review"),
            "review, people": reverse("safety"),
            "review, one person": reverse("safety_person", args=[self.bob.pk]),
            "review, how well people agree": reverse("quality"),
            "report": reverse("report_person", args=[self.bob.pk]),
            "what reviewers told you": reverse("standing"),
            "second factor": reverse("mfa_index"),
            "review, one after another": reverse("review_queue", args=["disputed"]),
            "review, many": reverse("review_list", args=["disputed"]),
            "review, flagged": reverse("review_queue", args=["flagged"]),
            "review, nothing there": reverse("review_queue", args=["range"]),
            "dataset": reverse("dataset", args=[self.dataset.pk]),
            "a new dataset": f"{reverse('new_dataset')}?taxon=brown_trout&since=2000-01-01",
            "datasets of a photo": reverse("photo_datasets", args=[photo]),
            "model": reverse("model", args=[self.model.pk]),
            "run": reverse("run", args=[self.run.pk]),
            "run of a model": reverse("run", args=[self.model.run_id]),
            "job": reverse("job", args=[self.job.pk]),
            "changes of names": reverse("taxon_changes"),
            "change of names": reverse("taxon_change", args=[self.change.pk]),
            "proposing a change of names": reverse("propose_taxon_change"),
            "webhook": reverse("webhook", args=[self.webhook.pk]),
            "keep": reverse("keep", args=[self.held]),
            "not found": f"/{WORD}",
        }

    @property
    def anonymous(self) -> dict[str, str]:
        return {
            name: reverse(name)
            for name in ("account_login", "account_signup", "account_reset_password", "home", "label")
        } | {"sighting": reverse("observation", args=[self.disputed.pk])}
