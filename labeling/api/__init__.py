from accounts.api import UUID_PATTERN
from labeling.api import expand
from labeling.api.all_boxed import AllBoxedViewSet
from labeling.api.boxes import BoxViewSet
from labeling.api.cells import CellViewSet
from labeling.api.comments import CommentViewSet
from labeling.api.confusions import ConfusionsViewSet
from labeling.api.field_marks import FieldMarkViewSet
from labeling.api.flags import FlagViewSet
from labeling.api.identifications import IdentificationViewSet
from labeling.api.import_batches import ImportBatchViewSet
from labeling.api.imports import ImportViewSet
from labeling.api.observations import TakenBackViewSet
from labeling.api.occurrences import OccurrenceViewSet
from labeling.api.passes import PassViewSet
from labeling.api.people import UserViewSet
from labeling.api.quality import QualityViewSet
from labeling.api.review import ReviewViewSet
from labeling.api.rulings import RulingViewSet
from labeling.api.sanctions import ReportViewSet, SuspensionViewSet
from labeling.api.suggestions import SuggestionViewSet
from labeling.api.tasks import TaskViewSet
from species.api import expand as species


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    named = {"taxon": species.taxa, "observation": species.observations}
    router.register("occurrences", species.expanding(OccurrenceViewSet, **named), basename="api-occurrence")
    router.register("cells", CellViewSet, basename="api-cell")
    said = {"taxon": species.taxa, "occurrence": expand.occurrences}
    router.register(
        "identifications", species.expanding(IdentificationViewSet, **said), basename="api-identification"
    )
    router.register("imports", ImportViewSet, basename="api-import")
    router.register("rulings", RulingViewSet, basename="api-ruling")
    router.register("flags", FlagViewSet, basename="api-flag")
    router.register("comments", CommentViewSet, basename="api-comment")
    router.register("boxes", BoxViewSet, basename="api-box")
    router.register("field-marks", FieldMarkViewSet, basename="api-field-mark")
    router.register("all_boxed", AllBoxedViewSet, basename="api-all-boxed")
    router.register("suggestions", SuggestionViewSet, basename="api-suggestion")
    router.register("tasks", TaskViewSet, basename="api-task")
    router.register("passes", PassViewSet, basename="api-pass")
    router.register("import-batches", ImportBatchViewSet, basename="api-import-batch")
    router.register("review", ReviewViewSet, basename="api-review")
    router.register("quality", QualityViewSet, basename="api-quality")
    router.register("reports", ReportViewSet, basename="api-report")
    router.register("suspensions", SuspensionViewSet, basename="api-suspension")
    router.register("taxa/(?P<label>[a-z0-9_]+)/confusions", ConfusionsViewSet, basename="api-confusions")
    router.register(
        f"observations/(?P<id>{UUID_PATTERN})/take_back", TakenBackViewSet, basename="api-taken-back"
    )
    router.register("users", UserViewSet, basename="api-user")
