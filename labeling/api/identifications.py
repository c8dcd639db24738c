from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import identifications, shown
from labeling.api.parts import LabelField, PersonField, ShowsThreads, UpdatedField, visible_occurrence
from labeling.filters import IdentificationFilter
from labeling.models import Identification, Suggestion
from labeling.queries.listing import visible_to
from species.api.errors import ActionErrors
from species.api.fields import RowField


class IdentificationSerializer(serializers.ModelSerializer):
    """An identification. `withdrawn_at` is null while it stands; `model_on_screen` is whose guess was in sight,
    `others_on_screen` whether what others say was: null where nobody knows.
    """

    person = PersonField()
    taxon = LabelField(read_only=True)
    disagrees_with = LabelField(read_only=True)
    updated = UpdatedField()

    class Meta:
        model = Identification
        fields = [
            "id",
            "occurrence",
            "person",
            "taxon",
            "confidence",
            "disagrees_with",
            "cannot_improve",
            "note",
            "model_on_screen",
            "others_on_screen",
            "created",
            "withdrawn_at",
            "updated",
        ]
        read_only_fields = fields


class IdentificationInput(serializers.Serializer):
    """`taxon` and `disagrees_with` are labels; `suggestion_on_screen` is the id of the guess in sight, and with
    `others_on_screen` so was what others say.

    What the person was shown on this site's pages is known without them. A program that shows people the
    `suggestions`, `identifications`, `rulings` or `verdict` of an occurrence says so here, or takes the cookies that
    come with them along.
    """

    occurrence = visible_occurrence()
    taxon = LabelField()
    confidence = serializers.ChoiceField(Identification.Confidence.choices, required=False)
    disagrees_with = LabelField(required=False, allow_null=True)
    cannot_improve = serializers.BooleanField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    suggestion_on_screen = RowField(queryset=Suggestion.objects.all(), required=False, allow_null=True)
    others_on_screen = serializers.BooleanField(required=False)


class IdentificationViewSet(
    ActionErrors, ShowsThreads, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """What people say. Identifications are never edited: another one takes the former back."""

    scope = TokenScope.IDENTIFY
    batch = (IdentificationInput, IdentificationSerializer)
    queryset = Identification.objects.all()
    serializer_class = IdentificationSerializer
    filterset_class = IdentificationFilter
    held_by = "occurrence__observation"
    lookup_value_regex = UUID_PATTERN
    ordering = ("listed_at", "id")
    changed = ("changed", "id")

    def get_queryset(self):
        rows = Identification.objects.select_related("person", "taxon", "disagrees_with")
        return visible_to(rows, self.request.user)

    @extend_schema(request=IdentificationInput, responses={201: IdentificationSerializer})
    def create(self, request):
        """Say what an occurrence is. The verdict follows at once: see the occurrence."""
        given = IdentificationInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        if request.user.is_authenticated and request.shown_before:
            shown.keep(what=request.shown_before, by=request.user)
        said = identifications.add(by=request.user, **given.validated_data)
        return Response(self.get_serializer(said).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=IdentificationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take back one's own identification. Again is no error."""
        said = identifications.withdraw(identification=self.get_object(), by=request.user)
        return Response(self.get_serializer(said).data)
