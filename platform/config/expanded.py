"""`expand=taxon,observation`: what rows name by an id or a label comes along, once each, as it is by itself.

It stands beside the rows, in `expanded`, so that a field holds the same whether or not it is asked for; one step deep.
"""

from django.utils.cache import patch_cache_control
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from config.chosen import takes_fields
from look import unknown

EXPAND = "expand"


class Expanded(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    `expands` of a view: by name, a function from the view and the rows that it answers to what these name, by id or
    label, as far as whoever asks sees it; in as many queries however many rows there are.

    Outside of `Conditional`, whose ETag is that of the resource alone, which a write is compared with: what comes along
    may change without it, so the answer has another ETag.
    """

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self._expanded = expanded(self, request)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        names = getattr(self, "_expanded", None)
        if names and isinstance(response, Response) and response.status_code == 200:
            rows = response.data.get("results", [response.data])
            found = {name: self.expands[name](self, rows) for name in names}
            response.data = {**response.data, "expanded": found}
            if "ETag" in response.headers:
                del response.headers["ETag"]
            if getattr(self, "private", False):
                # What came along may be somebody's own, where the rows are not.
                patch_cache_control(response, private=True, no_store=True)
        return response


def names_of(view) -> list[str]:
    """What a view's present action may be asked to bring along."""
    return sorted(getattr(view, "expands", ())) if takes_fields(view) else []


def expanded(view, request) -> list[str]:
    """Raises ValidationError for a name that is none."""
    said = request.query_params.get(EXPAND, "")
    known = names_of(view)
    if not said or not known:
        return []
    if request.accepted_renderer.media_type != JSONRenderer.media_type:
        raise ValidationError({EXPAND: ["Of JSON alone: a feature is whole."]})
    names = said.split(",")
    wrong = [name for name in names if name not in known]
    if wrong:
        raise ValidationError({EXPAND: [unknown.sentence(wrong[0], known)]})
    return list(dict.fromkeys(names))
