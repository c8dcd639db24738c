from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers, viewsets

from accounts.api import TrueOrFalse
from accounts.token_scopes import TokenScope
from jobs.api import JobSerializer, accepted
from jobs.models import Job
from labeling.imports import asked
from labeling.imports.run import ImportRefused
from species.api.errors import ActionErrors
from species.models import Purpose


class IsReviewer(permissions.IsAuthenticated):
    def has_permission(self, request, view):
        return super().has_permission(request, view) and request.user.is_reviewer


class ImportInput(serializers.Serializer):
    table = serializers.CharField(
        max_length=asked.MOST,
        trim_whitespace=False,
        help_text="CSV: a line of headings, `url` and a name (`scientific_name` or `label`) at least, then a line for "
        "each photo. Only what is at public addresses is fetched.",
    )
    source = serializers.CharField(max_length=80, help_text="What the collection is called.")
    licence = serializers.CharField(max_length=200, help_text="An SPDX id of all photos in it, or NONE.")
    credit = serializers.CharField(max_length=300, required=False, allow_blank=True)
    consents = serializers.MultipleChoiceField(
        choices=Purpose.choices,
        required=False,
        help_text="What all of them may be used for; without it: show.",
    )
    trust = TrueOrFalse(required=False, help_text="True: all that it says counts as ruled, for `reason`.")
    reason = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class ImportViewSet(ActionErrors, viewsets.GenericViewSet):
    """Collections of labelled photos that are taken in at once, for reviewers."""

    scope = TokenScope.REVIEW
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    permission_classes = [IsReviewer]
    pagination_class = None
    filter_backends = ()

    @extend_schema(request=ImportInput, responses={202: JobSerializer})
    def create(self, request):
        """Take in a table of photos at addresses: a job, whose `message` says what came. Again is harmless."""
        given = ImportInput(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        try:
            job = asked.ask(**said | {"by": request.user})
        except ImportRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return accepted(job, self.get_serializer(job).data)
