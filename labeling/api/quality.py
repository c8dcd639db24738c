from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers, viewsets
from rest_framework.response import Response

from accounts.token_scopes import TokenScope
from labeling.presenters import quality as presenters
from labeling.queries import quality

FOR_REVIEWERS = "How well people agree is for reviewers to see."


class FigureSerializer(serializers.Serializer):
    """`low` and `high`: its interval of 95 %, where it has one; `count`: how many it was read from."""

    figure = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)


class QualitySerializer(serializers.Serializer):
    """`day`: when it was measured; null while nothing is."""

    day = serializers.DateField(allow_null=True)
    figures = FigureSerializer(many=True)


class QualityViewSet(viewsets.GenericViewSet):
    """How well people agree, how long things wait and who comes back, as measured once a day; of nobody alone. For
    reviewers.
    """

    scopes = {"list": TokenScope.REVIEW}
    queryset = None
    serializer_class = QualitySerializer
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = None
    filter_backends = ()

    def check_permissions(self, request):
        super().check_permissions(request)
        if not request.user.is_reviewer:
            raise PermissionDenied(FOR_REVIEWERS)

    @extend_schema(responses=QualitySerializer(many=False))
    def list(self, request):
        """The figures of the last day, as on the page and in its table."""
        report = quality.latest()
        rows = list(presenters.rows(report)) if report else [[]]
        told = {
            "day": report.day if report else None,
            "figures": [dict(zip(rows[0], row, strict=True)) for row in rows[1:]],
        }
        return Response(QualitySerializer(told).data)
