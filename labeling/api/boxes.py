from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import boxes
from labeling.api.parts import PersonField, UpdatedField, visible_occurrence, visible_photo
from labeling.filters import DrawnFilter
from labeling.models import Box
from labeling.queries.listing import visible_to
from species.api.errors import ActionErrors
from species.api.fields import NumberField
from species.models import photo_visible_to


class BoxSerializer(serializers.ModelSerializer):
    """Fractions 0-1 of the upright image, from its upper left corner."""

    person = PersonField()
    updated = UpdatedField()

    class Meta:
        model = Box
        fields = [
            "id",
            "occurrence",
            "photo",
            "person",
            "x",
            "y",
            "width",
            "height",
            "created",
            "withdrawn_at",
            "updated",
        ]
        read_only_fields = fields


class BoxInput(serializers.Serializer):
    occurrence = visible_occurrence()
    photo = visible_photo()
    x = NumberField()
    y = NumberField()
    width = NumberField()
    height = NumberField()


class BoxViewSet(ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Where on a photo an organism is, as people drew it. Another one of the same person takes it back."""

    scope = TokenScope.IDENTIFY
    batch = (BoxInput, BoxSerializer)
    queryset = Box.objects.all()
    serializer_class = BoxSerializer
    held_by = "photo__observation"
    lookup_value_regex = UUID_PATTERN
    filterset_class = DrawnFilter
    ordering = ("listed_at", "id")
    changed = ("changed", "id")

    def get_queryset(self):
        person = self.request.user
        rows = visible_to(Box.objects.select_related("person"), person)
        return rows.filter(photo_visible_to(person, "photo__"))

    @extend_schema(request=BoxInput, responses={201: BoxSerializer})
    def create(self, request):
        """Draw."""
        given = BoxInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        box = boxes.draw(by=request.user, **given.validated_data)
        return Response(self.get_serializer(box).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BoxSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take back one's own box. Again is no error."""
        return Response(self.get_serializer(boxes.withdraw(box=self.get_object(), by=request.user)).data)
