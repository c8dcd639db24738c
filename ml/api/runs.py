"""Training runs as JSON."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from jobs.api import accepted
from ml.actions import runs
from ml.api.permissions import IsAdmin
from ml.models import TrainingRun
from ml.queries import runs as runs_queries
from research.models import Dataset
from species.api.errors import ActionErrors
from species.api.fields import RowField


class RunSerializer(serializers.ModelSerializer):
    dataset = RowField(queryset=Dataset.objects.filter(state=Dataset.State.FROZEN))
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


class RunViewSet(
    ActionErrors,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    """Runs of the training program; an admin starts one on a frozen dataset."""

    scope = TokenScope.ML
    queryset = runs_queries.runs().order_by("created", "id")
    serializer_class = RunSerializer
    lookup_value_regex = UUID_PATTERN

    def get_permissions(self):
        return [IsAdmin()] if self.action == "create" else super().get_permissions()

    @extend_schema(responses={202: RunSerializer})
    def create(self, request):
        """Start one: a job, which `Location` names."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        run = runs.start(by=request.user, **given.validated_data)
        return accepted(run.job, self.get_serializer(run).data)
