"""Frozen datasets, which photos they hold, and the numbers of their classes."""

from research.models.categories import CategoryNumber
from research.models.datasets import Dataset, DatasetPhoto

__all__ = ["CategoryNumber", "Dataset", "DatasetPhoto"]
