"""Who sees what where: the people, waters, names and models of a large made-up library. Drawn from a seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from uuid import UUID

from allauth.account.models import EmailAddress

from accounts.models import ApiToken, Grant, Licence, Role, User
from benchmarks.bulk import Bulk, Row
from labeling.models import Ruling
from ml.models import Model, Promotion, TrainingRun
from research.models import Dataset
from species.actions import taxa as taxon_actions
from species.models import ImportBatch, PersonWords, Place, PlaceWords, Taxon
from species.queries import taxa as taxon_queries
from species.taxonomy import names, taxa_file
from species.taxonomy.tree import Tree

ROOT = Path(__file__).resolve().parent.parent
TAXA = 5070
YEARS = 4
EPOCH = datetime(1970, 1, 1)
DAY = 86400.0
SITE = "scale.example"
# Whom the questions are asked as; whose address it is says which.
ADMIN, REVIEWER, OWNER, LABELER, SKIPPER, CONTRIBUTOR, SMALL = (
    "admin", "reviewer", "owner", "labeler", "skipper", "contributor", "small"
)  # fmt: skip
CAST = (ADMIN, REVIEWER, OWNER, LABELER, SKIPPER, CONTRIBUTOR, SMALL)
TRUST = "Collected by the county’s fish passes; every fish was held in the hand."
SUGGESTS, SUGGESTED = "resnet34-v3", "resnet34-v2"
RARE = "gila_trout"
# Never seen: of the generated names, the last ones.
UNSEEN = 100
COMMONEST = ("brown_trout", "rainbow_trout", "brook_trout", "chub", "perch", "cutthroat_trout", "barbel")
# Latitude, longitude, degrees around that, minutes east of UTC, country, share of all waters.
REGIONS = (
    (47.0, 11.5, 1.6, 60, "AT", 30),
    (54.5, -3.0, 2.5, 0, "GB", 16),
    (62.0, 13.0, 4.0, 60, "SE", 8),
    (42.7, 0.5, 1.0, 60, "ES", 6),
    (40.5, -106.5, 4.0, -420, "US", 18),
    (46.0, -121.5, 3.0, -480, "US", 8),
    (37.0, -81.0, 3.0, -300, "US", 6),
    (-44.0, 169.5, 2.0, 720, "NZ", 4),
    (-41.0, -71.5, 2.0, -180, "AR", 2),
    (43.4, 142.5, 1.5, 540, "JP", 2),
)


def _words(text: str) -> list[str]:
    return text.split()


STARTS = _words("Ach Bel Cal Dor El Fin Gar Hol Ist Kal Lav Mur Nor Or Pas Rien Sal Tav Ulv Ver Wel Yar Zem")
MIDDLES = _words("a e i o u an en ar or el il as")
ENDS = _words("bach burn beck ell gnitz hope ina kill lund mor nitz ona rau stad tal water zach")
FIRST = _words(
    "Ada Ben Cleo Dan Eva Finn Gerda Hugo Ines Jan Kim Lena Max Nora Otto Pia Quirin Rosa Sam Tess"
)
LATIN = _words("ab ac al bra ce cha du el fo gra hy is ko la me no ol pho ra si ta ur va xe zo")
SORTS = _words("minnow barb dace loach goby sculpin darter gudgeon bleak char catfish sucker killifish")


def uid(random: Random) -> str:
    """An id of the fourth version, as 32 digits."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) & 3]}{digits[17:]}"


def stamp(seconds: float) -> str:
    """A moment (seconds since 1970) as both databases read it."""
    return str(EPOCH + timedelta(seconds=seconds))


@dataclass(frozen=True)
class Chance:
    """Draws places in a list, each as often as its weight says."""

    sums: list[float]

    @classmethod
    def of(cls, weights: Sequence[float]) -> Chance:
        return cls(list(accumulate(weights)))

    @classmethod
    def falling(cls, count: int, power: float) -> Chance:
        """The n-th is drawn as often as n to the minus `power`."""
        return cls.of([(each + 1) ** -power for each in range(count)])

    def draw(self, random: Random) -> int:
        return random.choices(range(len(self.sums)), cum_weights=self.sums)[0]


