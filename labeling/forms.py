"""What people fill in about sightings. A name may be typed in any way that `species.taxonomy.names` knows."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS

from labeling.models import Flag, Identification, Suggestion
from species.models import Photo, Status, Taxon
from species.queries.names import Names, Unknown

NAMES = "names"  # the id of the <datalist> that pages with a TaxonField print
CONFIDENCES = [
    (Identification.Confidence.GUESS, "A guess"),
    (Identification.Confidence.LIKELY, "Fairly"),
    (Identification.Confidence.SURE, "Certain"),
]


def take_errors(form: forms.Form, error: ValidationError) -> None:
    """Put what an action refuses beside the field it is about; the rest stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, messages in error.message_dict.items():
        name = getattr(form, "ASKED_AS", {}).get(name, name)
        for message in messages:
            form.add_error(name if name in form.fields else None, message)


class TaxonField(forms.CharField):
    """A name in any spelling; cleans to a Taxon, or None."""

    def __init__(self, **options) -> None:
        options.setdefault("max_length", 200)
        options.setdefault("widget", forms.TextInput(attrs={"list": NAMES, "autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value) -> Taxon | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Names().find(text)
        except Unknown as error:
            raise ValidationError(str(error), code="unknown") from error


class IdentifyForm(forms.Form):
    """One opinion. `rivals`: taxa that other people say, which a coarser opinion may explicitly reject."""

    ASKED_AS = {"taxon": "name", "suggestion_on_screen": "suggestion"}

    likely = TaxonField(required=False, widget=forms.HiddenInput)
    name = TaxonField(
        required=False,
        label="Any name",
        widget=forms.TextInput(attrs={"list": NAMES, "autocomplete": "off", "placeholder": "Any name"}),
    )
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

    def opinion(self) -> dict:
        """The arguments of `identifications.add`. What was typed goes before what was picked."""
        cleaned = self.cleaned_data
        return {
            "taxon": cleaned["name"] or cleaned["likely"],
            "confidence": cleaned["confidence"],
            "disagrees_with": self.rivals.get(cleaned.get("disagrees_with", "")),
            "cannot_improve": cleaned["cannot_improve"],
            "note": cleaned["note"],
            "suggestion_on_screen": cleaned["suggestion"],
        }


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

    def clean(self) -> dict:
        cleaned = super().clean()
        if "name" not in self.errors and bool(cleaned.get("name")) == bool(cleaned.get("unsettled")):
            self.add_error("name", "Give a name, or say that it can’t be settled; one of the two.")
        return cleaned

    def ruling(self) -> dict:
        """The arguments of `rulings.rule`."""
        return {"taxon": self.cleaned_data["name"], "reason": self.cleaned_data["reason"]}


class FlagForm(forms.Form):
    kind = forms.ChoiceField(choices=Flag.Kind.choices, label="What is wrong?", widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False, max_length=2000, label="In your words", widget=forms.Textarea(attrs={"rows": 2})
    )


class SecondForm(forms.Form):
    """Another organism in the same sighting, and the photos it is on."""

    photos = forms.MultipleChoiceField(
        label="Seen on", widget=forms.CheckboxSelectMultiple, error_messages={"required": "On which photos?"}
    )

    def __init__(self, *args, among: list[Photo], **options) -> None:
        super().__init__(*args, **options)
        self.among = {str(photo.pk): photo for photo in among}
        self.fields["photos"].choices = [
            (id, f"Photo {number}") for number, id in enumerate(self.among, start=1)
        ]
        self.fields["photos"].initial = list(self.among)

    def clean_photos(self) -> list[Photo]:
        return [self.among[id] for id in self.cleaned_data["photos"]]


class GalleryForm(forms.Form):
    """The filters of the gallery, all optional; places are only ever asked for by what is public of them."""

    q = forms.CharField(
        required=False,
        max_length=200,
        label="Search",
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "placeholder": "Name, place or person" if settings.PLACES else "Name or person",
            }
        ),
    )
    taxon = TaxonField(required=False, label="Name or group")
    status = forms.ChoiceField(required=False, label="Verdict", choices=[("", "Any"), *Status.choices])
    place = forms.CharField(required=False, max_length=160, label="Where")
    who = forms.CharField(required=False, max_length=80, label="Who added it")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))
    month = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        label="Months, in any year",
        choices=list(MONTHS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    bbox = forms.CharField(
        required=False,
        max_length=120,
        label="Box on the map",
        help_text="West, south, east, north in degrees, e.g. 9.5,46.4,17.2,49",
    )

    def clean_bbox(self) -> tuple[float, float, float, float] | None:
        text = self.cleaned_data["bbox"]
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            raise ValidationError("Four numbers with commas: west, south, east, north.") from None
        if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
            raise ValidationError("Degrees: west and east from −180 to 180, south below north.")
        return west, south, east, north

    def clean(self) -> dict:
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "The end lies before the beginning.")
        return cleaned
