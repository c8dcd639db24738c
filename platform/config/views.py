"""The pages that know every floor: home, about, and what the ancestors' clients ask of the site itself."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def home(request):
    return render(request, "config/home.html")


@require_GET
def about(request):
    return render(request, "config/about.html")


@require_GET
def ping(request):
    response = HttpResponse("pong")
    response["Cache-Control"] = "no-store"
    return response


def site_config(request):
    raise NotImplementedError


def sample_image(request, name):
    raise NotImplementedError


def api_docs(request):
    raise NotImplementedError
