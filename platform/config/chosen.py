"""`fields=id,status`: an answer with these alone, for lines on which every byte counts."""

from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from look import unknown

FIELDS = "fields"


class Chosen(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    Outside of `Conditional`: the ETag is that of the whole resource, which a write is compared with.
    """

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self._chosen = chosen(self, request)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        names = getattr(self, "_chosen", None)
        if names and isinstance(response, Response) and response.status_code == 200:
            page = isinstance(response.data, dict) and "results" in response.data
            if page:
                response.data["results"] = [_only(row, names) for row in response.data["results"]]
            else:
                response.data = _only(response.data, names)
        return response


def takes_fields(view) -> bool:
    """Whether a view's present action answers rows of its serializer: pages of them, or one. A view with
    `rows_can_be_cut = False` answers in a form of somebody else's, which says what is in it.
    """
    action = getattr(view, "action", None)
    if not getattr(view, "rows_can_be_cut", True):
        return False
    return action == "retrieve" or (action == "list" and getattr(view, "paginator", None) is not None)


def chosen(view, request) -> list[str]:
    """Raises ValidationError for a name that no row has."""
    said = request.query_params.get(FIELDS, "")
    if not said or not takes_fields(view):
        return []
    known = {*view.get_serializer_class()().fields}
    if request.accepted_renderer.media_type != JSONRenderer.media_type:
        raise ValidationError({FIELDS: ["Of JSON alone: a feature is whole."]})
    names = said.split(",")
    wrong = [name for name in names if name not in known]
    if wrong:
        raise ValidationError({FIELDS: [unknown.sentence(wrong[0], known)]})
    return names


def _only(row: dict, names: list[str]) -> dict:
    return {name: row[name] for name in names if name in row}
