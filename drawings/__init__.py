"""Draws libraries of pictures: trout, or dishes, seen by people who now and then disagree.

For sites that have no photographs yet, and for tests. Imports nothing of ours, no Django and no torch; the same
seed gives the same bytes (docs/drawings.md).
"""

from drawings.collection import Fresh, draw, fresh
from drawings.sightings import SUBJECTS

__all__ = ["SUBJECTS", "Fresh", "draw", "fresh"]
