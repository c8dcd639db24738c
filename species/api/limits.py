"""How many rows are asked for where a list has no pages."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError


def limit_parameter(most: int) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": 1, "maximum": most}
    return OpenApiParameter("limit", schema, description=f"At most so many, from 1 to {most}.")


def whole(request, name: str, usual: int, most: int) -> int:
    """A number of rows that is asked for. Raises ValidationError."""
    said = request.query_params.get(name, str(usual))
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= most):
        raise ValidationError({name: [f"Write a number of rows, from 1 to {most}."]})
    return int(said)
