"""CSV tables and images: photos.csv and occurrences.csv, one row each, joined by id."""

from collections.abc import Iterator
from typing import Any

from research.exports.archive import Content, images, table
from research.exports.readme import entries

PHOTOS = [
    "photo_id", "file", "label", "scientific_name", "side", "group", "observation_id", "occurrence_ids",
    "organisms", "train_consent", "licence", "credit", "width", "height", "original_width", "original_height",
    "sha256", "original_sha256", "phash", "drawn", "observed_at", "utc_offset", "local_date", "latitude", "longitude",
    "uncertainty_m", "h3_5", "locality", "dataGeneralizations", "informationWithheld", "observer",
]  # fmt: skip
OCCURRENCES = [
    "occurrence_id", "observation_id", "photo_ids", "label", "scientific_name", "rank", "category_id",
    "lineage", "organism_id", "establishmentMeans", "people", "agreeing", "disagreeing", "score", "posterior", "ruling",
    "with_model_on_screen", "models_on_screen", "with_others_on_screen", "without_others_on_screen",
    "total_length_mm", "weight_g",
]  # fmt: skip
SAYS = [
    "photos.csv: a row per photo; several labels, where it shows several kinds, are separated by |",
    "occurrences.csv: a row per organism, with what people said of it",
]


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
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
            _observed_at(sighting), sighting["utc_offset"], sighting["local_date"] or sighting.get("month"),
            place["latitude"], place["longitude"], place["uncertainty_m"], place["h3_5"],
            sighting.get("locality", ""),
            sighting.get("dataGeneralizations", ""), sighting.get("informationWithheld", ""),
            sighting["observer"],
        ]  # fmt: skip


def _observed_at(sighting: dict[str, Any]) -> str | None:
    """Datasets frozen before format 3 say `Z` of every time, also of those whose zone nobody knows."""
    said = sighting["observed_at"]
    return said.removesuffix("Z") if said and sighting["utc_offset"] is None else said


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
