"""What the API says of itself, written by one thread at a time."""

from threading import Lock

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from config.chosen import FIELDS, takes_fields
from config.token_scopes import Scoped, needs

TOKEN = "token"  # as accounts.authentication.TokenScheme calls it

_writing = Lock()


class Generator(SchemaGenerator):
    """drf-spectacular keeps its place in what all threads share: its extensions, its warnings, each view's schema.

    Two at once fail, or describe a view by another's fields.
    """

    def get_schema(self, request=None, public=False):
        with _writing:
            return super().get_schema(request=request, public=public)


class Operation(AutoSchema):
    """Says of every operation which scope a token needs for it, and of which rows one may choose fields."""

    def get_override_parameters(self):
        if self.method != "GET" or not takes_fields(self.view):
            return []
        text = "Names of fields, a comma between them: rows have these alone."
        return [OpenApiParameter(FIELDS, str, description=text)]

    def get_auth(self):
        asked = super().get_auth()
        needed = [each for each in [needs(self.view, self.method)] if each] if isinstance(self.view, Scoped) else []
        return [each | {name: needed for name in each if name == TOKEN} for each in asked]
