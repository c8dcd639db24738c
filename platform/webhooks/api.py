from uuid import UUID

from django.http import Http404
from django.utils.cache import patch_cache_control
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN, Refusals
from accounts.token_scopes import TokenScope
from webhooks import actions, queries
from webhooks.events import EVENTS
from webhooks.models import Delivery, Endpoint, Outcome


def events_field(**options) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=list(EVENTS)), allow_empty=False, **options
    )


class WebhookSerializer(serializers.ModelSerializer):
    events = events_field()

    class Meta:
        model = Endpoint
        fields = [
            *["id", "url", "description", "events", "only_mine", "active", "disabled_at", "disabled_reason"],
            *["failing_since", "tried_at", "created"],
        ]
        read_only_fields = fields


class WebhookWithSecret(WebhookSerializer):
    """`secret` signs what is sent. It is told this once."""

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class WebhookInput(serializers.Serializer):
    url = serializers.CharField(max_length=2000)
    events = events_field()
    description = serializers.CharField(required=False, allow_blank=True, max_length=Endpoint.NAME_LENGTH)
    only_mine = serializers.BooleanField(required=False)


class WebhookChange(WebhookInput):
    active = serializers.BooleanField(required=False)


class AttemptSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()


class DeliverySerializer(serializers.ModelSerializer):
    """`message` is the `webhook-id` that was sent, `log` the last attempts."""

    type = serializers.CharField(source="message.type", read_only=True)
    payload = serializers.JSONField(source="message.payload", read_only=True)
    outcome = serializers.ChoiceField(choices=Outcome.choices, read_only=True)
    log = AttemptSerializer(many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = [
            *[
                "id",
                "message",
                "type",
                "payload",
                "outcome",
                "attempts",
                "next_at",
                "delivered_at",
                "failed_at",
            ],
            *["last_status", "last_error", "log", "created"],
        ]
        read_only_fields = fields


class DeliveryFilter(filters.FilterSet):
    outcome = filters.ChoiceFilter(choices=Outcome.choices, method="that")

    class Meta:
        model = Delivery
        fields: list[str] = []

    def that(self, rows, name, outcome):
        return rows.that(outcome)


@extend_schema_view(
    list=extend_schema(summary="One's own webhooks"), retrieve=extend_schema(summary="One of them")
)
class WebhookViewSet(Refusals, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Where one's own programs are told what happens here, as Standard Webhooks has it."""

    queryset = Endpoint.objects.none()
    scope = TokenScope.OBSERVE
    serializer_class = WebhookSerializer
    permission_classes = [permissions.IsAuthenticated]
    lookup_value_regex = UUID_PATTERN
    # A name is looked up meanwhile: held, that would keep all others from writing.
    compared_unheld = ("partial_update",)

    def get_queryset(self):
        return queries.of(self.request.user)

    @extend_schema(request=WebhookInput, responses={201: WebhookWithSecret})
    def create(self, request):
        """Have a program told. The answer holds the `secret` that signs; it is told this once."""
        endpoint = actions.add(by=request.user, **self._given(WebhookInput))
        return self._with_secret(endpoint, status.HTTP_201_CREATED)

    @extend_schema(request=WebhookChange, responses=WebhookSerializer)
    def partial_update(self, request, pk=None):
        """Say it otherwise, or switch it on or off (`active`)."""
        given = self._given(WebhookChange, partial=True)
        return self._told(actions.change(endpoint=self.get_object(), by=request.user, **given))

    def destroy(self, request, pk=None):
        """Nothing is sent there any more, and what was sent is forgotten."""
        actions.delete(endpoint=self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=WebhookWithSecret)
    @action(detail=True, methods=["post"])
    def rotate(self, request, pk=None):
        """Another secret, told this once. For a day the former one signs as well."""
        return self._with_secret(actions.rotate(endpoint=self.get_object(), by=request.user))

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request, pk=None):
        """Send it a `ping`, in some seconds."""
        delivery = actions.ping(endpoint=self.get_object(), by=request.user)
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)

    def _given(self, serializer, **options) -> dict:
        given = serializer(data=self.request.data, **options)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def _told(self, endpoint: Endpoint) -> Response:
        return Response(self.get_serializer(endpoint).data)

    def _with_secret(self, endpoint: Endpoint, code: int = status.HTTP_200_OK) -> Response:
        answer = Response(WebhookWithSecret(endpoint).data, status=code)
        patch_cache_control(answer, private=True, no_store=True)
        return answer


class DeliveryViewSet(Refusals, mixins.ListModelMixin, viewsets.GenericViewSet):
    """What was sent to one of one's webhooks, or is to be, and how that went. It is kept for 30 days."""

    queryset = Delivery.objects.none()
    scope = TokenScope.OBSERVE
    serializer_class = DeliverySerializer
    permission_classes = [permissions.IsAuthenticated]
    filterset_class = DeliveryFilter
    lookup_value_regex = UUID_PATTERN
    order = "newest"

    def get_queryset(self):
        endpoint = self.kwargs.get("endpoint")
        if endpoint is None:  # while the API describes itself
            return self.queryset
        if not queries.of(self.request.user).filter(pk=endpoint).exists():
            raise Http404
        return queries.deliveries(self.request.user, UUID(endpoint))

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request, endpoint=None, pk=None):
        """Send it again, at once, under the same `webhook-id`."""
        delivery = actions.replay(delivery=self.get_object(), by=request.user)
        return Response(self.get_serializer(delivery).data, status=status.HTTP_202_ACCEPTED)


def register(router) -> None:
    router.register("webhooks", WebhookViewSet, basename="api-webhook")
    router.register(
        f"webhooks/(?P<endpoint>{UUID_PATTERN})/deliveries", DeliveryViewSet, basename="api-delivery"
    )
