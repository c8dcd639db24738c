"""Models, runs and predictions as JSON, and the routes of three earlier systems (`legacy`)."""

from ml.api.models import ModelViewSet
from ml.api.predictions import BatchViewSet, PredictedViewSet, PredictionViewSet
from ml.api.runs import RunViewSet


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    router.register("models", ModelViewSet, basename="api-model")
    router.register("runs", RunViewSet, basename="api-run")
    router.register("predictions", PredictionViewSet, basename="api-prediction")
    router.register("predictions", PredictedViewSet, basename="api-predicted")
    router.register("predictions:batch", BatchViewSet, basename="api-prediction-batch")
