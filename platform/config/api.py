"""The API's table of contents: every app adds the viewsets it owns."""

from importlib import import_module

from django.apps import apps
from rest_framework.routers import DefaultRouter

router = DefaultRouter(trailing_slash=False)
# No second address of everything that ends in .json.
router.include_format_suffixes = False
for name in ("species", "labeling", "research", "ml", "jobs"):
    if apps.is_installed(name):
        import_module(f"{name}.api").register(router)
