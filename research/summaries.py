"""What a dataset's page says about it, computed once at the freeze from the manifest. No Django in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from research.splits import TEST_GROUPS_AT_LEAST

SIDES = ("train", "validation", "test")
REASONS = {
    "not_shown": "not shown by their owners",
    "no_research_consent": "not allowed for research",
    "no_licence": "without a licence to hand them on",
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


def kfold_sentence(summary: Mapping[str, Any]) -> str:
    """Whether the test side is large enough to measure a model on, in words."""
    thin = [each for each in summary["classes"] if each["test_groups"] < TEST_GROUPS_AT_LEAST]
    enough = f"{TEST_GROUPS_AT_LEAST} groups on the test side"
    if not thin:
        return f"Every class has at least {enough}, so figures come from it."
    return (
        f"{len(thin)} of {len(summary['classes'])} classes have fewer than {enough}, which is too few to "
        "measure on: until then figures come from grouped cross-validation."
    )


def dropped(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row per kind of link, for the leak report: what the copies have in common, and how many went."""
    return [{"link": words, "photos": summary["dropped_by"].get(kind, 0)} for kind, words in LINKS.items()]


def kept_back(summary: Mapping[str, Any]) -> list[str]:
    """Why verified photos are not in it, a phrase per reason that holds for any."""
    return [f"{count} {REASONS[reason]}" for reason, count in summary["left_out"].items() if count]


def citation(*, author: str, year: int, title: str, version: int, digest: str) -> str:
    """The dataset as a reference list names it; the same words on its page and in every export."""
    return (
        f"{author} and the photographers it credits ({year}). {title}, version {version} [data set]. "
        f"sha256 {digest}."
    )


def bibtex(*, author: str, year: int, title: str, version: int, digest: str, url: str) -> str:
    """The same for BibTeX, with every brace and backslash that could end the entry taken out."""
    author, title = (text.translate({ord(c): None for c in "{}\\"}) for text in (author, title))
    return (
        f"@misc{{dataset-{digest[:12]},\n"
        f"  author = {{{{{author} and the photographers it credits}}}},\n"
        f"  title = {{{title}, version {version}}},\n"
        f"  year = {{{year}}},\n"
        f"  howpublished = {{\\url{{{url}}}}},\n"
        f"  note = {{Data set, sha256 {digest}}}\n"
        "}"
    )
