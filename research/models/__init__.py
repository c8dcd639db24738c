"""Frozen datasets, which photos they hold, and the numbers of their classes."""

from research.models.categories import CategoryNumber
from research.models.datasets import Dataset, DatasetPhoto
from research.models.people import DatasetPerson

__all__ = ["CategoryNumber", "Dataset", "DatasetPerson", "DatasetPhoto"]
