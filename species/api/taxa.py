from django_filters import rest_framework as filters
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from species.models import Rank, Taxon
from species.queries import taxa as taxon_queries


class TaxonSerializer(serializers.ModelSerializer):
    """A name. Parents and the accepted name are given by their labels."""

    name = serializers.CharField(read_only=True, help_text="In the language of the request, else scientific.")
    parent = serializers.SlugRelatedField("label", read_only=True)
    second_parent = serializers.SlugRelatedField("label", read_only=True)
    synonym_of = serializers.SlugRelatedField("label", read_only=True)

    class Meta:
        model = Taxon
        fields = [
            "id",
            "label",
            "name",
            "scientific_name",
            "authorship",
            "rank",
            "common_names",
            "parent",
            "second_parent",
            "synonym_of",
            "provisional",
            "sensitive",
            "gbif_key",
            "col_key",
            "description",
            "source",
        ]
        read_only_fields = fields


class TaxonFilter(filters.FilterSet):
    rank = filters.ChoiceFilter(choices=Rank.choices)
    parent = filters.CharFilter(method="of_parent", help_text="Label; a hybrid is found by both its parents.")
    search = filters.CharFilter(
        method="searched",
        help_text="Any name, language and spelling; best first, at most 20, one page. Where none fits, the nearest.",
    )

    def of_parent(self, queryset, name, value):
        return queryset.filter(parent__label=value) | queryset.filter(second_parent__label=value)

    def searched(self, queryset, name, value):
        """Answered by the view, because what is found has an order of its own."""
        return queryset


class TaxonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """The names of this site, by `label`."""

    queryset = Taxon.objects.select_related("parent", "second_parent", "synonym_of")
    serializer_class = TaxonSerializer
    filterset_class = TaxonFilter
    lookup_field = "label"
    lookup_value_regex = "[a-z][a-z0-9_]*"

    def list(self, request, *args, **kwargs):
        text = request.query_params.get("search")
        if text is None:
            return super().list(request, *args, **kwargs)
        if not text.strip():
            raise ValidationError({"search": ["Write a part of a name."]})
        best = [taxon.pk for taxon in taxon_queries.search(text) or taxon_queries.nearest(text)]
        rows = {row.pk: row for row in self.filter_queryset(self.get_queryset()).filter(pk__in=best)}
        found = self.get_serializer([rows[pk] for pk in best if pk in rows], many=True).data
        return Response({"next": None, "previous": None, "results": found})
