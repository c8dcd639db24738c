"""Fields and errors that several forms share. A name may be typed in any way that `species.taxonomy.names` knows."""

from django import forms
from django.core.exceptions import ValidationError

from species.models import Taxon
from species.queries.names import Names, Unknown

NAMES = "names"  # the id of the <datalist> that pages with a TaxonField print


def take_errors(form: forms.Form, error: ValidationError) -> None:
    """Put what an action refuses beside the field it is about; the rest stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, messages in error.message_dict.items():
        name = getattr(form, "ASKED_AS", {}).get(name, name)
        for message in messages:
            form.add_error(name if name in form.fields else None, message)


class TaxonField(forms.CharField):
    """A name in any spelling; cleans to a Taxon, or None."""

    def __init__(self, **options) -> None:
        options.setdefault("max_length", 200)
        options.setdefault("widget", forms.TextInput(attrs={"list": NAMES, "autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value) -> Taxon | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Names().find(text)
        except Unknown as error:
            # As a parameter: REST framework takes a % in the sentence itself for a place to fill in.
            raise ValidationError("%(why)s", code="unknown", params={"why": str(error)}) from error
