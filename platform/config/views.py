"""What the ancestors' clients ask of the site itself, and the pages about it."""

import sys

import markdown
from django.conf import settings
from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from django.views.defaults import bad_request
from django.views.defaults import server_error as something_broke
from drf_spectacular.generators import SchemaGenerator

from config.api_errors import failure, is_api
from config.samples import sample_images
from config.site import site
from jobs.full_disk import RETRY_AFTER, TRY_LATER, is_full_disk

BROKE_OFF = "The upload broke off. Send it again."


@require_safe
def ping(request):
    response = HttpResponse("pong")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def site_config(request):
    """`site.yaml` as clients know it: absolute sample addresses, unknown keys untouched."""
    content = site() | {
        "sampleImages": [
            {"name": sample["name"], "url": request.build_absolute_uri(sample["url"])}
            for sample in sample_images()
        ]
    }
    response = JsonResponse(content)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def api_docs(request):
    """The API's routes, from the same description that `api/v1/schema` serves."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    routes = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary") or operation.get("description", "").split("\n")[0],
        }
        for path, operations in sorted(schema["paths"].items())
        for method, operation in operations.items()
    ]
    return render(request, "config/api_docs.html", {"routes": routes})


def about_html():
    """The about text; `site.yaml` is written by whoever runs the site, so its HTML is trusted."""
    return mark_safe(markdown.markdown(site()["about"]))


def server_error(request, *arguments, **named):
    """What no view answered for: 400 if the upload broke off, 507 if there is no room to write, else our fault."""
    error = sys.exc_info()[1]
    if isinstance(error, UnreadablePostError):
        return failure(BROKE_OFF, 400) if is_api(request.path_info) else bad_request(request, error)
    if not is_full_disk(error, settings.VAR):
        return something_broke(request, *arguments, **named)
    if is_api(request.path_info):
        response = failure(TRY_LATER, 507)
    else:
        response = HttpResponse(render_to_string("507.html", {"sentence": TRY_LATER}), status=507)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
