from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from jobs.api import accepted
from labeling.filters import SEVERAL, VerifiedFilter
from look import unknown
from research import downloads
from research.actions import datasets
from research.exports import FORMATS
from research.manifest.changes import RELABELLED
from research.models import Dataset
from research.presenters.queries import on_the_map
from research.queries import datasets as datasets_queries
from research.queries import fates, photos, previews
from research.splits.sides import Shares
from species.api.errors import ActionErrors
from species.models import Occurrence, Photo

ASKED = {
    name: {"type": "array", "items": {"type": "integer" if name == "month" else "string"}}
    if name in SEVERAL
    else {"type": "boolean" if name == "drawn" else "string"}
    for name in VerifiedFilter.base_filters
}


@extend_schema_field({"type": "object", "properties": ASKED, "additionalProperties": False})
class QueryField(serializers.Field):
    """What a dataset is asked to hold: filters of `/occurrences` by name, and `licence` and `drawn` of photos.

    Cleans to the query that means them in addresses.
    """

    default_error_messages = {
        "no_table": "Write a table of filters and their values.",
        "no_value": "Write a text, a number, or true or false.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, Mapping):
            self.fail("no_table")
        asked = QueryDict(mutable=True)
        refused = {
            unknown.printable(str(name)): [unknown.sentence(str(name), ASKED)]
            for name in data
            if name not in ASKED
        }
        for name in data.keys() & ASKED.keys():
            try:
                asked.setlist(name, [self._text(each) for each in self._values(name, data[name])])
            except serializers.ValidationError as error:
                refused[name] = error.detail
        if refused:
            raise serializers.ValidationError(refused)
        return photos.canonical(asked)

    def _values(self, name: str, value: Any) -> list[Any]:
        if name == "bbox" and isinstance(value, list):
            return [",".join(self._text(each) for each in value)]
        return value if name in SEVERAL and isinstance(value, list) else [value]

    def _text(self, value: Any) -> str:
        if not isinstance(value, str | int | float) or value == "":
            self.fail("no_value")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def to_representation(self, query: str) -> dict[str, Any]:
        asked = QueryDict(query)
        found: dict[str, Any] = {name: asked[name] for name in asked}
        for name in found.keys() & set(SEVERAL):
            found[name] = [int(each) if name == "month" else each for each in asked.getlist(name)]
        if "drawn" in found:
            found["drawn"] = found["drawn"] == "true"
        return found


class DatasetSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(source="created_by.display_name", read_only=True)
    title = serializers.CharField(max_length=120)
    formats = serializers.SerializerMethodField(help_text="Names of the formats it can be exported in.")
    exports_expire = serializers.SerializerMethodField(
        help_text="Until when its files may be had; null: what is published does not expire."
    )
    query = QueryField(
        required=False, help_text="What it is asked to hold; without it, all that is verified."
    )

    class Meta:
        model = Dataset
        fields = [
            "id",
            "title",
            "version",
            "state",
            "note",
            "query",
            "content_hash",
            "created_by",
            "created",
            "frozen_at",
            "retired_reason",
            "summary",
            "formats",
            "exports_expire",
        ]
        read_only_fields = [name for name in fields if name not in ("title", "note", "query")]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_exports_expire(self, dataset) -> None:
        return None

    def get_formats(self, dataset) -> list[str]:
        return list(FORMATS) if dataset.state == Dataset.State.FROZEN else []


class ExportQuery(serializers.Serializer):
    images = serializers.BooleanField(default=True)


class ChangesQuery(serializers.Serializer):
    since = serializers.PrimaryKeyRelatedField(queryset=Dataset.objects.all())


class RemovedSerializer(serializers.Serializer):
    photo = serializers.UUIDField()
    because = serializers.ChoiceField(choices=list(fates.REASONS.items()))


class RelabelledSerializer(serializers.Serializer):
    occurrence = serializers.UUIDField()
    to = serializers.CharField()
    because = serializers.ChoiceField(choices=list(RELABELLED.items()))

    def get_fields(self):
        # A word of Python's, so it cannot be written as the others.
        return super().get_fields() | {"from": serializers.CharField()}


class ChangeCountsSerializer(serializers.Serializer):
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    relabelled = serializers.IntegerField()
    removed_by = serializers.DictField(child=serializers.IntegerField())


class ChangesSerializer(serializers.Serializer):
    since = serializers.UUIDField()
    added = serializers.ListField(child=serializers.UUIDField(), help_text="Photos.")
    removed = RemovedSerializer(many=True)
    relabelled = RelabelledSerializer(many=True)
    counts = ChangeCountsSerializer()


class RetireSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class PreviewSerializer(serializers.Serializer):
    """Counts, none of which is of more than the first 5,000 organisms (`more`); `left_out` and `split` are null then.

    `map`: where the same organisms are seen on a map.
    """

    query = QueryField()
    organisms = serializers.IntegerField()
    more = serializers.BooleanField(help_text="There are more organisms than were counted.")
    photos = serializers.IntegerField()
    classes = serializers.DictField(child=serializers.IntegerField(), help_text="Label to organisms.")
    licences = serializers.DictField(child=serializers.IntegerField(), help_text="Licence to photos.")
    left_out = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="Photos that are asked for and stay out, by the first reason that holds.",
    )
    split = serializers.DictField(allow_null=True, help_text="How it would be divided; see docs/splits.md.")
    map = serializers.CharField()


