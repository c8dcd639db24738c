"""Fields that refuse what the framework's own would let through to the database."""

from math import isfinite

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


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
