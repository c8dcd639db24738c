from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from labeling import access
from labeling.actions import comments
from labeling.api.parts import PersonField, VisibleField, note_threads
from labeling.filters import CommentFilter
from labeling.models import Comment, CommentReport
from labeling.queries.comments import visible_to
from species.api.errors import ActionErrors
from species.models import Observation


class CommentSerializer(serializers.ModelSerializer):
    """Plain text. It is empty once it is taken back, and while it is hidden, but for its writer and reviewers."""

    person = PersonField()
    text = serializers.SerializerMethodField()
    updated = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = [
            *["id", "observation", "person", "text", "created", "edited_at", "withdrawn_at"],
            *["hidden_at", "hidden_because", "updated"],
        ]
        read_only_fields = fields

    def get_text(self, comment) -> str:
        return comment.text if access.can_read(self.context["request"].user, comment) else ""

    @extend_schema_field(serializers.DateTimeField)
    def get_updated(self, comment):
        return max(comment.listed_at, comment.updated)


class CommentInput(serializers.Serializer):
    observation = VisibleField(queryset=Observation.objects.all())
    text = serializers.CharField(max_length=Comment.LONGEST)


class CommentText(serializers.Serializer):
    text = serializers.CharField(max_length=Comment.LONGEST)


class CommentReason(serializers.Serializer):
    reason = serializers.CharField(max_length=Comment.LONGEST)


class CommentReportInput(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=Comment.LONGEST)


class CommentReportSerializer(serializers.ModelSerializer):
    by = PersonField()

    class Meta:
        model = CommentReport
        fields = ["id", "comment", "by", "reason", "created", "resolved_at"]
        read_only_fields = fields


class CommentViewSet(ActionErrors, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """What people write about sightings, besides the names they give."""

    scope = TokenScope.IDENTIFY
    scopes = {"hide": TokenScope.REVIEW, "unhide": TokenScope.REVIEW}
    queryset = Comment.objects.all()
    serializer_class = CommentSerializer
    filterset_class = CommentFilter
    held_by = "observation"
    lookup_value_regex = UUID_PATTERN
    ordering = ("listed_at", "id")
    changed = ("changed", "id")

    def get_queryset(self):
        rows = Comment.objects.select_related("person", "observation").prefetch_related(
            "observation__occurrences"
        )
        return visible_to(rows, self.request.user)

    def paginate_queryset(self, queryset):
        return self._noted(super().paginate_queryset(queryset))

    def retrieve(self, request, *args, **arguments):
        """One of them."""
        [comment] = self._noted([self.get_object()])
        return Response(self.get_serializer(comment).data)

    @extend_schema(request=CommentInput, responses={201: CommentSerializer})
    def create(self, request):
        """Write. Whose sighting it is, who wrote there before, and who is mentioned by “@” and name, are told."""
        given = self._given(CommentInput)
        comment = comments.add(by=request.user, **given)
        return Response(self.get_serializer(comment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CommentText, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def edit(self, request, pk=None):
        """Say it otherwise, within a quarter of an hour. For who wrote it."""
        return self._done(
            comments.edit(comment=self.get_object(), by=request.user, **self._given(CommentText))
        )

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk=None):
        """Take back what one wrote: its words are deleted. Again is no error."""
        return self._done(comments.withdraw(comment=self.get_object(), by=request.user))

    @extend_schema(request=CommentReportInput, responses={201: CommentReportSerializer})
    @action(detail=True, methods=["post"])
    def report(self, request, pk=None):
        """Point out to reviewers that it should not stand. Again, while that is open, is the same report."""
        said = self._given(CommentReportInput)
        report = comments.report(comment=self.get_object(), by=request.user, **said)
        return Response(CommentReportSerializer(report).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CommentReason, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def hide(self, request, pk=None):
        """Show its words to nobody but its writer and reviewers. For reviewers, of what others wrote."""
        return self._done(
            comments.hide(comment=self.get_object(), by=request.user, **self._given(CommentReason))
        )

    @extend_schema(request=CommentReason, responses=CommentSerializer)
    @action(detail=True, methods=["post"])
    def unhide(self, request, pk=None):
        """Show it to everybody again. Likewise."""
        said = self._given(CommentReason)
        return self._done(comments.unhide(comment=self.get_object(), by=request.user, **said))

    def _given(self, serializer) -> dict:
        given = serializer(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return given.validated_data

    def _done(self, comment: Comment) -> Response:
        return Response(self.get_serializer(comment).data)

    def _noted(self, rows: list[Comment]) -> list[Comment]:
        """Who reads the name of a taxon in it has seen what others say of the sighting."""
        person = self.request.user
        naming = [each for each in rows if each.names_taxon and each.person_id != person.pk]
        for each in naming:
            if access.can_read(person, each):
                note_threads(self.request, (one.pk for one in each.observation.occurrences.all()))
        return rows
