"""Where something was, as forms ask it: a name, degrees, how sure, where from, who may see it, and of its time then."""

import math
from collections.abc import Collection, Iterable

from django import forms
from django.urls import reverse_lazy

from species.models import Observation, Photo, PlaceSource, Privacy, Surroundings, TimePrecision

#: Where a person may say that a place came from, in the words of the page.
SAID = {
    PlaceSource.MAP_PIN: "map pin",
    PlaceSource.DEVICE: "device",
    PlaceSource.GPX: "track",
    PlaceSource.PLACE_NAME: "by name",
    PlaceSource.EXIF: "photo",
    PlaceSource.XMP: "photo’s XMP",
}
DEGREES = ("latitude", "longitude")


class Decimal(forms.FloatField):
    """A number with a point or a comma. A text field: number fields lose what is no number before it is sent."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value):
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def prepare_value(self, value):
        return int(value) if isinstance(value, float) and value.is_integer() else value


class PlaceForm(forms.Form):
    """The fields of templates/labeling/_place.html, which labeling/place.js fills from a map, a device or a track.

    `before` is what they say already: `said_of` an observation, or {} of a new one. `told`: the places that its photos
    tell, without which none is said to be from a photo.
    """

    before: dict
    told: Collection[tuple[float, float]] = ()

    place_name = forms.CharField(
        required=False,
        max_length=160,
        label="What is the place called?",
        help_text="A water, a town, a spot. Any words will do.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "data-names": reverse_lazy("place_proposals"),
                "data-names-label": "Places that may be meant",
            }
        ),
    )
    latitude = Decimal(required=False, min_value=-90, max_value=90)
    longitude = Decimal(required=False, min_value=-180, max_value=180)
    uncertainty_m = Decimal(required=False, min_value=0, label="Give or take, in metres")
    place_source = forms.ChoiceField(
        required=False, choices=list(SAID.items()), initial=PlaceSource.MAP_PIN, widget=forms.HiddenInput
    )
    privacy = forms.ChoiceField(
        choices=Privacy.choices,
        label="Who may see the place",
        widget=forms.RadioSelect(attrs={"class": "seg"}),
        help_text="Rough area: others see a square of about 11 km, always the same one. You, reviewers and people "
        "you agreed with see the place.",
    )

    time_precision = forms.ChoiceField(
        required=False,
        choices=TimePrecision.choices,
        initial=TimePrecision.EXACT,
        label="When others see it",
        help_text="Where they don’t see the place as it is. Everybody sees the day on which you add it.",
    )
    surroundings = forms.ChoiceField(
        required=False,
        choices=Surroundings.choices,
        initial=Surroundings.WHOLE,
        label="What of the photo others see",
        help_text="Where they don’t see the place as it is: banks and bridges can give it away. You, reviewers and "
        "people you agreed with see the whole photo. One that others don’t see whole enters no dataset.",
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        for one, other in (DEGREES, DEGREES[::-1]):
            if cleaned.get(one) is not None and cleaned.get(other) is None and other not in self.errors:
                self.add_error(other, "A place needs both latitude and longitude.")
        return cleaned

    def place(self) -> dict:
        """The arguments of `observations.describe` about the place; what was left as it stood keeps its source."""
        said = self.cleaned_data
        fields = {"privacy": said["privacy"]}
        # A page that does not ask leaves it as it is.
        fields |= {name: said[name] for name in ("time_precision", "surroundings") if said.get(name)}
        if said["place_name"] != self.before.get("place_name", ""):
            fields["place_name"] = said["place_name"]
        moved = any(not same(said[name], self.before.get(name)) for name in DEGREES)
        if moved:
            source = said["place_source"] or PlaceSource.MAP_PIN
            if source in (PlaceSource.EXIF, PlaceSource.XMP) and not self._told(
                *(said[name] for name in DEGREES)
            ):
                source = PlaceSource.MAP_PIN
            fields |= {name: said[name] for name in DEGREES}
            fields["place_source"] = source if said["latitude"] is not None else ""
        if moved or not same(said["uncertainty_m"], self.before.get("uncertainty_m")):
            fields["uncertainty_m"] = said["uncertainty_m"]
        return fields

    def _told(self, latitude: float | None, longitude: float | None) -> bool:
        # As the page writes them: six decimals.
        return any(
            latitude is not None
            and longitude is not None
            and abs(latitude - one) + abs(longitude - other) < 2e-6
            for one, other in self.told
        )


def told_by(photos: Iterable[Photo]) -> list[tuple[float, float]]:
    """The places that their metadata tell."""
    said = (each.metadata for each in photos)
    return [
        (each["latitude"], each["longitude"]) for each in said if "latitude" in each and "longitude" in each
    ]


def said_of(observation: Observation) -> dict:
    """What a sighting says of its place, field by field; its `place` should be fetched."""
    return {
        "place_name": observation.place.name if observation.place else "",
        "latitude": observation.latitude,
        "longitude": observation.longitude,
        "uncertainty_m": observation.uncertainty_m,
        "place_source": PlaceSource.MAP_PIN,
        "privacy": observation.privacy,
        "time_precision": observation.time_precision,
        "surroundings": observation.surroundings,
    }


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, abs_tol=1e-9)
