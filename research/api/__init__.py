from accounts.api import UUID_PATTERN
from research.api.datasets import DatasetViewSet
from research.api.photos import ErasureViewSet


def register(router) -> None:
    router.register("datasets", DatasetViewSet, basename="api-dataset")
    router.register(f"photos/(?P<id>{UUID_PATTERN})/erase", ErasureViewSet, basename="api-erasure")
