from collections.abc import Sequence

from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from labeling.filters import SuggestionFilter
from labeling.models import Suggestion, digest
from labeling.queries.suggestions import guesses, taxa_of
from species.models import photo_visible_to
from species.queries import taxa


class SuggestionSerializer(serializers.ModelSerializer):
    """A model's guess at one photo: never an identification. No `taxon`: none of what it knows."""

    taxon = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()

    class Meta:
        model = Suggestion
        fields = ["id", "photo", "source", "dataset_hash", "answers", "taxon", "uncertainty", "created"]
        read_only_fields = fields

    def get_taxon(self, suggestion) -> str | None:
        return taxa.accepted(suggestion.taxon).label if suggestion.taxon else None

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_answers(self, suggestion):
        """By the labels that taxa have today."""
        named = guesses(suggestion, self.context["taxa"])
        return [{"label": each.label, "probability": each.probability} for each in named]


class SuggestionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What models say of whole photos. Whoever reads them has seen them, which is kept with what they say later."""

    queryset = Suggestion.objects.all()
    serializer_class = SuggestionSerializer
    filterset_class = SuggestionFilter
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self):
        rows = Suggestion.objects.filter(region=None).select_related("taxon__synonym_of", "photo")
        return rows.filter(photo_visible_to(self.request.user, "photo__"))

    def list(self, request):
        """Of one photo or organism, the oldest first."""
        if not {"photo", "occurrence"} & request.query_params.keys():
            raise ValidationError("Say of which photo or which occurrence.")
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._told(page))

    def retrieve(self, request, pk=None):
        """One of them."""
        return Response(self._told([self.get_object()])[0])

    def _told(self, rows: Sequence[Suggestion]):
        self.request.shown.extend((digest(each.photo.sha256), each.source) for each in rows)
        return SuggestionSerializer(rows, many=True, context={"taxa": taxa_of(rows)}).data
