"""Explore: published sightings behind plain GET filters, and the map of them."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from labeling.filters import SEVERAL, OccurrenceFilter, query_of
from labeling.forms.explore import AtForm
from labeling.presenters import cards, explore, sets
from labeling.queries import explore as explore_queries
from labeling.queries import gallery as gallery_queries
from look import unknown
from species.models import Occurrence, Status
from species.places.cells import WORLD, bounds
from species.presenters.cells import fitting, seen_from
from species.queries import taxa
from species.taxonomy.tree import Tree
from species.views import listing

PER_PAGE = 24
BROKEN = "This address is broken. These are the newest."
UNSEEN = ("cell", "observation", "updated_since", "campaign", "trip")  # asked for by address alone
PAGING = ("cursor", "order", "page_size")
MAP = (
    "Map of sightings. Arrows move it, plus and minus change its size, Enter opens the hexagon in its middle. "
    "The list below holds the same numbers."
)
AREAS = 12  # that the list beside the map names


@require_safe
def gallery(request):
    """The newest first. The filters, `cursor`, `order` and `page_size` are those of `/api/v1/occurrences`."""
    asked = said(request.GET)
    filterset = OccurrenceFilter(asked, queryset=gallery_queries.gallery(request.user), request=request)
    form = filterset.form
    form.auto_id = "f-%s"
    wrong = refused(asked, filterset)
    known = not wrong and form.is_valid()
    values = form.cleaned_data if known else {}
    found = filterset.whatever_the_status() if known else filterset.queryset.none()
    tree = taxa.tree() if values.get("taxon") else None
    counts = _counts(found, values, tree)
    status = values.get("status")
    rows = filterset.qs if status else found
    total, more = _total(rows, counts, _asked(values), status)
    shown, following, broken = _page(request, asked, rows.select_related(*cards.NEEDED))
    context = {
        "section": "gallery",
        "form": form,
        "known": known,
        "counts": counts,
        "statuses": [_status(request, value, word, counts) for value, word in Status.choices],
        "total": total,
        "more": more,
        # Beside the number of disputed ones they would be names of others.
        "names_counted": status in (None, "", Status.VERIFIED),
        "chips": list(_chips(request, values)),
        # The same filters in the labeling room.
        "set_query": query_of(asked) if known else "",
        "cards": cards.cards(shown, request.user),
        "next": f"{request.path}?{following}" if following else "",
        "newest": _with(request) if "cursor" in asked else "",
        "refused": [*wrong, *broken],
        "per_page": PER_PAGE,
        **(
            _map(request, asked, values, None if counts.least else rows, tree)
            if settings.PLACES and known
            else {}
        ),
    }
    return render(request, "labeling/gallery.html", context, status=200 if known and not broken else 400)


def _map(
    request, asked: QueryDict, values: dict, few: QuerySet[Occurrence] | None, tree: Tree | None
) -> dict:
    """Where the map begins, and its numbers for who does without. One query."""
    at = AtForm(asked).cleaned_at()
    box, zoom = (seen_from(at), at[2]) if at else (WORLD, explore_queries.AFAR)
    found = explore_queries.areas(box, zoom, values, few, tree)
    latitude, longitude, zoom = at or fitting(bounds(found.counts if found else ()))
    rows = explore.rows(found, AREAS) if found else []
    return {
        "map": {
            "label": MAP,
            "at": f"{latitude:.4f},{longitude:.4f},{zoom}",
            "moved": at is not None,
            "cell": values.get("cell", ""),
        },
        "areas": [row | {"url": _with(request, cell=row["cell"])} for row in rows],
        "elsewhere": len(found.counts) - len(rows) if found else 0,
        "nowhere": found.nowhere.all if found else 0,
        "bars": explore.bars(found.months, values.get("month") or []) if found else [],
    }


def _counts(found: QuerySet[Occurrence], values: dict, tree: Tree | None) -> gallery_queries.Summary:
    """Beside the filters: of what is found, whatever its status."""
    asked = _asked(values)
    if values and not asked:
        return gallery_queries.summary_of_all()
    if asked == {"since"} and gallery_queries.many_in_days(values["since"], values["until"]):
        return gallery_queries.Summary({}, least=gallery_queries.COUNTED)
    counts = gallery_queries.summary(found, asked)
    if counts.least and asked == {"taxon"}:
        return gallery_queries.summary_of_taxa(taxa.inside([values["taxon"]], tree))
    return counts


def _total(
    rows: QuerySet[Occurrence], counts: gallery_queries.Summary, asked: set[str], status: str | None
) -> tuple[int, bool]:
    """How many are found, and whether there may be more."""
    if status and status in counts.by_status:
        return counts.by_status[status], False
    if status and counts.least:
        counts = gallery_queries.summary(rows, asked)
    return counts.total, bool(counts.least)


def _asked(values: dict) -> set[str]:
    """What is filtered by, but for the verdict; a beginning and an end are one filter."""
    return {
        "since" if name == "until" else name for name, value in values.items() if value and name != "status"
    }


def said(query: QueryDict, filterset: type[OccurrenceFilter] = OccurrenceFilter) -> QueryDict:
    """What was filled in: a form sends its empty fields along."""
    said = query.copy()
    for name in query:
        if filled := [value for value in query.getlist(name) if value.strip()]:
            said.setlist(name, filled)
        elif name in filterset.base_filters or name in (*PAGING, "at"):
            del said[name]
    return said


def refused(
    asked: QueryDict, filterset: OccurrenceFilter, besides: Sequence[str] = (*PAGING, "at")
) -> list[str]:
    """What nobody here knows, or what is said twice, in a sentence each. `besides`: taken, and filters nothing."""
    known = [*filterset.filters, *besides]
    strange = [unknown.sentence(name, known) for name in asked if name not in known]
    strange += AtForm(asked).errors.get("at", []) if "at" in besides else []
    for name in UNSEEN:
        strange += filterset.form.errors.get(name, [])
    twice = [name for name in known if len(asked.getlist(name)) > 1 and name not in SEVERAL]
    return [*strange, *[f"“{name}” is said more than once." for name in twice]]


def _page(request, asked: QueryDict, rows: QuerySet[Occurrence]) -> tuple[list[Occurrence], str, list[str]]:
    """A page of rows, the query of the next one, empty on the last, and what was wrong with the address."""
    request.GET = asked
    try:
        return *listing.page(request, rows, PER_PAGE), []
    except ValidationError:
        request.GET = asked.copy()
        for name in PAGING:
            request.GET.pop(name, None)
        return *listing.page(request, rows, PER_PAGE), [BROKEN]


def _status(request, value: str, word: str, counts: gallery_queries.Summary) -> dict:
    chosen = request.GET.get("status") == value
    return {
        "value": value,
        "count": counts.by_status.get(value),
        "url": _with(request, status=None if chosen else value),
        "chosen": chosen,
    }


def _chips(request, asked: dict) -> Iterator[dict]:
    """What is filtered by, each with the address without it."""
    for name, text in sets.words(asked):
        yield {"text": text, "url": _with(request, **{name: None})}


def _with(request, **changes: str | None) -> str:
    """This address with other parameters; None takes one away, and so does the cursor of another list."""
    query: QueryDict = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    return f"{request.path}?{query.urlencode()}" if query else request.path
