from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.api.parts import PersonField
from labeling.queries import import_batches as queries
from species.actions import import_batches as actions
from species.api.errors import ActionErrors
from species.models import BatchWithdrawal, ImportBatch


class BatchWithdrawalSerializer(serializers.ModelSerializer):
    """Who withdrew it and why; it is not shown to anybody but reviewers until it is restored."""

    by = PersonField()

    class Meta:
        model = BatchWithdrawal
        fields = ["by", "reason", "created"]
        read_only_fields = fields


class ImportBatchSerializer(serializers.ModelSerializer):
    """One import of a collection: `source` is the collection, `operator` who ran it and answers for licence and
    consents. `withdrawal` is null where it stands.
    """

    source = PersonField()
    operator = PersonField()
    consents = serializers.ListField(child=serializers.CharField(), read_only=True)
    withdrawal = serializers.SerializerMethodField()

    class Meta:
        model = ImportBatch
        fields = ["id", "source", "operator", "licence", "credit", "consents", "created", "withdrawal"]
        read_only_fields = fields

    @extend_schema_field(BatchWithdrawalSerializer(allow_null=True))
    def get_withdrawal(self, batch):
        return BatchWithdrawalSerializer(batch.standing[0]).data if batch.standing else None


class FiguresSerializer(serializers.Serializer):
    """Of what is published of it, 10,000 of each at most; `more`: at least one was not counted to its end."""

    sightings = serializers.IntegerField()
    shown = serializers.IntegerField()
    photos = serializers.IntegerField()
    verified = serializers.IntegerField()
    needs_id = serializers.IntegerField()
    disputed = serializers.IntegerField()
    more = serializers.BooleanField()


class WithdrawInput(serializers.Serializer):
    reason = serializers.CharField(max_length=actions.LONGEST)


class ImportBatchViewSet(
    ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Imports of collections as a whole. For reviewers."""

    scope = TokenScope.REVIEW
    scopes = dict.fromkeys(("list", "retrieve", "figures"), TokenScope.REVIEW)
    queryset = ImportBatch.objects.all()
    serializer_class = ImportBatchSerializer
    permission_classes = [permissions.IsAuthenticated]
    lookup_value_regex = UUID_PATTERN
    filter_backends = ()

    def check_permissions(self, request):
        super().check_permissions(request)
        if not request.user.is_reviewer:
            raise PermissionDenied(actions.FOR_REVIEWERS)

    def get_queryset(self):
        return queries.batches()

    @extend_schema(responses=FiguresSerializer)
    @action(detail=True, methods=["get"])
    def figures(self, request, pk=None):
        """How much came with it, and what became of it."""
        found = queries.figures(self.get_object())
        return Response(FiguresSerializer(found._asdict() | {"more": found.more}).data)

    @extend_schema(request=WithdrawInput, responses=ImportBatchSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Show nobody but reviewers what came with it, and give it to no new dataset or model."""
        given = WithdrawInput(data=request.data)
        given.is_valid(raise_exception=True)
        actions.withdraw(batch=self.get_object(), by=request.user, **given.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=ImportBatchSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request, pk=None):
        """Show again what came with it. Again is no error."""
        actions.restore(batch=self.get_object(), by=request.user)
        return Response(self.get_serializer(self.get_object()).data)
