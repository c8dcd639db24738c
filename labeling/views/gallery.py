"""Explore: published sightings behind plain GET filters."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.shortcuts import render
from django.utils.dates import MONTHS_3
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.models import User
from labeling.forms.gallery import GalleryForm
from labeling.presenters import cards
from labeling.queries import gallery as gallery_queries
from species.models import Occurrence, Status
from species.queries import taxa as taxon_queries

PER_PAGE = 24


@require_safe
def gallery(request):
    """The newest first; `after` goes on where another page ended, whatever was added meanwhile."""
    form = GalleryForm(request.GET, auto_id="f-%s")
    asked = form.cleaned_data if form.is_valid() else {}
    place, broken = _read_cursor(request.GET.get("after", ""))
    found = gallery_queries.gallery(request.user)
    found = found.filter(_asked(asked)) if form.is_valid() else found.none()
    counts = gallery_queries.summary(found)
    status = asked.get("status")
    total = counts.by_status[status] if status else counts.total
    shown, following = _page(found.filter(status=status) if status else found, place)
    context = {
        "section": "gallery",
        "form": form,
        "counts": counts,
        "statuses": [_status(request, value, word, counts) for value, word in Status.choices],
        "total": total,
        "chips": list(_chips(request, asked)),
        "cards": cards.cards(shown, request.user),
        "next": _with(request, after=following) if following else "",
        "newest": _with(request, after=None) if place else "",
        "broken": broken,
        "per_page": PER_PAGE,
    }
    return render(
        request, "labeling/gallery.html", context, status=200 if form.is_valid() and not broken else 400
    )


def _asked(asked: dict) -> Q:
    """Everything that was asked for but the status, whose counts stand beside each other."""
    found = gallery_queries.between(asked["since"], asked["until"])
    if asked["q"]:
        found &= gallery_queries.search(asked["q"])
    if asked["taxon"]:
        found &= gallery_queries.of_taxa(taxon_queries.inside([asked["taxon"]]))
    if asked["place"]:
        found &= gallery_queries.named_place(asked["place"])
    if asked["who"]:
        found &= gallery_queries.by_whom(asked["who"])
    if asked["month"]:
        found &= gallery_queries.in_months(asked["month"])
    if asked["bbox"]:
        found &= gallery_queries.in_box(asked["bbox"])
    return found


def _page(found: QuerySet[Occurrence], place: tuple[datetime, UUID] | None) -> tuple[list[Occurrence], str]:
    """A page of rows, and the cursor of the next one, empty on the last."""
    if place:
        created, id = place
        found = found.filter(Q(created__lt=created) | Q(created=created, id__lt=id))
    rows = list(found.select_related("observation__place", "agreed_taxon")[: PER_PAGE + 1])
    if len(rows) <= PER_PAGE:
        return rows, ""
    last = rows[PER_PAGE - 1]
    return rows[:PER_PAGE], f"{last.created.isoformat()}~{last.pk}"


def _read_cursor(text: str) -> tuple[tuple[datetime, UUID] | None, bool]:
    """Where to go on, and whether the address was broken."""
    if not text:
        return None, False
    created, _, id = text.partition("~")
    try:
        moment = datetime.fromisoformat(created)
        if moment.tzinfo is None:
            return None, True
        # A database that keeps UTC converts too, and there the year 0 would be an error of ours.
        return (moment.astimezone(UTC), UUID(id)), False
    except (ValueError, OverflowError):
        return None, True


def _status(request, value: str, word: str, counts: gallery_queries.Summary) -> dict:
    chosen = request.GET.get("status") == value
    return {
        "value": value,
        "count": counts.by_status[value],
        "url": _with(request, status=None if chosen else value, after=None),
        "chosen": chosen,
    }


def _chips(request, asked: dict) -> Iterator[dict]:
    """What is filtered by, each with the address without it."""
    for name in ("q", "taxon", "place", "who", "bbox"):
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
    if name == "bbox":
        return "a box on the map"
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
    query.pop("after", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    return f"{request.path}?{query.urlencode()}" if query else request.path
