"""The API's table of contents: every app adds the viewsets it owns."""

from importlib import import_module

from csp.decorators import csp_update
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.routers import APIRootView, DefaultRouter

from config.chosen import Chosen
from config.conditional import Conditional
from config.idempotent import Idempotent
from config.strict import Strict
from config.throttling import Limited
from config.token_scopes import Scoped, writes


class StrictRoot(Strict, APIRootView):
    __doc__ = APIRootView.__doc__


class Schema(Strict, SpectacularAPIView):
    """What you are reading: every operation, as OpenAPI 3.1, in YAML or in JSON."""


class StrictRouter(DefaultRouter):
    """What is registered becomes strict, takes conditions, says limits and asks tokens for their scope, so that no
    viewset can forget to.
    """

    APIRootView = StrictRoot

    def register(self, prefix, viewset, basename=None):
        if writes(viewset) and not getattr(viewset, "scope", ""):
            raise ImproperlyConfigured(f"{viewset.__name__} writes, and does not say which scope that takes.")
        names = {"__doc__": viewset.__doc__, "__module__": viewset.__module__}
        # Conditions outside: they hold what they compare until whatever the others refuse is refused.
        parents = (Chosen, Conditional, Idempotent, Limited, Strict, Scoped, viewset)
        super().register(prefix, type(viewset.__name__, parents, names), basename)


router = StrictRouter(trailing_slash=False)
# No second address of everything that ends in .json.
router.include_format_suffixes = False
for name in ("species", "labeling", "research", "ml", "webhooks", "jobs", "notices", "accounts"):
    if apps.is_installed(name):
        import_module(f"{name}.api").register(router)

# Both draw themselves with styles that they make as they go; Redoc looks for words in a worker.
_drawn = csp_update({"style-src": ["'unsafe-inline'"], "worker-src": ["'self'", "blob:"]})
swagger = _drawn(SpectacularSwaggerSplitView.as_view(url_name="api_schema"))
redoc = _drawn(SpectacularRedocView.as_view(url_name="api_schema"))
