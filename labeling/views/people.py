"""A page for each person: what they found, what they named, and what became of it; the same for every reader."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from accounts.models import User
from labeling.presenters import cards, people
from labeling.queries import people as people_queries
from species.views import listing

PER_PAGE = 24


@require_safe
def person(request, id):
    who = get_object_or_404(User, pk=id)
    return _page(request, who, "found", people_queries.sightings(who), people.sightings)


@require_safe
def names(request, id):
    who = get_object_or_404(User, pk=id)
    needed = ("taxon", "occurrence", *(f"occurrence__{each}" for each in cards.NEEDED))
    return _page(request, who, "named", people_queries.names(who).select_related(*needed), people.names)


def _page(request, who: User, part: str, rows: QuerySet, present: Callable):
    """From `cursor` on; an address that nobody gave out leads to the newest, and is told so."""
    asked, broken = request.GET, False
    try:
        shown, following = listing.page(request, rows, PER_PAGE)
    except ValidationError:
        request.GET, broken = QueryDict(), True
        shown, following = listing.page(request, rows, PER_PAGE)
    context = {
        "section": "gallery",
        **people.head(who, request.user),
        "part": part,
        "cards": present(shown),
        "next": f"{request.path}?{following}" if following else "",
        "newest": request.path if "cursor" in asked else "",
        "broken": broken,
        "per_page": PER_PAGE,
    }
    return render(request, "labeling/person.html", context, status=400 if broken else 200)
