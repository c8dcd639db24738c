"""The box that an owner's photo is cropped to, in numbers."""

from django import forms

from labeling.forms.places import Decimal

# What stands in the fields, and which side of a box that is.
SIDES = {"left": "x", "top": "y", "wide": "width", "high": "height"}


class FrameForm(forms.Form):
    """Hundredths of the photo's width and height, from its upper left corner."""

    left = Decimal(min_value=0, max_value=100, label="From the left, %")
    top = Decimal(min_value=0, max_value=100, label="From the top, %")
    wide = Decimal(min_value=0.1, max_value=100, label="Width, %")
    high = Decimal(min_value=0.1, max_value=100, label="Height, %")

    def clean(self) -> dict:
        cleaned = super().clean()
        for start, size in (("left", "wide"), ("top", "high")):
            if cleaned.get(start) is not None and (cleaned.get(size) or 0) + cleaned[start] > 100:
                self.add_error(size, f"It ends outside of the photo: {100 - cleaned[start]:g} % at most.")
        return cleaned

    def sides(self) -> dict[str, float]:
        """As `boxes.draw` takes them: fractions."""
        return {side: self.cleaned_data[name] / 100 for name, side in SIDES.items()}


def said_of(box: dict[str, float] | None) -> dict[str, float]:
    return {} if box is None else {name: round(100 * box[side], 1) for name, side in SIDES.items()}
