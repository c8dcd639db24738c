"""What the site has to tell whoever asks, as JSON."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from notices import actions
from notices.models import Notification


class NoticeSerializer(serializers.ModelSerializer):
    """`text` is a sentence; `url` a path on this site, or empty. `created`: when it was last said."""

    class Meta:
        model = Notification
        fields = ["id", "kind", "text", "url", "created", "read_at"]
        read_only_fields = fields


class NoticeFilter(filters.FilterSet):
    unread = filters.ChoiceFilter(method="is_unread", choices=[("true", "Not read"), ("false", "Read")])

    class Meta:
        model = Notification
        fields = ["kind"]

    def is_unread(self, queryset, name, value):
        return queryset.filter(read_at__isnull=value == "true")


class ReadSerializer(serializers.Serializer):
    """How many were not read before."""

    read = serializers.IntegerField()


class NoticeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """One's own notices. One that is said again about the same matter takes the place of what was said before."""

    queryset = Notification.objects.none()
    scope = TokenScope.OBSERVE
    serializer_class = NoticeSerializer
    permission_classes = [permissions.IsAuthenticated]
    filterset_class = NoticeFilter
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self):
        return Notification.objects.of(self.request.user)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def read(self, request, pk=None):
        """It is read. Again is no error."""
        notice = self.get_object()
        actions.mark_read(by=request.user, ids=[notice.pk])
        notice.refresh_from_db()
        return Response(self.get_serializer(notice).data)

    @extend_schema(request=None, responses=ReadSerializer)
    @action(detail=False, methods=["post"])
    def read_all(self, request):
        """Every one is read."""
        return Response({"read": actions.mark_read(by=request.user)})


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    router.register("notices", NoticeViewSet, basename="api-notice")
