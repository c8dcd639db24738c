"""The API's table of contents: every app adds the viewsets it owns."""

from importlib import import_module

from django.apps import apps
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import APIRootView, DefaultRouter

from config.conditional import Conditional
from config.strict import Strict
from config.throttling import Limited


class StrictRoot(Strict, APIRootView):
    __doc__ = APIRootView.__doc__


class Schema(Strict, SpectacularAPIView):
    __doc__ = SpectacularAPIView.__doc__


class StrictRouter(DefaultRouter):
    """What is registered becomes strict, takes conditions and says limits, so that no viewset can forget to."""

    APIRootView = StrictRoot

    def register(self, prefix, viewset, basename=None):
        names = {"__doc__": viewset.__doc__, "__module__": viewset.__module__}
        # Conditions outside: they hold what they compare until whatever the others refuse is refused.
        parents = (Conditional, Limited, Strict, viewset)
        super().register(prefix, type(viewset.__name__, parents, names), basename)


router = StrictRouter(trailing_slash=False)
# No second address of everything that ends in .json.
router.include_format_suffixes = False
for name in ("species", "labeling", "research", "ml", "jobs", "webhooks"):
    if apps.is_installed(name):
        import_module(f"{name}.api").register(router)
