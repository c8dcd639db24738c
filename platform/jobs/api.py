from typing import Any

from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from jobs import actions, queries
from jobs.models import Job, State
from jobs.registry import find, kinds


def accepted(job: Job, data: Any) -> Response:
    """What every operation answers that starts a job: 202, `Location` is the job's, and `data` says what it is for."""
    address = reverse("api-job-detail", args=[job.pk])
    return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": address})


class JobSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="__str__", read_only=True)
    result = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "title",
            "state",
            "progress_done",
            "progress_total",
            "message",
            "attempts",
            "max_attempts",
            "cancel_requested",
            "after",
            "created",
            "started_at",
            "finished_at",
            "result",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_result(self, job):
        """Where its owner finds what came of it, once it is done; null of most kinds."""
        kind = find(job.kind)
        if kind is None or not kind.result or job.state != State.DONE:
            return None
        address = reverse(kind.result, args=[job.pk])
        request = self.context.get("request")
        return request.build_absolute_uri(address) if request else address


class JobFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=lambda: [(kind, kind) for kind in kinds()])

    class Meta:
        model = Job
        fields = ["state"]


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One's own background jobs; an admin's are everybody's."""

    scope = TokenScope.EXPORT
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    permission_classes = [permissions.IsAuthenticated]
    filterset_class = JobFilter
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self):
        return queries.visible_to(self.request.user)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Stop a job: at once if it waits, at its next report if it runs."""
        return Response(self.get_serializer(self._act(actions.cancel)).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request, pk=None):
        """Try a failed or stopped job again."""
        tried = self._act(actions.retry)
        return accepted(tried, self.get_serializer(tried).data)

    def _act(self, change) -> Job:
        try:
            return change(job=self.get_object(), by=self.request.user)
        except actions.NotPossible as refusal:
            raise ValidationError({"detail": refusal.message}) from refusal


def register(router) -> None:
    router.register("jobs", JobViewSet, basename="api-job")
