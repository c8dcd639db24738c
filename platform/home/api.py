"""Taking away everything that is one's own, by the API."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError

from accounts.api import UUID_PATTERN
from accounts.token_scopes import TokenScope
from home import takeouts
from home.actions import takeout
from home.presenters import takeout as presenters
from jobs.actions import NotPossible
from jobs.api import JobSerializer, accepted
from jobs.models import Job
from species.api.errors import ActionErrors

ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}
GONE = "There is no such file, or not any more. Gather it anew."


class TakeoutViewSet(ActionErrors, viewsets.GenericViewSet):
    """Everything that is yours in one file: photos as you sent them, and a table of each kind of row."""

    scope = TokenScope.EXPORT
    scopes = {"file": TokenScope.EXPORT}
    queryset = Job.objects.none()
    serializer_class = JobSerializer
    permission_classes = [permissions.IsAuthenticated]
    pagination_class = None
    filter_backends = ()
    lookup_value_regex = UUID_PATTERN

    @extend_schema(request=None, responses={202: JobSerializer})
    def create(self, request):
        """Have it gathered: a job, whose `result` is the file. While one is at it, it is the same one."""
        try:
            job = takeout.ask(user=request.user, by=request.user)
        except NotPossible as refusal:
            raise ValidationError({"detail": refusal.message}) from refusal
        return accepted(job, self.get_serializer(job).data)

    @extend_schema(responses=ZIP)
    @action(detail=True)
    def file(self, request, pk=None):
        """The file that a job of yours gathered, for a week. `Sunset` says until when it is there."""
        job = Job.objects.filter(pk=pk, owner=request.user, kind=takeouts.KIND).first()
        try:
            answer = presenters.response(job) if job else None
        except FileNotFoundError:
            answer = None
        if answer is None:
            raise Http404(GONE)
        return answer


def register(router) -> None:
    router.register("takeouts", TakeoutViewSet, basename="api-takeout")
