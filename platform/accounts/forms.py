from django import forms

from accounts.models import Licence


class SignupForm(forms.Form):
    """What sign-up asks besides address and password; allauth mixes it into its own form."""

    display_name = forms.CharField(
        label="What should we call you?", max_length=80, help_text="Shown beside your photos and opinions."
    )
    field_order = ["display_name", "email", "password1", "password2"]

    def signup(self, request, user):
        """Nothing more to store: the adapter has taken the name."""


class DefaultsForm(forms.Form):
    display_name = forms.CharField(label="Name", max_length=80)
    locale = forms.ChoiceField(label="Language", choices=[("en", "English"), ("zh-hans", "简体中文")])
    licence = forms.ChoiceField(label="Licence for new photos", choices=Licence.choices)
    show = forms.BooleanField(label="Show my photos here", required=False)
    research = forms.BooleanField(label="Researchers may use them in datasets", required=False)
    train = forms.BooleanField(label="Models may learn from them", required=False)


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What is it for?", max_length=80, help_text="So that you know which one to revoke."
    )
