from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from research import downloads
from research.actions import datasets
from research.exports import FORMATS
from research.models import Dataset
from research.queries import datasets as datasets_queries
from species.api.errors import ActionErrors
from species.models import Photo


class DatasetSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(source="created_by.display_name", read_only=True)
    title = serializers.CharField(max_length=120)
    formats = serializers.SerializerMethodField(help_text="Names of the formats it can be exported in.")

    class Meta:
        model = Dataset
        fields = [
            "id",
            "title",
            "version",
            "state",
            "note",
            "content_hash",
            "created_by",
            "created",
            "frozen_at",
            "retired_reason",
            "summary",
            "formats",
        ]
        read_only_fields = [name for name in fields if name not in ("title", "note")]

    def get_formats(self, dataset) -> list[str]:
        return list(FORMATS) if dataset.state == Dataset.State.FROZEN else []


class RetireSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class DatasetFilter(filters.FilterSet):
    photo = filters.UUIDFilter(method="with_photo", label="Published with this photo")

    class Meta:
        model = Dataset
        fields = ["state"]

    def with_photo(self, found, name, photo):
        return found.filter(pk__in=datasets_queries.datasets_containing(Photo(pk=photo)).values("pk"))


class IsResearcherToFreeze(permissions.IsAuthenticatedOrReadOnly):
    message = "Only researchers and admins freeze datasets."

    def has_permission(self, request, view):
        if request.method in permissions.SAFE_METHODS:
            return True
        return request.user.is_authenticated and request.user.is_researcher


ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}
MANIFEST = {(200, "application/json"): OpenApiTypes.OBJECT}


@extend_schema_view(
    list=extend_schema(summary="Datasets, oldest first"),
    retrieve=extend_schema(summary="One dataset with its counts and leak report"),
    create=extend_schema(summary="Freeze a new version from what is verified now"),
)
class DatasetViewSet(
    ActionErrors,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet,
):
    """Frozen datasets. Anybody may look; the files are for people who are signed in."""

    scope = TokenScope.EXPORT
    scopes = {"manifest": TokenScope.EXPORT, "export": TokenScope.EXPORT}
    queryset = datasets_queries.datasets().order_by("created", "id")
    serializer_class = DatasetSerializer
    lookup_value_regex = UUID_PATTERN
    permission_classes = [IsResearcherToFreeze]
    filterset_class = DatasetFilter

    def perform_create(self, serializer):
        serializer.instance = datasets.freeze(by=self.request.user, **serializer.validated_data)

    @extend_schema(summary="The manifest", responses=MANIFEST)
    @action(detail=True, permission_classes=[permissions.IsAuthenticated])
    def manifest(self, request, pk=None):
        return self._send(downloads.manifest_file, self.get_object())

    @extend_schema(
        summary="The dataset in a format, as a zip",
        responses=ZIP,
        parameters=[OpenApiParameter("name", location="path", enum=list(FORMATS))],
    )
    @action(
        detail=True, url_path=r"exports/(?P<name>[a-z]+)", permission_classes=[permissions.IsAuthenticated]
    )
    def export(self, request, pk=None, name=""):
        if name not in FORMATS:
            raise NotFound(f"There is no format {name}; there are {', '.join(FORMATS)}.")
        return self._send(downloads.export, self.get_object(), FORMATS[name])

    @extend_schema(request=RetireSerializer, responses=DatasetSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request, pk=None):
        """Take a published dataset back, with a reason: its files answer 410 from then on, and it stays listed."""
        given = RetireSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        dataset = datasets.retire(dataset=self.get_object(), by=request.user, **given.validated_data)
        return Response(self.get_serializer(dataset).data)

    def _send(self, make, *arguments):
        try:
            return make(*arguments)
        except downloads.NotAvailable as error:
            return Response({"detail": error.why}, status=error.status)
