from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from jobs.api import accepted
from species.actions import taxon_changes as actions
from species.api.errors import ActionErrors
from species.models import ChangedTaxon, TaxonChange
from species.queries import taxon_changes as queries


class ChangedTaxonSerializer(serializers.ModelSerializer):
    """`areas`, of a split: where a vote from before counts for this name; H3 cells, and west,south,east,north."""

    taxon = serializers.CharField(source="taxon.label")
    areas = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ChangedTaxon
        fields = ["side", "taxon", "areas"]
        read_only_fields = fields


class TaxonChangeSerializer(serializers.ModelSerializer):
    """A merge, split or swap. `taxa` are its names by label, on the sides `old` and `new`. `job` follows it: what
    people said is right again once that is done, and `state` is applied or undone.
    """

    by = serializers.CharField(source="by.display_name", read_only=True)
    taxa = ChangedTaxonSerializer(many=True, read_only=True)
    meeting = serializers.SlugRelatedField(
        "label",
        read_only=True,
        allow_null=True,
        help_text="As what a split counts a vote that no area tells apart.",
    )

    class Meta:
        model = TaxonChange
        fields = [
            *["id", "kind", "state", "reason", "source", "taxa", "meeting", "by", "created"],
            *["begun_at", "applied_at", "undone_at", "job"],
        ]
        read_only_fields = fields


class TaxonLabels(serializers.ListField):
    """Labels of taxa, synonyms too; they become the taxa."""

    child = serializers.SlugField(max_length=80)

    def __init__(self, **options) -> None:
        super().__init__(allow_empty=False, max_length=actions.MOST_TAXA, **options)

    def to_internal_value(self, data):
        labels = super().to_internal_value(data)
        found = {taxon.label: taxon for taxon in queries.by_labels(labels)}
        unknown = [label for label in labels if label not in found]
        if unknown:
            raise serializers.ValidationError(f"No taxon has the label “{unknown[0]}”.")
        return [found[label] for label in labels]


class TaxonChangeInput(serializers.Serializer):
    """`areas`, of a split: by the label of a new name, where votes for the old one count for it."""

    kind = serializers.ChoiceField(choices=TaxonChange.Kind.choices)
    old = TaxonLabels()
    new = TaxonLabels()
    reason = serializers.CharField(max_length=5_000)
    source = serializers.CharField(max_length=300, required=False, allow_blank=True)
    areas = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=100), max_length=200),
        required=False,
    )

    def validate(self, said):
        new = {taxon.label: taxon.pk for taxon in said["new"]}
        areas = said.get("areas", {})
        foreign = [label for label in areas if label not in new]
        if foreign:
            raise serializers.ValidationError({"areas": "An area is given for a name that is not in `new`."})
        return said | {"areas": {new[label]: given for label, given in areas.items()}}


class TouchedSerializer(serializers.Serializer):
    """`count` of what `many` says; `more`: at least so many."""

    many = serializers.CharField()
    count = serializers.IntegerField()
    more = serializers.BooleanField()


@extend_schema_view(
    list=extend_schema(summary="Merges, splits and swaps of names, oldest first"),
    retrieve=extend_schema(summary="One of them"),
)
class TaxonChangeViewSet(
    ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Changes of names that take along what people said. Anybody reads them; admins apply and undo them."""

    scope = TokenScope.REVIEW
    queryset = queries.changes()
    serializer_class = TaxonChangeSerializer
    filterset_fields = ["kind", "state"]
    lookup_value_regex = UUID_PATTERN

    @extend_schema(request=TaxonChangeInput, responses={201: TaxonChangeSerializer})
    def create(self, request):
        """Propose one. For reviewers and admins; nothing is changed yet."""
        given = TaxonChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        change = actions.propose(by=request.user, **given.validated_data)
        return Response(self._told(change), status=status.HTTP_201_CREATED)

    @extend_schema(responses=TouchedSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None, filter_backends=())
    def preview(self, request, pk=None):
        """What it touches: counts, none of which goes beyond 10,000. For reviewers and admins."""
        if not (request.user.is_authenticated and request.user.is_reviewer):
            self.permission_denied(
                request, message="Reviewers and admins see what a change of names touches."
            )
        return Response(TouchedSerializer(queries.preview(self.get_object()), many=True).data)

    @extend_schema(request=None, responses={202: TaxonChangeSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request, pk=None):
        """Change the names now; a `job` takes along what people said. For admins."""
        change = self.get_object()
        actions.apply(change=change, by=request.user)
        return self._accepted(change)

    @extend_schema(request=None, responses={202: TaxonChangeSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        """Put the names back now; a `job` gives back what people said. For admins."""
        change = self.get_object()
        actions.undo(change=change, by=request.user)
        return self._accepted(change)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request, pk=None):
        """Take a proposal away that was not applied. For who made it, and admins."""
        actions.discard(change=self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _accepted(self, change: TaxonChange) -> Response:
        said = self._told(change)
        change.refresh_from_db(fields=["job"])
        return accepted(change.job, said)

    def _told(self, change: TaxonChange) -> dict:
        found = queries.changes().filter(pk=change.pk).first()
        if found is None:
            raise NotFound
        return self.get_serializer(found).data