class DatasetFilter(filters.FilterSet):
    photo = filters.UUIDFilter(method="with_photo", label="Published with this photo")

    class Meta:
        model = Dataset
        fields = ["state"]

    def with_photo(self, found, name, photo):
        return found.filter(pk__in=datasets_queries.datasets_containing(Photo(pk=photo)).values("pk"))


class IsResearcher(permissions.IsAuthenticated):
    message = "Only researchers and admins freeze datasets."

    def has_permission(self, request, view):
        return super().has_permission(request, view) and request.user.is_researcher


class IsResearcherToFreeze(permissions.IsAuthenticatedOrReadOnly):
    message = IsResearcher.message

    def has_permission(self, request, view):
        return request.method in permissions.SAFE_METHODS or IsResearcher().has_permission(request, view)


ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}
MANIFEST = {(200, "application/json"): OpenApiTypes.OBJECT}


@extend_schema_view(
    list=extend_schema(summary="Datasets, oldest first"),
    retrieve=extend_schema(summary="One dataset with its counts and leak report"),
)
class DatasetViewSet(
    ActionErrors,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """Frozen datasets. Anybody may look; the files are for people who are signed in."""

    scope = TokenScope.EXPORT
    scopes = {
        "preview": TokenScope.EXPORT,
        "changes": TokenScope.EXPORT,
        "manifest": TokenScope.EXPORT,
        "export": TokenScope.EXPORT,
    }
    queryset = datasets_queries.datasets().order_by("created", "id")
    serializer_class = DatasetSerializer
    lookup_value_regex = UUID_PATTERN
    permission_classes = [IsResearcherToFreeze]
    filterset_class = DatasetFilter

    @extend_schema(
        summary="Freeze a new version from what is verified now", responses={202: DatasetSerializer}
    )
    def create(self, request):
        """A job does it, which `Location` names; the dataset is `frozen` when that is done."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        dataset = datasets.freeze(by=request.user, **given.validated_data)
        return accepted(dataset.job, self.get_serializer(dataset).data)

    @extend_schema(
        summary="What a dataset of these would hold now", responses=PreviewSerializer, filters=True
    )
    @action(
        detail=False,
        queryset=Occurrence.objects.all(),
        filterset_class=VerifiedFilter,
        pagination_class=None,
        permission_classes=[IsResearcher],
    )
    def preview(self, request):
        query = photos.canonical(request.query_params)
        found = previews.preview(
            photos.wanted(query), settings.DATASET_SALT, Shares(*settings.DATASET_SHARES)
        )
        said = vars(found) | {"query": query, "map": on_the_map(query)}
        return Response(PreviewSerializer(said, context=self.get_serializer_context()).data)

    @extend_schema(summary="The manifest", responses=MANIFEST)
    @action(detail=True, permission_classes=[permissions.IsAuthenticated])
    def manifest(self, request, pk=None):
        return self._send(downloads.manifest_file, self.get_object())

    @extend_schema(
        summary="The dataset in a format, as a zip",
        responses=ZIP,
        parameters=[
            OpenApiParameter("name", location="path", enum=list(FORMATS)),
            OpenApiParameter("images", bool, description="With the photos in it; without it, yes."),
            OpenApiParameter(
                "Want-Repr-Digest",
                location="header",
                description="`sha-256=1`: `Repr-Digest` says the sha256 of the whole, however large. Up to 64 MB it "
                "says so by itself.",
            ),
        ],
    )
    @action(
        detail=True, url_path=r"exports/(?P<name>[a-z]+)", permission_classes=[permissions.IsAuthenticated]
    )
    def export(self, request, pk=None, name=""):
        if name not in FORMATS:
            raise NotFound(f"There is no format {name}; there are {', '.join(FORMATS)}.")
        pictures = ExportQuery(data=request.query_params)
        pictures.is_valid(raise_exception=True)
        chosen = FORMATS[name], pictures.validated_data["images"]
        return self._send(downloads.export, request, self.get_object(), *chosen)

    @extend_schema(
        summary="What changed since another version",
        responses=ChangesSerializer,
        parameters=[
            OpenApiParameter("since", OpenApiTypes.UUID, required=True, description="Another dataset's id.")
        ],
    )
    @action(detail=True, filterset_class=None, permission_classes=[permissions.IsAuthenticated])
    def changes(self, request, pk=None):
        """Photos that were added and removed, and why; organisms that are called otherwise, and why."""
        asked = ChangesQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return self._send(
            lambda *those: Response(downloads.changed(*those)),
            self.get_object(),
            asked.validated_data["since"],
        )

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
