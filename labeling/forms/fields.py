"""Fields and errors that several forms share."""

from django import forms
from django.core.exceptions import ValidationError

from species.forms.names import NameInput, TaxonField

__all__ = ["NameInput", "TaxonField", "take_errors"]


def take_errors(form: forms.Form, error: ValidationError) -> None:
    """Put what an action refuses beside the field it is about; the rest stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, messages in error.message_dict.items():
        name = getattr(form, "ASKED_AS", {}).get(name, name)
        for message in messages:
            form.add_error(name if name in form.fields else None, message)
