"""A dataset's summary in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from research.manifest.summary import LINKS, REASONS
from research.splits.sides import TEST_GROUPS_AT_LEAST


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
    """A row per kind of link, for the leak report: what the copies have in common, and how many went. And how many test
    could not take, where there are any."""
    rows = [{"link": words, "photos": summary["dropped_by"].get(kind, 0)} for kind, words in LINKS.items()]
    if anchored := summary.get("anchored"):
        rows.append({"link": "Named by nobody without a suggestion in sight", "photos": anchored})
    return rows


def kept_back(summary: Mapping[str, Any]) -> list[str]:
    """Why verified photos are not in it, a phrase per reason that holds for any."""
    return [f"{count} {REASONS[reason]}" for reason, count in summary["left_out"].items() if count]
