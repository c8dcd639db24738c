"""What is reported, and what a reviewer does about a person."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms

from labeling.models import Suspension
from labeling.queries.rollbacks import WORDS

LONGEST = 2000


def _words(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        max_length=LONGEST, label=label, help_text=hint, widget=forms.Textarea(attrs={"rows": 3})
    )


def _day(label: str, hint: str) -> forms.DateField:
    return forms.DateField(
        required=False, label=label, help_text=hint, widget=forms.DateInput(attrs={"type": "date"})
    )


def _midnight(day: Any) -> datetime | None:
    return day and datetime.combine(day, time.min, tzinfo=UTC)


class ReportForm(forms.Form):
    reason = _words("What is wrong?", "Only reviewers read it.")


class WarnForm(forms.Form):
    reason = _words("Why?", "They are shown it at their next visit.")


class SuspendForm(forms.Form):
    reason = _words("Why?", "They read it, and can appeal.")
    until = _day("Until the beginning of", "In UTC. Empty: until somebody lifts it.")
    votes = forms.ChoiceField(
        label="What they voted",
        choices=Suspension.Votes.choices,
        initial=Suspension.Votes.KEEP,
        widget=forms.RadioSelect(attrs={"class": "seg"}),
    )
    photos = forms.ChoiceField(
        label="Their photos",
        choices=Suspension.Photos.choices,
        initial=Suspension.Photos.KEEP,
        widget=forms.RadioSelect(attrs={"class": "seg"}),
    )

    def said(self) -> dict[str, Any]:
        return self.cleaned_data | {"until": _midnight(self.cleaned_data["until"])}


class SinceForm(forms.Form):
    """What a preview is of."""

    since = _day("From the beginning of", "In UTC. Empty: all they ever did.")

    @property
    def moment(self) -> datetime | None:
        return _midnight(self.cleaned_data.get("since")) if self.is_valid() else None


class RollbackForm(SinceForm):
    kinds = forms.MultipleChoiceField(
        label="What", choices=list(WORDS.items()), widget=forms.CheckboxSelectMultiple
    )
    reason = _words("Why?", "Reviewers read it later.")

    def said(self) -> dict[str, Any]:
        return self.cleaned_data | {"since": self.moment}


class AppealForm(forms.Form):
    text = _words("Why is it wrong?", "You can say it once. Another reviewer answers.")


class AnswerForm(forms.Form):
    text = _words("Your answer", "They read it.")
    lifts = forms.ChoiceField(
        label="And the suspension",
        choices=[("", "Stands"), ("yes", "Is lifted")],
        required=False,
        widget=forms.RadioSelect(attrs={"class": "seg"}),
    )
