"""The filters of explore."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS

from labeling.forms.fields import TaxonField
from species.models import Status


class GalleryForm(forms.Form):
    """The filters of the gallery, all optional; places are only ever asked for by what is public of them."""

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Search",
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "placeholder": "Name, place or person" if settings.PLACES else "Name or person",
            }
        ),
    )
    taxon = TaxonField(required=False, label="Name or group")
    status = forms.ChoiceField(required=False, label="Verdict", choices=[("", "Any"), *Status.choices])
    place = forms.CharField(required=False, max_length=160, label="Where")
    who = forms.CharField(required=False, max_length=80, label="Who added it")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))
    month = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        label="Months, in any year",
        choices=list(MONTHS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    bbox = forms.CharField(
        required=False,
        max_length=120,
        label="Box on the map",
        help_text="West, south, east, north in degrees, e.g. 9.5,46.4,17.2,49",
    )

    def clean_bbox(self) -> tuple[float, float, float, float] | None:
        text = self.cleaned_data["bbox"]
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            raise ValidationError("Four numbers with commas: west, south, east, north.") from None
        if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
            raise ValidationError("Degrees: west and east from −180 to 180, south below north.")
        return west, south, east, north

    def clean(self) -> dict:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The end lies before the beginning.")
        return cleaned
