"""A reviewer's decision."""

from django import forms

from labeling.forms.fields import TaxonField


class RulingForm(forms.Form):
    ASKED_AS = {"taxon": "name"}

    name = TaxonField(required=False, label="It is")
    unsettled = forms.BooleanField(required=False, label="It can’t be settled from these photos")
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Everybody reads it under your name.",
        error_messages={"required": "Say why; others will read it."},
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict:
        cleaned = super().clean()
        if "name" not in self.errors and bool(cleaned.get("name")) == bool(cleaned.get("unsettled")):
            self.add_error("name", "Give a name, or say that it can’t be settled; one of the two.")
        return cleaned

    def ask_twice(self, sentence: str) -> None:
        """Show the box that says that it is meant."""
        self.fields["confirmed"].widget = forms.CheckboxInput()
        self.fields["confirmed"].label = f"{sentence} I mean it"

    def ruling(self) -> dict:
        """The arguments of `rulings.rule`."""
        said = self.cleaned_data
        return {"taxon": said["name"], "reason": said["reason"], "confirmed": said["confirmed"]}
