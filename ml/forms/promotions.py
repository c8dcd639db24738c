"""Why a model should go live."""

from django import forms


class PromoteForm(forms.Form):
    reason = forms.CharField(
        label="Why should it go live?",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown on its page. Where the data is too small to tell, say what you go by.",
    )