@dataclass(frozen=True)
class Person:
    id: str
    licence: str


@dataclass(frozen=True)
class Water:
    """A river: where it is, which way it runs, and what lives in it."""

    place: str
    latitude: float
    longitude: float
    along: tuple[float, float]
    offset: int
    taxa: list[int]


@dataclass
class World:
    """Everything there is before the first sighting. Seconds are since 1970."""

    size: int
    start: float
    end: float
    people: list[Person] = field(default_factory=list)
    cast: dict[str, str] = field(default_factory=dict)
    reviewers: list[str] = field(default_factory=list)
    # Import batches of each source, and whether it is trusted.
    sources: list[tuple[str, list[str], bool]] = field(default_factory=list)
    waters: list[Water] = field(default_factory=list)
    taxa: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    tree: Tree = field(default_factory=lambda: Tree([]))
    dataset: str = ""
    dataset_hash: str = ""


def make(size: int, seed: int, day: date, bulk: Bulk) -> World:
    """Writes what a library of `size` sightings stands on, up to the beginning of `day`."""
    random = Random(f"world {seed}")
    end = datetime.combine(day, time(), UTC).timestamp()
    world = World(size=size, start=end - YEARS * 365 * DAY, end=end)
    _name(world, random)
    _people(world, random, bulk)
    _waters(world, random, bulk)
    _sources(world, random, bulk)
    _models(world, random, bulk)
    return world


def _name(world: World, random: Random) -> None:
    taxon_actions.load(file=taxa_file.read(ROOT / "data/taxa/trout.yaml"))
    root = Taxon.objects.get(label="actinopterygii")
    made: list[Taxon] = []

    def add(name: str, rank: str, parent: Taxon, **more: object) -> Taxon:
        label = name.lower().replace(" ", "_")
        made.append(
            Taxon(
                id=UUID(uid(random)),
                scientific_name=name,
                rank=rank,
                parent=parent,
                label=f"{label}_{len(made)}",
                **more,
            )
        )
        return made[-1]

    room = TAXA - Taxon.objects.count()
    families = [add(f"{_latin(random, 3)}idae {each}", "family", root) for each in range(12)]
    genera = [
        add(f"{_latin(random, 3)}us{_letters(each)}", "genus", random.choice(families)) for each in range(400)
    ]
    while len(made) < room:
        number, genus = len(made), random.choice(genera)
        english = f"{_latin(random, 2)}{_letters(number)} {random.choice(SORTS)}".lower()
        name = f"{genus.scientific_name} {_latin(random, 2).lower()}{_letters(number)}"
        add(name, "species", genus, common_names={"en": english})
    Taxon.objects.bulk_create(made)
    nameable = {each.label: each for each in Taxon.objects.nameable().order_by("label")}
    own = [label for label in nameable if nameable[label].source and label not in (*COMMONEST, RARE)]
    generated = [each.label for each in made if each.rank == "species"]
    world.labels = [*(label for label in COMMONEST if label in nameable), *own, RARE, *generated]
    world.taxa = [str(nameable[label].pk) for label in world.labels]
    world.tree = taxon_queries.tree()


def taxon_chance(world: World) -> Chance:
    weights = [(each + 1) ** -1.1 for each in range(len(world.taxa))]
    weights[-UNSEEN:] = [0.0] * UNSEEN
    weights[world.labels.index(RARE)] = 0.0002 * sum(weights)
    return Chance.of(weights)


def _latin(random: Random, syllables: int) -> str:
    return "".join(random.choice(LATIN) for _ in range(syllables)).capitalize()


def _letters(number: int) -> str:
    """A number in letters: no two names are alike."""
    return "".join("aeioulnrst"[int(digit)] for digit in str(number))


