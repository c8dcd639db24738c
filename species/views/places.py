"""Maps' squares of waters, and the places that may be meant while a name is typed."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from species.places import protection
from species.queries import places, waters
from species.queries import taxa as taxon_queries
from species.queries.names import Names, Unknown

PROPOSED = 10


@require_safe
def waters_tile(request, version, level, x, y):
    """GeoJSON; its address names the version, so it never changes."""
    found = waters.tile(version, level, x, y)
    if found is None:
        raise Http404("No such square.")
    answer = HttpResponse(found, content_type="application/geo+json")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@require_safe
def proposals(request):
    """Named waters and places that may be meant; a fragment for look/names.js."""
    text = request.GET.get("q", "").strip()
    found = places.find(text, person=request.user, limit=PROPOSED)
    return render(request, "species/_place_proposals.html", {"text": text, "proposals": found})


@require_safe
def floor(request):
    """What a name asks for the place at least, before it is sent. JSON: `level`, one of three, and `why`."""
    try:
        taxon = Names().find(request.GET.get("name", "").strip())
    except Unknown:
        return JsonResponse({"level": protection.OPEN, "why": ""})
    level = taxon_queries.protected().level(str(taxon.pk))
    why = f"because {taxon.name} is protected" if level != protection.OPEN else ""
    return JsonResponse({"level": level, "why": why})
