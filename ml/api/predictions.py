"""Predictions as JSON: calibrated, unrounded, signed."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers, viewsets
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from jobs.api import JobSerializer, accepted
from jobs.models import Job
from labeling.actions import suggestions as labeling_suggestions
from labeling.models import digest
from look import unknown
from ml import photo_requests, stored_files
from ml.actions import predictions
from ml.queries import asked
from species.api.errors import ActionErrors
from species.api.fields import NumberField, SentFile

SOURCES = (*photo_requests.PARTS, "photo", "occurrence", "url")
ONE = f"Say which photo, once: {', '.join(SOURCES)}."
NOT_THERE = "You see no such photo."
BOTH = "A place is a latitude and a longitude."


class PhotoRefused(APIException):
    """A refusal of `ml.photo_requests` as this API words it: `detail` and `code`."""

    def __init__(self, refused: photo_requests.Refused) -> None:
        super().__init__({"detail": str(refused), "code": refused.code})
        self.status_code, self.wait = refused.status, refused.retry_after


class GuessSerializer(serializers.Serializer):
    label = serializers.CharField()
    probability = serializers.FloatField(help_text="0 to 1, calibrated, of the photo alone.")
    verified_near = serializers.IntegerField(
        allow_null=True,
        help_text="How many that everybody sees are verified as it within some 60 km; null without a place.",
    )
    verified_near_then = serializers.IntegerField(
        allow_null=True, help_text="Of these, how many in that month of any year; null without a day."
    )


class PredictionSerializer(serializers.Serializer):
    """`taxon` is null when it is none of these, `rolled_up` when it is coarser than the first guess.

    `distance` is how far the photo is from all that the model was taught: beyond 1 it is none of these, whatever the
    probabilities say. It is null from a model that cannot tell. What is merely of a name that it was not taught is not
    far away.
    `seconds` is what it took, without waiting for its turn.
    """

    model = serializers.CharField()
    model_version = serializers.IntegerField()
    dataset_hash = serializers.CharField()
    seconds = serializers.FloatField()
    threshold = serializers.FloatField()
    taxon = serializers.CharField(allow_null=True)
    rolled_up = serializers.BooleanField()
    distance = serializers.FloatField(allow_null=True)
    predictions = GuessSerializer(many=True)


class Around(serializers.Serializer):
    """What may be said besides; the model looks at the photo alone."""

    top_k = serializers.IntegerField(
        required=False, min_value=1, max_value=1000, help_text="So many guesses; without it, all."
    )
    latitude = NumberField(required=False, min_value=-90, max_value=90)
    longitude = NumberField(required=False, min_value=-180, max_value=180)
    observed_on = serializers.DateField(required=False, help_text="The day; its month counts.")

    def validate(self, said):
        if ("latitude" in said) != ("longitude" in said):
            raise ValidationError({"latitude" if "longitude" in said else "longitude": [BOTH]})
        if "observed_on" in said and "latitude" not in said:
            raise ValidationError({"observed_on": [f"Say where, too. {BOTH}"]})
        return said


class PhotoPart(Around):
    file = SentFile(required=False)
    image = SentFile(required=False, help_text="The same, as the ancestors' clients call it.")
    photo = serializers.UUIDField(required=False, help_text="One of this site, in its place.")
    occurrence = serializers.UUIDField(required=False, help_text="An organism of this site: its first photo.")
    url = serializers.CharField(
        required=False, max_length=2000, help_text="Where a photo is. Private addresses are refused."
    )


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
        """Ask about one: a file, a photo or an organism of this site that you see, or what is at an address."""
        # Django's own request: the framework's parser would refuse in words and codes of its own.
        asking = request._request
        try:
            said, files = photo_requests.parts(asking)
            _refuse_others(said, files)
            given = PhotoPart(data=said.dict())
            given.is_valid(raise_exception=True)
            words = dict(given.validated_data)
            data, digests = self._photo(asking, words, [*said, *files])
            prediction = photo_requests.predict(asking, data)
        except photo_requests.Refused as refused:
            raise PhotoRefused(refused) from refused
        if request.user.is_authenticated:
            shown = [(digest(each), prediction.live.name) for each in digests]
            labeling_suggestions.show(what=shown, by=request.user)
        besides = {name: words[name] for name in Around().fields if name in words}
        return Response(predictions.said(prediction, **besides), headers={"Cache-Control": "no-store"})

    def _photo(self, asking, words: dict[str, Any], said: list[str]) -> tuple[bytes, list[str]]:
        """The bytes, and the sha256 of all that whoever asks has seen by it. Raises Refused, ValidationError."""
        chosen = [name for name in said if name in SOURCES]
        if len(chosen) > 1:
            raise ValidationError({chosen[1]: [ONE]})
        if "photo" in words or "occurrence" in words:
            [name] = chosen
            found = (
                asked.photo(words[name], self.request.user)
                if name == "photo"
                else asked.first_photo(words[name], self.request.user)
            )
            if found is None:
                raise ValidationError({name: [NOT_THERE]})
            photo, whole = found
            return photo_requests.kept(photo, whole=whole), [photo.sha256]
        if "url" in words:
            data = photo_requests.linked(asking, words["url"])
            own = photo_requests.own_photo(asking, words["url"])
            return data, [sha256(data).hexdigest(), *([own.sha256] if own else [])]
        data = photo_requests.sent(asking)
        return data, [sha256(data).hexdigest()]


def _refuse_others(said, files) -> None:
    """Raises ValidationError for parts that are unknown or said twice, and files where text is meant."""
    known, names = [*PhotoPart().fields], [*said, *files]
    wrong = {unknown.printable(name): [unknown.sentence(name, known)] for name in names if name not in known}
    twice = [name for table in (said, files) for name, each in table.lists() if len(each) > 1]
    wrong |= {name: ["This is said more than once."] for name in twice if name in known}
    wrong |= {
        name: ["Write text here."] for name in files if name in known and name not in photo_requests.PARTS
    }
    wrong |= {name: ["Send a file here."] for name in said if name in photo_requests.PARTS}
    if wrong:
        raise ValidationError(wrong)


class AskedSerializer(Around):
    photo = serializers.UUIDField(required=False)
    url = serializers.CharField(required=False, max_length=2000)

    def to_internal_value(self, data):
        """Nothing unknown is passed over, here as little as outside."""
        wrong = [name for name in data if name not in self.fields] if isinstance(data, dict) else []
        if wrong:
            raise ValidationError(
                {unknown.printable(name): [unknown.sentence(name, self.fields)] for name in wrong}
            )
        return super().to_internal_value(data)

    def validate(self, said):
        if ("photo" in said) == ("url" in said):
            raise ValidationError({"photo": ["Say which photo, once: photo, url."]})
        return super().validate(said)


class ManyAskedSerializer(serializers.Serializer):
    items = AskedSerializer(many=True, min_length=1, max_length=predictions.MOST)


class BatchViewSet(ActionErrors, viewsets.GenericViewSet):
    """Many photos that the live model is asked about, as a job."""

    scope = TokenScope.ML
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        request=ManyAskedSerializer,
        responses={202: JobSerializer},
        operation_id="predictions_batch",
        tags=["predictions"],
    )
    def create(self, request):
        """Ask about photos of this site that you see, or at addresses: a job; its `result` is what was said of each."""
        given = ManyAskedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        items = [
            {name: _plain(each) for name, each in item.items()} for item in given.validated_data["items"]
        ]
        job = predictions.ask(items=items, by=request.user)
        return accepted(job, self.get_serializer(job).data)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float) else str(value)


class AnsweredSerializer(Around):
    """`prediction`, or why there is none: a `code` and a sentence."""

    photo = serializers.UUIDField(required=False)
    url = serializers.CharField(required=False)
    prediction = PredictionSerializer(required=False)
    code = serializers.CharField(required=False)
    error = serializers.CharField(required=False)


class ManyAnsweredSerializer(serializers.Serializer):
    results = AnsweredSerializer(many=True)


class PredictedViewSet(viewsets.GenericViewSet):
    """What was said of many photos that you asked about: by the id of the job, for a week."""

    queryset = Job.objects.none()
    serializer_class = ManyAnsweredSerializer
    rows_can_be_cut = False
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = None
    filter_backends = ()
    lookup_value_regex = UUID_PATTERN

    @extend_schema(responses=ManyAnsweredSerializer)
    def retrieve(self, request, pk=None):
        """Each in the order asked. 404 until the job is done, and once its week is over."""
        job = Job.objects.filter(pk=UUID(pk), kind=stored_files.PREDICTED, owner=request.user).first()
        said = stored_files.predictions_of(job) if job else None
        if said is None:
            raise Http404("There is no such answer, or not any more.")
        return Response({"results": json.loads(said)}, headers={"Cache-Control": "private, no-store"})
