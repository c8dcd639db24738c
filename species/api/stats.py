from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from species.models import Status, Taxon
from species.queries import tallies, taxa


class StatusCountsSerializer(serializers.Serializer):
    def get_fields(self):
        return {status: serializers.IntegerField() for status in Status.values}


class MonthCountSerializer(serializers.Serializer):
    month = serializers.CharField(help_text="As 2026-05.")
    count = serializers.IntegerField()


class TaxonCountSerializer(serializers.Serializer):
    taxon = serializers.CharField(help_text="Its label.")
    count = serializers.IntegerField()


class StatsSerializer(serializers.Serializer):
    """Organisms that everybody sees: how many of each verdict; of the verified, when they were seen, and what they are.

    Months are those of sightings that are told to the month at least.
    """

    occurrences = StatusCountsSerializer()
    verified_by_month = MonthCountSerializer(many=True)
    verified_by_taxon = TaxonCountSerializer(many=True)


class StatsViewSet(viewsets.GenericViewSet):
    """What the site holds, from counters: the same for whoever asks."""

    queryset = None
    serializer_class = StatsSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter("taxon", description="A label: of this taxon and all under it.")],
        responses=StatsSerializer(many=False),
    )
    def list(self, request):
        """Counts by verdict, month and taxon."""
        inside = self._inside(request.query_params.get("taxon"))
        counts = tallies.verified_of_each()
        known = Taxon.objects.filter(pk__in=[id for id in counts if inside is None or id in inside])
        by_taxon = sorted(
            ((counts[each.pk], each.label) for each in known), key=lambda row: (-row[0], row[1])
        )
        months = tallies.verified_by_month(inside)
        found = {
            "occurrences": tallies.by_status(inside),
            "verified_by_month": [
                {"month": f"{year:04}-{month:02}", "count": count} for (year, month), count in months.items()
            ],
            "verified_by_taxon": [{"taxon": label, "count": count} for count, label in by_taxon],
        }
        return Response(StatsSerializer(found).data)

    def _inside(self, label: str | None):
        if label is None:
            return None
        taxon = Taxon.objects.filter(label=label).first()
        if taxon is None:
            raise ValidationError({"taxon": [taxa.no_such_label(label)]})
        return taxa.inside([taxon], taxa.tree())
