"""Where on a photo an organism is, in numbers: what a drawn box fills in, and the way without a pointer."""

from django import forms
from django.core.exceptions import ValidationError

from labeling.consensus.boxes import Rectangle
from labeling.models import Box
from labeling.queries.boxes import SIDES
from species.images import surroundings
from species.models import Photo

LABELS = {"x": "From the left", "y": "From the top", "width": "Width", "height": "Height"}
# Of a per cent: a hundredth of a pixel of a photo of a thousand.
DECIMALS = 3


def per_cent(box: Rectangle | Box) -> dict[str, float]:
    """Of the sides of the upright image. By its edges, so that no rounding leads out of the photo."""
    left, top = round(100 * box.x, DECIMALS), round(100 * box.y, DECIMALS)
    right, bottom = round(100 * (box.x + box.width), DECIMALS), round(100 * (box.y + box.height), DECIMALS)
    return {
        "x": left,
        "y": top,
        "width": round(right - left, DECIMALS),
        "height": round(bottom - top, DECIMALS),
    }


def said(box: Rectangle | Box | None) -> str:
    """The four numbers as one text; nothing where there is no box."""
    return " ".join(f"{each:.{DECIMALS}f}" for each in per_cent(box).values()) if box else ""


def on_shown(box: Rectangle | Box, photo: Photo) -> Rectangle | None:
    """As it lies on what is shown of the photo; None where that has nothing of it."""
    sides = surroundings.within((box.x, box.y, box.width, box.height), photo.shown_part)
    return Rectangle(*sides) if sides else None


class BoxForm(forms.Form):
    """The box of one organism on `photo`, in per cent of what is shown of the upright image; empty, there is none."""

    x, y, width, height = (
        forms.FloatField(
            label=LABELS[side],
            required=False,
            widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "data-side": side}),
        )
        for side in SIDES
    )

    # The sides that were filled in when the page was drawn: a tab that changed nothing says nothing of it.
    was = forms.CharField(required=False, widget=forms.HiddenInput)
    # Which part of the photo was shown when it was filled in: of another part the numbers mean something else.
    part = forms.CharField(required=False, widget=forms.HiddenInput)

    # Of the whole photo, and of what is shown of it.
    seen: Rectangle | None = None
    rectangle: Rectangle | None = None
    # Whether it shows what the server has, and nothing that somebody typed or took back.
    as_it_stands = False

    def __init__(self, data=None, *, photo: Photo, **options) -> None:
        self.photo = photo
        self.shows = " ".join(f"{each:.6f}" for each in photo.shown_part or ())
        options["initial"] = {"part": self.shows} | (options.get("initial") or {})
        super().__init__(data, prefix=f"box-{photo.pk}", auto_id="i-%s", **options)

    @property
    def numbers(self) -> list:
        return [self[side] for side in SIDES]

    @property
    def changed(self) -> bool:
        """Whether a valid form says something else than the page did."""
        return said(self.seen) != self.cleaned_data["was"]

    @property
    def sent(self) -> bool:
        """Whether what was sent has anything to say of this photo."""
        return self.is_bound and self.add_prefix("x") in self.data

    def clean(self) -> dict:
        cleaned = super().clean()
        given = [cleaned.get(side) for side in SIDES]
        if self.errors or all(each is None for each in given):
            return cleaned
        if any(each is None for each in given):
            raise ValidationError("A box has four numbers. Give all of them, or none.")
        x, y, width, height = given
        # Three decimals of two numbers may add up to a hair more than the whole.
        if min(x, y) < 0 or min(width, height) <= 0 or max(x + width, y + height) > 100.001:
            raise ValidationError("A box lies within the photo: per cent from 0 to 100, and not empty.")
        self.seen = Rectangle(x / 100, y / 100, min(width / 100, 1 - x / 100), min(height / 100, 1 - y / 100))
        if cleaned["part"] != self.shows and self.changed:
            raise ValidationError("The picture has changed since you drew on it. Draw the box again.")
        self.rectangle = Rectangle(*surroundings.of_whole(self.seen, self.photo.shown_part))
        return cleaned
