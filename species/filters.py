"""Filters that refuse what cannot be meant, where the library's own pass it over."""

import re
from datetime import UTC, date, datetime

from django import forms
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from species.places.cells import is_cell

SYNC = "Changed at or after this moment, ISO 8601 with an offset or Z. See docs/api.md."


class Moment(forms.Field):
    """An instant; without its zone it would be another one elsewhere."""

    def __init__(self, *, input_formats=None, **options):
        super().__init__(**options)

    def to_python(self, value):
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.strip())
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise forms.ValidationError("Write a moment like 2015-10-10T12:30:00Z.")


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = Moment


DEGREES = r"-?[0-9]{1,3}(\.[0-9]+)?"


class YesOrNo(forms.NullBooleanField):
    VALUES = {"true": True, "false": False}

    def to_python(self, value):
        return None if value in (None, "") else self.VALUES.get(value, value)

    def validate(self, value):
        if value not in (None, True, False):
            raise forms.ValidationError("Write true or false.")


class YesOrNoFilter(filters.BooleanFilter):
    field_class = YesOrNo

    def __init__(self, **options):
        super().__init__(widget=forms.TextInput, **options)


class Box(forms.Field):
    """Cleans to (west, south, east, north) in degrees, or None."""

    def to_python(self, value):
        if not value:
            return None
        try:
            west, south, east, north = (float(part) for part in value.split(","))
        except ValueError:
            raise forms.ValidationError("Four numbers with commas: west, south, east, north.") from None
        if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
            raise forms.ValidationError("Degrees: west and east from −180 to 180, south below north.")
        return west, south, east, north


@extend_schema_field(
    {"type": "string", "pattern": rf"^{DEGREES}(,{DEGREES}){{3}}$", "example": "9.5,46.4,17.2,49"}
)
class BoxFilter(filters.CharFilter):
    field_class = Box


class PointField(forms.Field):
    """Cleans to (latitude, longitude) in degrees, or None."""

    def to_python(self, value):
        if not value:
            return None
        try:
            latitude, longitude = (float(part) for part in value.split(","))
        except ValueError:
            raise forms.ValidationError("Two numbers with a comma: latitude, longitude.") from None
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise forms.ValidationError("Degrees: latitude from −90 to 90, longitude from −180 to 180.")
        return latitude, longitude


@extend_schema_field({"type": "string", "pattern": rf"^{DEGREES},{DEGREES}$", "example": "47.27,11.39"})
class PointFilter(filters.CharFilter):
    field_class = PointField


class Space(Box):
    """Likewise, also with the two heights of a box in space: what is seen has none."""

    def to_python(self, value):
        parts = value.split(",") if value else []
        if len(parts) == 6:
            try:
                lowest, highest = float(parts[2]), float(parts[5])
            except ValueError:
                lowest, highest = 1, 0
            if not lowest <= highest:
                raise forms.ValidationError(
                    "West, south, lowest, east, north, highest: numbers, lowest below highest."
                )
            value = ",".join(parts[:2] + parts[3:5])
        return super().to_python(value)


class SpaceFilter(filters.CharFilter):
    field_class = Space


class Interval(forms.Field):
    """Cleans to (first day, last day), or None; one is None for all before or after. Of a moment, its day in UTC."""

    OPEN = ("", "..")
    # Some programs write a day with a T and no hour behind it.
    MOMENT = re.compile(
        r"(\d{4}-\d{2}-\d{2})(?:T|T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?", re.ASCII
    )

    def to_python(self, value):
        if not value:
            return None
        ends = value.upper().split("/")
        if len(ends) > 2 or all(each in self.OPEN for each in ends):
            raise self._unreadable()
        first, last = (self._day(each) for each in (ends * 2)[:2])
        if first and last and first > last:
            raise forms.ValidationError("The end lies before the beginning.")
        return first, last

    def _day(self, text: str) -> date | None:
        if text in self.OPEN:
            return None
        found = self.MOMENT.fullmatch(text)
        try:
            if found and len(text) > len("2015-10-10T"):
                return datetime.fromisoformat(text).astimezone(UTC).date()
            if found:
                return date.fromisoformat(found[1])
        except (ValueError, OverflowError):
            pass
        raise self._unreadable()

    def _unreadable(self) -> forms.ValidationError:
        return forms.ValidationError(
            "A day or a moment, 2015-10-10 or 2015-10-10T12:30:00Z; two with a slash between them, or one and “..”."
        )


class IntervalFilter(filters.CharFilter):
    field_class = Interval


class Cell(forms.CharField):
    def clean(self, value):
        text = super().clean(value)
        if text and not is_cell(text):
            raise forms.ValidationError("An H3 cell of resolution 1 to 5: 15 digits, e.g. 851f8e07fffffff.")
        return text


@extend_schema_field({"type": "string", "pattern": "^8[1-5][0-9a-f]{13}$", "example": "851f8e07fffffff"})
class CellFilter(filters.CharFilter):
    field_class = Cell
