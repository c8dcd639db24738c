from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import field_marks
from labeling.api.parts import (
    LabelField,
    PersonField,
    ShowsThreads,
    UpdatedField,
    visible_occurrence,
    visible_photo,
)
from labeling.filters import FieldMarkFilter
from labeling.models import FieldMark
from labeling.queries import field_marks as field_marks_queries
from labeling.queries.listing import visible_to
from species.api.errors import ActionErrors
from species.api.fields import NumberField
from species.models import MARK_LENGTH

FRACTION = {"type": "number", "format": "double", "nullable": True}


class FieldMarkSerializer(serializers.ModelSerializer):
    """Fractions 0-1 of the upright image, from its upper left corner: null where others see less of the photo than
    that. `taxon`: the label of the name that has this mark; null for words of one's own.
    """

    person = PersonField()
    taxon = LabelField(read_only=True)
    updated = UpdatedField()
    x = serializers.SerializerMethodField()
    y = serializers.SerializerMethodField()

    class Meta:
        model = FieldMark
        fields = [
            *["id", "occurrence", "photo", "person", "taxon", "mark", "x", "y"],
            *["created", "withdrawn_at", "updated"],
        ]
        read_only_fields = fields

    @extend_schema_field(FRACTION)
    def get_x(self, field_mark):
        return field_mark.x if self._told(field_mark) else None

    @extend_schema_field(FRACTION)
    def get_y(self, field_mark):
        return field_mark.y if self._told(field_mark) else None

    def _told(self, field_mark) -> bool:
        """Asked once for all rows of a page."""
        rows = self.parent.instance if self.parent is not None else [field_mark]
        context = self.context
        if context.get("told_of") is not rows:
            context["told_of"], context["told"] = (
                rows,
                field_marks_queries.told_where(context["request"].user, rows),
            )
        return field_mark.pk in context["told"]


class FieldMarkInput(serializers.Serializer):
    """`taxon`: the label of a name that has this mark, its own or inherited; without it, words of one's own."""

    occurrence = visible_occurrence()
    photo = visible_photo()
    taxon = LabelField(required=False, allow_null=True)
    mark = serializers.CharField(max_length=MARK_LENGTH)
    x = NumberField()
    y = NumberField()


class FieldMarkViewSet(
    ActionErrors, ShowsThreads, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Where people point on photos at what tells an organism. PUT with an id of your choosing."""

    scope = TokenScope.IDENTIFY
    queryset = FieldMark.objects.all()
    serializer_class = FieldMarkSerializer
    lookup_value_regex = UUID_PATTERN
    filterset_class = FieldMarkFilter
    ordering = ("listed_at", "id")
    changed = ("changed", "id")

    def get_queryset(self):
        person = self.request.user
        rows = FieldMark.objects.select_related("person", "taxon", "photo__observation__batch")
        return field_marks_queries.seen_by(person, visible_to(rows, person))

    @extend_schema(request=FieldMarkInput, responses=dict.fromkeys((200, 201), FieldMarkSerializer))
    def update(self, request, pk=None):
        """Point. The same id again is the same one; the same words on the same photo, anew, are moved there."""
        given = FieldMarkInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        known = FieldMark.objects.filter(pk=pk).exists()
        made = field_marks.point(by=request.user, id=UUID(pk), **given.validated_data)
        code = status.HTTP_200_OK if known else status.HTTP_201_CREATED
        return Response(self.get_serializer(made).data, status=code)

    @extend_schema(request=None, responses=FieldMarkSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take back what one pointed at oneself. Again is no error."""
        found = field_marks.withdraw(field_mark=self.get_object(), by=request.user)
        return Response(self.get_serializer(found).data)
