from labeling.api.boxes import BoxViewSet
from labeling.api.flags import FlagViewSet
from labeling.api.identifications import IdentificationViewSet
from labeling.api.occurrences import OccurrenceViewSet
from labeling.api.rulings import RulingViewSet


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    router.register("occurrences", OccurrenceViewSet, basename="api-occurrence")
    router.register("identifications", IdentificationViewSet, basename="api-identification")
    router.register("rulings", RulingViewSet, basename="api-ruling")
    router.register("flags", FlagViewSet, basename="api-flag")
    router.register("boxes", BoxViewSet, basename="api-box")
