"""Tell them apart: a name beside those that it is taken for."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from labeling.presenters import confusions as presenters
from labeling.queries import confusions
from labeling.views import shown
from species.models import Taxon
from species.queries import taxa as taxon_queries
from species.queries.names import Names, Unknown
from species.taxonomy.tree import Tree


@require_http_methods(["GET", "HEAD", "POST"])
def alike(request):
    """From the form in which one says what it is: the name that is typed there, else the one that is picked."""
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("name", "").strip() or given.get("likely", "").strip()
    try:
        taxon = Names().find(text) if text else None
    except Unknown:
        taxon = None
    if taxon is not None:
        more = {name: given[name] for name in ("suggestion", "panel") if given.get(name)}
        return redirect(f"{reverse('confusions', args=[taxon.label])}?{urlencode(more)}")
    if "panel" in given:
        return HttpResponse(status=204)
    if request.method == "POST":
        messages.info(request, "Choose a name first, then compare it with those that it is taken for.")
    return redirect("taxa")


@require_safe
def confusions_page(request, key):
    """A name and at most two others: those that are asked for (`with`), then what people take for it, then what a
    suggestion that is in sight says besides. With `panel`, the part that a dialog shows; 204 where there is none.
    """
    taxon, tree = named(key), taxon_queries.tree()
    if taxon.label != key:
        return redirect(f"{reverse('confusions', args=[taxon.label])}?{request.GET.urlencode()}")
    others = _others(request, taxon, tree)
    panel = "panel" in request.GET
    if panel and not others:
        return HttpResponse(status=204)
    context = {"section": "taxa", "taxon": taxon, "columns": presenters.compared([taxon, *others], tree)}
    template = "labeling/_confusions.html" if panel else "labeling/confusions.html"
    return render(request, template, context | {"alone": not others})


def _others(request, taxon: Taxon, tree: Tree) -> list[Taxon]:
    labels = request.GET.getlist("with")[: confusions.MOST]
    known = Taxon.objects.select_related("synonym_of").filter(label__in=labels).in_bulk(field_name="label")
    asked = [taxon_queries.accepted(known[label]) for label in labels if label in known]
    found = {each.pk: each for each in asked if each != taxon}
    ids = list(found)
    if len(ids) < confusions.MOST:
        ids += confusions.people(taxon, tree)
    suggestion = _suggestion(request) if len(set(ids)) < confusions.MOST else None
    if suggestion is not None:
        shown.note(request, [(suggestion.photo.sha256, suggestion.source)])
        ids += confusions.model(suggestion, taxon, tree)
    ids = list(dict.fromkeys(ids))[: confusions.MOST]
    found |= Taxon.objects.in_bulk([each for each in ids if each not in found])
    return [found[each] for each in ids if each in found]


def _suggestion(request):
    try:
        id = UUID(request.GET.get("suggestion", ""))
    except ValueError:
        return None
    return confusions.in_sight(request.user, id)


def named(key: str) -> Taxon:
    """By label or id; a synonym leads to what it is called now."""
    rows = Taxon.objects.select_related("synonym_of")
    try:
        found = rows.filter(pk=UUID(key)).first()
    except ValueError:
        found = rows.filter(label=key).first()
    if found is None:
        raise Http404("No such name.")
    return taxon_queries.accepted(found)
