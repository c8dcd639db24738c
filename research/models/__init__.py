"""Frozen datasets, and which photos they hold."""

from research.models.datasets import Dataset, DatasetPhoto

__all__ = ["Dataset", "DatasetPhoto"]
