"""The API's table of contents: every app adds the viewsets it owns."""

from copy import deepcopy
from functools import cache
from importlib import import_module
from typing import Any

from csp.decorators import csp_update
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.routers import APIRootView, DefaultRouter
from rest_framework.views import APIView

from config.batch import batch_of
from config.chosen import Chosen
from config.conditional import Conditional
from config.description import OlderGenerator
from config.expanded import Expanded
from config.idempotent import Idempotent
from config.languages import Called
from config.pagination import LimitPagination
from config.strict import Strict
from config.throttling import Limited
from config.token_scopes import Scoped, writes
from labeling.api import ogc
from labeling.presenters.ogc import OPENAPI

MAPS = "api/ogc/"
# One text here, and numbers to programs.
OF_THE_STANDARD: dict[str, dict[str, Any]] = {
    "bbox": {"schema": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}},
    "datetime": {},
    "limit": {},
}


class StrictRoot(Strict, APIRootView):
    __doc__ = APIRootView.__doc__


class Schema(Strict, SpectacularAPIView):
    """What you are reading: every operation, as OpenAPI 3.1, in YAML or in JSON."""


class StrictRouter(DefaultRouter):
    """What is registered becomes strict, takes conditions, says limits and asks tokens for their scope, so that no
    viewset can forget to.
    """

    APIRootView = StrictRoot
    # No second address of everything that ends in .json.
    include_format_suffixes = False

    def register(self, prefix, viewset, basename=None):
        if writes(viewset) and not getattr(viewset, "scope", ""):
            raise ImproperlyConfigured(f"{viewset.__name__} writes, and does not say which scope that takes.")
        names = {"__doc__": viewset.__doc__, "__module__": viewset.__module__}
        # Conditions outside: they hold what they compare until whatever the others refuse is refused.
        parents = (
            Called,
            Chosen,
            Expanded,
            Conditional,
            Idempotent,
            Limited,
            Strict,
            Scoped,
            viewset,
        )
        strict = type(viewset.__name__, parents, names)
        super().register(prefix, strict, basename)
        if hasattr(viewset, "batch"):
            many = batch_of(f"/api/v1/{prefix}", strict)
            self.register(f"{prefix}:batch", many, basename=f"{prefix}-batch")


router = StrictRouter(trailing_slash=False)
for name in ("species", "labeling", "research", "ml", "webhooks", "jobs", "notices", "accounts", "home"):
    if apps.is_installed(name):
        import_module(f"{name}.api").register(router)

# Both draw themselves with styles that they make as they go; Redoc looks for words in a worker.
_drawn = csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["'self'", "blob:"]})
swagger = _drawn(SpectacularSwaggerSplitView.as_view(url_name="api_schema"))
redoc = _drawn(SpectacularRedocView.as_view(url_name="api_schema"))


class MapsRouter(StrictRouter):
    """Of the routes of OGC API – Features, which has a landing page of its own and its own name for a page's size."""

    include_root_view = False

    def register(self, prefix, viewset, basename=None):
        names = {"__doc__": viewset.__doc__, "__module__": viewset.__module__, "rows_can_be_cut": False}
        if hasattr(viewset, "pagination_class"):
            names["pagination_class"] = LimitPagination
        super().register(prefix, type(viewset.__name__, (viewset,), names), basename)


maps = MapsRouter(trailing_slash=False)
ogc.register(maps)


class OpenAPIRenderer(JSONRenderer):
    media_type = OPENAPI


class MapsDescription(Strict, APIView):
    """What can be asked for maps, and nothing else: the programs that read it look for their routes alone."""

    content_negotiation_class = ogc.OneForm
    renderer_classes = [OpenAPIRenderer]

    @extend_schema(
        operation_id="getApiDescription",
        tags=ogc.TAGS,
        parameters=[ogc.FORM],
        responses={(200, OPENAPI): OpenApiTypes.OBJECT},
    )
    def get(self, request):
        """The routes of OGC API – Features in OpenAPI 3.0."""
        servers = [{"url": request.build_absolute_uri(f"/{MAPS.rstrip('/')}")}]
        return Response(_maps_described() | {"servers": servers})


@cache
def _maps_described() -> dict[str, Any]:
    """Paths from the landing page on, and the standard's parameters among the components, written as it writes them:
    programs look for both so.
    """
    found = deepcopy(OlderGenerator(patterns=[path(MAPS, include(maps.urls))]).get_schema(public=True))
    paths = {f"/{each.removeprefix(f'/{MAPS}')}": methods for each, methods in found["paths"].items()}
    components = found["components"].setdefault("parameters", {})
    for operation in (each for methods in paths.values() for each in methods.values()):
        for number, parameter in enumerate(operation.get("parameters", ())):
            name = parameter["name"]
            if name in OF_THE_STANDARD:
                components[name] = parameter | {"style": "form", "explode": False} | OF_THE_STANDARD[name]
                operation["parameters"][number] = {"$ref": f"#/components/parameters/{name}"}
    return found | {"paths": paths}
