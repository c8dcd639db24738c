"""What one version of a dataset has that another has not. No Django in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

# Why a photo is not in the later one, from what can be seen in the two alone.
SPLIT = "split"
RELABELLED = {
    "renamed": "the name is written otherwise",
    "merged": "the names were merged",
    "named_otherwise": "people, or a reviewer, say otherwise",
}


def changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    fates: Callable[[Collection[str]], Mapping[str, str]],
    accepted: Callable[[str], str],
) -> dict[str, Any]:
    """JSON-able. `fates`: ids of photos to why they are not in the later one (`research.queries.fates.REASONS`), of
    those that its split did not drop; `accepted`: a taxon's id to that of the taxon that it is now.

    `added`, `removed[]` (`photo`, `because`), `relabelled[]` (`occurrence`, `from`, `to`, `because`), each in the order
    of ids, and `counts` of each and of reasons.
    """
    old, new = ({each["id"] for each in content["photos"]} for content in (before, after))
    dropped = {each["photo"] for each in after["split"]["dropped_photos"]}
    gone = sorted(old - new)
    why = dict(fates([each for each in gone if each not in dropped]))
    removed = [
        {"photo": each, "because": SPLIT if each in dropped else why.get(each, "unknown")} for each in gone
    ]
    relabelled = list(_relabelled(before, after, accepted))
    return {
        "since": before["dataset"]["id"],
        "added": sorted(new - old),
        "removed": removed,
        "relabelled": relabelled,
        "counts": {
            "added": len(new - old),
            "removed": len(removed),
            "relabelled": len(relabelled),
            "removed_by": dict(sorted(Counter(each["because"] for each in removed).items())),
        },
    }


def _relabelled(
    before: Mapping[str, Any], after: Mapping[str, Any], accepted: Callable[[str], str]
) -> list[dict[str, str]]:
    old, new = (_named(content) for content in (before, after))
    found = []
    for id in sorted(old.keys() & new.keys()):
        (was, taxon), (label, now) = old[id], new[id]
        if was == label and taxon == now:
            continue
        found.append({"occurrence": id, "from": was, "to": label, "because": _why(taxon, now, accepted)})
    return found


def _why(taxon: str, now: str, accepted: Callable[[str], str]) -> str:
    if taxon == now:
        return "renamed"
    return "merged" if taxon and accepted(taxon) == now else "named_otherwise"


def _named(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Label and taxon of each organism; manifests before format 3 have no taxa."""
    taxon = {each["id"]: each.get("taxon", "") for each in content["categories"]}
    return {each["id"]: (each["label"], taxon[each["category"]]) for each in content["occurrences"]}
