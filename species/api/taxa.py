from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from species.api.edits import TaxonEditSerializer
from species.models import Rank, Taxon
from species.queries import taxa as taxon_queries
from species.queries import taxon_changes


class AcceptedLabel(serializers.SlugRelatedField):
    """The label of a taxon as it is called now, if what is pointed at was merged since."""

    def __init__(self) -> None:
        super().__init__("label", read_only=True, allow_null=True)

    def to_representation(self, taxon: Taxon) -> str:
        return taxon_queries.accepted(taxon).label


class MarkSerializer(serializers.Serializer):
    """What tells a taxon, and in which view it shows; an empty view: anywhere."""

    mark = serializers.CharField()
    view = serializers.CharField(allow_blank=True)


@extend_schema_field({"type": "string", "enum": ["", "generalized", "private"]})
class ShownAtMost(serializers.CharField):
    pass


class TaxonSerializer(serializers.ModelSerializer):
    """A name. Parents and the accepted name are given by their labels."""

    name = serializers.CharField(read_only=True, help_text="In the language of the request, else scientific.")
    parent = AcceptedLabel()
    second_parent = AcceptedLabel()
    synonym_of = AcceptedLabel()
    sensitive = ShownAtMost(
        read_only=True, help_text="What is told of its places at most; empty: what was said."
    )
    field_marks = MarkSerializer(many=True, read_only=True)

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
            "field_marks",
            "source",
        ]
        read_only_fields = fields


class TaxonFilter(filters.FilterSet):
    rank = filters.ChoiceFilter(choices=Rank.choices)
    parent = filters.CharFilter(method="of_parent", help_text="Label; a hybrid is found by both its parents.")
    search = filters.CharFilter(
        method="searched",
        help_text="Any name, language and spelling; best first, at most 20, one page. If none fits, the nearest.",
    )

    def of_parent(self, queryset, name, value):
        parent = taxon_queries.by_label(value)
        if parent is None:
            raise ValidationError({"parent": [taxon_queries.no_such_label(value)]})
        tree = taxon_queries.tree()
        return queryset.filter(pk__in=[id for id in tree if str(parent.pk) in tree.parents(id)])

    def searched(self, queryset, name, value):
        """Answered by the view, because what is found has an order of its own."""
        return queryset


class TaxonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """The names of this site, by `label`."""

    queryset = Taxon.objects.select_related(
        "parent__synonym_of", "second_parent__synonym_of", "synonym_of__synonym_of"
    )
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
        if "cursor" in request.query_params:
            raise ValidationError({"cursor": ["What is searched for comes on one page."]})
        best = [taxon.pk for taxon in taxon_queries.search(text) or taxon_queries.nearest(text)]
        rows = {row.pk: row for row in self.filter_queryset(self.get_queryset()).filter(pk__in=best)}
        size = self.paginator.get_page_size(request)
        shown = [rows[pk] for pk in best if pk in rows]
        found = {"next": None, "previous": None, "results": self.get_serializer(shown[:size], many=True).data}
        if "count" in request.query_params:
            found |= {"count": len(shown), "count_is": "exact"}
        return Response(found)

    @extend_schema(responses=TaxonEditSerializer(many=True))
    @action(detail=True, filterset_class=None)
    def history(self, request, label=None):
        """What was edited of this name: who, when, and what it said before and after."""
        page = self.paginate_queryset(taxon_changes.edits(self.get_object()))
        return self.get_paginated_response(TaxonEditSerializer(page, many=True).data)
