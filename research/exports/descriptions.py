"""What programs read of a dataset before the dataset: how it is cited, who may do what with it, what columns are."""

import json
from typing import Any

CFF = "1.2.0"
KERNEL = "http://datacite.org/schema/kernel-4"
MESSAGE = "If you use these photos, cite the dataset, and name whoever took each photo that you show."


def text(manifest: dict[str, Any]) -> str:
    """A sentence or two of what it is."""
    about = manifest["dataset"]
    said = about["note"] or "Photos whose names people agree on, frozen with a split that does not leak."
    if manifest.get("query"):
        said += f" Asked for: {manifest['query']}."
    return said


def cff(manifest: dict[str, Any]) -> bytes:
    """CITATION.cff (citation-file-format.github.io), written as JSON, which YAML is: whatever a title holds is text."""
    about = manifest["dataset"]
    content = {
        "cff-version": CFF,
        "message": MESSAGE,
        "type": "dataset",
        "title": about["title"],
        "version": str(about["version"]),
        "authors": [{"name": about["author"]}, {"name": "the photographers it credits"}],
        "date-released": about["date"],
        "abstract": text(manifest),
        "identifiers": [{"type": "other", "value": f"sha256:{about['content_hash']}"}],
        "license": [each["id"] for each in manifest["licences"]],
    }
    if about.get("address"):
        content["url"] = about["address"]
    return _json(content)


def datacite(manifest: dict[str, Any]) -> bytes:
    """DataCite's metadata 4.5 (schema.datacite.org); without a DOI, which whoever publishes it elsewhere adds."""
    about = manifest["dataset"]
    places = [each["place"] for each in manifest["observations"] if each["place"]]
    days = sorted(each["local_date"] for each in manifest["observations"] if each["local_date"])
    content: dict[str, Any] = {
        "schemaVersion": KERNEL,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Labelled photographs"},
        "creators": [{"name": about["author"]}],
        "contributors": [
            {"name": name, "contributorType": "DataCollector"}
            for name in sorted({each["credit"] for each in manifest["photos"]})
        ],
        "titles": [{"title": f"{about['title']}, version {about['version']}"}],
        "publisher": {"name": about.get("publisher") or about["author"]},
        "publicationYear": about["date"][:4],
        "version": str(about["version"]),
        "language": "en",
        "subjects": [{"subject": each["scientific_name"]} for each in manifest["categories"]],
        "dates": [{"date": about["date"], "dateType": "Created"}],
        "alternateIdentifiers": [
            {"alternateIdentifier": about["content_hash"], "alternateIdentifierType": "sha256"},
            {"alternateIdentifier": f"urn:uuid:{about['id']}", "alternateIdentifierType": "URN"},
        ],
        "rightsList": [
            {
                "rights": each["id"],
                "rightsUri": each["url"],
                "rightsIdentifier": each["id"],
                "rightsIdentifierScheme": "SPDX",
            }
            for each in manifest["licences"]
        ],
        "descriptions": [{"description": text(manifest), "descriptionType": "Abstract"}],
        "sizes": [f"{len(manifest['photos'])} photos"],
    }
    if days:
        content["dates"].append({"date": f"{days[0]}/{days[-1]}", "dateType": "Collected"})
    if places:
        longitudes = [each["longitude"] for each in places]
        latitudes = [each["latitude"] for each in places]
        content["geoLocations"] = [
            {
                "geoLocationBox": {
                    "westBoundLongitude": min(longitudes),
                    "eastBoundLongitude": max(longitudes),
                    "southBoundLatitude": min(latitudes),
                    "northBoundLatitude": max(latitudes),
                }
            }
        ]
    return _json(content)


def datapackage(manifest: dict[str, Any], tables: dict[str, dict[str, tuple[str, str]]]) -> bytes:
    """datapackage.json (datapackage.org). `tables`: file name to column to its type and what it says."""
    about = manifest["dataset"]
    return _json(
        {
            "profile": "tabular-data-package",
            "name": f"dataset-{about['content_hash'][:16]}",
            "id": f"sha256:{about['content_hash']}",
            "title": f"{about['title']}, version {about['version']}",
            "description": text(manifest),
            "version": str(about["version"]),
            "created": f"{about['date']}T00:00:00Z",
            "contributors": [{"title": about["author"], "role": "author"}],
            "licenses": [{"name": each["id"], "path": each["url"]} for each in manifest["licences"]],
            "resources": [_resource(name, columns) for name, columns in tables.items()],
        }
    )


def _resource(name: str, columns: dict[str, tuple[str, str]]) -> dict[str, Any]:
    key = next(iter(columns))
    return {
        "name": name.removesuffix(".csv"),
        "path": name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "schema": {
            "fields": [
                {"name": column, "type": kind, "description": says}
                | ({"constraints": {"required": True, "unique": True}} if column == key else {})
                for column, (kind, says) in columns.items()
            ],
            "primaryKey": key,
            "missingValues": [""],
        },
    }


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()
