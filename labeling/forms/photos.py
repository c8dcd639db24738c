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
