"""Background work of this floor; the worker finds it here."""

from home.tasks import leaving, strangers, takeout

__all__ = ["leaving", "strangers", "takeout"]
