"""Pointing at a field mark, in numbers: what a press on the photo fills in, and the way without a pointer."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from species.images import surroundings
from species.models import MARK_LENGTH, Photo, Taxon
from species.queries import taxa
from species.taxonomy.field_marks import Mark

OWN_WORDS = "In words of my own"
BETWEEN = "|"  # the label of a name and its mark


def choice(taxon: Taxon, mark: Mark) -> tuple[str, str]:
    return f"{taxon.label}{BETWEEN}{mark.mark}", mark.mark


def choices(taxa: Sequence[Taxon], marks: Mapping[Any, Sequence[Mark]]) -> list[tuple[str, Any]]:
    """Name by name; a mark that several have stands with the first of them."""
    found: list[tuple[str, Any]] = [("", OWN_WORDS)]
    said: set[str] = set()
    for taxon in taxa:
        fresh = [each for each in marks.get(taxon.pk, []) if each.mark not in said]
        said.update(each.mark for each in fresh)
        if fresh:
            found.append((taxon.name, [choice(taxon, each) for each in fresh]))
    return found


class PointForm(forms.Form):
    """Where on `photo` which mark is, in per cent of what is shown of it; `whole`: all of it is."""

    mark = forms.CharField(required=False, label="What do you point at?", widget=forms.Select)
    words = forms.CharField(
        required=False,
        max_length=MARK_LENGTH,
        label=OWN_WORDS,
        help_text="Short: “scar on the cheek”.",
    )
    x, y = (
        forms.FloatField(
            label=label,
            error_messages={"required": "Press on the photo where it is, or give both numbers."},
            widget=forms.NumberInput(attrs={"step": "any", "min": 0, "max": 100, "inputmode": "decimal"}),
        )
        for label in ("Per cent from the left", "Per cent from the top")
    )
    # Which part of the photo was shown when it was filled in: of another part the numbers mean something else.
    part = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, photo: Photo, whole: bool, marks=(("", OWN_WORDS),), **options) -> None:
        self.seen = None if whole else photo.shown_part
        shows = " ".join(f"{each:.6f}" for each in self.seen or ())
        options["initial"] = {"part": shows} | (options.get("initial") or {})
        # In the labeling room it stands in a form that is sent without it.
        super().__init__(data, auto_id="point-%s", use_required_attribute=False, **options)
        self.shows = shows
        self.fields["mark"].widget.choices = list(marks)

    def clean(self) -> dict:
        cleaned = super().clean()
        mark, words = cleaned.get("mark", ""), cleaned.get("words", "").strip()
        x, y = cleaned.get("x"), cleaned.get("y")
        if not self.errors:
            if not mark and not words:
                self.add_error("words", "Choose a mark above, or write here what you point at.")
            if not (0 <= x <= 100 and 0 <= y <= 100):
                self.add_error("x", "A point lies on the photo: per cent from 0 to 100.")
            elif cleaned["part"] != self.shows:
                raise ValidationError("The picture has changed since you pointed at it. Point again.")
        return cleaned

    def said(self) -> dict[str, Any]:
        """What `labeling.actions.field_marks.point` takes of a valid form. Raises ValidationError."""
        cleaned = self.cleaned_data
        x, y = surroundings.point_of_whole((cleaned["x"] / 100, cleaned["y"] / 100), self.seen)
        label, _, mark = cleaned["mark"].partition(BETWEEN)
        words = cleaned["words"].strip()
        if words or not mark:
            return {"mark": words, "taxon": None, "x": x, "y": y}
        taxon = taxa.by_label(label)
        if taxon is None:
            raise ValidationError({"mark": "This mark is not listed any more. Choose another one."})
        return {"mark": mark, "taxon": taxon, "x": x, "y": y}
