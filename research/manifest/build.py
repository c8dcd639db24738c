"""The hashed part of a manifest, from the rows of a freeze."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jobs.outcomes import Permanent
from labeling import consensus
from research.manifest import said
from research.manifest.said import number as _number
from research.manifest.schema import FORMAT, LICENCES
from research.manifest.spool import Spool
from research.manifest.store import canonical
from research.splits import sides
from research.splits.items import Link
from research.splits.sides import Shares, Split
from species import clocks
from species.models import Observation, Taxon, titled
from species.taxonomy.tree import Tree

if TYPE_CHECKING:
    from research.queries.photos import FreezablePhoto, Gathered


class NothingToFreeze(Permanent):
    """No photo may enter a dataset; the text says what is missing."""


def put(spool: Spool, organism: Gathered, *, taxon: Taxon, stands: str) -> None:
    """One organism, as `queries.gather` yields it, with its photos and its sighting; `taxon` is the exported one.
    `stands`: see `queries.stands`."""
    if not organism.frozen_photos:
        return
    sighting = organism.observation
    entry = _occurrence(organism, taxon)
    spool.put(
        "sightings",
        id=str(sighting.pk),
        observer=str(sighting.observer_id),
        # For the split, which nobody reads; the entry says as much as is told.
        day=sighting.local_date and sighting.local_date.isoformat(),
        month=_month(sighting.told_time(False)),
        cell=sighting.public_h3_5 or None,
        trip=sighting.trip_id and str(sighting.trip_id),
        entry=_observation(sighting),
    )
    spool.put(
        "organisms",
        id=str(organism.pk),
        sighting=str(sighting.pk),
        taxon=str(taxon.pk),
        label=taxon.label,
        individual=organism.organism_id or None,
        anchored="anchored" in entry["votes"],
        entry=entry,
        stands=stands,
    )
    for at, person in enumerate(said.people(entry)):
        spool.put("voices", person=person, said=f"{organism.pk} {at:06}", organism=str(organism.pk))
    for photo in organism.frozen_photos:
        spool.put(
            "photos",
            id=str(photo.pk),
            sha256=photo.sha256,
            phash=photo.phash or None,
            licence=photo.licence,
            entry=_photo(photo),
        )
        spool.put("shown", photo=str(photo.pk), organism=str(organism.pk))


def build(
    spool: Spool,
    *,
    tree: Tree,
    taxa: Mapping[UUID, Taxon],
    salt: str,
    shares: Shares,
    numbers: Mapping[UUID, int],
    query: str = "",
    higher: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The hashed part of a manifest, from what was `put`; its long lists are read from the spool as they are asked.

    `query`: what was asked for, as in addresses. `numbers`: of the classes that datasets of this site have held before;
    others get the next ones, by label. `higher`: what is above the root of the tree, by rank.
    Photos that the split drops are in `split.dropped_photos` and nowhere else.
    """
    split = sides.split(spool.items(), salt, shares)
    months = spool.months()
    split = split.told(months)
    spool.keep(split.side, split.group)
    named = sorted((taxa[UUID(each)] for each in spool.kept_taxa()), key=lambda taxon: taxon.label)
    category = _numbered([taxon.pk for taxon in named], numbers)
    return {
        "format": FORMAT,
        "query": query,
        "categories": [_category(category[taxon.pk], taxon, tree, taxa, higher or {}) for taxon in named],
        "licences": _licences(spool.licences()),
        "observations": spool.kept_sightings(),
        "occurrences": spool.kept_organisms({str(taxon): number for taxon, number in category.items()}),
        "photos": spool.kept_photos(),
        "split": split.report() | {"dropped_photos": _dropped(split, spool, months)},
    }


def _numbered(taxa: list[UUID], given: Mapping[UUID, int]) -> dict[UUID, int]:
    following = count(max(given.values(), default=0) + 1)
    return {taxon: given[taxon] if taxon in given else next(following) for taxon in taxa}


def _photo(photo: FreezablePhoto) -> dict[str, Any]:
    """Without `rendition`, `occurrences`, `side` and `group`, which come later."""
    return {
        "id": str(photo.pk),
        "file": f"images/{photo.pk}.jpg",
        "sha256": photo.sha256,
        "phash": photo.phash,
        "media_type": photo.media_type,
        "drawn": photo.drawn,
        "provenance": "drawn" if photo.drawn else "imported" if photo.batch else "contributed",
        "source": str(photo.batch.source) if photo.batch else "",
        "width": photo.width,
        "height": photo.height,
        "licence": photo.licence,
        "credit": photo.credit or str(photo.owner),
        "observation": str(photo.observation_id),
        "organisms": photo.organisms,
        "all_boxed": photo.all_boxed,
        "train": photo.train,
    }


def _occurrence(organism: Gathered, taxon: Taxon) -> dict[str, Any]:
    """Without `photos` and `category`, and with the regions on all its photos: the split may drop some."""
    return {
        "id": str(organism.pk),
        "observation": str(organism.observation_id),
        "label": taxon.label,
        "scientific_name": taxon.scientific_name,
        "rank": taxon.rank,
        "organism_id": organism.organism_id,
        "establishmentMeans": organism.establishment_means,
        "votes": _votes(organism),
        "identifications": said.identifications(organism),
        "boxes": said.boxes(organism),
        "marks": said.marks(organism),
        "measurements": sorted(
            (
                {"kind": each.kind, "value": _number(each.value, 3), "unit": each.unit, "method": each.method}
                for each in organism.all_measurements
            ),
            key=canonical,
        ),
        "regions": sorted(
            (
                {
                    "photo": str(each.photo_id),
                    **{side: _number(getattr(each, side), 6) for side in ("x", "y", "width", "height")},
                }
                for each in organism.all_regions
            ),
            key=canonical,
        ),
    }


