"""The pages of names."""

from calendar import month_abbr, month_name
from math import log
from uuid import UUID

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from species.models import Occurrence, Photo, Status, Taxon, titled
from species.places.cells import WORLD, bounds
from species.presenters import taxon_changes as change_presenter
from species.presenters import times
from species.presenters.cells import fitting, seen_from, shapes
from species.presenters.plates import plate
from species.queries import cells as cell_queries
from species.queries import field_marks, taxa_index, taxon_changes, taxon_pages
from species.queries import taxa as taxon_queries
from species.queries.cells import Asked
from species.queries.names import Names
from species.taxonomy.field_marks import Mark
from species.taxonomy.tree import Tree
from species.views import listing

PER_PAGE = 24
PROPOSED = 10
CHANGES = 20  # that the history of a name shows, the newest
EDITS = 50
YEARS = 15  # that the table of seasons shows, the newest
EVERYWHERE = 3  # the zoom whose hexagons say where in the world something is


@require_safe
def taxa(request):
    """The tree of names as far as it is unfolded, one branch of it, or what a search finds."""
    text, label = request.GET.get("q", "").strip(), request.GET.get("under", "")
    context = {"text": text, "section": "taxa"}
    if text:
        context["found"] = taxon_queries.search(text)
        context["nearest"] = [] if context["found"] else taxon_queries.nearest(text)
    elif label:
        context |= _branch(_taxon(label), request.GET.get("page", ""))
    else:
        context["roots"] = taxa_index.index()
    return render(request, "species/taxa.html", context)


def _branch(taxon: Taxon, page: str) -> dict:
    """One taxon with what is under it, and the way to it."""
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    above = taxon_queries.tree().ancestors(str(taxon.pk))
    rows = Taxon.objects.in_bulk([UUID(id) for id in above])
    return {
        "roots": [taxa_index.level(taxon, max(1, number))],
        "lineage": [rows[UUID(id)] for id in reversed(above)],
        "of": taxon,
    }


@require_safe
def proposals(request):
    """Names that may be meant by what is being typed, or the nearest; a fragment for look/names.js."""
    text = request.GET.get("q", "").strip()
    names = Names()
    found = names.search(text, PROPOSED)
    nearest = [] if found else names.nearest(text)
    context = {
        "text": text,
        "nearest": bool(nearest),
        # What is called so by everybody; a name that two taxa share would be refused.
        "proposals": [
            (taxon, taxon.name if names.is_name_of(taxon.name, taxon) else taxon.scientific_name)
            for taxon in found or nearest
        ],
    }
    return render(request, "species/_proposals.html", context)


@require_safe
def taxon(request, key):
    """One name: where it stands in the tree, what is known of it here, and its verified photos."""
    found = _taxon(key)
    if found.label != key:
        return redirect("taxon", found.label)
    tree = taxon_queries.tree()
    relatives = taxon_pages.relatives(found, tree)
    parents = [
        taxon_queries.accepted(each)
        for each in (found.parent, found.second_parent)
        if tree.is_hybrid(str(found.pk))
    ]
    # Nothing is outside the only root, and five thousand ids need not be compared to say so.
    everything = len(tree.descendants(str(found.pk))) + 1 == len(tree)
    inside = None if everything else taxon_queries.descendants(found, tree)
    try:
        rows, following = listing.page(request, taxon_pages.verified_occurrences(inside), PER_PAGE)
    except ValidationError:
        return redirect("taxon", found.label)
    cards = _cards(rows)
    summary = taxon_pages.summary(inside)
    bars = _bars(summary.months)
    return render(
        request,
        "species/taxon.html",
        {
            "section": "taxa",
            "taxon": found,
            "lineage": relatives.lineage,
            "synonyms": relatives.synonyms,
            "other_names": _other_names(found),
            "marks": _marks(found, relatives.lineage, tree),
            "parents": parents,
            "children": relatives.children,
            "hybrids": relatives.hybrids,
            "summary": summary,
            "bars": bars,
            "months": ", ".join(f"{bar['name']} {bar['count']}" for bar in bars),
            "letters": [bar["letter"] for bar in bars],
            "years": _years(summary.years),
            "first": _month(min(summary.by_month, default=None)),
            "last": _month(max(summary.by_month, default=None)),
            "seen_somewhere": settings.PLACES and summary.verified > 0,
            "next": f"?{following}#photos" if following else "",
            "newest": found.get_absolute_url() if "cursor" in request.GET else "",
            "per_page": PER_PAGE,
            "cards": cards,
            # Most names were never changed: nothing is asked for them.
            "changes": [change_presenter.row(each) for each in taxon_changes.of(found)[:CHANGES]]
            if getattr(found, "has_changes", True)  # a name that another leads to was not asked
            else [],
            "edits": change_presenter.history(taxon_changes.edits(found).reverse()[:EDITS])
            if getattr(found, "has_edits", True)
            else [],
            "portrait": cards[0]["photo"] | {"sizes": "60vw"} if cards else None,
        },
    )


