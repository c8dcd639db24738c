"""The map of Explore in words and bars, and as what its script draws."""

from typing import Any

from django.utils.dates import MONTHS, MONTHS_3

from labeling.queries.explore import View
from species.presenters.cells import around, shapes
from species.queries.cells import Count, Hexagons

# Cache-Control of counts, which are the same for everybody.
MINUTE = "public, max-age=60"


def drawn(view: View) -> dict[str, Any]:
    """For explore_map.js."""
    hexagons = view.hexagons
    return {
        "resolution": hexagons.resolution,
        "cells": shapes(hexagons),
        "total": sum(count.all for count in hexagons.counts.values()),
        "nowhere": hexagons.nowhere.all,
        "months": hexagons.months,
        "points": [
            [round(each.latitude, 6), round(each.longitude, 6), str(each.observation), each.status]
            for each in view.points
        ],
        "first": view.first,
        "more": view.more,
    }


def numbers(count: Count, kind: str = "sighting") -> str:
    """E.g. "48 sightings, 31 verified"."""
    plural = "" if count.all == 1 else "s"
    return f"{count.all:,} {kind}{plural}, {count.verified:,} verified"


def rows(found: Hexagons, most: int) -> list[dict[str, Any]]:
    """The fullest hexagons, for a table."""
    fullest = sorted(found.counts.items(), key=lambda each: (-each[1].all, each[0]))[:most]
    return [
        {"cell": cell, "name": around(cell), "all": count.all, "verified": count.verified}
        for cell, count in fullest
    ]


def bars(months: list[int], chosen: list[int]) -> list[dict[str, Any]]:
    """A bar over the box of each month, in percent of a chart that is 100 % wide and high; most: the highest."""
    most = max(months)
    return [
        {
            "month": number,
            "letter": str(MONTHS_3[number])[:1].upper(),
            "name": str(MONTHS[number]),
            "count": count,
            "height": f"{count / most * 100 if most else 0:.1f}%",
            "y": f"{100 - (count / most * 100 if most else 0):.1f}%",
            "chosen": number in chosen,
            "quiet": bool(chosen) and number not in chosen,
            "most": bool(most) and count == most,
        }
        for number, count in enumerate(months, start=1)
    ]
