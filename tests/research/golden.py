"""A small universe of fixed rows, inserted straight into the tables in any order: nothing in it is by chance.

Not through the actions, which choose ids and ask the clock: here the same rows must be there twice.
"""

import base64
import random
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import Role, User
from labeling.consensus.explanation import Counts, Explanation, Ruled
from labeling.models import Identification, Region, Verdict
from species.models import (
    Consent,
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    Purpose,
    Taxon,
    Trip,
)
from species.queries import taxa

# One grey pixel. What follows its end marker is ignored by readers, and makes every photo's bytes its own.
PIXEL = base64.b64decode(
    "/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAB"
    "AAEBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJx"
    "FDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJ"
    "ipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ACv/2Q=="
)
TAXA = [
    # label, scientific name, rank, parent, second parent, common name
    ("salmonidae", "Salmonidae", "family", None, None, "Salmonids"),
    ("oncorhynchus", "Oncorhynchus", "genus", "salmonidae", None, ""),
    ("rainbow_trout", "Oncorhynchus mykiss", "species", "oncorhynchus", None, "Rainbow trout"),
    ("cutthroat", "Oncorhynchus clarkii", "species", "oncorhynchus", None, "Cutthroat trout"),
    (
        "cutbow",
        "Oncorhynchus clarkii × Oncorhynchus mykiss",
        "hybrid",
        "cutthroat",
        "rainbow_trout",
        "Cutbow",
    ),
    ("salmo", "Salmo", "genus", "salmonidae", None, ""),
    ("brown_trout", "Salmo trutta", "species", "salmo", None, "Brown trout"),
]
CLASSES = ("brown_trout", "cutbow", "rainbow_trout")
SIGHTINGS = 24


def key(name: object) -> UUID:
    return uuid5(NAMESPACE_URL, f"golden {name}")


def rows(seed: int) -> list:
    """Every row, in an order of `seed`'s choosing; clocks and automatic keys differ from one to the next."""
    people = [
        User(
            id=key(name),
            email=f"{name}@example.org",
            display_name=name.title(),
            role=Role.RESEARCHER if name == "rosa" else Role.CONTRIBUTOR,
        )
        for name in ("ana", "ben", "rosa")
    ]
    taxa = [
        Taxon(
            id=key(label),
            label=label,
            scientific_name=name,
            rank=rank,
            parent_id=parent and key(parent),
            second_parent_id=second and key(second),
            common_names={"en": common} if common else {},
        )
        for label, name, rank, parent, second, common in TAXA
    ]
    trips = [Trip(id=key("trip"), person_id=key("ben"), name="Two rods")]
    made = [row for number in range(SIGHTINGS) for row in sighting(number)]
    everything = [*people, *taxa, *trips, *made]
    random.Random(seed).shuffle(everything)
    return everything


