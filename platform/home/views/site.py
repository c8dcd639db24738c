"""What clients ask of the site itself."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.settings import spectacular_settings

from home.presenters.samples import sample_images
from look.site import site


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
    schema = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True)
    routes = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary") or operation.get("description", "").split("\n")[0],
        }
        for path, operations in sorted(schema["paths"].items())
        for method, operation in operations.items()
    ]
    problems = schema["components"]["schemas"]["Problem"]["x-kinds"]
    return render(request, "home/api_docs.html", {"routes": routes, "problems": problems})
