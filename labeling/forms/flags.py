"""Something is wrong with a photo."""

from django import forms

from labeling.models import Flag


class FlagForm(forms.Form):
    kind = forms.ChoiceField(choices=Flag.Kind.choices, label="What is wrong?", widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False, max_length=2000, label="In your words", widget=forms.Textarea(attrs={"rows": 2})
    )
