"""Models, runs and predictions as JSON: calibrated, unrounded, signed."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.response import Response
from rest_framework.settings import api_settings

from ml import queries, serving
from ml.actions import opinions, promotions, runs
from ml.models import Model, TrainingRun
from research.models import Dataset
from species import ingest
from species.api.answers import ActionErrors
from species.decoder import TRY_AGAIN, DecoderFailed
from species.imaging import ImageRefused
from species.models import Taxon


class IsAdmin(BasePermission):
    def has_permission(self, request, view):
        return request.user.is_authenticated and request.user.is_admin


class ComeBack(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE

    def __init__(self, detail: str, wait: int = 5) -> None:
        super().__init__(detail)
        self.wait = wait


class ModelSerializer(serializers.ModelSerializer):
    dataset = serializers.UUIDField(source="run.dataset_id", read_only=True)
    dataset_hash = serializers.CharField(source="run.dataset.content_hash", read_only=True)
    metrics = serializers.JSONField(source="run.metrics", read_only=True)
    live = serializers.SerializerMethodField()

    class Meta:
        model = Model
        fields = [
            *["id", "name", "version", "architecture", "classes", "sha256", "dataset", "dataset_hash"],
            *["metrics", "card", "live", "created"],
        ]

    def get_live(self, model) -> bool:
        return any(promotion.ended_at is None for promotion in model.promotions.all())


class RunSerializer(serializers.ModelSerializer):
    dataset = serializers.PrimaryKeyRelatedField(queryset=Dataset.objects.filter(state=Dataset.State.FROZEN))
    state = serializers.CharField(source="job.state", read_only=True, default="done")
    message = serializers.CharField(source="job.message", read_only=True, default="")
    model = serializers.SerializerMethodField()

    class Meta:
        model = TrainingRun
        fields = [
            *["id", "kind", "dataset", "options", "state", "message", "metrics", "history", "model"],
            *["created", "finished_at"],
        ]
        read_only_fields = ["metrics", "history", "finished_at"]

    def validate_options(self, options):
        if not isinstance(options, dict):
            raise serializers.ValidationError('Options are named, e.g. {"arch": "resnet34"}.')
        return options

    def get_model(self, run) -> str | None:
        return str(run.model.pk) if hasattr(run, "model") else None


class PromoteSerializer(serializers.Serializer):
    reason = serializers.CharField()


class ModelViewSet(ActionErrors, viewsets.ReadOnlyModelViewSet):
    queryset = queries.models().order_by("created", "id")
    serializer_class = ModelSerializer

    @extend_schema(request=PromoteSerializer, responses=ModelSerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAdmin])
    def promote(self, request, pk=None):
        """Put this model live. 400 when its folder is broken; nothing changes then."""
        said = PromoteSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        model = self.get_object()
        promotions.promote(model=model, by=request.user, reason=said.validated_data["reason"])
        return Response(self.get_serializer(self.get_queryset().get(pk=model.pk)).data)

    @extend_schema(request=None, responses=ModelSerializer)
    @action(detail=False, methods=["post"], permission_classes=[IsAdmin])
    def roll_back(self, request):
        """Put the model live that was live before this one."""
        promotion = promotions.roll_back(by=request.user)
        return Response(self.get_serializer(self.get_queryset().get(pk=promotion.model_id)).data)


class RunViewSet(
    ActionErrors,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet,
):
    queryset = queries.runs().order_by("created", "id")
    serializer_class = RunSerializer

    def get_permissions(self):
        return [IsAdmin()] if self.action == "create" else super().get_permissions()

    def perform_create(self, serializer):
        serializer.instance = runs.start(by=self.request.user, **serializer.validated_data)


class PredictionSerializer(serializers.Serializer):
    """`taxon` is null when it is none of these, `rolled_up` when it is coarser than the first guess."""

    model = serializers.CharField()
    dataset_hash = serializers.CharField()
    threshold = serializers.FloatField()
    taxon = serializers.CharField(allow_null=True)
    rolled_up = serializers.BooleanField()
    predictions = serializers.ListField(child=serializers.DictField())


class PhotoPart(serializers.Serializer):
    file = serializers.FileField()


class PredictionViewSet(viewsets.GenericViewSet):
    """What the live model says of a photo that is looked at once and forgotten."""

    serializer_class = PredictionSerializer
    permission_classes = [AllowAny]
    # A prediction changes nothing, so a session cookie must not drag a CSRF token in.
    authentication_classes = [api_settings.DEFAULT_AUTHENTICATION_CLASSES[0]]
    parser_classes = [MultiPartParser]

    @extend_schema(request=PhotoPart, responses=PredictionSerializer)
    def create(self, request):
        file = request.FILES.get("file") or request.FILES.get("image")
        if file is None:
            raise ParseError("Send the photo as multipart form data, in a part called file.")
        try:
            prediction = serving.get_server().predict(ingest.read(file))
        except ImageRefused as error:
            raise ParseError(str(error)) from error
        except serving.Busy as error:
            raise ComeBack(str(error), wait=error.retry_after) from error
        except serving.NoLiveModel as error:
            raise ComeBack(str(error)) from error
        except DecoderFailed as error:
            raise ComeBack(TRY_AGAIN) from error
        live = prediction.live
        answer = opinions.read(prediction.ranked, live=live)
        label = Taxon.objects.filter(pk=answer.taxon).values_list("label", flat=True).first()
        return Response(
            {
                "model": live.name,
                "dataset_hash": live.dataset_hash,
                "threshold": live.threshold,
                "taxon": label,
                "rolled_up": answer.rolled_up,
                "predictions": [
                    {"label": label, "probability": probability} for label, probability in answer.ranked
                ],
            }
        )


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    router.register("models", ModelViewSet, basename="api-model")
    router.register("runs", RunViewSet, basename="api-run")
    router.register("predictions", PredictionViewSet, basename="api-prediction")
