"""What becomes of what somebody gave when they leave, and that they mean it."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Departure


class LeavingForm(forms.Form):
    photos = forms.ChoiceField(
        label="Your photos",
        choices=Departure.Photos.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of your photos."},
    )
    words = forms.ChoiceField(
        label="What you named, drew and wrote",
        choices=Departure.Words.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of what you said."},
    )
    erase_published = forms.BooleanField(
        required=False, label="Ask the admins to erase my photos from published datasets, too"
    )

    def __init__(self, *args, datasets: bool, **options) -> None:
        super().__init__(*args, **options)
        if not datasets:
            del self.fields["erase_published"]


class SureForm(LeavingForm):
    """The same choices, shown in words by now, with the password and a second word on it."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    sure = forms.BooleanField(
        label="Yes, delete my account", error_messages={"required": "Say that you mean it."}
    )

    def __init__(self, *args, user, **options) -> None:
        super().__init__(*args, **options)
        self.user = user
        for name in ("photos", "words", "erase_published"):
            if name in self.fields:
                self.fields[name].widget = forms.HiddenInput()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("This is not your password.")
        return password
