from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN, TrueOrFalse
from accounts.models import User
from accounts.token_scopes import TokenScope
from labeling.actions import rulings
from labeling.api.parts import LabelField, PersonField, ShowsThreads, UpdatedField, visible_occurrence
from labeling.filters import RulingFilter
from labeling.models import Ruling
from labeling.queries.listing import visible_to
from labeling.queries.rulings import Overruled
from species.api.errors import ActionErrors
from species.api.fields import RowField


class RulingSerializer(serializers.ModelSerializer):
    """A decision on one `occurrence` (no `taxon`: it can't be settled), or trust in a `source` as a whole."""

    source = PersonField()
    taxon = LabelField(read_only=True)
    reviewer = PersonField()
    updated = UpdatedField()

    class Meta:
        model = Ruling
        fields = [
            "id",
            "occurrence",
            "source",
            "taxon",
            "reviewer",
            "reason",
            "created",
            "withdrawn_at",
            "updated",
        ]
        read_only_fields = fields


class RulingInput(serializers.Serializer):
    """Either `occurrence` with `taxon` (null: it can't be settled), or `source`, an imported collection."""

    occurrence = visible_occurrence()
    source = RowField(queryset=User.objects.filter(is_source=True), required=False, allow_null=True)
    taxon = LabelField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=5000)
    confirmed = TrueOrFalse(
        required=False,
        default=False,
        help_text="True: it is meant, although it overrules two people or more, or names no species.",
    )

    def get_fields(self):
        fields = super().get_fields()
        fields["occurrence"].required = False
        return fields

    def validate(self, said):
        occurrence, source = said.get("occurrence"), said.get("source")
        if (occurrence is None) == (source is None):
            raise serializers.ValidationError("Rule on one occurrence or on one source.")
        if occurrence is not None and "taxon" not in said:
            raise serializers.ValidationError({"taxon": "Name it, or send null: it can't be settled."})
        if source is not None and said.get("taxon") is not None:
            raise serializers.ValidationError({"taxon": "Trust in a source names no taxon."})
        return said


class AskedTwice(exceptions.APIException):
    """409: it is done once the same is sent with `confirmed`."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, overruled: Overruled) -> None:
        super().__init__(f"{overruled.sentence} Send confirmed: true to mean it.", "unconfirmed")


class RulingViewSet(
    ActionErrors, ShowsThreads, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Reviewers' decisions, each with its reason, for everybody to read."""

    scope = TokenScope.REVIEW
    batch = (RulingInput, RulingSerializer)
    queryset = Ruling.objects.all()
    serializer_class = RulingSerializer
    held_by = "occurrence__observation"
    lookup_value_regex = UUID_PATTERN
    filterset_class = RulingFilter
    ordering = ("listed_at", "id")
    changed = ("changed", "id")
    said_by = "reviewer_id"

    def get_queryset(self):
        return visible_to(Ruling.objects.select_related("source", "taxon", "reviewer"), self.request.user)

    @extend_schema(request=RulingInput, responses={201: RulingSerializer})
    def create(self, request):
        """Rule. For reviewers, and never on their own upload.

        What overrules two people or more, or names no species, is a 409 with the code `unconfirmed` that says whom it
        overrules, unless `confirmed` is true.
        """
        given = RulingInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        said = given.validated_data
        if said.get("source") is not None:
            ruling = rulings.trust(source=said["source"], reason=said["reason"], by=request.user)
        else:
            try:
                ruling = rulings.rule(
                    occurrence=said["occurrence"],
                    taxon=said["taxon"],
                    reason=said["reason"],
                    confirmed=said["confirmed"],
                    by=request.user,
                )
            except rulings.Unconfirmed as asked:
                raise AskedTwice(asked.overruled) from asked
        return Response(self.get_serializer(ruling).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=RulingSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take a ruling back; what people say decides again. Again is no error."""
        ruling = rulings.withdraw(ruling=self.get_object(), by=request.user)
        return Response(self.get_serializer(ruling).data)
