"""Predictions as JSON: calibrated, unrounded, signed."""

from hashlib import sha256

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.token_scopes import TokenScope
from labeling.actions import suggestions as labeling_suggestions
from labeling.models import digest
from look import unknown
from ml import photo_requests
from ml.actions import suggestions
from species.api.fields import SentFile
from species.models import Taxon


class PhotoRefused(APIException):
    """A refusal of `ml.photo_requests` as this API words it: `detail` and `code`."""

    def __init__(self, refused: photo_requests.Refused) -> None:
        super().__init__({"detail": str(refused), "code": refused.code})
        self.status_code, self.wait = refused.status, refused.retry_after


class PredictionSerializer(serializers.Serializer):
    """`taxon` is null when it is none of these, `rolled_up` when it is coarser than the first guess.

    `distance` is how far the photo is from all that the model was taught: beyond 1 it is none of these, whatever the
    probabilities say. It is null from a model that cannot tell. What is merely of a name that it was not taught is not
    far away.
    """

    model = serializers.CharField()
    dataset_hash = serializers.CharField()
    threshold = serializers.FloatField()
    taxon = serializers.CharField(allow_null=True)
    rolled_up = serializers.BooleanField()
    distance = serializers.FloatField(allow_null=True)
    predictions = serializers.ListField(child=serializers.DictField())


class PhotoPart(serializers.Serializer):
    file = SentFile(required=False)
    image = SentFile(required=False, help_text="The same, as the ancestors' clients call it.")


class PredictionViewSet(viewsets.GenericViewSet):
    """What the live model says of a photo that is looked at once and forgotten."""

    scope = TokenScope.ML
    serializer_class = PredictionSerializer
    permission_classes = [AllowAny]
    # A prediction changes nothing, so a session cookie must not drag a CSRF token in.
    authentication_classes = [api_settings.DEFAULT_AUTHENTICATION_CLASSES[0]]
    parser_classes = [MultiPartParser]
    # In the words and codes of photo_requests, after a full house was told to come back.
    reads_its_body = True
    keeps_no_answers = True

    @extend_schema(request=PhotoPart, responses={200: PredictionSerializer})
    def create(self, request):
        try:
            # Django's own request: the framework's parser would refuse in words and codes of its own.
            data = photo_requests.sent(request._request)
            self._refuse_other_parts(request._request)
            prediction = photo_requests.predict(request._request, data)
        except photo_requests.Refused as refused:
            raise PhotoRefused(refused) from refused
        live = prediction.live
        if request.user.is_authenticated:
            shown = [(digest(sha256(data).hexdigest()), live.name)]
            labeling_suggestions.show(what=shown, by=request.user)
        answer = suggestions.read(prediction.look, live=live)
        label = Taxon.objects.filter(pk=answer.taxon).values_list("label", flat=True).first()
        return Response(
            {
                "model": live.name,
                "dataset_hash": live.dataset_hash,
                "threshold": live.threshold,
                "taxon": label,
                "rolled_up": answer.rolled_up,
                "distance": prediction.look.distance,
                "predictions": [
                    {"label": label, "probability": probability} for label, probability in answer.ranked
                ],
            },
            headers={"Cache-Control": "no-store"},
        )

    def _refuse_other_parts(self, request) -> None:
        said = [*request.POST, *request.FILES]
        unknown_parts = [name for name in said if name not in photo_requests.PARTS]
        if unknown_parts:
            raise ValidationError(
                {
                    unknown.printable(name): [unknown.sentence(name, photo_requests.PARTS)]
                    for name in unknown_parts
                }
            )
        if len(said) > 1 or any(len(files) > 1 for _, files in request.FILES.lists()):
            raise ValidationError({"file": ["Send one photo."]})
