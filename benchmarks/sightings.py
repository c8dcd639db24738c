"""The rows of made-up sightings: photos, organisms, what is said of them and what follows. Drawn from a seed."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

from benchmarks import world as worlds
from benchmarks.bulk import Model, Row
from benchmarks.organisms import Organisms, Sighting, Taken, dashed, digits, in_order
from benchmarks.world import DAY, EPOCH, Chance, World, stamp, uid
from labeling import models as labeling
from notices.models import Notification
from research.models import DatasetPhoto
from species import clocks
from species import models as species
from species.actions import tallies
from species.places import geoprivacy
from species.taxonomy import names

# Whatever rows may come, in the order in which they refer to each other.
MODELS: tuple[Model, ...] = (
    species.Trip,
    species.Observation,
    species.NoteWords,
    labeling.DraftWords,
    species.Photo,
    species.Consent,
    species.Occurrence,
    species.OccurrencePhoto,
    species.Measurement,
    labeling.Region,
    labeling.Suggestion,
    labeling.Identification,
    labeling.ShownSuggestion,
    labeling.Verdict,
    labeling.Ruling,
    labeling.ReviewCase,
    labeling.Box,
    labeling.Pass,
    labeling.Flag,
    Notification,
    DatasetPhoto,
)
PHOTOS = (1, 2, 3, 4, 5, 8)
PHOTO_WEIGHTS = (46, 73, 87, 94, 97.5, 100)
MONTHS = (1, 1, 3, 6, 9, 10, 10, 9, 7, 5, 2, 1)
PROBABILITIES = (0.99, 0.97, 0.94, 0.9, 0.84, 0.75, 0.6, 0.45, 0.35, 0.25)
PURPOSES, FLAGS = species.Purpose.values, labeling.Flag.Kind.values
SURE, LEAST = 0.6, 0.35
# Words of notes: the n-th comes a n-th as often as the first, the last of these in a few notes of a million.
NOTED = 20_000


class Sightings(Organisms):
    """`rows(first, count)` are those of the sightings from the first on, model by model."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world)
        self._seed = seed
        self.changes = tallies.Changes()
        self._observers = Chance.falling(len(world.people), 0.7)
        self._by_sightings = in_order(world, worlds.OWNER)
        self._waters = Chance.falling(len(world.waters), 0.8)
        self._months = Chance.of(MONTHS)
        self._noted = Chance.falling(NOTED, 1.0)
        self._guess = lru_cache(maxsize=20_000)(self._guessed)

    def rows(self, first: int, count: int) -> dict[Model, list[Row]]:
        self.random = Random(f"{self._seed} {self.world.size} {first}")
        self.out: dict[Model, list[Row]] = {model: [] for model in MODELS}
        for number in range(first, first + count):
            self._sighting(number)
        return self.out

    # --- the sighting -------------------------------------------------------------------------------------

    def _sighting(self, number: int) -> None:
        world, random = self.world, self.random
        share = (number + random.random()) / world.size
        created = world.start + share**0.5 * (world.end - world.start - DAY / 8)
        source = None
        if random.random() < 0.05:
            source = random.choices(world.sources, cum_weights=(70, 90, 100))[0]
            observer, licence, batch = source[0], "CC-BY-4.0", random.choice(source[1])
        else:
            person = self._by_sightings[self._observers.draw(random)]
            observer, licence, batch = person.id, person.licence, None
        many = observer == world.cast[worlds.OWNER]
        draft = source is None and share > 0.95 and random.random() < (0.01 if many else 0.2)
        it = Sighting(
            uid(random), observer, batch, licence, created, None if draft else created + 3600.0,
            world.waters[self._waters.draw(random)],
        )  # fmt: skip
        it.updated = it.published or created
        it.taxon = self._taxon(it)
        self._photos(it)
        if not draft:
            first = self.organism(it, it.photos, source)
            if len(it.photos) > 1 and random.random() < 0.02:
                self.organism(it, it.photos[1:2], source)
            self.notice(it, first)
        elif random.random() < 0.5:
            self.organism(it, it.photos, None, "uT")
        self._observation(it)

    def _observation(self, it: Sighting) -> None:
        random, water = self.random, it.water
        where: dict[str, object] = dict.fromkeys(("latitude", "longitude", "uncertainty_m"))
        where |= {"place_source": "", "place_id": None, "trip_id": None}
        if random.random() < 0.97:
            run, aside = random.gauss(0, 1), random.gauss(0, 0.008)
            where["latitude"] = round(water.latitude + run * water.along[0] + aside, 5)
            where["longitude"] = round(water.longitude + run * water.along[1] - aside, 5)
            where["uncertainty_m"] = random.choice((None, 8.0, 30.0, 250.0))
            where["place_source"] = random.choice(("exif", "exif", "map_pin", "device"))
            where["place_id"] = water.place if random.random() < 0.85 else None
        if random.random() < 0.02:
            where["trip_id"] = uid(random)
            self.out[species.Trip].append(
                {
                    "id": where["trip_id"],
                    "person_id": it.observer,
                    "name": "A day out",
                    "place_id": water.place,
                    "created": stamp(it.created),
                    "listed_at": stamp(it.created),
                    "updated": stamp(it.created),
                }
            )
        privacy = random.choices(geoprivacy.PRIVACIES, cum_weights=(30, 90, 100))[0]
        when, public = self._when(it), _public(where, privacy, it.floors)
        time = _told(it, when["local_date"], privacy, it.floors)
        self._count(it, str(when["local_date"] or ""), str(public["public_h3_5"]))
        note = self._note(it) if random.random() < 0.2 else ""
        self.out[species.Observation].append(
            {
                "id": it.id,
                "observer_id": it.observer,
                "state": "draft" if it.published is None else "published",
                **when,
                **where,
                "privacy": privacy,
                **public,
                **time,
                "batch_id": it.batch,
                "note": note,
                "created": stamp(it.created),
                "published_at": None if it.published is None else stamp(it.published),
                "discarded_at": None,
                "version": 1,
                "listed_at": stamp(it.published or it.created),
                "updated": stamp(it.updated),
                "shown": it.shown,
            }
        )
        if it.published is None and random.random() < 0.1:
            words = {"note": ["half a sen"]}
            self.out[labeling.DraftWords].append(
                {"observation_id": it.id, "typed": json.dumps(words), "version": 1, "elsewhere": None}
            )

    def _note(self, it: Sighting) -> str:
        words = [noted(self._noted.draw(self.random)) for _ in range(self.random.randint(3, 25))]
        note = f"{' '.join(words).capitalize()}."
        self.out[species.NoteWords].append({"of_id": it.id, "text": names.document(note)})
        return note

    def _count(self, it: Sighting, day: str, cell: str) -> None:
        """As `species.actions.tallies` counts."""
        for row in it.organisms:
            if row["shown"]:
                agreed = row["agreed_taxon_id"]
                counted = {
                    "taxon": agreed and dashed(agreed),
                    "status": row["status"],
                    "month": day[:7],
                    "cell": cell,
                    "observer": dashed(it.observer),
                }
                row["counted"] = json.dumps(counted)
                self.changes.add(counted)

    def _when(self, it: Sighting) -> dict[str, object]:
        """A day of its season, before it was added."""
        random = self.random
        if random.random() < 0.03:
            return {"observed_at": None, "utc_offset": None, "local_date": None, "time_source": ""}
        added = EPOCH + timedelta(seconds=it.created)
        month, day = self._months.draw(random) + 1, random.randint(1, 28)
        year = added.year if (month, day) < (added.month, added.day) else added.year - 1
        known = random.random() < 0.9
        offset = it.water.offset + (60 if known and 4 <= month <= 10 and it.water.latitude > 0 else 0)
        local = datetime(
            year, month, day, random.randint(5, 21), random.randint(0, 59), random.randint(1, 59)
        )
        return {
            "observed_at": str(local - timedelta(minutes=offset if known else 0)),
            "utc_offset": offset if known else None,
            "local_date": str(date(year, month, day)),
            "time_source": random.choice(("exif", "exif", "said")),
        }

    # --- photos -------------------------------------------------------------------------------------------

    def _photos(self, it: Sighting) -> None:
        random = self.random
        count = random.choices(PHOTOS, cum_weights=PHOTO_WEIGHTS)[0]
        hidden = random.random() < 0.02
        for position in range(count):
            visible = not hidden and random.random() > 0.015
            photo = Taken(
                uid(random), f"{random.getrandbits(256):064x}", visible and it.published is not None
            )
            it.photos.append(photo)
            it.shown = it.shown or photo.shown
            upright = random.random() < 0.3
            self.out[species.Photo].append(
                {
                    "id": photo.id,
                    "owner_id": it.observer,
                    "observation_id": it.id,
                    "position": position,
                    "sha256": photo.sha256,
                    "phash": f"{random.getrandbits(64):016x}",
                    "media_type": "image/jpeg",
                    "file_name": f"IMG_{random.randint(1, 9999):04}.jpg",
                    "file_size": random.randint(2_000_000, 5_000_000),
                    "width": 3024 if upright else 4032,
                    "height": 4032 if upright else 3024,
                    "licence": it.licence,
                    "batch_id": it.batch,
                    "created": stamp(it.created + position),
                    "discarded_at": None,
                    "shown": photo.shown,
                }
            )
            self._consents(it, photo, position, visible)
            if random.random() < 0.955:
                self._suggest(it, photo, worlds.SUGGESTS)
            if random.random() < 0.02:
                self._suggest(it, photo, worlds.SUGGESTED)
            if it.published is not None and random.random() < 0.004:
                self._flag(it, photo)

    def _consents(self, it: Sighting, photo: Taken, position: int, visible: bool) -> None:
        """What is hidden was withdrawn as a whole, later, or never shown."""
        random = self.random
        by = self.world.cast[worlds.REVIEWER] if it.batch else it.observer
        withdrawn = None if visible or random.random() < 0.5 else self.later(it.published or it.created)
        for purpose in PURPOSES:
            yes = (visible or withdrawn is not None or purpose != "show") and random.random() > 0.01
            if purpose == "show":
                yes = visible or withdrawn is not None
            row = {
                "id": uid(random),
                "photo_id": photo.id,
                "purpose": purpose,
                "granted": yes,
                "by_id": by,
                "created": stamp(it.created + position),
                "superseded_at": None if withdrawn is None else stamp(withdrawn),
            }
            self.out[species.Consent].append(row)
            if withdrawn is not None:
                after = {
                    "id": uid(random),
                    "granted": False,
                    "created": stamp(withdrawn),
                    "superseded_at": None,
                }
                self.out[species.Consent].append({**row, **after})

    def _suggest(self, it: Sighting, photo: Taken, source: str) -> None:
        answers, uncertainty, said = self._guess(it.taxon, min(9, int(self.random.expovariate(0.5))))
        id = uid(self.random)
        photo.doubt = max(uncertainty, photo.doubt or 0.0)
        if source == worlds.SUGGESTS:
            photo.suggestion = id
        self.out[labeling.Suggestion].append(
            {
                "id": id,
                "photo_id": photo.id,
                "region_id": None,
                "source": source,
                "dataset_hash": self.world.dataset_hash,
                "answers": answers,
                "taxon_id": said,
                "uncertainty": uncertainty,
                "tree_version": self.world.tree.version,
                "created": stamp(it.created + 120),
            }
        )

    def _guessed(self, taxon: str, doubt: int) -> tuple[str, float, str | None]:
        """Answers of a model that is so much in doubt, its uncertainty, and the taxon that it names."""
        first, world = PROBABILITIES[doubt], self.world
        place = world.taxa.index(taxon)
        others = [each for each in range(5) if each != place][:4]
        shares = (0.55, 0.25, 0.15, 0.05)
        answers = [
            (place, first),
            *((each, (1 - first) * part) for each, part in zip(others, shares, strict=True)),
        ]
        answers.sort(key=lambda each: -each[1])
        text = json.dumps(
            [
                {"label": world.labels[at], "taxon": world.taxa[at], "probability": part}
                for at, part in answers
            ]
        )
        said = taxon if first >= SURE else world.tree.ancestors(taxon)[0] if first >= LEAST else None
        return text, 1 - answers[0][1], said and digits(str(said))

    def _flag(self, it: Sighting, photo: Taken) -> None:
        random = self.random
        raised = self.later(it.published or it.created)
        done = self.later(raised) if random.random() < 0.6 else None
        self.out[labeling.Flag].append(
            {
                "id": uid(random),
                "photo_id": photo.id,
                "by_id": self._by_labels[self._labelers.draw(random)].id,
                "kind": random.choice(FLAGS),
                "reason": "",
                "created": stamp(raised),
                "resolved_at": None if done is None else stamp(done),
                "resolved_by_id": None if done is None else random.choice(self.world.reviewers),
            }
        )


