"""What a record of Darwin Core (rs.tdwg.org/dwc/terms) says of a sighting and its photos, in whichever form it came.

What is not understood is refused with the column that says it. Who publishes a record stands for its name, whoever
gave it: it becomes the one word of the collection.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from labeling.imports.collection import BadLine, IncomingPhoto, IncomingSighting
from labeling.imports.readers.files import Beside
from labeling.imports.readers.lines import number
from species import clocks

Record = dict[str, str]  # a term's own name to what stands there; what is not said is empty or missing

NO_LICENCE = "NONE"
# What somebody met; specimens, fossils and samples are none. Letters alone, as GBIF writes them otherwise.
BASES = frozenset({"", "humanobservation", "machineobservation", "observation", "occurrence"})
PHOTO_TYPES = frozenset({"", "stillimage", "image"})
DATUMS = frozenset({"", "wgs84", "epsg4326", "worldgeodeticsystem1984", "unknown", "notrecorded"})
# GBIF says so of places that nobody should believe.
ISSUES = frozenset(
    {
        *("ZERO_COORDINATE", "COORDINATE_INVALID", "COORDINATE_OUT_OF_RANGE", "COUNTRY_COORDINATE_MISMATCH"),
        *("PRESUMED_SWAPPED_COORDINATE", "PRESUMED_NEGATED_LATITUDE", "PRESUMED_NEGATED_LONGITUDE"),
    }
)
SOURCES = frozenset({"exif", "xmp", "device", "map_pin", "gpx", "place_name"})
CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/"
    r"(?:licenses/(?P<kind>by(?:-nc)?(?:-sa|-nd)?)/(?P<version>\d\.\d)(?:/(?P<port>[a-z]{2,3}))?"
    r"|publicdomain/(?P<zero>zero|mark)/1\.0)(?:/(?:deed(?:\.\w+)?|legalcode)?)?",
    re.IGNORECASE,
)
GBIF_LICENCE = re.compile(r"CC(0|(?:_BY)(?:_NC)?(?:_SA|_ND)?)_(\d)_(\d)")


class Place(NamedTuple):
    """Names of the columns in which a place stands."""

    latitude: str = "decimalLatitude"
    longitude: str = "decimalLongitude"
    uncertainty: str = "coordinateUncertaintyInMeters"


def sighting(record: Record, key: str) -> IncomingSighting:
    """Without its photos. Raises BadLine."""
    _met(record)
    return IncomingSighting(key, name(record), fields=_when(record) | _where(record))


def _met(record: Record) -> None:
    if letters(record.get("basisOfRecord", "")) not in BASES:
        raise BadLine(f"basisOfRecord is {record['basisOfRecord']}, and only what somebody met is taken in.")
    if letters(record.get("occurrenceStatus", "")) not in ("", "present"):
        raise BadLine(f"occurrenceStatus is {record['occurrenceStatus']}: there is nothing on its photos.")
    count = number(record, "individualCount")
    if count is not None and count != 1:
        raise BadLine(
            f"individualCount is {record['individualCount']}, and an import takes in photos of one."
        )
    if record.get("identificationQualifier"):
        raise BadLine(
            f"identificationQualifier is {record['identificationQualifier']}: its name is uncertain."
        )


def letters(text: str) -> str:
    """Its letters and digits, all small."""
    return "".join(each for each in text.casefold() if each.isalnum())


# --- names ------------------------------------------------------------------------------------------------


def name(record: Record) -> str:
    """Without who described it. Raises BadLine where it says none."""
    said = _of_gbif(record) if record.get("gbifID") else ""
    said = said or record.get("scientificName", "")
    author = record.get("scientificNameAuthorship", "")
    if author and said.endswith(f" {author}"):
        said = said.removesuffix(author).strip()
    said = said or record.get("vernacularName", "")
    if not said:
        raise BadLine("scientificName is empty.")
    return said


def _of_gbif(record: Record) -> str:
    """GBIF's own scientificName has the author in it, and no column that says which part that is."""
    rank, species = record.get("taxonRank", "").lower(), record.get("species", "")
    below = record.get("infraspecificEpithet", "")
    if species and (rank == "species" or below):
        return f"{species} {below}".strip()
    return record.get(rank, "") if rank in ("genus", "family", "order", "class", "phylum", "kingdom") else ""


# --- when and where ---------------------------------------------------------------------------------------


def _when(record: Record) -> dict[str, object]:
    parts = [record.get(part, "") for part in ("year", "month", "day")]
    if not record.get("eventDate") and any(parts):
        text = "-".join(part.zfill(2) for part in parts if part)
        return when({"year, month and day": text}, "year, month and day")
    said, hour = record.get("eventDate", ""), record.get("eventTime", "")
    if said and hour and clocks.ISO_DAY.fullmatch(said):
        return when({"eventDate and eventTime": f"{said}T{hour}"}, "eventDate and eventTime")
    return when(record, "eventDate")


