"""Models as JSON."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from ml.actions import promotions
from ml.api.permissions import IsAdmin
from ml.models import Model
from ml.queries import models
from species.api.errors import ActionErrors


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


class PromoteSerializer(serializers.Serializer):
    reason = serializers.CharField()


class ModelViewSet(ActionErrors, viewsets.ReadOnlyModelViewSet):
    """Every model that was trained here, with its card and what it measured."""

    scope = TokenScope.ML
    queryset = models.models().order_by("created", "id")
    serializer_class = ModelSerializer
    lookup_value_regex = UUID_PATTERN

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
