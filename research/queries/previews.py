"""What a dataset would hold, were it frozen now."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from research.queries import photos
from research.queries.photos import Wanted
from research.splits import sides
from research.splits.items import Item
from research.splits.sides import Shares
from species.models import OccurrencePhoto

# Organisms that are read for a preview. Ids are dice, so the first of more are a fair sample.
MOST = 5_000


@dataclass(frozen=True)
class Preview:
    """Counts of organisms and photos that would be frozen. `more`: there are more than `MOST` organisms, and all counts
    are of the first of them by id; what stays out and how the split would fall is then not known (None).

    `classes`: label to organisms. `split`: the report of `research.splits.sides.Split`.
    """

    organisms: int
    more: bool
    classes: dict[str, int]
    photos: int
    licences: dict[str, int]
    left_out: dict[str, int] | None
    split: dict[str, Any] | None


def preview(wanted: Wanted, salt: str, shares: Shares) -> Preview:
    """Eight queries at most, which read no more than `MOST` organisms and their photos."""
    found = list(wanted.organisms().order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    more = len(found) > MOST
    first = photos.Wanted(lambda rows: rows.filter(pk__in=found[:MOST]), wanted.photos)
    rows = list(
        OccurrencePhoto.objects.filter(
            occurrence__in=found[:MOST], photo__in=photos.freezable_photos(first).order_by().values("pk")
        )
        .order_by("photo", "occurrence")
        .values_list(
            "photo",
            "occurrence",
            "occurrence__observation",
            "occurrence__observation__observer",
            "occurrence__observation__local_date",
            "occurrence__observation__public_h3_5",
            "occurrence__observation__trip",
            "occurrence__organism_id",
            "photo__phash",
            "occurrence__exported_taxon__label",
            "photo__sha256",
            "photo__licence",
        )
    )
    labels = {occurrence: label for _, occurrence, *_, label, _, _ in rows}
    licences = {photo: licence for photo, *_, licence in rows}
    return Preview(
        organisms=len(labels),
        more=more,
        classes=dict(sorted(Counter(labels.values()).items())),
        photos=len(licences),
        licences=dict(sorted(Counter(licences.values()).items())),
        left_out=None if more else photos.left_out(first),
        split=None if more or not rows else sides.split(map(_item, rows), salt, shares).report(),
    )


def _item(row: tuple[Any, ...]) -> Item:
    photo, occurrence, observation, observer, day, cell, trip, individual, phash, label, sha256, _ = row
    return Item(
        photo=str(photo),
        occurrence=str(occurrence),
        observation=str(observation),
        observer=str(observer),
        local_day=day and day.isoformat(),
        cell=cell or None,
        trip=trip and str(trip),
        organism_id=individual or None,
        phash=phash or None,
        label=label,
        sha256=sha256,
    )
