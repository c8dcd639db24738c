"""What somebody calls the photo they keep."""

from django import forms

from labeling.forms.fields import TaxonField


class KeepForm(forms.Form):
    label = TaxonField(
        required=False, label="What is it?", help_text="You can leave it open, and say it later."
    )