def noted(number: int) -> str:
    """The word of this number: "bridge" is in a third of all notes, the others are no words anywhere."""
    return "bridge" if number == 0 else worlds.made_word(number)


def _told(it: Sighting, day: object, privacy: str, floors: dict[str, str]) -> dict[str, object]:
    """The columns of what others are told of the time: for one in eight the day or the month, where it may be less."""
    precision = {"0": "month", "1": "day"}.get(it.id[-1], "exact")
    level = geoprivacy.strictest(privacy, *floors.values())
    shown = "exact" if level == "open" else precision
    first, last = clocks.span(date.fromisoformat(str(day)) if day else None, shown)
    return {
        "time_precision": precision,
        "time_shown": shown,
        "public_first_day": first and first.isoformat(),
        "public_last_day": last and last.isoformat(),
    }


def _public(where: dict, privacy: str, floors: dict[str, str]) -> dict[str, object]:
    """The public columns, as `species.actions.observations` fills them."""
    names = ("public_latitude", "public_longitude", "public_uncertainty_m", "public_h3_3", "public_h3_5")
    if where["latitude"] is None:
        return {
            **dict(zip(names, (None, None, None, "", ""), strict=True)),
            "place_shown": "",
            "place_rule": "",
        }
    floor = geoprivacy.strictest("open", *floors.values())
    place = geoprivacy.public_place(
        where["latitude"], where["longitude"], where["uncertainty_m"], privacy, floor
    )
    rule = geoprivacy.rule(privacy, floors)
    if place is None:
        hidden = dict(zip(names, (None, None, None, "", ""), strict=True))
        return {**hidden, "place_shown": "withheld", "place_rule": rule}
    cells = geoprivacy.h3_cells(place.latitude, place.longitude, (3, 5))
    values = (place.latitude, place.longitude, place.uncertainty_m, cells[3], cells[5])
    shown = "generalized" if place.generalized else "exact"
    return {**dict(zip(names, values, strict=True)), "place_shown": shown, "place_rule": rule}
