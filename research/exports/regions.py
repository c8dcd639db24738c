"""Photos from which a detector may learn: where everything that is on them is boxed."""

from collections.abc import Iterator
from typing import Any

Boxed = tuple[dict[str, Any], dict[str, Any]]  # an organism, and its agreed region on the photo


def complete(manifest: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[Boxed]]]:
    """Photos of which somebody says that every organism on them has a box, each of which is agreed, in the dataset and
    named. From another photo a detector would learn that what nobody boxed is background.
    """
    organisms = {each["id"]: each for each in manifest["occurrences"]}
    for photo in manifest["photos"]:
        shown = [organisms[each] for each in photo["occurrences"]]
        regions = [
            (each, region) for each in shown for region in each["regions"] if region["photo"] == photo["id"]
        ]
        if photo.get("all_boxed") and len(regions) == len(shown) == photo["organisms"]:
            yield photo, regions