def sighting(number: int) -> list:
    """One sighting with one or two photos and one organism, and all that hangs on them."""
    at = datetime(2021, 4, 1, 9, 30, tzinfo=UTC) + timedelta(days=number // 2, minutes=7 * number)
    open_place = number % 3 != 0
    sight = Observation(
        id=key(f"sighting {number}"),
        observer_id=key("ana" if number % 2 else "ben"),
        state="published",
        shown=True,
        published_at=timezone.now(),
        observed_at=at,
        utc_offset=120 if number % 4 else None,
        local_date=at.date() if number % 5 else date(2021, 6, 1),
        latitude=47.26812 + number / 7,
        longitude=11.39325 - number / 3,
        place_source="map_pin",
        privacy="generalized" if open_place else "private",
        public_latitude=47.25 + number // 7 / 10 if open_place else None,
        public_longitude=11.35 - number // 3 / 10 if open_place else None,
        public_uncertainty_m=6720.96 if open_place else None,
        public_h3_3="831f88fffffffff" if open_place else "",
        public_h3_5=f"851f88{number // 4:x}bfffffff" if open_place else "",
        place_shown="generalized" if open_place else "withheld",
        place_rule="observer",
        trip_id=key("trip") if number in (6, 7, 12, 13, 18, 19) else None,
    )
    label = CLASSES[number % 3]
    organism = Occurrence(
        listed=True,
        shown=True,
        id=key(f"organism {number}"),
        observation_id=sight.pk,
        organism_id="the one with the torn fin" if number in (1, 8, 11, 22) else "",
        agreed_taxon_id=key(label),
        exported_taxon_id=key(label),
        status="verified",
        settled_at=timezone.now(),
    )
    why = Explanation(
        status="verified",
        reason="ruling" if number == 3 else "agreement",
        about=Counts(
            taxon=label,
            rank="species",
            supporting=2 + number % 3,
            contradicting=number % 2,
            rejecting=0,
            score=(2 + number % 3) / (2 + number % 3 + number % 2),
        ),
        posterior=1 - 0.1 / (number + 1),
        ruling=Ruled(taxon=label, reason="Seen", trust=False) if number == 3 else None,
    )
    verdict = Verdict(
        occurrence_id=organism.pk,
        status="verified",
        taxon_id=key(label),
        explanation=why.to_json(),
        tree_version="",
        reliability_version="plain",
    )
    voices = [
        Identification(
            id=key(f"opinion {number} {name}"),
            occurrence_id=organism.pk,
            person_id=key(name),
            taxon_id=key(label),
            model_on_screen="resnet34-v7" if name == "ana" and number % 4 == 0 else "",
            created=datetime(2021, 7, 1 if name == "ana" else 2, tzinfo=UTC),
        )
        for name in ("ana", "ben")
    ]
    lengths = [
        Measurement(
            id=key(f"length {number} {value}"),
            occurrence_id=organism.pk,
            kind="total_length",
            unit="mm",
            value=value,
            by_id=key("ana"),
        )
        for value in (311.5, 300.0)
        if number % 6 == 0
    ]
    pictures = [row for each in range(1 + number % 2) for row in photo(number, each)]
    return [sight, organism, verdict, *voices, *lengths, *pictures]


def photo(number: int, each: int) -> list:
    name = f"photo {number} {each}"
    digits = key(name).hex
    image = Photo(
        id=key(name),
        owner_id=key("ana" if number % 2 else "ben"),
        observation_id=key(f"sighting {number}"),
        position=each,
        sha256=digits * 2,
        # Two nearly the same, on other days.
        phash="00ff00ff00ff00f" + "37"[number // 16] if number in (2, 17) else digits[:16],
        media_type="image/jpeg",
        file_size=1000 + number,
        width=4000,
        height=3000,
        shown=True,
        licence="CC0-1.0" if number % 4 else "CC-BY-4.0",
        credit="" if number % 3 else "Ana Öztürk, 安娜",
        created=datetime(2026, 1, 1, tzinfo=UTC),  # before its sighting was published
    )
    yes = [
        Consent(
            id=key(f"{name} {purpose}"),
            photo_id=image.pk,
            purpose=purpose,
            granted=not (purpose == "train" and number == 7),
            by_id=image.owner_id,
        )
        for purpose in Purpose.values
    ]
    region = Region(
        id=key(f"region {name}"),
        occurrence_id=key(f"organism {number}"),
        photo_id=image.pk,
        x=1 / 7,
        y=1 / 3,
        width=0.5,
        height=0.25 + number / 100,
    )
    seen = OccurrencePhoto(occurrence_id=key(f"organism {number}"), photo_id=image.pk)
    return [image, *yes, *([region] if number % 5 == 0 else []), seen]


def plant(seed: int = 0) -> None:
    """Insert every row and store every rendition; in a transaction, for rows may precede their parents."""
    for row in rows(seed):
        row.save(force_insert=True)
    # Or the freeze would compute the verdicts anew, which are written here by hand.
    Verdict.objects.update(tree_version=taxa.tree().version)
    for row in Photo.objects.all():
        data = PIXEL + row.sha256.encode()
        default_storage.save(row.rendition_name(1008), ContentFile(data))