def when(row: Record, column: str) -> dict[str, object]:
    """An instant, an hour on some clock, or a day. Raises BadLine.

    Where nothing is said it may have been kept back: then of what the photo says, others are told the month at most.
    """
    text = row.get(column, "")
    if not text:
        return {"time_precision": "month"}
    begins, _, ends = text.partition("/")
    try:
        found = clocks.parse(begins)
        if ends:
            last = clocks.parse(ends)
            if _day(found) != _day(last):
                raise ValueError
            found = _day(found) if found != last else found
    except ValueError:
        raise BadLine(
            f"{column} is {text}, not a time like 2015-04-13T16:52:29 or a day like 2015-04-13."
        ) from None
    return {"observed_at" if isinstance(found, datetime) else "local_date": found}


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _where(record: Record) -> dict[str, object]:
    if letters(record.get("geodeticDatum", "")) not in DATUMS:
        raise BadLine(f"geodeticDatum is {record['geodeticDatum']}, and only WGS 84 is read.")
    doubted = sorted(ISSUES.intersection(re.split(r"[;|,\s]+", record.get("issue", ""))))
    if doubted:
        raise BadLine(f"issue is {doubted[0]}: its place is not to be believed.")
    source = record.get("georeferenceSources", "")
    rough = bool(record.get("dataGeneralizations") or record.get("informationWithheld"))
    return place(record, Place(), source=source if source in SOURCES else "map_pin", rough=rough)


def place(row: Record, columns: Place, *, source: str, rough: bool) -> dict[str, object]:
    """With how much of it is told: no more than the record tells. `rough`: it is not the true one. Raises BadLine.

    Where there is none it may have been kept back, so nobody is told one that the photo says.
    """
    found = {column: number(row, column) for column in columns}
    latitude, longitude, uncertainty = found.values()
    if latitude is None and longitude is None:
        return {"privacy": "private"}
    for column, limit in ((columns.latitude, 90), (columns.longitude, 180)):
        value = found[column]
        if value is None:
            raise BadLine(f"{column} is empty, and a place needs both.")
        if abs(value) > limit:
            raise BadLine(f"{column} is {row[column]}, not between −{limit} and {limit}.")
    if uncertainty is not None and uncertainty <= 0:
        raise BadLine(f"{columns.uncertainty} is {row[columns.uncertainty]}, not more than 0.")
    return {
        "latitude": latitude,
        "longitude": longitude,
        "uncertainty_m": uncertainty,
        "place_source": source,
        "privacy": "generalized" if rough else "open",
    }


# --- photos -----------------------------------------------------------------------------------------------


def photo(said: Record, record: Record, where: str, beside: Beside, address: str = "") -> IncomingPhoto:
    """The photo that a row of media tells of, which is one of `record`. Raises BadLine."""
    kind = said.get("type", "")
    if letters(kind.rpartition("/")[2]) not in PHOTO_TYPES:
        raise BadLine(f"type is {kind}, and only photos are taken in.")
    address = address or said.get("accessURI") or said.get("identifier", "")
    if not address:
        raise BadLine("accessURI and identifier are empty: it names no photo.")
    file, path = beside.at(address)
    hashed = letters(said.get("hashFunction", "")) == "sha256"
    return IncomingPhoto(
        where,
        file,
        path=path,
        sha256=said.get("hashValue", "").lower() if hashed else "",
        licence=licence(said, "license", "UsageTerms", "WebStatement", "rights")
        or licence(record, "license"),
        credit=_credit(said) or _credit(record),
    )


def _credit(row: Record) -> str:
    return next(
        (row[term] for term in ("Credit", "rightsHolder", "creator", "recordedBy") if row.get(term)), ""
    )


def licence(row: Record, *columns: str) -> str:
    """SPDX id of what one or several of these columns say; "" where they are empty. Raises BadLine."""
    said = {column: row[column] for column in columns if row.get(column)}
    meant = {found for text in said.values() if (found := spdx(text))}
    if said and not meant:
        column, text = next(iter(said.items()))
        raise BadLine(f"{column} is {text}, which is no licence that is known here.")
    if len(meant) > 1:
        raise BadLine(f"{' and '.join(said)} say different licences: {' and '.join(sorted(meant))}.")
    return next(iter(meant), "")


def spdx(text: str) -> str:
    """What an address of Creative Commons, a word of GBIF or iNaturalist, or an SPDX id means; "" if nothing."""
    if match := CREATIVE_COMMONS.fullmatch(text.strip()):
        if match["zero"]:
            return "CC0-1.0" if match["zero"].lower() == "zero" else "CC-PDM-1.0"
        text = "-".join(filter(None, ("CC", match["kind"], match["version"], match["port"]))).upper()
    elif match := GBIF_LICENCE.fullmatch(text.strip()):
        text = f"CC{match[1]}-{match[2]}.{match[3]}".replace("_", "-")
    elif letters(text) in ("none", "allrightsreserved"):
        return NO_LICENCE
    try:
        return str(canonicalize_license_expression(text.strip()))
    except InvalidLicenseExpression:
        return ""
