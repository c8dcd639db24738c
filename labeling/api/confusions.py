from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from labeling.queries import confusions
from species.models import Taxon
from species.queries import taxa as taxon_queries

MOST = 20


class ConfusionsSerializer(serializers.Serializer):
    """Labels, the commonest first."""

    taxon = serializers.CharField(help_text="The label of the name as it stands now.")
    results = serializers.ListField(child=serializers.CharField())


class ConfusionsViewSet(viewsets.GenericViewSet):
    """What people take for one another: with which a name is confused, of organisms that ended as one of them."""

    queryset = None
    serializer_class = ConfusionsSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter("label", OpenApiTypes.STR, "path")],
        responses=ConfusionsSerializer(many=False),
    )
    def list(self, request, label=None):
        """Names that this one is taken for, and that are taken for it: as of the last hour."""
        taxon = Taxon.objects.select_related("synonym_of").filter(label=label).first()
        if taxon is None:
            raise Http404
        taxon = taxon_queries.accepted(taxon)
        others = confusions.people(taxon, taxon_queries.tree())[:MOST]
        known = Taxon.objects.in_bulk(others)
        labels = [known[each].label for each in others if each in known]
        return Response(ConfusionsSerializer({"taxon": taxon.label, "results": labels}).data)
