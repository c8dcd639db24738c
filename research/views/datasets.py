"""Pages of datasets."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from labeling.filters import VerifiedFilter
from labeling.views.gallery import refused, said
from research import downloads
from research.actions import datasets
from research.exports import FORMATS
from research.forms.datasets import FreezeForm, RetireForm
from research.manifest import citation, store
from research.manifest.changes import RELABELLED
from research.models import Dataset
from research.presenters import queries, summaries
from research.queries import datasets as datasets_queries
from research.queries import photos, previews
from research.queries.fates import REASONS
from research.splits.sides import Shares

PAGE_SIZE = 20
LISTED = 200  # changes of a kind that the page shows; the API has all


@require_GET
def datasets_page(request):
    page = Paginator(datasets_queries.datasets(), PAGE_SIZE).get_page(request.GET.get("page"))
    may_freeze = request.user.is_authenticated and request.user.is_researcher
    context = {"page": page, "may_freeze": may_freeze, "section": "datasets"}
    return render(request, "research/datasets.html", context)


@login_required
@never_cache
@require_GET
def new(request):
    """What one asks for, and what it would hold now. The filters are those of `/api/v1/datasets/preview`."""
    return _new(request, request.GET, FreezeForm())


@login_required
@require_POST
def freeze(request):
    form = FreezeForm(request.POST)
    asked = QueryDict(request.POST.get("query", ""))
    if not form.is_valid():
        return _new(request, asked, form, status=400)
    try:
        dataset = datasets.freeze(by=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _new(request, asked, form, status=400)
    return redirect("dataset", id=dataset.pk)


def _new(request, given: QueryDict, form: FreezeForm, status: int = 200):
    """Only what is asked for may be frozen, so without that there is nothing to press."""
    if not request.user.is_researcher:
        raise PermissionDenied("Only researchers and admins freeze datasets.")
    asked = VerifiedFilter(said(given, VerifiedFilter))
    wrong = refused(asked.data, asked, besides=())
    known = not wrong and asked.form.is_valid()
    context: dict[str, Any] = {"asked": asked.form, "refused": wrong, "section": "datasets"}
    if known:
        query = photos.canonical(asked.data)
        shares = Shares(*settings.DATASET_SHARES)
        found = previews.preview(photos.wanted(query), settings.DATASET_SALT, shares)
        context |= {
            "found": found,
            "most": previews.MOST,
            "words": queries.words(query),
            "map": queries.on_the_map(query),
            "classes": queries.classes(found),
            "left_out": found.left_out and summaries.kept_back({"left_out": found.left_out}),
            "form": FreezeForm(initial={"query": query}) if not form.is_bound else form,
        }
    return render(request, "research/new_dataset.html", context, status=status if known else 400)


@never_cache
@require_GET
def dataset_page(request, id):
    return _detail(request, _dataset(id), RetireForm())


def downloaded(view):
    """A file for people who are signed in, or a page that says why there is none, with that status."""

    @wraps(view)
    def wrapper(request, id, **arguments):
        dataset = _dataset(id)
        try:
            return view(request, dataset, **arguments)
        except downloads.NotAvailable as error:
            context = {"dataset": dataset, "why": error.why, "section": "datasets"}
            return render(request, "research/not_available.html", context, status=error.status)

    return require_GET(login_required(wrapper))


@downloaded
def manifest(request, dataset):
    return downloads.manifest_file(dataset)


@downloaded
def export(request, dataset, format):
    if format not in FORMATS:
        raise Http404(f"No such format: {format}.")
    return downloads.export(request, dataset, FORMATS[format])


@downloaded
def data(request, dataset, format):
    """The same without the photos."""
    if format not in FORMATS:
        raise Http404(f"No such format: {format}.")
    return downloads.export(request, dataset, FORMATS[format], pictures=False)


@downloaded
def changes(request, dataset):
    """What changed since the version before that asked for the same."""
    since = datasets_queries.before(dataset)
    if since is None:
        raise Http404("There is no version before it.")
    found = downloads.changed(dataset, since)
    context = {
        "dataset": dataset,
        "since": since,
        "counts": found["counts"],
        "removed_by": [(REASONS[why], count) for why, count in found["counts"]["removed_by"].items()],
        "removed": [each | {"because": REASONS[each["because"]]} for each in found["removed"][:LISTED]],
        "relabelled": [
            # Templates know no word of Python's as a name either.
            {"was": each["from"], **each, "because": RELABELLED[each["because"]]}
            for each in found["relabelled"][:LISTED]
        ],
        "listed": LISTED,
        "section": "datasets",
    }
    return render(request, "research/changes.html", context)


@login_required
@require_POST
def retire(request, id):
    dataset = _dataset(id)
    form = RetireForm(request.POST)
    if not request.user.is_admin:
        raise PermissionDenied("Only admins retire datasets.")
    if not form.is_valid():
        return _detail(request, dataset, form, status=400)
    try:
        datasets.retire(dataset=dataset, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _detail(request, dataset, form, status=400)
    messages.success(request, "Taken back. Its page stays, with the reason.")
    return redirect("dataset", id=dataset.pk)


def _dataset(id) -> Dataset:
    return get_object_or_404(datasets_queries.datasets(), pk=id)


def _detail(request, dataset, form, status=200):
    summary = dataset.summary if dataset.content_hash else None
    named = store.reference(dataset, dataset.content_hash)
    context = {
        "dataset": dataset,
        "summary": summary,
        "asked": queries.words(dataset.query),
        "map": dataset.query and queries.on_the_map(dataset.query),
        "before": dataset.state == Dataset.State.FROZEN and datasets_queries.before(dataset),
        "kfold": summary and summaries.kfold_sentence(summary),
        "dropped": summary and summaries.dropped(summary),
        "left_out": summary and summaries.kept_back(summary),
        "citation": summary and citation.citation(**named),
        "bibtex": summary and citation.bibtex(**named, url=request.build_absolute_uri(request.path)),
        "formats": FORMATS.values() if dataset.state == Dataset.State.FROZEN else [],
        "sees_job": dataset.job_id
        and request.user.is_authenticated
        and (request.user.is_admin or dataset.job.owner_id == request.user.pk),
        "may_retire": request.user.is_authenticated
        and request.user.is_admin
        and dataset.state == Dataset.State.FROZEN,
        "form": form,
        "section": "datasets",
    }
    return render(request, "research/dataset.html", context, status=status)
