from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling.actions import flags
from labeling.api.parts import PersonField, visible_photo
from labeling.filters import FlagFilter
from labeling.models import Flag
from species.api.errors import ActionErrors
from species.models import photo_visible_to


class FlagSerializer(serializers.ModelSerializer):
    by = PersonField()
    resolved_by = PersonField()

    class Meta:
        model = Flag
        fields = ["id", "photo", "by", "kind", "reason", "created", "resolved_at", "resolved_by"]
        read_only_fields = fields


class FlagInput(serializers.Serializer):
    photo = visible_photo()
    kind = serializers.ChoiceField(Flag.Kind.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class FlagViewSet(ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What is wrong with photos: reviewers see every flag on what they see, others those they raised."""

    scope = TokenScope.IDENTIFY
    batch = (FlagInput, FlagSerializer)
    scopes = {"resolve": TokenScope.REVIEW}
    queryset = Flag.objects.all()
    serializer_class = FlagSerializer
    permission_classes = [permissions.IsAuthenticated]
    held_by = "photo__observation"
    lookup_value_regex = UUID_PATTERN
    filterset_class = FlagFilter

    def get_queryset(self):
        rows = Flag.objects.select_related("by", "resolved_by")
        person = self.request.user
        if not (person.is_authenticated and person.is_reviewer):
            return rows.filter(by=person.pk)
        # Owners may flag their own drafts, and nobody else learns that there is one.
        return rows.filter(Q(by=person) | photo_visible_to(person, "photo__"))

    @extend_schema(request=FlagInput, responses={201: FlagSerializer})
    def create(self, request):
        """Point out what is wrong. The same flag again, while it stands, is the same one."""
        given = FlagInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        flag = flags.raise_flag(by=request.user, **given.validated_data)
        return Response(self.get_serializer(flag).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=FlagSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request, pk=None):
        """It is dealt with: for reviewers, and for whoever raised it. Again is no error."""
        flag = flags.resolve(flag=self.get_object(), by=request.user)
        return Response(self.get_serializer(flag).data)
