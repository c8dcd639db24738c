"""Explore: published sightings behind plain GET filters."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import render
from django.utils.dates import MONTHS_3
from django.utils.formats import date_format
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from accounts.models import User
from labeling.filters import OccurrenceFilter
from labeling.presenters import cards
from labeling.queries import gallery as gallery_queries
from look import unknown
from species.models import Occurrence, Status
from species.queries import taxa
from species.views import listing

PER_PAGE = 24
BROKEN = "This address is broken. These are the newest."
WORDS = {"bbox": "a box on the map", "observation": "one sighting", "updated_since": "what changed"}
UNSEEN = ("observation", "updated_since")  # asked for by address alone
PAGING = ("cursor", "order", "page_size")


@require_safe
def gallery(request):
    """The newest first. The filters, `cursor`, `order` and `page_size` are those of `/api/v1/occurrences`."""
    asked = _said(request.GET)
    filterset = OccurrenceFilter(asked, queryset=gallery_queries.gallery(request.user))
    form = filterset.form
    form.auto_id = "f-%s"
    refused = _refused(asked, filterset)
    known = not refused and form.is_valid()
    values = form.cleaned_data if known else {}
    found = filterset.whatever_the_status() if known else filterset.queryset.none()
    counts = _counts(found, values)
    status = values.get("status")
    rows = found.filter(status=status) if status else found
    total, more = _total(rows, counts, status)
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
        "cards": cards.cards(shown, request.user),
        "next": f"{request.path}?{following}" if following else "",
        "newest": _with(request) if "cursor" in asked else "",
        "refused": [*refused, *broken],
        "per_page": PER_PAGE,
    }
    return render(request, "labeling/gallery.html", context, status=200 if known and not broken else 400)


def _counts(found: QuerySet[Occurrence], values: dict) -> gallery_queries.Summary:
    """Beside the filters: of what is found, whatever its status."""
    asked = {name for name, value in values.items() if value and name != "status"}
    if values and not asked:
        return gallery_queries.summary_of_all()
    counts = gallery_queries.summary(found)
    if counts.least and asked == {"taxon"}:
        return gallery_queries.summary_of_taxa(taxa.inside([values["taxon"]]))
    return counts


def _total(
    rows: QuerySet[Occurrence], counts: gallery_queries.Summary, status: str | None
) -> tuple[int, bool]:
    """How many are found, and whether there may be more."""
    if status and status in counts.by_status:
        return counts.by_status[status], False
    if status and counts.least:
        counts = gallery_queries.summary(rows)
    return counts.total, bool(counts.least)


def _said(query: QueryDict) -> QueryDict:
    """What was filled in: a form sends its empty fields along."""
    said = query.copy()
    for name in query:
        if filled := [value for value in query.getlist(name) if value.strip()]:
            said.setlist(name, filled)
        elif name in OccurrenceFilter.base_filters or name in PAGING:
            del said[name]
    return said


def _refused(asked: QueryDict, filterset: OccurrenceFilter) -> list[str]:
    """What nobody here knows, or what is said twice, in a sentence each."""
    known = [*filterset.filters, *PAGING]
    strange = [unknown.sentence(name, known) for name in asked if name not in known]
    for name in UNSEEN:
        strange += filterset.form.errors.get(name, [])
    twice = [name for name in known if len(asked.getlist(name)) > 1 and name != "month"]
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
    for name in ("q", "taxon", "place", "who", "bbox", "observation", "updated_since"):
        if asked.get(name):
            yield {"text": _word(name, asked, request), "url": _with(request, **{name: None})}
    if asked.get("status"):
        yield {"text": Status(asked["status"]).label, "url": _with(request, status=None)}
    for name, before in (("since", "from"), ("until", "to")):
        if asked.get(name):
            text = f"{before} {date_format(asked[name], 'j M Y')}"
            yield {"text": text, "url": _with(request, **{name: None})}
    if asked.get("month"):
        months = ", ".join(str(MONTHS_3[each]).capitalize() for each in sorted(asked["month"]))
        yield {"text": months, "url": _with(request, month=None)}


def _word(name: str, asked: dict, request) -> str:
    if name == "taxon":
        return asked["taxon"].name
    if name in WORDS:
        return WORDS[name]
    if name == "who":
        return _person(asked["who"])
    return f"“{asked[name]}”"


def _person(text: str) -> str:
    try:
        found = User.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return f"by “{text}”"
    return f"by {found}" if found else "by somebody"


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
