from django.db.models import Prefetch
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import permissions, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from labeling.api.occurrences import shown_links
from labeling.api.parts import note_threads
from labeling.filters import WaitingFilter
from labeling.queries import room
from species.api.errors import ActionErrors
from species.api.limits import limit_parameter, whole
from species.api.photos import PhotoSummarySerializer
from species.models import Occurrence

USUAL = 10
MOST = 30


class TaskSerializer(serializers.ModelSerializer):
    """An organism that waits for a name, and its photos; nothing of what others say of it, and no model's guess."""

    occurrence = serializers.UUIDField(source="pk", read_only=True)
    photos = serializers.SerializerMethodField()

    class Meta:
        model = Occurrence
        fields = ["occurrence", "observation", "photos"]
        read_only_fields = fields

    @extend_schema_field(PhotoSummarySerializer(many=True))
    def get_photos(self, occurrence):
        photos = [link.photo for link in occurrence.occurrence_photos.all()]
        return PhotoSummarySerializer(photos, many=True, context=self.context).data


class TasksSerializer(serializers.Serializer):
    """`left`: how many wait for whoever asks; `more`: there are more than that, and nobody counts all."""

    left = serializers.IntegerField()
    more = serializers.BooleanField()
    results = TaskSerializer(many=True)


class TaskViewSet(ActionErrors, viewsets.GenericViewSet):
    """What waits for a name from whoever asks, in the order of the labeling room: name it (`/identifications`) or go
    on without a name (`/passes`), and it waits no more.
    """

    queryset = Occurrence.objects.none()
    serializer_class = TasksSerializer
    permission_classes = [permissions.IsAuthenticated]
    filterset_class = WaitingFilter
    pagination_class = None

    def get_queryset(self):
        return room.askable(self.request.user)

    @extend_schema(
        parameters=[
            limit_parameter(MOST),
            OpenApiParameter(
                "without",
                OpenApiTypes.UUID,
                many=True,
                explode=False,
                style="form",
                description="Occurrences that the caller has already, a comma between them.",
            ),
        ],
        responses=TasksSerializer(many=False),
    )
    def list(self, request):
        """The next ones. With the filters of `/occurrences`, out of what these find."""
        person, limit = request.user, whole(request, "limit", USUAL, MOST)
        filterset = DjangoFilterBackend().get_filterset(request, self.get_queryset(), self)
        asked = filterset.checked()
        found = filterset.qs if asked else None
        _, (left, more) = room.progress(person, room.named_today(person), found)
        rows = room.queue(person, found).exclude(pk__in=_held(request))
        rows = list(
            rows.prefetch_related(Prefetch("occurrence_photos", queryset=shown_links(person)))[:limit]
        )
        # Whoever asks for a name is told of these that others gave it.
        note_threads(request, [each.pk for each in rows] if filterset.tells_names else [])
        told = {"left": left, "more": more, "results": rows}
        answer = Response(TasksSerializer(told, context=self.get_serializer_context()).data)
        answer["Cache-Control"] = "private, no-store"
        return answer


def _held(request) -> list[str]:
    said = request.query_params.get("without", "")
    field = serializers.UUIDField()
    try:
        return [field.to_internal_value(each) for each in said.split(",") if each]
    except serializers.ValidationError as error:
        raise ValidationError({"without": error.detail}) from error
