"""Builders of the test universe: names, photos and sightings, all made through the actions themselves."""

import io
import random
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from accounts import actions as accounts
from species import ingest
from species.actions import import_batches, observations, places, taxa
from species.models import Observation, Place, Rank, State, Taxon
from species.taxonomy import taxa_file

TREE = """
source: universe
citation: Names for tests
taxa:
  - {scientific_name: Actinopterygii, rank: class, common_names: {en: ray-finned fishes}}
  - {scientific_name: Salmoniformes, rank: order, parent: Actinopterygii}
  - {scientific_name: Salmonidae, rank: family, parent: Salmoniformes, common_names: {en: salmonids}}
  - {scientific_name: Salmo, rank: genus, parent: Salmonidae}
  - {scientific_name: Salmo trutta, rank: species, parent: Salmo,
     common_names: {en: brown trout, de: Forelle, zh-hans: 褐鳟}}
  - {scientific_name: Salmo trutta fario, rank: subspecies, parent: Salmo trutta,
     common_names: {en: river trout}}
  - {scientific_name: Salmo fario, rank: species, parent: Salmo, synonym_of: Salmo trutta}
  - {scientific_name: Salmo salar, rank: species, parent: Salmo, common_names: {en: Atlantic salmon}}
  - {scientific_name: Oncorhynchus, rank: genus, parent: Salmonidae}
  - {scientific_name: Oncorhynchus mykiss, rank: species, parent: Oncorhynchus,
     common_names: {en: rainbow trout, de: Regenbogenforelle, zh-hans: 虹鳟}}
  - {scientific_name: Oncorhynchus clarkii, rank: species, parent: Oncorhynchus,
     common_names: {en: cutthroat trout}}
  - {scientific_name: Oncorhynchus clarkii × Oncorhynchus mykiss, rank: hybrid,
     parent: Oncorhynchus clarkii, second_parent: Oncorhynchus mykiss, common_names: {en: cutbow}}
  - {scientific_name: Salvelinus, rank: genus, parent: Salmonidae, common_names: {en: chars}}
  - {scientific_name: Salvelinus fontinalis, rank: species, parent: Salvelinus,
     common_names: {en: brook trout}}
  - {scientific_name: Salvelinus confluentus, rank: species, parent: Salvelinus, sensitive: generalized,
     common_names: {en: bull trout}}
  - {scientific_name: Salmo trutta × Salvelinus fontinalis, rank: hybrid,
     parent: Salmo trutta, second_parent: Salvelinus fontinalis, common_names: {en: tiger trout}}
  - {scientific_name: Hucho, rank: genus, parent: Salmonidae, sensitive: private}
  - {scientific_name: Hucho hucho, rank: species, parent: Hucho, common_names: {en: huchen}}
  - {scientific_name: Cypriniformes, rank: order, parent: Actinopterygii}
  - {scientific_name: Leuciscidae, rank: family, parent: Cypriniformes}
  - {scientific_name: Squalius, rank: genus, parent: Leuciscidae}
  - {scientific_name: Squalius cephalus, rank: species, parent: Squalius, common_names: {en: chub}}
  - {scientific_name: Abramis, rank: genus, parent: Leuciscidae}
  - {scientific_name: Abramis brama, rank: species, parent: Abramis, common_names: {en: bream}}
"""
TROUT = Path(__file__).parent.parent / "data" / "taxa" / "trout.yaml"


@cache
def _small_tree() -> taxa_file.TaxaFile:
    return taxa_file.parse(TREE, ranks=frozenset(Rank.values))


def plant_tree() -> dict[str, Taxon]:
    """Label to taxon of a small tree: salmonids with two hybrids, cyprinids, a synonym, sensitive taxa."""
    taxa.load(file=_small_tree())
    return {taxon.label: taxon for taxon in Taxon.objects.all()}


def photo_bytes(
    seed: object = 0,
    size: tuple[int, int] = (640, 320),
    exif: dict[str, Any] | None = None,
    format: str = "JPEG",
    xmp: bytes | None = None,
) -> bytes:
    """A drawn photo: the same for the same seed, far from every other seed's to the perceptual hash.

    `exif` may hold taken_at (datetime), offset ("+02:00"), satellites (a datetime of UTC), latitude, longitude,
    orientation, camera.
    """
    colours = random.Random(f"photo {seed}")
    tiles = Image.frombytes("RGB", (12, 8), colours.randbytes(12 * 8 * 3))
    image = tiles.resize(size, Image.Resampling.BICUBIC)
    out = io.BytesIO()
    options: dict[str, Any] = {"exif": exif_block(**exif)} if exif else {}
    if xmp:
        options["xmp"] = xmp
    image.save(out, format, **options)
    return out.getvalue()


def exif_block(
    *,
    taken_at: datetime | None = None,
    offset: str = "",
    satellites: datetime | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    orientation: int = 1,
    camera: str = "",
) -> Image.Exif:
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = orientation
    if camera:
        block[ExifTags.Base.Model] = camera
    if taken_at is not None:
        detail = block.get_ifd(ExifTags.IFD.Exif)
        detail[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
        if offset:
            detail[ExifTags.Base.OffsetTimeOriginal] = offset
    if satellites is not None:
        gps = block.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSDateStamp] = satellites.strftime("%Y:%m:%d")
        gps[ExifTags.GPS.GPSTimeStamp] = (satellites.hour, satellites.minute, satellites.second)
    if latitude is not None and longitude is not None:
        gps = block.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _sexagesimal(latitude)
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _sexagesimal(longitude)
    return block


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole, rest = divmod(abs(degrees), 1)
    minutes, rest = divmod(rest * 60, 1)
    return whole, minutes, round(rest * 60, 4)


def sighting(
    owner,
    seed: object = 0,
    photos: int = 1,
    published: bool = True,
    local_date: date | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    consents: list[str] | None = None,
    size: tuple[int, int] = (640, 320),
    **fields: Any,
) -> Observation:
    """A sighting of `owner` with drawn photos; published, it has one occurrence (`occurrences.get()`).

    Further `fields` are those of `observations.describe`: observed_at, utc_offset, privacy, note ….
    """
    if latitude is not None:
        fields |= {"latitude": latitude, "longitude": longitude}
        fields.setdefault("place_source", "map_pin")
    if local_date is not None:
        fields["local_date"] = local_date
    observation = observations.start(by=owner, **fields)
    for number in range(photos):
        ingest.receive(
            data=photo_bytes(f"{seed} {number}", size),
            owner=owner,
            observation=observation,
            consents=consents,
        )
    if published:
        observations.publish(observation=observation, by=owner)
    return observation


def place(name: str, **fields: Any) -> Place:
    return places.save(place=Place(name=name, **fields))


def imported(operator, seed: object = "import", consents: tuple[str, ...] = ("show", "research", "train")):
    """A batch of a source account with one published sighting: (ImportBatch, Observation)."""
    source = accounts.source_account(name="A collection")
    batch = import_batches.start(
        source=source, licence="MIT", credit="© somebody", consents=consents, by=operator
    )
    observation = observations.start(by=operator, observer=source, batch=batch)
    ingest.receive(data=photo_bytes(seed), owner=source, by=operator, observation=observation, batch=batch)
    observations.publish(observation=observation, by=operator)
    return batch, observation


def take_everything_back() -> None:
    """Every published sighting is its owner's draft again."""
    for each in Observation.objects.filter(state=State.PUBLISHED).select_related("observer"):
        observations.take_back(observation=each, by=each.observer)
