"""What the API says of itself, written by one thread at a time."""

import inspect
import re
from threading import Lock
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, IsAuthenticatedOrReadOnly
from rest_framework.serializers import ListSerializer

from config.chosen import FIELDS, takes_fields
from config.expanded import EXPAND, names_of
from config.token_scopes import Scoped, needs

TOKENS = ("token", "oauth2")  # as accounts.authentication.TokenScheme calls them

USUAL = {"list": "A page of {}", "retrieve": "One of {}", "create": "Add to {}", "get": "What the API is"}

JOB = {
    "description": "The job that does it: /api/v1/jobs/{id}.",
    "required": True,
    "schema": {"type": "string", "format": "uri-reference"},
}

_writing = Lock()


class Generator(SchemaGenerator):
    """drf-spectacular keeps its place in what all threads share: its extensions, its warnings, each view's schema.

    Two at once fail, or describe a view by another's fields.
    """

    oas_version: str | None = None

    def get_schema(self, request=None, public=False):
        with _writing, patched_settings({"OAS_VERSION": self.oas_version} if self.oas_version else None):
            return super().get_schema(request=request, public=public)


class OlderGenerator(Generator):
    """For programs that read OpenAPI 3.0 alone."""

    oas_version = "3.0.3"


class Operation(AutoSchema):
    """Says of every operation what it does, which scope a token needs, and of which rows one may choose fields."""

    def get_summary(self):
        return (
            super().get_summary()
            or _sentence(self._act())
            or USUAL.get(self._named(), "{}").format(self._noun())
        )

    def get_description(self):
        """What the view is, and what this operation of it does, where more is said of that than its summary."""
        said = [inspect.getdoc(self.view.__class__), inspect.getdoc(self._act())]
        return "\n\n".join(each for each in said if each)

    def _is_list_view(self, serializer=None):
        """A view without pages answers one thing by its list, and has the filters of a list all the same."""
        several = isinstance(serializer, ListSerializer)
        one = serializer is not None and not several and getattr(self.view, "paginator", None) is None
        return not one and super()._is_list_view(serializer)

    def _act(self):
        """The method of ours that answers; None where the framework's own does."""
        act = getattr(self.view, self._named(), None)
        return act if act is not None and not act.__module__.startswith("rest_framework") else None

    def _named(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _noun(self) -> str:
        return self.path.removeprefix("/api/v1/").partition("/")[0].replace("-", " ").replace("_", " ")

    def get_override_parameters(self):
        if self.method != "GET" or not takes_fields(self.view):
            return []
        name = "|".join(self.view.get_serializer_class()().fields)
        return [
            OpenApiParameter(
                FIELDS,
                str,
                description="Names of fields, a comma between them: rows have these alone.",
                pattern=f"^({name})(,({name}))*$",
            ),
            *self._expand(),
        ]

    def _expand(self) -> list[OpenApiParameter]:
        names = names_of(self.view)
        if not names:
            return []
        name = "|".join(names)
        said = (
            "What rows name by an id or a label, a comma between: it comes along once each, by that, in `expanded` "
            "beside them, as far as you see it."
        )
        return [OpenApiParameter(EXPAND, str, description=said, pattern=f"^({name})(,({name}))*$")]

    def get_auth(self):
        asked = super().get_auth()
        reading = self.method in SAFE_METHODS
        open_to_all = any(isinstance(each, IsAuthenticatedOrReadOnly) for each in self.view.get_permissions())
        if reading and open_to_all and {} not in asked:
            asked = [*asked, {}]
        needed = (
            [each for each in [needs(self.view, self.method)] if each]
            if isinstance(self.view, Scoped)
            else []
        )
        return [each | {name: needed for name in each if name in TOKENS} for each in asked]


def _sentence(act) -> str:
    """The first of what is said of it."""
    return re.split(r"[.:;](?=\s|$)", " ".join((inspect.getdoc(act) or "").split()))[0] if act else ""


def _nothing(schema: Any) -> None:
    """What may be null says so as OpenAPI 3.1 does, in what the framework describes as it did before."""
    if isinstance(schema, dict):
        if schema.get("nullable") is True and isinstance(schema.get("type"), str):
            del schema["nullable"]
            schema["type"] = [schema["type"], "null"]
        for each in schema.values():
            _nothing(each)


def describe(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Hook of drf-spectacular: a text in an address is never empty (`config.strict`), and what starts a job says where
    that is (`jobs.api.accepted`).
    """
    if result["openapi"].startswith("3.1"):
        _nothing(result["components"]["schemas"])
    for path, methods in result["paths"].items():
        for operation in methods.values():
            # A webhook is followed by its delivery.
            if "202" in operation["responses"] and "/webhooks/" not in path:
                operation["responses"]["202"]["headers"] = {"Location": JOB}
            for each in operation.get("parameters", []):
                said = each["schema"]
                if (
                    each["in"] == "query"
                    and said.get("type") == "string"
                    and not said.keys() & {"enum", "format"}
                ):
                    said.setdefault("minLength", 1)
                    said.setdefault("pattern", r"\S")
    return result
