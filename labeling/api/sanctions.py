from django.core.exceptions import PermissionDenied
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api import UUID_PATTERN, TrueOrFalse
from accounts.models import User
from accounts.token_scopes import TokenScope
from labeling.actions import sanctions
from labeling.api.parts import PersonField, VisibleField
from labeling.filters import ReportFilter, SuspensionFilter
from labeling.models import Report, Suspension
from species.api.errors import ActionErrors, KeptPrivate
from species.api.fields import RowField
from species.models import Observation

FOR_REVIEWERS = "Reports and suspensions are for reviewers to see."
LONGEST = sanctions.LONGEST


class ReportSerializer(serializers.ModelSerializer):
    """About a person or a sighting; `by` and `reason` are for reviewers."""

    person = PersonField()
    by = PersonField()
    resolved_by = PersonField()

    class Meta:
        model = Report
        fields = ["id", "person", "observation", "by", "reason", "created", "resolved_at", "resolved_by"]
        read_only_fields = fields


class ReportInput(serializers.Serializer):
    """Of a `person` or of an `observation`. Only reviewers read it."""

    person = RowField(queryset=User.objects.filter(is_source=False), required=False)
    observation = VisibleField(queryset=Observation.objects.all(), required=False)
    reason = serializers.CharField(max_length=LONGEST)


class SuspensionSerializer(serializers.ModelSerializer):
    """`until` null: until it is lifted; `lifted_by` null of one that is lifted: its time was over."""

    person = PersonField()
    by = PersonField()
    answered_by = PersonField()
    lifted_by = PersonField()

    class Meta:
        model = Suspension
        fields = [
            *("id", "person", "by", "reason", "until", "votes", "photos", "created"),
            *("appeal", "appealed_at", "answer", "answered_at", "answered_by", "lifted_at", "lifted_by"),
        ]
        read_only_fields = fields


class SuspensionInput(serializers.Serializer):
    """`votes` and `photos`: what becomes of those of the person, until it is lifted."""

    person = RowField(queryset=User.objects.filter(is_source=False))
    reason = serializers.CharField(max_length=LONGEST, help_text="The person reads it.")
    until = serializers.DateTimeField(required=False, allow_null=True)
    votes = serializers.ChoiceField(Suspension.Votes.choices, required=False)
    photos = serializers.ChoiceField(Suspension.Photos.choices, required=False)


class AppealAnswerInput(serializers.Serializer):
    """`text`: the person reads it; `lifts`: whether the suspension ends."""

    text = serializers.CharField(max_length=LONGEST)
    lifts = TrueOrFalse(required=False, default=False)


class ForReviewers(ActionErrors, KeptPrivate):
    """Mix into a viewset: all but `open_to_all` of its actions are for reviewers."""

    private = True
    permission_classes = [permissions.IsAuthenticated]
    lookup_value_regex = UUID_PATTERN
    open_to_all: tuple[str, ...] = ()

    def check_permissions(self, request):
        super().check_permissions(request)
        if self.action not in self.open_to_all and not request.user.is_reviewer:
            raise PermissionDenied(FOR_REVIEWERS)


class ReportViewSet(ForReviewers, mixins.ListModelMixin, viewsets.GenericViewSet):
    """What people report of persons and sightings: anybody reports, reviewers read it and deal with it, never with what
    is about themselves.
    """

    scope = TokenScope.IDENTIFY
    scopes = {"list": TokenScope.REVIEW, "resolve": TokenScope.REVIEW}
    open_to_all = ("create",)
    queryset = Report.objects.all()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter

    def get_queryset(self):
        person = self.request.user.pk
        own = Q(person=person) | Q(observation__isnull=False, observation__observer=person)
        return Report.objects.exclude(own).select_related("person", "by", "resolved_by")

    @extend_schema(request=ReportInput, responses={201: ReportSerializer})
    def create(self, request):
        """Report a person or a sighting. The same person's again, while it is open, is the same one."""
        given = ReportInput(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        report = sanctions.report(by=request.user, **given.validated_data)
        return Response(self.get_serializer(report).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ReportSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request, pk=None):
        """It is dealt with; whoever reported is told. Again is no error."""
        report = sanctions.resolve(report=self.get_object(), by=request.user)
        return Response(self.get_serializer(report).data)


class SuspensionViewSet(
    ForReviewers, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """Who may do nothing here for a while, and why. For reviewers; of reviewers and admins only an admin judges."""

    scope = TokenScope.REVIEW
    scopes = {"list": TokenScope.REVIEW, "retrieve": TokenScope.REVIEW}
    queryset = Suspension.objects.all()
    serializer_class = SuspensionSerializer
    filterset_class = SuspensionFilter

    def get_queryset(self):
        return Suspension.objects.select_related("person", "by", "answered_by", "lifted_by")

    @extend_schema(request=SuspensionInput, responses={201: SuspensionSerializer})
    def create(self, request):
        """Suspend somebody, until a moment or until it is lifted. What becomes of votes and photos follows by a job."""
        given = SuspensionInput(data=request.data)
        given.is_valid(raise_exception=True)
        suspension = sanctions.suspend(by=request.user, **given.validated_data)
        return Response(self.get_serializer(suspension).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=SuspensionSerializer)
    @action(detail=True, methods=["post"])
    def lift(self, request, pk=None):
        """The person may act again, and what was left out comes back by a job. Again is no error."""
        suspension = sanctions.lift(suspension=self.get_object(), by=request.user)
        return Response(self.get_serializer(suspension).data)

    @extend_schema(request=AppealAnswerInput, responses=SuspensionSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request, pk=None):
        """Answer the person's appeal, and lift the suspension or let it stand. Never by who suspended."""
        given = AppealAnswerInput(data=request.data)
        given.is_valid(raise_exception=True)
        suspension = sanctions.answer(suspension=self.get_object(), by=request.user, **given.validated_data)
        return Response(self.get_serializer(suspension).data)
