"""A reviewer's decision on the review page: the name, and one of the usual reasons or own words."""

from collections.abc import Sequence
from typing import Any

from django import forms

from labeling.forms.fields import NameInput, TaxonField
from labeling.queries.review import MANY
from species.models import Taxon

REASONS = (
    "The photo shows what tells it.",
    "The other name’s field marks are not there.",
    "The other name does not fit the place or the season.",
    "More than this cannot be told from these photos.",
    "The photo is too blurred, too dark or too far.",
)
OTHER, UNSETTLED = "other", "unsettled"


class Because(forms.Form):
    """Why: `standard`, a number of `REASONS` from 1, or `words`, which go before it."""

    standard = forms.ChoiceField(
        choices=[(str(number), text) for number, text in enumerate(REASONS, start=1)], required=False
    )
    words = forms.CharField(
        max_length=2000,
        required=False,
        label="Or in your own words",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Everybody reads it under your name.",
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.reason:
            self.add_error("words", "Say why: choose a reason, or use your own words.")
        return cleaned

    @property
    def reason(self) -> str:
        words = self.cleaned_data.get("words", "").strip()
        number = self.cleaned_data.get("standard")
        return words or (REASONS[int(number) - 1] if number else "")


class ReviewForm(Because):
    """One ruling. `given`: the names that people give, as radios of their ids; the leading one first."""

    ASKED_AS = {"taxon": "name", "reason": "words"}

    what = forms.ChoiceField(error_messages={"required": "Choose a name, or say that it can’t be settled."})
    name = TaxonField(required=False, label="Another name", widget=NameInput(placeholder="Another name"))

    def __init__(self, *args: Any, given: Sequence[Taxon] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.given = {str(taxon.pk): taxon for taxon in given}
        names = [(id, taxon.name) for id, taxon in self.given.items()]
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            *names,
            (OTHER, "Another name"),
            (UNSETTLED, "It can’t be settled"),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("what") == OTHER and "name" not in self.errors and not cleaned.get("name"):
            self.add_error("name", "Say which name.")
        return cleaned

    @property
    def taxon(self) -> Taxon | None:
        what = self.cleaned_data["what"]
        return self.cleaned_data["name"] if what == OTHER else self.given.get(what)


class ChosenForm(forms.Form):
    """Which rows of a list."""

    chosen = forms.TypedMultipleChoiceField(coerce=str, error_messages={"required": "Choose some first."})

    def __init__(self, *args: Any, keys: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["chosen"].choices = [(key, key) for key in keys[: 2 * MANY]]  # type: ignore[attr-defined]
