"""Darwin Core Archive (dwc.tdwg.org/text): occurrences, their media and regions, who said what when, measurements.

Tables are tab-separated, in UTF-8. Organisms that are only drawn are left out: nobody has met them.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from look.spreadsheets import guarded
from research.exports.archive import Content, images
from research.exports.readme import entries
from research.exports.told import event_date, least, status

DWC, DC, AC = "http://rs.tdwg.org/dwc/terms/", "http://purl.org/dc/terms/", "http://rs.tdwg.org/ac/terms/"
XMP, PHOTOSHOP = "http://ns.adobe.com/xap/1.0/rights/", "http://ns.adobe.com/photoshop/1.0/"
EML = "https://eml.ecoinformatics.org/eml-2.2.0"
# Ranks of the tree that Darwin Core has a column for.
RANKS = ("kingdom", "phylum", "class", "order", "family", "genus")
OCCURRENCE = (
    *(f"{DWC}{name}" for name in ("occurrenceID", "basisOfRecord", "eventID", "parentEventID", "organismID")),
    *(
        f"{DWC}{name}"
        for name in ("eventDate", "recordedBy", "locality", "decimalLatitude", "decimalLongitude")
    ),
    *(f"{DWC}{name}" for name in ("geodeticDatum", "coordinateUncertaintyInMeters", "georeferenceSources")),
    *(f"{DWC}{name}" for name in ("dataGeneralizations", "informationWithheld", "scientificName")),
    *(f"{DWC}{name}" for name in ("scientificNameAuthorship", "taxonRank", "vernacularName", "taxonID")),
    *(f"{DWC}{rank}" for rank in RANKS),
    *(f"{DWC}{name}" for name in ("identificationVerificationStatus", "identificationRemarks")),
    *(f"{DWC}{name}" for name in ("establishmentMeans", "datasetName", "datasetID")),
    *(f"{DC}{name}" for name in ("license", "rightsHolder", "references")),
)
IDENTIFICATION = tuple(
    f"{DWC}{name}"
    for name in (
        *("identificationID", "identifiedBy", "dateIdentified", "scientificName", "taxonRank"),
        *("identificationVerificationStatus", "identificationRemarks"),
    )
)
MEASUREMENT = tuple(
    f"{DWC}{name}"
    for name in (
        *("measurementID", "measurementType", "measurementValue", "measurementUnit", "measurementMethod"),
    )
)
MEDIA = (
    *(f"{DC}{name}" for name in ("identifier", "type", "format", "rights")),
    *(f"{AC}{name}" for name in ("accessURI", "hashFunction", "hashValue")),
    *(f"{XMP}UsageTerms", f"{XMP}WebStatement", f"{PHOTOSHOP}Credit"),
    *(f"{AC}{name}" for name in ("isROIOf", "xFrac", "yFrac", "widthFrac", "heightFrac")),
)
TABLES = {
    # file: row type, its columns
    "occurrence.txt": (f"{DWC}Occurrence", OCCURRENCE),
    "identification.txt": (f"{DWC}Identification", IDENTIFICATION),
    "measurement.txt": (f"{DWC}MeasurementOrFact", MEASUREMENT),
    "multimedia.txt": (f"{AC}Multimedia", MEDIA),
}
SAYS = [
    "meta.xml: which file is what; occurrence.txt is the core",
    "eml.xml: what the dataset is, who made it, and under which licence",
    "occurrence.txt, identification.txt, measurement.txt: organisms, what each person said and measured of them",
    "multimedia.txt: photos (Audiovisual Core), and regions on them, which are parts of a photo (isROIOf)",
]
MEASURED = {"total_length": "total length", "weight": "weight"}


def contents(manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]:
    """Each file of the archive."""
    yield from entries(manifest, SAYS, pictures)
    yield "meta.xml", meta()
    yield "eml.xml", eml(manifest)
    rows = {
        "occurrence.txt": occurrences,
        "identification.txt": identifications,
        "measurement.txt": measurements,
        "multimedia.txt": media,
    }
    for name, (_, terms) in TABLES.items():
        # The core's own id is its first term; rows beside it begin with it.
        header = [each.rsplit("/", 1)[1] for each in terms]
        yield name, _table(["id", *header], rows[name](manifest))
    if pictures:
        yield from images(photo for photo in manifest["photos"] if not photo.get("drawn"))


def met(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The organisms that somebody photographed."""
    drawn = {each["id"] for each in manifest["photos"] if each.get("drawn")}
    return [each for each in manifest["occurrences"] if not drawn.issuperset(each["photos"])]


