from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import passes
from labeling.api.parts import visible_occurrence
from labeling.filters import PassFilter
from labeling.models import Pass
from species.api.errors import ActionErrors


class PassSerializer(serializers.ModelSerializer):
    reason = serializers.ChoiceField(Pass.Reason.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Pass
        fields = ["id", "occurrence", "kind", "reason", "created", "withdrawn_at"]
        read_only_fields = fields


class PassInput(serializers.Serializer):
    """`reason`: of who can't tell."""

    occurrence = visible_occurrence()
    kind = serializers.ChoiceField(Pass.Kind.choices)
    reason = serializers.ChoiceField(Pass.Reason.choices, required=False)


class PassViewSet(ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What one went on from without naming it: not now, can't tell and why, a bad photo, more than one. No votes, and
    nobody else's business.
    """

    scope = TokenScope.IDENTIFY
    batch = (PassInput, PassSerializer)
    queryset = Pass.objects.none()
    serializer_class = PassSerializer
    permission_classes = [permissions.IsAuthenticated]
    held_by = "occurrence__observation"
    lookup_value_regex = UUID_PATTERN
    filterset_class = PassFilter

    def get_queryset(self):
        return Pass.objects.filter(person=self.request.user.pk)

    @extend_schema(request=PassInput, responses={201: PassSerializer})
    def create(self, request):
        """Say so. The same again is the same one."""
        given = PassInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        passed = passes.add(by=request.user, **given.validated_data)
        return Response(self.get_serializer(passed).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PassSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take it back; one is asked again. Again is no error."""
        return Response(self.get_serializer(passes.withdraw(passed=self.get_object(), by=request.user)).data)
