"""Fields in which a name is typed, in any way that `species.taxonomy.names` knows."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from species.models import Taxon
from species.queries.names import Names, Unknown


class NameInput(forms.TextInput):
    """Any name may be typed, and the page's look/names.js proposes some."""

    def __init__(self, **attrs: str) -> None:
        quiet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__({"data-names": reverse_lazy("taxon_proposals"), **quiet, **attrs})


class TaxonField(forms.CharField):
    """A name in any spelling; cleans to a Taxon, or None.

    `meant`: what a name that nobody knows, or that two taxa share, may stand for (templates/labeling/_meant.html).
    """

    meant: list[Taxon]
    version: str | None = None  # of the tree in which it was found

    def __init__(self, **options) -> None:
        options.setdefault("max_length", 200)
        options.setdefault("widget", NameInput)
        super().__init__(**options)
        self.meant = []

    def clean(self, value) -> Taxon | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            names = Names()
            self.version = names.version
            return names.find(text)
        except Unknown as error:
            self.meant = error.meant
            # As a parameter: REST framework takes a % in the sentence itself for a place to fill in.
            raise ValidationError("%(why)s", code="unknown", params={"why": str(error)}) from error
