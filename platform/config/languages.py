"""`Accept-Language` says how organisms are called in what the API answers."""

from django.utils.cache import patch_vary_headers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from look import languages


class Called(APIView):
    """Mix into a view of the API, before its other parents. Every route of `config.api` has it.

    Of reading alone: what a write leaves behind is read by others.
    """

    def dispatch(self, request, *args, **kwargs):
        if request.method not in SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with languages.asked(request.headers.get("Accept-Language", "")):
            response = super().dispatch(request, *args, **kwargs)
        # Who keeps an answer for others keeps one for each language.
        patch_vary_headers(response, ["Accept-Language"])
        return response
