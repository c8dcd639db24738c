"""What somebody says an organism is."""

from django import forms
from django.core.exceptions import ValidationError

from labeling.forms.fields import NameInput, TaxonField
from labeling.models import Identification, Suggestion
from species.models import Taxon

CONFIDENCES = [
    (Identification.Confidence.GUESS, "A guess"),
    (Identification.Confidence.LIKELY, "Fairly"),
    (Identification.Confidence.SURE, "Certain"),
]

SAID = ("taxon", "confidence", "disagrees_with", "cannot_improve", "note")


class IdentifyForm(forms.Form):
    """One identification. `rivals`: taxa that other people say, which a coarser name may explicitly reject."""

    ASKED_AS = {"taxon": "name", "suggestion_on_screen": "suggestion"}

    likely = TaxonField(required=False, widget=forms.HiddenInput)
    name = TaxonField(required=False, label="Any name", widget=NameInput(placeholder="Any name"))
    confidence = forms.ChoiceField(
        choices=CONFIDENCES,
        initial=Identification.Confidence.LIKELY,
        label="How sure are you?",
        widget=forms.RadioSelect(attrs={"class": "seg"}),
    )
    disagrees_with = forms.ChoiceField(required=False, label="And I say it is not")
    cannot_improve = forms.BooleanField(
        required=False,
        label="It can’t be named more closely than this",
        help_text="Nobody could from these photos, not only me. Counts for names of groups.",
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        label="What makes you think so",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    suggestion = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, rivals: list[Taxon] = (), **options) -> None:
        super().__init__(*args, **options)
        self.rivals = {str(taxon.pk): taxon for taxon in rivals}
        choices = [(id, f"{taxon.name} ({taxon.scientific_name})") for id, taxon in self.rivals.items()]
        self.fields["disagrees_with"].choices = [("", "Nothing in particular"), *choices]
        if not choices:
            del self.fields["disagrees_with"]

    def clean_suggestion(self) -> Suggestion | None:
        id = self.cleaned_data["suggestion"]
        if id is None:
            return None
        found = Suggestion.objects.filter(pk=id).first()
        if found is None:
            raise ValidationError("The model’s opinion has changed meanwhile. Look at it again, then save.")
        return found

    def clean(self) -> dict:
        cleaned = super().clean()
        unread = {"name", "likely"} & self.errors.keys()
        if not unread and not (cleaned.get("name") or cleaned.get("likely")):
            self.add_error("name", "Choose a name, or type one.")
        return cleaned

    def says(self, identification: Identification) -> bool:
        """Whether this is what was said already."""
        said = self.said()
        return all(getattr(identification, name) == said[name] for name in SAID)

    def said(self) -> dict:
        """The arguments of `identifications.add`. What was typed goes before what was picked."""
        cleaned = self.cleaned_data
        rejected = self.rivals.get(cleaned.get("disagrees_with", ""))
        return {
            "taxon": cleaned["name"] or cleaned["likely"],
            "confidence": cleaned["confidence"],
            "disagrees_with": rejected,
            "cannot_improve": cleaned["cannot_improve"],
            "note": cleaned["note"],
            "suggestion_on_screen": cleaned["suggestion"],
            # Who rejects one of these names has read it.
            "others_on_screen": rejected is not None,
        }
