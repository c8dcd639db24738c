"""Which part of the map is looked at."""

from django import forms

from species.filters import Box as BoxField
from species.places.cells import Box

HOW = "A latitude, a longitude and a zoom from 0 to 20, e.g. at=47.3,11.4,6."


class ViewField(BoxField):
    def to_python(self, value) -> Box | None:
        edges = super().to_python(value)
        return None if edges is None else Box(*edges)


class MapForm(forms.Form):
    """A part of the map, as its page asks for it: `view` is west, south, east, north in degrees."""

    view = ViewField()
    zoom = forms.IntegerField(min_value=0, max_value=20)


class At(forms.CharField):
    """Cleans to latitude, longitude and zoom, or None."""

    def to_python(self, value) -> tuple[float, float, int] | None:
        text = super().to_python(value)
        if not text:
            return None
        try:
            latitude, longitude, zoom = text.split(",")
            place = float(latitude), float(longitude), int(zoom)
        except ValueError:
            raise forms.ValidationError(HOW) from None
        if not (abs(place[0]) <= 90 and abs(place[1]) <= 180 and 0 <= place[2] <= 20):
            raise forms.ValidationError(HOW)
        return place


class AtForm(forms.Form):
    at = At(required=False)

    def cleaned_at(self) -> tuple[float, float, int] | None:
        return self.cleaned_data["at"] if self.is_valid() else None
