"""What a photo may be used for."""

from django import forms

from species.models import Purpose

PURPOSES = [
    (Purpose.SHOW, "show on this site"),
    (Purpose.RESEARCH, "do research"),
    (Purpose.TRAIN, "train models"),
]


def consents_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        required=False, label="May be used to", choices=PURPOSES, widget=forms.CheckboxSelectMultiple
    )


class ConsentForm(forms.Form):
    """What a photo may be used for."""

    ASKED_AS = dict.fromkeys(Purpose.values, "consents")

    consents = consents_field()


class ManyForm(forms.Form):
    """One word on the uses of many photos; what is left out stays as each photo has it."""

    CHOICES = [("", "Leave it"), ("yes", "Yes"), ("no", "No")]

    which = forms.ChoiceField(
        label="Of which photos?",
        choices=[("chosen", "Of those that I choose below"), ("all", "Of all of mine")],
        widget=forms.RadioSelect,
        initial="chosen",
    )
    photo = forms.ModelMultipleChoiceField(queryset=None, required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args, photos, **options) -> None:
        super().__init__(*args, **options)
        self.fields["photo"].queryset = photos
        for purpose, words in PURPOSES:
            self.fields[purpose] = forms.ChoiceField(
                label=f"May they be used to {words}?", choices=self.CHOICES, required=False
            )

    def clean(self):
        cleaned = super().clean()
        if not self.said():
            raise forms.ValidationError("Say for at least one use whether it is allowed.")
        if cleaned.get("which") == "chosen" and not cleaned.get("photo"):
            self.add_error("which", "Choose photos below first, or say all.")
        return cleaned

    def said(self) -> dict[str, bool]:
        answers = {purpose: self.cleaned_data.get(purpose) for purpose, _ in PURPOSES}
        return {str(purpose): answer == "yes" for purpose, answer in answers.items() if answer}
