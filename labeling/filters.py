"""What lists can be asked for. Explore's page and `/api/v1/occurrences` have the same filters."""

from django import forms
from django_filters import rest_framework as filters

from labeling.models import Box, Flag, Identification, Ruling


class YesOrNo(forms.NullBooleanField):
    """`true` or `false`; anything else is refused, where the library's own takes it for not asked."""

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


class IdentificationFilter(filters.FilterSet):
    occurrence = filters.UUIDFilter(field_name="occurrence")
    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")

    class Meta:
        model = Identification
        fields: list[str] = []


class BoxFilter(filters.FilterSet):
    occurrence = filters.UUIDFilter(field_name="occurrence")
    photo = filters.UUIDFilter(field_name="photo")
    person = filters.UUIDFilter(field_name="person")
    standing = YesOrNoFilter(field_name="withdrawn_at", lookup_expr="isnull")

    class Meta:
        model = Box
        fields: list[str] = []


class FlagFilter(filters.FilterSet):
    photo = filters.UUIDFilter(field_name="photo")
    kind = filters.ChoiceFilter(choices=Flag.Kind.choices)
    open = YesOrNoFilter(field_name="resolved_at", lookup_expr="isnull")

    class Meta:
        model = Flag
        fields: list[str] = []


class RulingFilter(filters.FilterSet):
    # By id as such: a choice of rows would tell hidden ones from those that don't exist.
    occurrence = filters.UUIDFilter(field_name="occurrence")
    source = filters.UUIDFilter(field_name="source")

    class Meta:
        model = Ruling
        fields: list[str] = []
