from research.api.datasets import DatasetViewSet


def register(router) -> None:
    router.register("datasets", DatasetViewSet, basename="api-dataset")