def made_word(number: int) -> str:
    """Two syllables and the number in letters."""
    return f"{LATIN[number % len(LATIN)]}{LATIN[number // len(LATIN) % len(LATIN)]}{_letters(number)}"


def _found_by(rows: list[Row], column: str) -> list[Row]:
    """Their words, as species.actions.words writes them."""
    return [{"of_id": row["id"], "text": names.document(row[column])} for row in rows]


def _people(world: World, random: Random, bulk: Bulk) -> None:
    count = max(100, min(5000, world.size // 200))
    roles = {ADMIN: Role.ADMIN, REVIEWER: Role.REVIEWER}
    rows: list[Row] = []
    for number in range(count):
        cast = CAST[number] if number < len(CAST) else ""
        role = roles.get(cast) or (
            Role.CONTRIBUTOR
            if cast
            else random.choices(
                (Role.CONTRIBUTOR, Role.RESEARCHER, Role.REVIEWER), cum_weights=(97, 99.5, 100)
            )[0]
        )
        person = Person(uid(random), random.choice(Licence.values[:3]))
        name = f"{random.choice(FIRST)} {random.choice(STARTS)}{random.choice(MIDDLES)}{random.choice(ENDS)}"
        rows.append(
            {
                "id": person.id,
                "password": "!",
                "last_login": None,
                "email": f"{cast or f'person{number}'}@{SITE}",
                "display_name": name,
                "role": role,
                "is_active": True,
                "is_source": False,
                "licence": person.licence,
                "created": stamp(world.start + random.random() ** 2 * (world.end - world.start - 30 * DAY)),
            }
        )
        world.people.append(person)
        if cast:
            world.cast[cast] = person.id
        if role == Role.REVIEWER:
            world.reviewers.append(person.id)
    words = _found_by(rows, "display_name")
    bulk.write({User: rows, PersonWords: words, **_doors(world, random, rows)})


def _doors(world: World, random: Random, people: list[Row]) -> dict:
    """Addresses, tokens and grants."""
    admin = world.cast[ADMIN]
    addresses = [
        {"user_id": row["id"], "email": row["email"], "verified": True, "primary": True} for row in people
    ]
    tokens = [
        {
            "id": uid(random),
            "user_id": row["id"],
            "name": "field computer",
            "prefix": f"aq_{random.getrandbits(36):09x}",
            "digest": f"{random.getrandbits(256):064x}",
            "created": stamp(world.end - random.random() * 300 * DAY),
        }
        for row in people[::20]
    ]
    grants = [
        {
            "id": uid(random),
            "user_id": row["id"],
            "scope": f"taxon:{UUID(world.taxa[number % 40])}",
            "purpose": "A survey of spawning grounds.",
            "granted_by_id": admin,
            "created": stamp(world.end - random.random() * 300 * DAY),
        }
        for number, row in enumerate(people[10::50])
    ]
    return {EmailAddress: addresses, ApiToken: tokens, Grant: grants}


def _waters(world: World, random: Random, bulk: Bulk) -> None:
    rows: list[Row] = []
    regions, taxa = Chance.of([region[-1] for region in REGIONS]), taxon_chance(world)
    for number in range(30 + world.size // 2500):
        # The busiest is in the Alps.
        latitude, longitude, spread, offset, country, _ = REGIONS[regions.draw(random) if number else 0]
        y = round(latitude + random.uniform(-spread, spread) * 0.6, 4)
        x = round(longitude + random.uniform(-spread, spread), 4)
        name = f"{random.choice(STARTS)}{random.choice(MIDDLES)}{random.choice(ENDS)}"
        rows.append(
            {
                "id": uid(random),
                "name": f"{name} {number}" if number > 200 else name,
                "country_code": country,
                "latitude": y,
                "longitude": x,
                "uncertainty_m": random.choice((2000.0, 5000.0, 9000.0, 20000.0)),
                "created": stamp(world.start),
            }
        )
        turn = random.uniform(-1, 1)
        along = (0.12 * turn, 0.12 * (1 - abs(turn)))
        living = [taxa.draw(random) for _ in range(8)]
        world.waters.append(Water(rows[-1]["id"], y, x, along, offset, living))
    bulk.write({Place: rows, PlaceWords: _found_by(rows, "name")})


def _sources(world: World, random: Random, bulk: Bulk) -> None:
    """Imported collections: a large one that is trusted, and two that are not."""
    people: list[Row] = []
    batches: list[Row] = []
    for number, share in enumerate((0.035, 0.01, 0.005)):
        source = uid(random)
        people.append(
            {
                "id": source,
                "password": "!",
                "last_login": None,
                "email": f"source{number}@{SITE}",
                "display_name": f"Collection {number + 1}",
                "role": Role.CONTRIBUTOR,
                "is_active": False,
                "is_source": True,
                "licence": Licence.CC_BY,
                "created": stamp(world.start),
            }
        )
        own = [
            {
                "id": uid(random),
                "source_id": source,
                "operator_id": world.cast[REVIEWER],
                "licence": "CC-BY-4.0",
                "credit": f"Collection {number + 1}",
                "consents": json.dumps(["show", "research", "train"]),
                "created": stamp(world.start + random.random() * (world.end - world.start)),
            }
            for _ in range(1 + int(world.size * share) // 5000)
        ]
        batches += own
        world.sources.append((source, [each["id"] for each in own], number == 0))
    trust = {
        "id": uid(random),
        "occurrence_id": None,
        "source_id": people[0]["id"],
        "taxon_id": None,
        "reviewer_id": world.cast[REVIEWER],
        "reason": TRUST,
        "created": stamp(world.start + DAY),
        "listed_at": stamp(world.start + DAY),
        "shown": True,
    }
    words = _found_by(people, "display_name")
    bulk.write({User: people, PersonWords: words, ImportBatch: batches, Ruling: [trust]})


def _models(world: World, random: Random, bulk: Bulk) -> None:
    """Three datasets with a run and a model each; the last is live."""
    datasets: list[Row] = []
    runs: list[Row] = []
    models: list[Row] = []
    promotions: list[Row] = []
    admin, classes = world.cast[ADMIN], world.labels[:20]
    card = {
        "classes": classes,
        "threshold": 0.6,
        "trained_on": {"photos": 1000, "occurrences": 400, "groups": 200},
    }
    for version in (1, 2, 3):
        made = world.end - (4 - version) * 90 * DAY
        by = {"created_by_id": admin, "created": stamp(made)}
        frozen = {
            "id": uid(random),
            "title": "Trout of the world",
            "version": version,
            "state": "frozen",
            "salt": "scale",
            "frozen_at": stamp(made + 60),
            "content_hash": f"{random.getrandbits(256):064x}",
            **by,
        }
        run = {"id": uid(random), "dataset_id": frozen["id"], "finished_at": stamp(made + DAY), **by}
        model = {
            "id": uid(random),
            "run_id": run["id"],
            "architecture": "resnet34",
            "version": version,
            "sha256": f"{random.getrandbits(256):064x}",
            "classes": json.dumps(classes),
            "taxa": json.dumps(dict(zip(classes, map(str, world.taxa), strict=False))),
            "card": json.dumps(card),
            "created": stamp(made + DAY),
        }
        promotion = {
            "id": uid(random),
            "model_id": model["id"],
            "by_id": admin,
            "reason": "Better on every name.",
            "created": stamp(made + 2 * DAY),
            "ended_at": stamp(made + 92 * DAY) if version < 3 else None,
        }
        for rows, row in ((datasets, frozen), (runs, run), (models, model), (promotions, promotion)):
            rows.append(row)
    world.dataset, world.dataset_hash = datasets[-1]["id"], datasets[-1]["content_hash"]
    bulk.write({Dataset: datasets, TrainingRun: runs, Model: models, Promotion: promotions})
