"""Background work of this floor; the worker finds it here."""

from ml.tasks import suggestions, training

__all__ = ["suggestions", "training"]
