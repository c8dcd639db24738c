"""The files that explain an export: README, licences, the leak report, the manifest itself."""

import json
from collections.abc import Iterator
from typing import Any

from research.exports import descriptions
from research.exports.archive import table

IMAGES = "images/: the photos, upright, longest side at most 1008 pixels, without EXIF"
LEAKS = ["photo_id", "sha256", "side", "reason", "other_photo_id", "other_side"]


def entries(manifest: dict[str, Any], says: list[str], pictures: bool = True) -> Iterator[tuple[str, Any]]:
    """What every archive begins with. `says`: a line for each file that is this format's own; `pictures`: whether the
    photos are in it.
    """
    yield "README.txt", readme(manifest, says, pictures).encode()
    yield "CITATION.cff", descriptions.cff(manifest)
    yield "datacite.json", descriptions.datacite(manifest)
    yield "manifest.json", whole(manifest)
    keys = ("photo", "sha256", "side", "reason", "other", "other_side")
    dropped = ([each[key] for key in keys] for each in manifest["split"]["dropped_photos"])
    yield "left_out.csv", table(LEAKS, dropped)


def whole(manifest: dict[str, Any]) -> bytes:
    """The manifest as it is stored and downloaded."""
    return json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False).encode()


def months(manifest: dict[str, Any]) -> str:
    """What to know of times, where of some no more is told than the month."""
    if not any("month" in each for each in manifest["observations"]):
        return ""
    return "\n\nOf some times no more than the month is told, as their observers chose: 2015-10."


def readme(manifest: dict[str, Any], says: list[str], pictures: bool = True) -> str:
    about, split = manifest["dataset"], manifest["split"]
    shares = ", ".join(f"{side} {split['photos'][side]}" for side in ("train", "validation", "test"))
    licences = "\n".join(
        f"  {each['id']}: {each['photos']} photos, {each['url']}" for each in manifest["licences"]
    )
    files = "\n".join(
        f"  {line}"
        for line in [
            *says,
            IMAGES if pictures else "The photos are not in it; with them it is the same dataset.",
            "left_out.csv: photos that the split dropped, and what each has in common with the other side",
            "CITATION.cff, datacite.json: how to cite it, for programs (Citation File Format 1.2, DataCite 4.5)",
            "manifest.json: everything there is to know, one JSON object",
        ]
    )
    return f"""{about["title"]}, version {about["version"]} ({about["date"]})
sha256 {about["content_hash"]}

{about["note"] or "A frozen dataset: photos whose names people agree on, with a split that does not leak."}

To cite
  {about["citation"]}

Licences: each photo has its own, and its photographer must be named as "credit" says
{licences}

Photos by side: {shares}.
Photos taken in the same rough place on the same day (else by the same person on the same day) are a group and
lie on one side. Copies of one thing across sides were dropped: {split["dropped"]}.

Places are the public ones, as rough as their observers or the species ask for; the true place lies within
uncertainty_m of them.{months(manifest)}

The hash is that of manifest.json without its key "dataset", written as JSON in UTF-8 with sorted keys and no
spaces:
  python3 -c "import json,hashlib;m=json.load(open('manifest.json'));m.pop('dataset');\\
print(hashlib.sha256(json.dumps(m,sort_keys=True,separators=(',',':'),ensure_ascii=False).encode()).hexdigest())"

Files
{files}
"""
