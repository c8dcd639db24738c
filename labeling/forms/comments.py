"""What is written about a sighting, and what reviewers are told of that."""

from django import forms

from labeling.models import Comment


class CommentForm(forms.Form):
    text = forms.CharField(
        max_length=Comment.LONGEST,
        label="Write about this sighting",
        help_text="Plain text. “@” and a name tells somebody who said something here.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReportForm(forms.Form):
    reason = forms.CharField(
        required=False,
        max_length=Comment.LONGEST,
        label="What is wrong with it?",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class HideForm(forms.Form):
    reason = forms.CharField(
        max_length=Comment.LONGEST,
        label="Why?",
        help_text="Its writer is told.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
