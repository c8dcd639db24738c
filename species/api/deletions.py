from django_filters import rest_framework as filters
from rest_framework import mixins, serializers, viewsets

from species.filters import MomentFilter
from species.models import Deletion


class DeletionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Deletion
        fields = ["id", "kind", "gone"]
        read_only_fields = fields


class DeletionFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Deletion.Kind.choices)
    gone_since = MomentFilter(
        "gone", lookup_expr="gte", help_text="Gone at or after this moment, ISO 8601 with an offset or Z."
    )

    class Meta:
        model = Deletion
        fields: list[str] = []


class DeletionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What everybody could see once and is not shown any more: sightings, organisms, photos and trips, by their ids.

    With an organism goes what was said of it. What is shown again leaves this list and stands in its own again.
    """

    queryset = Deletion.objects.all()
    serializer_class = DeletionSerializer
    filterset_class = DeletionFilter
    ordering = ("gone", "id")
