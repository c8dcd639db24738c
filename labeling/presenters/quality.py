"""The figures of a day as a page and a table print them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from labeling.models import QualityReport
from species.models import Taxon

#: Key of a figure to its name, and what it says.
SAID = {
    "alpha": ("Krippendorff’s α", "Blind names, all who gave one; 1 is agreement, 0 is chance."),
    "kappa_people": ("κ of two contributors", "Their first blind names of the same organism."),
    "kappa_reviewers": ("κ of contributor and reviewer", "The first blind name of each."),
    "same": ("Two contributors say the same", "Share of pairs, with Wilson’s interval."),
    "gold": (
        "People say what is ruled, where they were tried on it",
        "Share of blind names given to tasks that a reviewer had ruled on, with Wilson’s interval.",
    ),
    "right": ("Contributors say what a reviewer ruled", "Share of blind names, with Wilson’s interval."),
}


def page(report: QualityReport, history: list[QualityReport]) -> dict[str, Any]:
    figures = report.figures
    names = _names(figures["pairs"])
    return {
        "day": report.day,
        "figures": [_figure(key, figures[key]) for key in SAID if key in figures],
        "hours": figures["hours"],
        "backlog": figures["backlog"],
        "pairs": [
            {"names": [names[each] for each in pair["taxa"] if each in names], "count": pair["count"]}
            for pair in figures["pairs"]
        ],
        "retention": [_bar(each) for each in figures["retention"]],
        "history": _line([(each.day, each.figures["alpha"]["value"]) for each in history]),
    }


def _figure(key: str, said: dict[str, Any]) -> dict[str, Any]:
    name, about = SAID[key]
    found = {"key": key, "name": name, "about": about, **said}
    if said["value"] is not None:
        found["x"] = _percent(said["value"])
    if said["low"] is not None:
        found |= {"x1": _percent(said["low"]), "x2": _percent(said["high"])}
    return found


def _bar(each: dict[str, Any]) -> dict[str, Any]:
    stayed = each["stayed"]
    return {"month": each["month"], **stayed, "width": _percent(stayed["value"] or 0.0)}


def _line(points: list[tuple[Any, float | None]]) -> list[dict[str, Any]]:
    known = [(day, value) for day, value in points if value is not None]
    step = 100 / max(1, len(known) - 1)
    return [
        {"day": day, "value": value, "x": f"{number * step:.1f}%", "y": _percent(1 - value)}
        for number, (day, value) in enumerate(known)
    ]


def _percent(share: float) -> str:
    """Below chance is drawn as chance."""
    return f"{100 * min(1.0, max(0.0, share)):.1f}%"


def _names(pairs: list[dict[str, Any]]) -> dict[str, Taxon]:
    ids = {UUID(each) for pair in pairs for each in pair["taxa"]}
    return {str(taxon.pk): taxon for taxon in Taxon.objects.filter(pk__in=ids)}


def rows(report: QualityReport) -> Iterator[list[Any]]:
    """The same as a table: what, value, low, high, of how many."""
    figures = report.figures
    names = _names(figures["pairs"])
    yield ["figure", "value", "low", "high", "count"]
    for key in SAID:
        # Reports of days before it was measured have none.
        if key not in figures:
            continue
        yield [key, *(figures[key][name] for name in ("value", "low", "high", "count"))]
    for key in ("median", "p90"):
        yield [f"hours_to_verification_{key}", figures["hours"][key], None, None, figures["hours"]["count"]]
    for key, value in figures["backlog"].items():
        yield [f"backlog_{key}", value, None, None, None]
    for each in figures["retention"]:
        stayed = each["stayed"]
        yield [f"retention_{each['month']}", *(stayed[name] for name in ("value", "low", "high", "count"))]
    for pair in figures["pairs"]:
        both = " / ".join(names[each].scientific_name for each in pair["taxa"] if each in names)
        yield [f"disputed: {both}", pair["count"], None, None, None]
