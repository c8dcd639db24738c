"""Predictions as JSON: calibrated, unrounded, signed."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.addresses import household
from ml.actions import suggestions
from ml.serving import server
from species import ingest
from species.images.decoder import TRY_AGAIN, DecoderFailed
from species.images.refusals import ImageRefused
from species.models import Taxon


class ComeBack(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE

    def __init__(self, detail: str, wait: int = 5) -> None:
        super().__init__(detail)
        self.wait = wait


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
        file = request.FILES.get("file") or request.FILES.get("image")
        if file is None:
            raise ParseError("Send the photo as multipart form data, in a part called file.")
        try:
            prediction = server.get_server().predict(
                ingest.read(file), household(request.META.get("REMOTE_ADDR", ""))
            )
        except ImageRefused as error:
            raise ParseError(str(error)) from error
        except server.Busy as error:
            raise ComeBack(str(error), wait=error.retry_after) from error
        except server.NoLiveModel as error:
            raise ComeBack(str(error)) from error
        except DecoderFailed as error:
            raise ComeBack(TRY_AGAIN) from error
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
