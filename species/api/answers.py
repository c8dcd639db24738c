"""How refusals of actions are answered: JSON that says what was wrong with which field."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from rest_framework import exceptions

from species.imaging import ImageRefused

UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class ActionErrors:
    """Mix into a viewset: what actions raise becomes a 400 (403 and 404 REST framework answers itself)."""

    def handle_exception(self, exc):
        if isinstance(exc, ValidationError):
            exc = exceptions.ValidationError(_detail(exc))
        elif isinstance(exc, ImageRefused):
            exc = exceptions.ValidationError({"file": [str(exc)], "code": exc.code})
        return super().handle_exception(exc)


def _detail(error: ValidationError) -> dict:
    if not hasattr(error, "error_dict"):
        return {"detail": " ".join(error.messages)}
    return {
        "detail" if name == NON_FIELD_ERRORS else name: messages
        for name, messages in error.message_dict.items()
    }
