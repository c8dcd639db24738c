from django.db.models import Prefetch
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
)
from rest_framework import permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import leases
from labeling.api.occurrences import shown_links
from labeling.api.parts import note_threads
from labeling.filters import WaitingFilter
from labeling.models import Lease
from labeling.queries import leases as queries
from labeling.queries import room
from species.api.errors import ActionErrors
from species.api.limits import limit_parameter, whole
from species.api.photos import PhotoSummarySerializer
from species.api.taxa import MarkSerializer
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


class LeaseInput(serializers.Serializer):
    """`minutes`: how long it is one's own."""

    minutes = serializers.IntegerField(
        min_value=1, max_value=leases.LONGEST, default=leases.USUAL, required=False
    )


class HandedOutSerializer(serializers.Serializer):
    """One task that is one's own until then; `lease` is where it is asked about later. All null: nothing waits."""

    lease = serializers.UUIDField(source="pk", allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    task = TaskSerializer(source="occurrence", allow_null=True)


class FeedbackSerializer(serializers.Serializer):
    """What a reviewer ruled on it and why; `right`: whether that is what one said, null for the name of a group or
    none; `marks` tell it, those first that the name one gave has not."""

    taxon = serializers.CharField(source="taxon.label")
    reason = serializers.CharField()
    right = serializers.BooleanField(allow_null=True)
    marks = MarkSerializer(many=True)


class LeaseSerializer(serializers.Serializer):
    """`answered`: one has named it, or gone on without a name; `feedback`: then, of what a reviewer had ruled on, and
    null of everything else."""

    lease = serializers.UUIDField()
    occurrence = serializers.UUIDField()
    until = serializers.DateTimeField()
    answered = serializers.BooleanField()
    feedback = FeedbackSerializer(allow_null=True)


class TaskViewSet(ActionErrors, viewsets.GenericViewSet):
    """What waits for a name from whoever asks, in the order of the labeling room: name it (`/identifications`) or go
    on without a name (`/passes`), and it waits no more.
    """

    scope = TokenScope.IDENTIFY
    queryset = Occurrence.objects.none()
    lookup_value_regex = UUID_PATTERN
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
        filterset, found = self._found(request)
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

    def _found(self, request):
        """The filters, and what they find of what is askable; None where nothing is asked for."""
        filterset = DjangoFilterBackend().get_filterset(request, self.get_queryset(), self)
        return filterset, filterset.qs if filterset.checked() else None

    @extend_schema(
        request=LeaseInput,
        filters=True,
        responses={200: HandedOutSerializer, 201: HandedOutSerializer},
    )
    @action(detail=False, methods=["post"])
    def next(self, request):
        """One that is one's own for some minutes: never the same again, and never with more people at once than their
        names are of use. With the filters of `/occurrences`, out of what these find. What is neither named nor passed
        over by then is handed to others. Some are ones that a reviewer has ruled on: which, `/tasks/{lease}` says once
        they are answered.
        """
        given = LeaseInput(data=request.data)
        given.is_valid(raise_exception=True)
        person = request.user
        filterset, found = self._found(request)
        lease = leases.take(by=person, found=found, minutes=given.validated_data["minutes"])
        if lease is None:
            return Response(dict.fromkeys(HandedOutSerializer().fields))
        links = Prefetch("occurrence_photos", queryset=shown_links(person))
        lease.occurrence = Occurrence.objects.prefetch_related(links).get(pk=lease.occurrence_id)
        note_threads(request, [lease.occurrence_id] if filterset.tells_names else [])
        told = HandedOutSerializer(lease, context=self.get_serializer_context()).data
        return Response(told, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, "path", description="The `lease` of a task.")],
        responses=LeaseSerializer,
    )
    def retrieve(self, request, pk=None):
        """A task that one was handed, and whether one has answered it. If a reviewer had ruled on it, what is right and
        how that is told.
        """
        lease = Lease.objects.filter(pk=pk, person=request.user).first()
        if lease is None:
            raise Http404
        answered = queries.is_answered(lease)
        feedback = queries.feedback(lease) if answered and lease.is_gold else None
        if feedback is not None:
            # From here on it is no secret to them.
            note_threads(request, [lease.occurrence_id])
        told = {
            "lease": lease.pk,
            "occurrence": lease.occurrence_id,
            "until": lease.until,
            "answered": answered,
            "feedback": feedback,
        }
        return Response(LeaseSerializer(told).data)


def _held(request) -> list[str]:
    said = request.query_params.get("without", "")
    field = serializers.UUIDField()
    try:
        return [field.to_internal_value(each) for each in said.split(",") if each]
    except serializers.ValidationError as error:
        raise ValidationError({"without": error.detail}) from error
