from django import forms


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


class RetireForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever follows a citation here will read it instead of getting the files.",
    )


class EraseForm(forms.Form):
    sure = forms.BooleanField(label="The owner has asked for it, and it can’t be undone")
