"""Fields that refuse what the framework's own would let through to the database."""

import json
from math import isfinite
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

NOT_WRITTEN = "This is not written here, and is another now. Leave it out."


def refuse_other_values(given: serializers.Serializer, present: dict[str, Any]) -> None:
    """What cannot be written may be sent as a GET gave it, and is not passed over where it is another."""
    present = json.loads(JSONRenderer().render(present))
    others = [
        name
        for name, field in given.fields.items()
        if field.read_only and name in given.initial_data and given.initial_data[name] != present.get(name)
    ]
    if others:
        raise serializers.ValidationError({name: [NOT_WRITTEN] for name in others})


class NumberField(serializers.FloatField):
    """A finite number; the text "nan" is none."""

    def to_internal_value(self, data):
        try:
            number = super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")
        if isinstance(data, bool) or not isfinite(number):
            self.fail("invalid")
        return number


@extend_schema_field(OpenApiTypes.BINARY)
class SentFile(serializers.FileField):
    """A file that is sent. The framework's own is described by the address that an answer would hold."""


class RowField(serializers.PrimaryKeyRelatedField):
    """A row by its id."""

    def __init__(self, **options):
        super().__init__(pk_field=serializers.UUIDField(), **options)