def _votes(organism: Gathered) -> dict[str, Any]:
    """What people said, counted. No version of the tree: that changes with every taxon added elsewhere."""
    verdict = getattr(organism, "verdict", None)
    try:
        why = verdict.explained() if verdict else consensus.Explanation()
    except consensus.Unreadable as error:
        raise Permanent(f"Why occurrence {organism.pk} is verified cannot be read. {error}") from error
    about = why.about
    standing = [each for each in organism.all_identifications if each.withdrawn_at is None]
    return {
        "people": len(standing),
        "agreeing": about.supporting if about else 0,
        "disagreeing": about.against if about else 0,
        "score": _number(about.score if about else 0.0, 6),
        "posterior": _number(why.posterior if verdict else 0.0, 6),
        "ruling": "" if why.ruling is None else "trust" if why.ruling.trust else "reviewer",
        "ruling_reason": "" if why.ruling is None else why.ruling.reason,
        "with_model_on_screen": sum(bool(each.model_on_screen) for each in standing),
        "models_on_screen": sorted({each.model_on_screen for each in standing} - {""}),
        "reliability_version": verdict.reliability_version if verdict else "",
        **({"anchored": True} if why.anchored else {}),
        **_seen([each.others_on_screen for each in standing]),
    }


def _seen(others_on_screen: list[bool | None]) -> dict[str, int]:
    """How many had seen what others say. Left out where nobody knows of any: so it was before that was kept."""
    if all(each is None for each in others_on_screen):
        return {}
    return {
        "with_others_on_screen": sum(each is True for each in others_on_screen),
        "without_others_on_screen": sum(each is False for each in others_on_screen),
    }


def _observation(sighting: Observation) -> dict[str, Any]:
    """Time and place as everybody is told them: exact coordinates are never read here."""
    time = sighting.told_time(False)
    month = _month(time)
    place = None
    if sighting.public_latitude is not None:
        place = {
            "latitude": _number(sighting.public_latitude, 6),
            "longitude": _number(sighting.public_longitude, 6),
            "uncertainty_m": _number(sighting.public_uncertainty_m, 1),
            "h3_3": sighting.public_h3_3,
            "h3_5": sighting.public_h3_5,
        }
    return {
        "id": str(sighting.pk),
        "observer": str(sighting.observer),
        # On a trip with others, whose days are told, it would have theirs.
        "trip": None if month else sighting.trip_id and str(sighting.trip_id),
        "observed_at": time.at and clocks.text(time.at, time.offset, "seconds"),
        "utc_offset": time.offset,
        "local_date": time.day and time.day.isoformat(),
        **({"month": month} if month else {}),
        "time_source": sighting.time_source,
        "place": place,
        "place_source": sighting.place_source,
        "place_shown": sighting.place_shown,
        "place_rule": sighting.place_rule,
        "locality": sighting.told_locality(exact=False),
        "dataGeneralizations": sighting.data_generalizations,
        "informationWithheld": sighting.information_withheld,
    }


def _month(time: clocks.Told) -> str | None:
    """As 2015-10, where the day is not told."""
    return time.text if time.month else None


def _category(
    number: int, taxon: Taxon, tree: Tree, taxa: Mapping[UUID, Taxon], higher: Mapping[str, str]
) -> dict[str, Any]:
    lineage = [taxa[UUID(str(each))] for each in reversed(tree.ancestors(str(taxon.pk)))]
    parents = [taxa[UUID(str(each))] for each in tree.parents(str(taxon.pk))]
    return {
        "id": number,
        "taxon": str(taxon.pk),
        "label": taxon.label,
        "name": titled(taxon.names.get("en", "")) or taxon.scientific_name,
        "scientific_name": taxon.scientific_name,
        "authorship": taxon.authorship,
        "rank": taxon.rank,
        "gbif_key": taxon.gbif_key,
        "col_key": taxon.col_key,
        "higher": dict(sorted(higher.items())),
        "hybrid_of": sorted(each.scientific_name for each in parents) if taxon.rank == "hybrid" else [],
        "lineage": [
            {"rank": each.rank, "scientific_name": each.scientific_name, "label": each.label}
            for each in lineage
        ],
    }


def _licences(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"id": spdx, "url": LICENCES.get(spdx, f"https://spdx.org/licenses/{spdx}.html"), "photos": count}
        for spdx, count in counts.items()
    ]


def _dropped(split: Split, spool: Spool, months: Mapping[str, object]) -> list[dict[str, Any]]:
    """Without the other photo where that would tell the day of one of which no more than the month is told."""

    def partner(link: Link) -> dict[str, str]:
        hidden = link.reason == "trip_day" and not months.keys().isdisjoint((link.photo, link.other))
        return {
            "other": "" if hidden else str(link.other),
            "other_side": "" if hidden else str(link.other_side),
        }

    return sorted(
        [
            {
                "photo": str(link.photo),
                "sha256": spool.sha256(link.photo),
                "side": link.side,
                "reason": link.reason,
                **partner(link),
            }
            for link in split.dropped
        ]
        + [
            {
                "photo": str(photo),
                "sha256": spool.sha256(photo),
                "side": "test",
                "reason": "anchored",
                "other": "",
                "other_side": "",
            }
            for photo in split.anchored
        ],
        key=canonical,
    )
