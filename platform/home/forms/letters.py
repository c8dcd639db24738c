"""What somebody writes to those who run the site."""

from django import forms

from notices.models import Letter


class LetterForm(forms.Form):
    kind = forms.ChoiceField(label="What is it about?", choices=Letter.Kind.choices, widget=forms.RadioSelect)
    about = forms.CharField(
        label="The address of the page",
        required=False,
        max_length=500,
        help_text="Of each, if there are several.",
    )
    text = forms.CharField(
        label="What should be done, and why?", max_length=Letter.LONGEST, widget=forms.Textarea({"rows": 6})
    )
    name = forms.CharField(label="Your name", required=False, max_length=80)
    email = forms.EmailField(
        label="Where we can answer you", required=False, help_text="Only those who run the site see it."
    )
