from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.response import Response

from accounts.token_scopes import TokenScope
from labeling.actions import drafts
from species.api.errors import ActionErrors
from species.models import Observation


class TakenBackViewSet(ActionErrors, viewsets.GenericViewSet):
    """Sightings that nobody has answered yet can be drafts again."""

    scope = TokenScope.OBSERVE
    queryset = Observation.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, "path")], request=None, responses={204: None}
    )
    def create(self, request, id=None):
        """Make a draft of a published sighting of one's own again, before anybody has said anything. Again is no
        error.
        """
        own = get_object_or_404(Observation, pk=id, observer=request.user, discarded_at=None)
        drafts.take_back(observation=own, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