def occurrences(manifest: dict[str, Any]) -> Iterator[list[Any]]:
    about = manifest["dataset"]
    sightings = {each["id"]: each for each in manifest["observations"]}
    photos = {each["id"]: each for each in manifest["photos"]}
    categories = {each["id"]: each for each in manifest["categories"]}
    for each in met(manifest):
        sighting, category = sightings[each["observation"]], categories[each["category"]]
        place = sighting["place"] or {}
        shown = [photos[photo] for photo in each["photos"]]
        above = category.get("higher", {}) | {
            one["rank"]: one["scientific_name"] for one in category["lineage"]
        }
        yield [
            each["id"],
            urn(each["id"]),
            "HumanObservation",
            urn(sighting["id"]),
            urn(sighting["trip"]) if sighting["trip"] else "",
            each["organism_id"],
            event_date(sighting),
            sighting["observer"],
            sighting.get("locality", ""),
            place.get("latitude"),
            place.get("longitude"),
            "WGS84" if place else "",
            place.get("uncertainty_m"),
            sighting.get("place_source", "") if place else "",
            sighting.get("dataGeneralizations", ""),
            sighting.get("informationWithheld", ""),
            each["scientific_name"],
            category["authorship"],
            each["rank"],
            category["name"],
            f"gbif:{category['gbif_key']}" if category["gbif_key"] else "",
            *(above.get(rank, "") for rank in RANKS),
            status(each["votes"]),
            _why(each["votes"]),
            each.get("establishmentMeans", ""),
            f"{about['title']}, version {about['version']}",
            f"sha256:{about['content_hash']}",
            licence_url(least(one["licence"] for one in shown), manifest),
            " | ".join(sorted({one["credit"] for one in shown})),
            _page(about, "sightings", sighting["id"]),
        ]


def identifications(manifest: dict[str, Any]) -> Iterator[list[Any]]:
    for each in met(manifest):
        for at, said in enumerate(each.get("identifications", []), start=1):
            yield [
                each["id"],
                f"{urn(each['id'])}#identification-{at}",
                f"{said['person']} of this dataset",
                said["day"],
                said["scientific_name"],
                said["rank"],
                "withdrawn" if said["withdrawn"] else "standing",
                _remarks(said),
            ]


def measurements(manifest: dict[str, Any]) -> Iterator[list[Any]]:
    for each in met(manifest):
        for at, one in enumerate(each["measurements"], start=1):
            kind = MEASURED.get(one["kind"], one["kind"])
            number = f"{urn(each['id'])}#measurement-{at}"
            yield [each["id"], number, kind, one["value"], one["unit"], one["method"]]


def media(manifest: dict[str, Any]) -> Iterator[list[Any]]:
    """A row per organism and photo, and one per agreed region on it."""
    photos = {each["id"]: each for each in manifest["photos"]}
    for each in met(manifest):
        regions = {one["photo"]: one for one in each["regions"]}
        for photo in (photos[one] for one in each["photos"]):
            if photo.get("drawn"):
                continue
            yield [each["id"], *_photo(photo, urn(photo["id"]), manifest), "", "", "", "", ""]
            if region := regions.get(photo["id"]):
                sides = [region[side] for side in ("x", "y", "width", "height")]
                part = f"{urn(photo['id'])}#region-{each['id']}"
                yield [each["id"], *_photo(photo, part, manifest), urn(photo["id"]), *sides]


def _photo(photo: dict[str, Any], identifier: str, manifest: dict[str, Any]) -> list[Any]:
    licence = photo["licence"]
    return [
        identifier,
        "StillImage",
        "image/jpeg",
        licence_url(licence, manifest),
        photo["file"],
        "SHA-256",
        photo["rendition"]["sha256"],
        licence,
        licence_url(licence, manifest),
        photo["credit"],
    ]


def licence_url(licence: str, manifest: dict[str, Any]) -> str:
    return next(each["url"] for each in manifest["licences"] if each["id"] == licence)


def _why(votes: dict[str, Any]) -> str:
    said = f"{votes['agreeing']} of {votes['people']} agree"
    if seen := votes["with_model_on_screen"]:
        said += f"; {seen} had seen a model's suggestion"
    if votes.get("ruling_reason"):
        said += f"; ruled: {votes['ruling_reason']}"
    return said


def _remarks(said: dict[str, Any]) -> str:
    words = [said["confidence"]]
    words += [f"not {said['rejects']}"] if said["rejects"] else []
    words += ["cannot be improved"] if said["cannot_improve"] else []
    words += [f"had seen the suggestion of {said['model_on_screen']}"] if said["model_on_screen"] else []
    words += ["had seen what others say"] if said["others_on_screen"] else []
    words += ["the observer"] if said["uploader"] else []
    words += ["came with an import"] if said["imported"] else []
    return "; ".join(words)


