"""The hashed part of a manifest, from the rows of a freeze."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jobs.outcomes import Permanent
from labeling import consensus
from research.manifest.schema import FORMAT, LICENCES
from research.manifest.store import canonical
from research.splits import sides
from research.splits.items import Item, PhotoId
from research.splits.sides import Shares, Split
from species import clocks
from species.models import Observation, Photo, Taxon, titled
from species.taxonomy.tree import Tree

if TYPE_CHECKING:
    from research.queries.photos import FreezablePhoto, Gathered


class NothingToFreeze(Permanent):
    """No photo may enter a dataset; the text says what is missing."""


def build(
    occurrences: Iterable[Gathered],
    *,
    renditions: Mapping[Any, dict[str, Any]],
    tree: Tree,
    taxa: Mapping[UUID, Taxon],
    salt: str,
    shares: Shares,
    numbers: Mapping[UUID, int],
) -> dict[str, Any]:
    """The hashed part of a manifest, from organisms as `queries.gather` yields them.

    `renditions`: by photo id, {"size", "width", "height", "sha256", "bytes"} of the stored picture.
    `numbers`: of the classes that datasets of this site have held before; others get the next ones, by label.
    Photos that the split drops are in `split.dropped_photos` and nowhere else. Raises NothingToFreeze.
    """
    organisms = [each for each in occurrences if each.frozen_photos]
    if not organisms:
        raise NothingToFreeze("No verified photo may be used in a dataset.")
    split = sides.split(
        (_item(organism, photo) for organism in organisms for photo in organism.frozen_photos), salt, shares
    )
    photos: dict[UUID, FreezablePhoto] = {}
    shown_on: defaultdict[Any, list[str]] = defaultdict(list)
    kept = []
    for organism in organisms:
        staying = [photo for photo in organism.frozen_photos if photo.pk in split.side]
        for photo in staying:
            photos[photo.pk] = photo
            shown_on[photo.pk].append(str(organism.pk))
        if staying:
            kept.append((organism, staying))
    named = sorted({_taxon(organism) for organism, _ in kept}, key=lambda taxon: taxon.label)
    category = _numbered([taxon.pk for taxon in named], numbers)
    sightings = {organism.observation_id: organism.observation for organism, _ in kept}
    return {
        "format": FORMAT,
        "categories": [_category(category[taxon.pk], taxon, tree, taxa) for taxon in named],
        "licences": _licences(photos.values()),
        "observations": [_observation(each) for _, each in sorted(sightings.items(), key=_by_key)],
        "occurrences": sorted(
            (_occurrence(organism, staying, category) for organism, staying in kept), key=_by_id
        ),
        "photos": sorted(
            (
                _photo(photo, renditions[photo.pk], sorted(shown_on[photo.pk]), split)
                for photo in photos.values()
            ),
            key=_by_id,
        ),
        "split": split.report() | {"dropped_photos": _dropped(split, organisms)},
    }


def _numbered(taxa: list[UUID], given: Mapping[UUID, int]) -> dict[UUID, int]:
    following = count(max(given.values(), default=0) + 1)
    return {taxon: given[taxon] if taxon in given else next(following) for taxon in taxa}


def _taxon(organism: Gathered) -> Taxon:
    assert organism.agreed_taxon is not None  # it is verified
    return organism.agreed_taxon


def _item(organism: Gathered, photo: FreezablePhoto) -> Item:
    sighting = organism.observation
    return Item(
        photo=photo.pk,
        occurrence=organism.pk,
        observation=sighting.pk,
        observer=sighting.observer_id,
        local_day=sighting.local_date,
        cell=sighting.public_h3_5 or None,
        trip=sighting.trip_id,
        organism_id=organism.organism_id or None,
        phash=photo.phash or None,
        label=_taxon(organism).label,
        sha256=photo.sha256,
    )


def _photo(
    photo: FreezablePhoto, rendition: dict[str, Any], organisms: list[str], split: Split
) -> dict[str, Any]:
    return {
        "id": str(photo.pk),
        "file": f"images/{photo.pk}.jpg",
        "sha256": photo.sha256,
        "phash": photo.phash,
        "media_type": photo.media_type,
        "drawn": photo.drawn,
        "width": photo.width,
        "height": photo.height,
        "rendition": rendition,
        "licence": photo.licence,
        "credit": photo.credit or str(photo.owner),
        "observation": str(photo.observation_id),
        "occurrences": organisms,
        "organisms": photo.organisms,
        "side": split.side[photo.pk],
        "group": split.group[photo.pk],
        "train": photo.train,
    }


def _occurrence(
    organism: Gathered, photos: list[FreezablePhoto], category: Mapping[Any, int]
) -> dict[str, Any]:
    taxon = _taxon(organism)
    here = {photo.pk for photo in photos}
    return {
        "id": str(organism.pk),
        "observation": str(organism.observation_id),
        "photos": sorted(str(pk) for pk in here),
        "category": category[taxon.pk],
        "label": taxon.label,
        "scientific_name": taxon.scientific_name,
        "rank": taxon.rank,
        "organism_id": organism.organism_id,
        "votes": _votes(organism),
        "measurements": sorted(
            (
                {"kind": each.kind, "value": _number(each.value, 3), "unit": each.unit, "method": each.method}
                for each in organism.measurements.all()
            ),
            key=canonical,
        ),
        "regions": sorted(
            (
                {
                    "photo": str(each.photo_id),
                    **{side: _number(getattr(each, side), 6) for side in ("x", "y", "width", "height")},
                }
                for each in organism.regions.all()
                if each.photo_id in here
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
    standing = organism.standing_identifications
    return {
        "people": len(standing),
        "agreeing": about.supporting if about else 0,
        "disagreeing": about.against if about else 0,
        "score": _number(about.score if about else 0.0, 6),
        "posterior": _number(why.posterior if verdict else 0.0, 6),
        "ruling": "" if why.ruling is None else "trust" if why.ruling.trust else "reviewer",
        "with_model_on_screen": sum(bool(each.model_on_screen) for each in standing),
        "models_on_screen": sorted({each.model_on_screen for each in standing} - {""}),
        "reliability_version": verdict.reliability_version if verdict else "",
    }


def _observation(sighting: Observation) -> dict[str, Any]:
    """Time and the public place: exact coordinates are never read here."""
    at, offset = sighting.observed_at, sighting.utc_offset
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
        "trip": sighting.trip_id and str(sighting.trip_id),
        "observed_at": at and clocks.text(at, offset, "seconds"),
        "utc_offset": offset,
        "local_date": sighting.local_date and sighting.local_date.isoformat(),
        "place": place,
        "dataGeneralizations": sighting.data_generalizations,
        "informationWithheld": sighting.information_withheld,
    }


def _category(number: int, taxon: Taxon, tree: Tree, taxa: Mapping[UUID, Taxon]) -> dict[str, Any]:
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
        "hybrid_of": sorted(each.scientific_name for each in parents) if taxon.rank == "hybrid" else [],
        "lineage": [
            {"rank": each.rank, "scientific_name": each.scientific_name, "label": each.label}
            for each in lineage
        ],
    }


def _licences(photos: Iterable[Photo]) -> list[dict[str, Any]]:
    counts: defaultdict[str, int] = defaultdict(int)
    for photo in photos:
        counts[photo.licence] += 1
    return [
        {"id": spdx, "url": LICENCES.get(spdx, f"https://spdx.org/licenses/{spdx}.html"), "photos": count}
        for spdx, count in sorted(counts.items())
    ]


def _dropped(split: Split, organisms: list[Gathered]) -> list[dict[str, Any]]:
    sha256: dict[PhotoId, str] = {
        photo.pk: photo.sha256 for organism in organisms for photo in organism.frozen_photos
    }
    return sorted(
        (
            {
                "photo": str(link.photo),
                "sha256": sha256[link.photo],
                "side": link.side,
                "reason": link.reason,
                "other": str(link.other),
                "other_side": link.other_side,
            }
            for link in split.dropped
        ),
        key=canonical,
    )


def _number(value: float | None, digits: int) -> float | None:
    # Adding zero turns -0.0 into 0.0, which are one number and two texts.
    return None if value is None else round(float(value), digits) + 0.0


def _by_id(entry: dict[str, Any]) -> str:
    return str(entry["id"])


def _by_key(pair: tuple[Any, Any]) -> str:
    return str(pair[0])
