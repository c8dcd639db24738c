"""What the API says of itself, written by one thread at a time."""

from threading import Lock

from drf_spectacular.generators import SchemaGenerator

_writing = Lock()


class Generator(SchemaGenerator):
    """drf-spectacular keeps its place in what all threads share: its extensions, its warnings, each view's schema.

    Two at once fail, or describe a view by another's fields.
    """

    def get_schema(self, request=None, public=False):
        with _writing:
            return super().get_schema(request=request, public=public)
