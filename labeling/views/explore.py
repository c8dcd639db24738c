"""What the map of Explore asks for while somebody looks around: hexagons and points, and what one of them holds."""

from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from labeling.filters import OccurrenceFilter
from labeling.forms.explore import MapForm
from labeling.presenters import cards, explore
from labeling.queries import explore as explore_queries
from labeling.queries import gallery as gallery_queries
from labeling.views.gallery import PAGING, refused, said
from species.models import Status
from species.presenters.cells import around

SHOWN = 3
VIEW = ("view", "zoom")


@require_safe
def cells(request):
    """Hexagons and exact places of a view, of what the gallery's filters find and anybody may see.

    `view`: west, south, east, north in degrees; `zoom` of a Web Mercator map of 256 pixels at 0. A hexagon that is
    chosen (`cell`) leaves out no other.
    """
    filters = said(request.GET)
    for name in (*VIEW, *PAGING, "cell"):
        filters.pop(name, None)
    asked = MapForm(request.GET)
    filterset = OccurrenceFilter(filters, queryset=gallery_queries.gallery(None))
    wrong = refused(filters, filterset)
    if wrong or not (filterset.form.is_valid() and asked.is_valid()):
        errors = {**filterset.form.errors, **asked.errors}
        return JsonResponse(
            {"errors": [*wrong, *(text for each in errors.values() for text in each)]}, status=400
        )
    box, zoom = asked.cleaned_data["view"], asked.cleaned_data["zoom"]
    found = explore_queries.view(box, zoom, filterset.form.cleaned_data, lambda: filterset.qs)
    answer = JsonResponse(explore.drawn(found), json_dumps_params={"separators": (",", ":")})
    answer["Cache-Control"] = explore.MINUTE
    return answer


@require_safe
def card(request):
    """A fragment: what the filters find in one hexagon (`cell`) or of one sighting (`observation`), the newest ones."""
    asked = said(request.GET)
    filterset = OccurrenceFilter(asked, queryset=gallery_queries.gallery(request.user), request=request)
    if (
        refused(asked, filterset)
        or not filterset.form.is_valid()
        or not asked.keys() & {"cell", "observation"}
    ):
        return render(request, "labeling/_map_pop.html", {"wrong": True}, status=400)
    values, cell = filterset.form.cleaned_data, asked.get("cell", "")
    rows = list(filterset.qs.select_related(*cards.NEEDED)[: SHOWN + 1])
    shown = cards.cards(rows[:SHOWN], request.user)
    return render(
        request,
        "labeling/_map_pop.html",
        {
            "cards": shown,
            "title": next((each["place"] for each in shown if each["place"]), ""),
            "around": around(cell) if cell else "",
            "numbers": _numbers(cell, values, rows),
            "url": f"{reverse('gallery')}?{asked.urlencode()}" if cell else "",
        },
    )


def _numbers(cell: str, values: dict, rows: list) -> str:
    count = explore_queries.in_cell(cell, values) if cell else None
    if count is not None:
        return explore.numbers(count)
    verified = sum(each.status == Status.VERIFIED for each in rows[:SHOWN])
    more = "+" if len(rows) > SHOWN else ""
    return f"{len(rows[:SHOWN])}{more} sightings, {verified} of these verified" if cell else ""
