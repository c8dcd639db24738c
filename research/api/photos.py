from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from accounts.token_scopes import TokenScope
from research.actions import datasets
from species.access import can_edit
from species.api.errors import ActionErrors
from species.models import Photo, State


class ErasedSerializer(serializers.Serializer):
    datasets = serializers.ListField(
        child=serializers.UUIDField(), help_text="Those that were taken back with it."
    )


class ErasureViewSet(ActionErrors, viewsets.GenericViewSet):
    """Photos go for good at their owner's wish, published datasets with them."""

    scope = TokenScope.REVIEW
    queryset = Photo.objects.none()
    serializer_class = ErasedSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, "path")],
        request=None,
        responses={200: ErasedSerializer},
    )
    def create(self, request, id=None):
        """Delete a photo for good, and take back every dataset that was published with it. For admins."""
        photo = get_object_or_404(Photo.objects.select_related("observation__batch", "owner"), pk=id)
        kept = request.user.is_admin and photo.observation.state == State.KEPT
        if not kept and not can_edit(request.user, photo.observation):
            raise Http404
        if not request.user.is_admin:
            raise PermissionDenied("A photo that is in a published dataset is erased by an admin.")
        taken = datasets.erase(photo=photo, by=request.user)
        return Response(ErasedSerializer({"datasets": [each.pk for each in taken]}).data)
