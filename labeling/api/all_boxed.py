from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import all_boxed
from labeling.api.parts import PersonField, visible_photo
from labeling.filters import AllBoxedFilter
from labeling.models import AllBoxed
from species.api.errors import ActionErrors
from species.models import photo_visible_to


class AllBoxedSerializer(serializers.ModelSerializer):
    """`holds`: not taken back, nothing was added to the photo since, and every organism on it has a box."""

    person = PersonField()
    holds = serializers.BooleanField(read_only=True)

    class Meta:
        model = AllBoxed
        fields = ["id", "photo", "person", "holds", "created", "withdrawn_at"]
        read_only_fields = fields


class AllBoxedInput(serializers.Serializer):
    photo = visible_photo()


class AllBoxedViewSet(
    ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """People's word that every organism on a photo has a box. It lapses by itself where one is added."""

    scope = TokenScope.IDENTIFY
    batch = (AllBoxedInput, AllBoxedSerializer)
    queryset = AllBoxed.objects.all()
    serializer_class = AllBoxedSerializer
    held_by = "photo__observation"
    lookup_value_regex = UUID_PATTERN
    filterset_class = AllBoxedFilter

    def get_queryset(self):
        rows = AllBoxed.objects.with_holds().select_related("person")
        return rows.filter(photo_visible_to(self.request.user, "photo__"))

    @extend_schema(request=AllBoxedInput, responses={201: AllBoxedSerializer})
    def create(self, request):
        """Say so. The same again, while it holds, is the same one."""
        given = AllBoxedInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        vote = all_boxed.add(by=request.user, **given.validated_data)
        said = self.get_serializer(self.get_queryset().get(pk=vote.pk))
        return Response(said.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=AllBoxedSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take back one's own. Again is no error."""
        return Response(self.get_serializer(all_boxed.withdraw(vote=self.get_object(), by=request.user)).data)
