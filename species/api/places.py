from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from species.api.limits import limit_parameter, whole
from species.queries import places

PROPOSED = 10
MOST = 50


class PlaceSerializer(serializers.Serializer):
    """A named water or place. Degrees; `uncertainty_m` is a radius that holds it; `kind` is said beside the name."""

    name = serializers.CharField()
    kind = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    uncertainty_m = serializers.FloatField()


class FoundPlacesSerializer(serializers.Serializer):
    results = PlaceSerializer(many=True)


class PlaceViewSet(viewsets.GenericViewSet):
    """Waters and places by name: those that the operator knows, those of sightings whose place anybody may see, and
    one's own.
    """

    queryset = None
    serializer_class = FoundPlacesSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q", required=True, description="A name, in any spelling; `Traun at Gmunden` as well."
            ),
            limit_parameter(MOST),
        ],
        responses=FoundPlacesSerializer(many=False),
    )
    def list(self, request):
        """Which a text may mean, the best first. A sighting takes a name and position of these as `locality`."""
        text = request.query_params.get("q", "")
        if not text:
            raise ValidationError({"q": ["Write the name of a water or place."]})
        limit = whole(request, "limit", PROPOSED, MOST)
        found = places.find(text, person=request.user, limit=limit)
        return Response({"results": PlaceSerializer(found, many=True).data})
