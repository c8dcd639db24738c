from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from rest_framework.exceptions import ValidationError as Refused

from research.queries import photos


class FreezeForm(forms.Form):
    title = forms.CharField(
        max_length=120, label="Name", help_text="What people will cite it as; the version number is added."
    )
    note = forms.CharField(
        required=False,
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it is for, or what is new in it. Goes into the README of every download.",
    )
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        try:
            return photos.canonical(QueryDict(self.cleaned_data["query"]))
        except Refused as error:
            raise ValidationError([str(each) for texts in error.detail.values() for each in texts]) from error


class RetireForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever follows a citation here will read it instead of getting the files.",
    )


class EraseForm(forms.Form):
    sure = forms.BooleanField(label="The owner has asked for it, and it can’t be undone")
