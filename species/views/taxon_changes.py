"""Merges, splits and swaps: what there were, one of them, and the form for another."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from species.actions import taxon_changes as actions
from species.forms.taxon_changes import ChangeForm
from species.models import TaxonChange
from species.presenters import taxon_changes as presenter
from species.queries import taxon_changes as queries

PAGE_SIZE = 30
MOST_PAGES = 20


@require_safe
def taxon_changes(request):
    """The newest first."""
    rows = queries.changes().order_by("-created", "-id")[: PAGE_SIZE * MOST_PAGES]
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "section": "taxa",
        "page": page,
        "changes": [presenter.row(each) for each in page],
        "may_propose": _may_propose(request),
    }
    return render(request, "species/taxon_changes.html", context)


@require_safe
def taxon_change(request, id):
    """One of them: what it does, why, how far it is, and, for who may propose, what it touches."""
    change = get_object_or_404(queries.changes(), pk=id)
    user = request.user
    admin = user.is_authenticated and user.is_admin
    draft = change.state == TaxonChange.State.DRAFT
    context = {
        "section": "taxa",
        "change": change,
        "title": presenter.title(change),
        "row": presenter.row(change),
        "does": presenter.what_it_does(change),
        "undo_does": presenter.what_undo_does(change) if change.state == TaxonChange.State.APPLIED else [],
        "touched": queries.preview(change) if _may_propose(request) and draft else None,
        "job": change.job if admin and change.running else None,
        "may_apply": admin and draft,
        "may_undo": admin and change.state == TaxonChange.State.APPLIED,
        "may_discard": draft and (admin or (_may_propose(request) and change.by_id == user.pk)),
    }
    return render(request, "species/taxon_change.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request):
    """The form. What it would touch is told by the page of the proposal, before anything is applied."""
    if not _may_propose(request):
        raise PermissionDenied("Reviewers and admins propose changes of names.")
    form = ChangeForm(request.POST) if request.method == "POST" else ChangeForm()
    if form.is_bound and form.is_valid():
        try:
            change = actions.propose(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            _take_errors(form, error)
        else:
            return redirect("taxon_change", id=change.pk)
    context = {"section": "taxa", "form": form}
    return render(request, "species/propose_change.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def apply(request, id):
    return _act(request, id, actions.apply, "It is being applied. Votes follow.")


@login_required
@require_POST
def undo(request, id):
    return _act(request, id, actions.undo, "It is being undone. Votes follow.")


@login_required
@require_POST
def discard(request, id):
    change = get_object_or_404(queries.changes(), pk=id)
    try:
        actions.discard(change=change, by=request.user)
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
        return redirect("taxon_change", id=id)
    messages.success(request, "The proposal is gone.")
    return redirect("taxon_changes")


def _act(request: HttpRequest, id, act, text: str):
    change = get_object_or_404(queries.changes(), pk=id)
    try:
        act(change=change, by=request.user)
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
    else:
        messages.success(request, text)
    return redirect("taxon_change", id=id)


def _may_propose(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_reviewer


def _take_errors(form: ChangeForm, error: ValidationError) -> None:
    said = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, texts in said.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