def urn(id: str) -> str:
    return f"urn:uuid:{id}"


def _page(about: dict[str, Any], *path: str) -> str:
    # The address of the dataset is site and /datasets/<id>/.
    site = about.get("address", "").partition("/datasets/")[0]
    return f"{site}/{'/'.join(path)}" if site else ""


def _table(header: list[str], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """Tab-separated, unquoted: what would end a cell or a line is a space. No spreadsheet runs what people typed."""
    yield _line(header)
    for row in rows:
        yield _line(["" if each is None else _cell(each) if isinstance(each, str) else each for each in row])


def _cell(text: str) -> str:
    return guarded(" ".join(text.split()))


def _line(cells: list[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n").writerow(
        cells
    )
    return line.getvalue().encode()


def meta() -> bytes:
    """The archive's descriptor: which column of which file is which term."""
    parts = [
        "<?xml version='1.0' encoding='utf-8'?>",
        '<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">',
    ]
    for number, (name, (kind, terms)) in enumerate(TABLES.items()):
        tag, key = ("extension", "coreid") if number else ("core", "id")
        parts.append(
            f'  <{tag} rowType={quoteattr(kind)} encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" '
            'fieldsEnclosedBy="" ignoreHeaderLines="1">'
        )
        parts += [f"    <files><location>{name}</location></files>", f'    <{key} index="0"/>']
        parts += [
            f'    <field index="{at}" term={quoteattr(term)}/>' for at, term in enumerate(terms, start=1)
        ]
        parts.append(f"  </{tag}>")
    return "\n".join([*parts, "</archive>", ""]).encode()


def eml(manifest: dict[str, Any]) -> bytes:
    """Ecological Metadata Language 2.2 as GBIF's profile 1.3 wants it."""
    about = manifest["dataset"]
    used = least(each["id"] for each in manifest["licences"])
    url = licence_url(used, manifest)
    days = sorted(each["local_date"] for each in manifest["observations"] if each["local_date"])
    places = [each["place"] for each in manifest["observations"] if each["place"]]
    person = f"<individualName><surName>{escape(about['author'])}</surName></individualName>"
    text = about["note"] or "Photos whose names people agree on, frozen with a split that does not leak."
    if manifest.get("query"):
        text += f" Asked for: {manifest['query']}."
    coverage = ""
    if places:
        coverage += (
            "<geographicCoverage><geographicDescription>Where the photos were taken, as everybody is told"
            "</geographicDescription><boundingCoordinates>"
            f"<westBoundingCoordinate>{min(each['longitude'] for each in places)}</westBoundingCoordinate>"
            f"<eastBoundingCoordinate>{max(each['longitude'] for each in places)}</eastBoundingCoordinate>"
            f"<northBoundingCoordinate>{max(each['latitude'] for each in places)}</northBoundingCoordinate>"
            f"<southBoundingCoordinate>{min(each['latitude'] for each in places)}</southBoundingCoordinate>"
            "</boundingCoordinates></geographicCoverage>"
        )
    if days:
        coverage += (
            "<temporalCoverage><rangeOfDates>"
            f"<beginDate><calendarDate>{days[0]}</calendarDate></beginDate>"
            f"<endDate><calendarDate>{days[-1]}</calendarDate></endDate></rangeOfDates></temporalCoverage>"
        )
    coverage += "<taxonomicCoverage>"
    for each in manifest["categories"]:
        rank, name = escape(each["rank"]), escape(each["scientific_name"])
        coverage += (
            f"<taxonomicClassification><taxonRankName>{rank}</taxonRankName>"
            f"<taxonRankValue>{name}</taxonRankValue></taxonomicClassification>"
        )
    coverage += "</taxonomicCoverage>"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<eml:eml xmlns:eml="{EML}" packageId="{about["content_hash"]}" system="sha256" scope="system" xml:lang="en">
  <dataset>
    <alternateIdentifier>sha256:{about["content_hash"]}</alternateIdentifier>
    <title xml:lang="en">{escape(about["title"])}, version {about["version"]}</title>
    <creator>{person}</creator>
    <metadataProvider>{person}</metadataProvider>
    <pubDate>{about["date"]}</pubDate>
    <language>en</language>
    <abstract><para>{escape(text)}</para></abstract>
    <intellectualRights><para>This work is licensed under <ulink url={quoteattr(url)}>
      <citetitle>{escape(used)}</citetitle></ulink>; each record and photo names its own.</para></intellectualRights>
    <coverage>{coverage}</coverage>
    <contact>{person}</contact>
  </dataset>
  <additionalMetadata><metadata><gbif>
    <citation>{escape(about["citation"])}</citation>
  </gbif></metadata></additionalMetadata>
</eml:eml>
""".encode()
