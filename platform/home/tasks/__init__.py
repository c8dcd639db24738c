"""Background work of this floor; the worker finds it here."""

from home.tasks import strangers, takeout

__all__ = ["strangers", "takeout"]
