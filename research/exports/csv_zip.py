"""CSV tables and images: photos.csv and occurrences.csv, one row each, joined by id."""

from collections.abc import Iterator
from typing import Any

from research.exports.archive import Content, images, table
from research.exports.descriptions import datapackage
from research.exports.readme import entries
from research.exports.told import observed_at

# Each column: its type in datapackage.json, and what it says.
PHOTO_COLUMNS = {
    "photo_id": ("string", "Its id, for good."),
    "file": ("string", "Its name in the archive."),
    "label": ("string", "What it shows; several kinds are separated by |."),
    "scientific_name": ("string", "Likewise."),
    "side": ("string", "train, validation or test."),
    "group": ("string", "What must not be divided: one rough place on one day, or one person on one day."),
    "observation_id": ("string", "The sighting."),
    "occurrence_ids": ("string", "The organisms in occurrences.csv, separated by |."),
    "organisms": ("integer", "How many are on it, verified or not."),
    "train_consent": ("boolean", "Whether models may be trained on it."),
    "licence": ("string", "SPDX id."),
    "credit": ("string", "Who must be named."),
    "width": ("integer", "Of the file in the archive, in pixels."),
    "height": ("integer", "Likewise."),
    "original_width": ("integer", "Of what was uploaded, in pixels."),
    "original_height": ("integer", "Likewise."),
    "sha256": ("string", "Of the file in the archive."),
    "original_sha256": ("string", "Of what was uploaded."),
    "phash": ("string", "64-bit perceptual hash, hexadecimal."),
    "drawn": ("boolean", "No camera took it."),
    "observed_at": ("string", "ISO 8601, with Z where the zone is known; else the hour on the wall."),
    "utc_offset": ("integer", "Minutes east of UTC; empty: nobody knows."),
    "local_date": ("string", "The day there, or the month where no more is told."),
    "latitude": ("number", "Degrees, WGS84, of the public place."),
    "longitude": ("number", "Likewise."),
    "uncertainty_m": ("number", "The true place lies within so many metres."),
    "h3_5": ("string", "The H3 cell of resolution 5 of the public place."),
    "place_shown": ("string", "exact, generalized or withheld; empty: nobody said where."),
    "locality": ("string", "What the place is called, where that tells no more."),
    "dataGeneralizations": ("string", "How place and time are rougher than the true ones, and why."),
    "informationWithheld": ("string", "That there is a place which nobody is told, and why."),
    "observer": ("string", "Who saw it."),
}
OCCURRENCE_COLUMNS = {
    "occurrence_id": ("string", "Its id, for good."),
    "observation_id": ("string", "The sighting."),
    "photo_ids": ("string", "On which photos it is, separated by |."),
    "label": ("string", "What it is."),
    "scientific_name": ("string", "Likewise."),
    "rank": ("string", "Of that name."),
    "category_id": ("integer", "The number of its class, in every dataset of this site."),
    "lineage": ("string", "Names above it, from the root, separated by |."),
    "organism_id": ("string", "The same for the same individual."),
    "establishmentMeans": ("string", "Wild or stocked, say, as its observer knows."),
    "people": ("integer", "How many named it."),
    "agreeing": ("integer", "How many of them support the name."),
    "disagreeing": ("integer", "How many are against it."),
    "score": ("number", "Supporting of all, 0 to 1."),
    "posterior": ("number", "How certain that is, 0 to 1."),
    "ruling": ("string", "reviewer, or trust in a source; empty: people agreed."),
    "with_model_on_screen": ("integer", "How many had a model's guess in sight."),
    "models_on_screen": ("string", "Which, separated by |."),
    "with_others_on_screen": ("integer", "How many had seen what others say."),
    "without_others_on_screen": (
        "integer",
        "How many had not; with the one before fewer than people: unknown.",
    ),
    "total_length_mm": ("number", "If it was measured."),
    "weight_g": ("number", "Likewise."),
}
PHOTOS, OCCURRENCES = list(PHOTO_COLUMNS), list(OCCURRENCE_COLUMNS)
SAYS = [
    "photos.csv: a row per photo; several labels, where it shows several kinds, are separated by |",
    "occurrences.csv: a row per organism, with what people said of it",
    "datapackage.json: what each column of both is (Frictionless Data Package)",
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    columns = {"photos.csv": PHOTO_COLUMNS, "occurrences.csv": OCCURRENCE_COLUMNS}
    yield "datapackage.json", datapackage(manifest, columns)
    yield "photos.csv", table(PHOTOS, photo_rows(manifest))
    yield "occurrences.csv", table(OCCURRENCES, occurrence_rows(manifest))
    if pictures:
        yield from images(manifest["photos"])


def photo_rows(manifest: dict[str, Any]) -> Iterator[list[Any]]:
    occurrences = {each["id"]: each for each in manifest["occurrences"]}
    sightings = {each["id"]: each for each in manifest["observations"]}
    for photo in manifest["photos"]:
        shown = [occurrences[each] for each in photo["occurrences"]]
        sighting = sightings[photo["observation"]]
        place = sighting["place"] or dict.fromkeys(("latitude", "longitude", "uncertainty_m", "h3_5"))
        yield [
            photo["id"], photo["file"],
            "|".join(sorted({each["label"] for each in shown})),
            "|".join(sorted({each["scientific_name"] for each in shown})),
            photo["side"], photo["group"], photo["observation"], "|".join(photo["occurrences"]),
            photo["organisms"], photo["train"], photo["licence"], photo["credit"],
            photo["rendition"]["width"], photo["rendition"]["height"], photo["width"], photo["height"],
            photo["rendition"]["sha256"], photo["sha256"], photo["phash"], photo.get("drawn", False),
            observed_at(sighting), sighting["utc_offset"], sighting["local_date"] or sighting.get("month"),
            place["latitude"], place["longitude"], place["uncertainty_m"], place["h3_5"],
            sighting.get("place_shown", ""), sighting.get("locality", ""),
            sighting.get("dataGeneralizations", ""), sighting.get("informationWithheld", ""),
            sighting["observer"],
        ]  # fmt: skip


def occurrence_rows(manifest: dict[str, Any]) -> Iterator[list[Any]]:
    categories = {each["id"]: each for each in manifest["categories"]}
    for each in manifest["occurrences"]:
        lineage = categories[each["category"]]["lineage"]
        votes = each["votes"]
        # Measured more than once, the last in the manifest's order stands here; the manifest has them all.
        measured = {one["kind"]: one["value"] for one in each["measurements"]}
        yield [
            each["id"], each["observation"], "|".join(each["photos"]), each["label"], each["scientific_name"],
            each["rank"], each["category"], "|".join(one["scientific_name"] for one in lineage),
            each["organism_id"], each.get("establishmentMeans", ""),
            votes["people"], votes["agreeing"], votes["disagreeing"], votes["score"], votes["posterior"],
            votes["ruling"], votes["with_model_on_screen"], "|".join(votes["models_on_screen"]),
            votes.get("with_others_on_screen"), votes.get("without_others_on_screen"),
            measured.get("total_length"), measured.get("weight"),
        ]  # fmt: skip
