"""What a dataset's page says about it, computed once at the freeze from the manifest. No Django in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

SIDES = ("train", "validation", "test")


REASONS = {
    "not_shown": "not shown by their owners",
    "no_research_consent": "not allowed for research",
    "no_licence": "without a licence to hand them on",
    "surroundings_hidden": "not shown whole, since the place is kept",
}


LINKS = {
    "trip_day": "Same trip on the same day",
    "individual": "The same individual",
    "near_duplicate": "Nearly the same picture",
}


def summary(content: Mapping[str, Any], left_out: Mapping[str, int]) -> dict[str, Any]:
    """JSON-able: counts per class and side, the leak report, and what stayed out and why."""
    split = content["split"]
    label_of = {each["id"]: each["label"] for each in content["occurrences"]}
    photos: Counter[tuple[str, str]] = Counter()
    for photo in content["photos"]:
        for label in {label_of[occurrence] for occurrence in photo["occurrences"]}:
            photos[label, photo["side"]] += 1
    organisms = Counter(label_of.values())
    return {
        "photos": len(content["photos"]),
        "occurrences": len(content["occurrences"]),
        "observations": len(content["observations"]),
        "drawn": sum(photo["drawn"] for photo in content["photos"]),
        "train_photos": sum(photo["train"] for photo in content["photos"]),
        "sides": {side: split["photos"][side] for side in SIDES},
        "groups": {side: split["groups"][side] for side in SIDES},
        "classes": [
            {
                "label": each["label"],
                "name": each["name"],
                "scientific_name": each["scientific_name"],
                "occurrences": organisms[each["label"]],
                **{side: photos[each["label"], side] for side in SIDES},
                "test_groups": split["test_groups"].get(each["label"], 0),
            }
            for each in content["categories"]
        ],
        "dropped": split["dropped"],
        "dropped_by": split["dropped_by"],
        "dropped_from": split["dropped_from"],
        "anchored": split.get("anchored", 0),
        "near_duplicate_distance": split["near_duplicate_distance"],
        "leaks": split["leaks"],
        "shares": split["shares"],
        "needs_kfold": split["needs_kfold"],
        "licences": content["licences"],
        "left_out": dict(left_out),
    }


def outcome(summary: Mapping[str, Any]) -> str:
    """What came of a freeze, for the person who waits for it."""
    by = ", ".join(f"{count} {LINKS[kind].lower()}" for kind, count in summary["dropped_by"].items() if count)
    said = f"{summary['photos']} photos are frozen."
    if by:
        said += f" {summary['dropped']} were left out so that no side knows another's: {by}."
    if summary.get("anchored"):
        said += (
            f" {summary['anchored']} were left out of test: nobody named them without a suggestion in sight."
        )
    return said


def nothing(left_out: Mapping[str, int]) -> str:
    """Why there is nothing to freeze, as a sentence for the person who asked."""
    kept_back = [f"{count} {REASONS[reason]}" for reason, count in left_out.items() if count]
    if not kept_back:
        return (
            "Nothing is verified yet. A photo enters a dataset once people agree on what it shows, "
            "or a reviewer has ruled."
        )
    return f"No verified photo may be used in a dataset: {', '.join(kept_back)}."
