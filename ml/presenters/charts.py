"""Geometry of the model's charts: numbers in, SVG positions in per cent out.

Per cent positions in an SVG without viewBox keep type at its size on any width, and need no inline style.
Pure: no request, no database. Shapes are the ones LOOK calls ``.range``, ``.confusion`` and ``.reliability``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

#: Beyond this many classes a cell would be narrower than its number; the list of mix-ups says more.
MOST_CLASSES = 16

#: A cell's share of its row -> step of the model's ramp.
_TONES = ((0.5, 5), (0.2, 4), (0.06, 3), (0.03, 2))


def percent(fraction: float) -> str:
    """A fraction as an SVG length."""
    return f"{fraction * 100:.2f}%"


def _within(value: float, start: float, end: float) -> float:
    return min(max((value - start) / (end - start), 0.0), 1.0)


def range_line(
    *, low: float | None, point: float, high: float | None, start: float, end: float
) -> SafeString:
    """A measure with its interval on an axis, all in the same unit; without an interval the point alone.

    Raises ValueError for an axis without length."""
    if not end > start:
        raise ValueError(f"The axis must have a length, but runs from {start} to {end}.")
    parts = [mark_safe('<line class="t" x1="0" x2="100%" y1="9" y2="9"/>')]
    if low is not None and high is not None:
        left, right = percent(_within(low, start, end)), percent(_within(high, start, end))
        parts.append(
            format_html(
                '<line class="w" x1="{0}" x2="{1}" y1="9" y2="9"/>'
                '<svg x="{0}" overflow="visible"><path class="w" d="M0,4v10"/></svg>'
                '<svg x="{1}" overflow="visible"><path class="w" d="M0,4v10"/></svg>',
                left,
                right,
            )
        )
    parts.append(
        format_html(
            '<svg x="{}" y="9" overflow="visible"><circle class="p" r="4.5"/></svg>',
            percent(_within(point, start, end)),
        )
    )
    return format_html('<svg class="range" aria-hidden="true">{}</svg>', mark_safe("".join(parts)))


def tone(count: int, row_total: int) -> int:
    """Step 0 (nothing) to 5 (half of the row or more) of the model's ramp."""
    if not count or not row_total:
        return 0
    share = count / row_total
    return next((step for least, step in _TONES if share >= least), 1)


def confusion(*, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """A confusion matrix laid out. ``counts[i][j]``: how often ``labels[i]`` was called ``labels[j]``.

    Returns ``rows`` (label, middle, total, cells; a cell: count, x, y, middle_x, middle_y, tone, strong,
    dark), ``columns`` (label, middle), ``side`` (a cell's width), ``drawn`` (False above MOST_CLASSES), and
    ``mixed``: up to ten mix-ups (is, says, count), most frequent first. Raises ValueError unless the matrix
    is square and fits its labels."""
    n = len(labels)
    if len(counts) != n or any(len(row) != n for row in counts):
        raise ValueError(f"{n} labels need a matrix of {n} by {n} counts.")
    rows = []
    for i, row in enumerate(counts):
        total = sum(row)
        cells = []
        for j, count in enumerate(row):
            step = tone(count, total)
            cells.append(
                {
                    "count": count,
                    "x": percent(j / n),
                    "y": percent(i / n),
                    "middle_x": percent((j + 0.5) / n),
                    "middle_y": percent((i + 0.5) / n),
                    "tone": step,
                    "strong": step == 3,
                    "dark": step >= 4,
                }
            )
        rows.append({"label": labels[i], "middle": percent((i + 0.5) / n), "total": total, "cells": cells})
    mixed = sorted(
        (
            {"is": labels[i], "says": labels[j], "count": counts[i][j]}
            for i in range(n)
            for j in range(n)
            if i != j and counts[i][j]
        ),
        key=lambda pair: (-pair["count"], pair["is"], pair["says"]),
    )
    return {
        "rows": rows,
        "columns": [{"label": label, "middle": percent((j + 0.5) / n)} for j, label in enumerate(labels)],
        "side": percent(1 / n) if n else "0%",
        "drawn": 0 < n <= MOST_CLASSES,
        "mixed": mixed[:10],
    }


def reliability(bins: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A reliability diagram laid out. Each bin: ``confidence`` and ``accuracy`` (0 to 1), ``low`` and
    ``high`` of the accuracy's interval (or None), ``count``. Empty bins are left out.

    Returns ``points`` (x, y, low, high, and the bin's own numbers), ``segments`` between them, ``bars`` (x,
    width, y, height) for the strip of counts, ``gridlines``, and ``says``: the chart in one sentence."""
    filled = sorted((b for b in bins if b["count"]), key=lambda b: b["confidence"])
    most = max((b["count"] for b in filled), default=0)
    points = [
        {
            "x": percent(b["confidence"]),
            "y": percent(1 - b["accuracy"]),
            "low": percent(1 - b["low"]) if b.get("low") is not None else None,
            "high": percent(1 - b["high"]) if b.get("high") is not None else None,
            "confidence": b["confidence"],
            "accuracy": b["accuracy"],
            "accuracy_low": b.get("low"),
            "accuracy_high": b.get("high"),
            "count": b["count"],
        }
        for b in filled
    ]
    bars = []
    for b in filled:
        height = b["count"] / most
        left = min(int(b["confidence"] * 10), 9) / 10
        bars.append(
            {
                "x": percent(left + 0.006),
                "width": "8.80%",
                "y": percent(1 - height),
                "height": percent(height),
            }
        )
    says = "No answers yet."
    if filled:
        top = filled[-1]
        right = f"{top['accuracy'] * 100:.0f}\N{NO-BREAK SPACE}% of the time, over {top['count']} answers"
        says = f"When it says {top['confidence']:.2f} it is right {right}."
    return {
        "points": points,
        "segments": [{"a": a, "b": b} for a, b in zip(points, points[1:], strict=False)],
        "bars": bars,
        "gridlines": [{"y": percent(1 - value / 100), "value": value} for value in (0, 25, 50, 75, 100)],
        "says": says,
    }