@require_safe
def taxon_range(request, key):
    """Where it was verified, as hexagons of the size at which all of them are in view. For species/range_map.js."""
    asked = Asked.of(_taxon(key), status=Status.VERIFIED)
    latitude, longitude, zoom = fitting(bounds(cell_queries.in_view(WORLD, EVERYWHERE, asked).counts))
    near = cell_queries.in_view(seen_from((latitude, longitude, zoom)), zoom, asked)
    answer = JsonResponse({"at": [latitude, longitude, zoom], "cells": shapes(near)})
    answer["Cache-Control"] = "public, max-age=60"
    return answer


def _taxon(key: str) -> Taxon:
    """By label or id; a synonym leads to what it is called now."""
    everything = taxon_changes.with_history(
        Taxon.objects.select_related("parent", "second_parent", "synonym_of")
    )
    try:
        found = everything.filter(pk=UUID(key)).first()
    except ValueError:
        found = everything.filter(label=key).first()
    if found is None:
        raise Http404("No such name.")
    return taxon_queries.accepted(found)


def _marks(taxon: Taxon, above: list[Taxon], tree: Tree) -> list[Mark]:
    """Its field marks and those of what is above it."""
    said = {str(each.pk): each.field_marks for each in (taxon, *above)}
    return field_marks.among([taxon.pk], said, tree)[taxon.pk]


def _other_names(taxon: Taxon) -> list[tuple[str, str]]:
    """Language and name, without the one the page is headed by; a name in two languages once."""
    names: dict[str, str] = {}
    for language, name in sorted(taxon.names.items()):
        if titled(name) != taxon.name:
            names.setdefault(titled(name), language)
    return [(language, name) for name, language in names.items()]


def _cards(occurrences: list[Occurrence]) -> list[dict]:
    """Contexts of `parts/card.html`. One query for all photos of a page."""
    photos = Photo.objects.in_bulk([each.first_photo for each in occurrences])
    return [_card(each, photos.get(each.first_photo)) for each in occurrences]


def _card(occurrence: Occurrence, photo: Photo | None) -> dict:
    observation, name = occurrence.observation, occurrence.agreed_taxon.name
    length = f"{occurrence.length_mm / 10:.0f}\N{NO-BREAK SPACE}cm" if occurrence.length_mm else ""
    return {
        "url": observation.get_absolute_url(),
        "title": name,
        "scientific": occurrence.agreed_taxon.scientific_name if occurrence.agreed_taxon.common_name else "",
        "photo": plate(photo, alt=name),
        "count": occurrence.photo_count,
        "place": length,
        **times.day(observation.told_time(False)),
    }


def _month(found: tuple[int, int] | None) -> str:
    return "" if found is None else f"{month_name[found[1]]} {found[0]}"


def _years(years: dict[int, list[int]]) -> list[dict]:
    """Rows of a table of season by year, the newest first; `shade` from 1 to 5 in equal factors, 0 of nothing."""
    most = max((count for months in years.values() for count in months), default=0)

    def shade(count: int) -> int:
        return min(5, 1 + int(5 * log(count) / log(most + 1))) if count else 0

    return [
        {"year": year, "months": [{"count": count, "shade": shade(count)} for count in months]}
        for year, months in sorted(years.items(), reverse=True)[:YEARS]
    ]


def _bars(months: list[int]) -> list[dict]:
    """Bars of a chart 100 % wide and high, from January."""
    most = max(months)
    if not most:
        return []
    return [
        {
            "x": f"{(number - 1) / 12 * 100 + 0.8:.2f}%",
            "middle": f"{(number - 0.5) / 12 * 100:.2f}%",
            "width": "6.70%",
            "y": f"{100 - count / most * 100:.1f}%",
            "height": f"{count / most * 100:.1f}%",
            "count": count,
            "most": count == most,
            "letter": month_abbr[number][:1],
            "name": month_name[number],
        }
        for number, count in enumerate(months, start=1)
    ]
