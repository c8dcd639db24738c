"""What a reviewer says of an import as a whole."""

from django import forms

from species.actions.import_batches import LONGEST


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST,
        label="Why is it withdrawn?",
        help_text="Who imported it and other reviewers read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TrustForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST,
        label="Why is the collection trusted?",
        help_text="Everybody reads it, beside each name that rests on it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
