"""Background work of this floor; the worker finds it here."""

from ml.tasks import predictions, suggestions, training

__all__ = ["predictions", "suggestions", "training"]
