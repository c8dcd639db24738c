"""Predictions as JSON: calibrated, unrounded, signed."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.settings import api_settings

from ml import photo_requests
from ml.actions import suggestions
from species.models import Taxon


class PhotoRefused(APIException):
    """A refusal of `ml.photo_requests` as this API words it: `detail` and `code`."""

    def __init__(self, refused: photo_requests.Refused) -> None:
        super().__init__({"detail": str(refused), "code": refused.code})
        self.status_code, self.wait = refused.status, refused.retry_after


class PredictionSerializer(serializers.Serializer):
    """`taxon` is null when it is none of these, `rolled_up` when it is coarser than the first guess."""

    model = serializers.CharField()
    dataset_hash = serializers.CharField()
    threshold = serializers.FloatField()
    taxon = serializers.CharField(allow_null=True)
    rolled_up = serializers.BooleanField()
    predictions = serializers.ListField(child=serializers.DictField())


class PhotoPart(serializers.Serializer):
    file = serializers.FileField()


class PredictionViewSet(viewsets.GenericViewSet):
    """What the live model says of a photo that is looked at once and forgotten."""

    serializer_class = PredictionSerializer
    permission_classes = [AllowAny]
    # A prediction changes nothing, so a session cookie must not drag a CSRF token in.
    authentication_classes = [api_settings.DEFAULT_AUTHENTICATION_CLASSES[0]]
    parser_classes = [MultiPartParser]

    @extend_schema(request=PhotoPart, responses=PredictionSerializer)
    def create(self, request):
        try:
            # Django's own request: the framework's parser would refuse in words and codes of its own.
            prediction = photo_requests.predict(request._request, photo_requests.sent(request._request))
        except photo_requests.Refused as refused:
            raise PhotoRefused(refused) from refused
        live = prediction.live
        answer = suggestions.read(prediction.ranked, live=live)
        label = Taxon.objects.filter(pk=answer.taxon).values_list("label", flat=True).first()
        return Response(
            {
                "model": live.name,
                "dataset_hash": live.dataset_hash,
                "threshold": live.threshold,
                "taxon": label,
                "rolled_up": answer.rolled_up,
                "predictions": [
                    {"label": label, "probability": probability} for label, probability in answer.ranked
                ],
            },
            headers={"Cache-Control": "no-store"},
        )
