from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import permissions, serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from labeling.api.parts import note_threads
from labeling.models import Routing
from labeling.queries import review
from species.api.limits import limit_parameter, whole

FOR_REVIEWERS = "What waits for reviewers is for them to see."
SHOWN, MOST = 30, 200
NAMES = list(review.QUEUES)


class ReviewQueueSerializer(serializers.Serializer):
    """`count`: how many wait for whoever asks, who is not asked about what is their own; `more`: at least so many."""

    queue = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    more = serializers.BooleanField()


class ReviewQueuesSerializer(serializers.Serializer):
    results = ReviewQueueSerializer(many=True)


class ReviewRowSerializer(serializers.Serializer):
    """`key` is its place, for `after`; `occurrence` what it is about, null where none is left; `about` is of which
    kind: an occurrence, a case, a flag, a report of a comment, or a routing to whoever asks. `details` is what a case
    rests on; of a routing its `cause`, why it came to them (`reason`) and until when it is theirs (`until`).
    """

    key = serializers.UUIDField()
    about = serializers.CharField()
    occurrence = serializers.UUIDField(allow_null=True)
    details = serializers.DictField()


class ReviewPageSerializer(serializers.Serializer):
    """`after`: the key from which the next page goes on; null on the last."""

    queue = serializers.CharField()
    name = serializers.CharField()
    after = serializers.UUIDField(allow_null=True)
    results = ReviewRowSerializer(many=True)


ABOUT = {
    "Routing": "routing",
    "Occurrence": "occurrence",
    "ReviewCase": "case",
    "Flag": "flag",
    "CommentReport": "report",
}


def _details(about) -> dict[str, Any]:
    if isinstance(about, Routing):
        return {"cause": about.cause, "reason": about.reason, "until": about.until}
    return getattr(about, "details", {})


class ReviewViewSet(viewsets.GenericViewSet):
    """What waits for a reviewer, queue by queue, each in its order. For reviewers."""

    queryset = None
    serializer_class = ReviewPageSerializer
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = None
    filter_backends = ()
    lookup_field = "queue"
    lookup_value_regex = "[a-z_]+"

    def check_permissions(self, request):
        super().check_permissions(request)
        if not request.user.is_reviewer:
            raise PermissionDenied(FOR_REVIEWERS)

    @extend_schema(responses=ReviewQueuesSerializer(many=False))
    def list(self, request):
        """The queues, and how many wait in each."""
        counts = review.counts(request.user)
        rows = [
            {
                "queue": queue,
                "name": str(name),
                "count": min(counts[queue], review.MOST),
                "more": counts[queue] > review.MOST,
            }
            for queue, name in review.each_queue()
        ]
        return Response(ReviewQueuesSerializer({"results": rows}).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("queue", OpenApiTypes.STR, "path", enum=NAMES),
            OpenApiParameter(
                "after", OpenApiTypes.UUID, description="The `key` of a row: what comes behind it."
            ),
            limit_parameter(MOST),
        ],
        responses=ReviewPageSerializer,
    )
    def retrieve(self, request, queue=None):
        """The first of a queue, or what comes after a place in it. Decide with `POST /rulings`, `/identifications`."""
        if queue not in review.QUEUES:
            raise Http404
        most = whole(request, "limit", SHOWN, MOST)
        rows = review.rows_after(queue, request.user, self._place(queue), most + 1)
        page, occurrences = rows[:most], review.occurrences(rows[:most])
        note_threads(request, occurrences.values())
        found = [
            {
                "key": each.key,
                "about": ABOUT[type(each.about).__name__],
                "occurrence": occurrences.get(each.key),
                "details": _details(each.about),
            }
            for each in page
        ]
        said = {"queue": queue, "name": str(review.names_of(queue)), "results": found}
        return Response(
            ReviewPageSerializer(said | {"after": page[-1].key if len(rows) > most else None}).data
        )

    def _place(self, queue: str) -> review.Row | None:
        text = self.request.query_params.get("after")
        if not text:
            return None
        try:
            place = review.find(queue, UUID(text))
        except ValueError:
            place = None
        if place is None:
            raise ValidationError({"after": ["There is no such place in this queue."]})
        return place
