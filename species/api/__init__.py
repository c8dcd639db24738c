from species.api import expand
from species.api.deletions import DeletionViewSet
from species.api.observations import ObservationViewSet
from species.api.photos import PhotoViewSet
from species.api.places import PlaceViewSet
from species.api.stats import StatsViewSet
from species.api.taxa import TaxonViewSet
from species.api.taxon_changes import TaxonChangeViewSet
from species.api.trips import TripViewSet
from species.api.uploads import UploadViewSet


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    router.register("taxa", TaxonViewSet, basename="api-taxon")
    router.register("taxon-changes", TaxonChangeViewSet, basename="api-taxon-change")
    router.register(
        "observations",
        expand.expanding(ObservationViewSet, taxon=expand.taxa, trip=expand.trips),
        basename="api-observation",
    )
    router.register(
        "photos", expand.expanding(PhotoViewSet, observation=expand.observations), basename="api-photo"
    )
    router.register("uploads", UploadViewSet, basename="api-upload")
    router.register("deletions", DeletionViewSet, basename="api-deletion")
    router.register("places", PlaceViewSet, basename="api-place")
    router.register("trips", TripViewSet, basename="api-trip")
    router.register("stats", StatsViewSet, basename="api-stats")
