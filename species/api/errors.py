"""How refusals of actions are answered: JSON that says what was wrong with which field."""

from django.utils.cache import patch_cache_control
from rest_framework import exceptions

from accounts.api import Refusals
from species.actions.allowances import UsedUp
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed
from species.images.refusals import ImageRefused


class ComeBack(exceptions.APIException):
    """503. REST framework makes `wait`, in seconds, the Retry-After."""

    status_code = 503
    wait = RETRY_AFTER


class TooMuch(exceptions.APIException):
    """429, with the Retry-After and in the words of the bound."""

    status_code = 429

    def __init__(self, error: UsedUp) -> None:
        super().__init__(str(error), "throttled")
        self.wait = error.retry_after


class ActionErrors(Refusals):
    """Mix into a viewset: what actions raise becomes a 400 (403 and 404 REST framework answers itself), a 429
    where it is too much, and a 503 where nothing is wrong with what was sent.
    """

    def handle_exception(self, exc):
        if isinstance(exc, ImageRefused):
            exc = exceptions.ValidationError({"file": [exceptions.ErrorDetail(str(exc), exc.code)]})
        elif isinstance(exc, DecoderFailed):
            exc = ComeBack(TRY_AGAIN)
        elif isinstance(exc, UsedUp):
            exc = TooMuch(exc)
        return super().handle_exception(exc)


class KeptPrivate:
    """Mix into a viewset whose answers can hold exact places or what a file says: where `private` was set, no
    cache keeps the answer, the browser's neither.
    """

    private = False

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.private:
            patch_cache_control(response, private=True, no_store=True)
        return response
