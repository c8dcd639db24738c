"""A second organism in the same photos."""

from django import forms

from species.models import Photo


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
