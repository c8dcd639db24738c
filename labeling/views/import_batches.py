"""Imports as a whole, for reviewers: what came with each, trust in its collection, taken back and given back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from labeling.actions import rulings
from labeling.forms.import_batches import TrustForm, WithdrawForm
from labeling.queries import import_batches as queries
from labeling.queries.rulings import trust_in
from labeling.views.form_posts import done
from labeling.views.review import reviewers
from species.actions import import_batches as actions

PER_PAGE = 24


@reviewers
@require_safe
def batches(request):
    """All of them, the newest first."""
    page = Paginator(queries.batches(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "labeling/import_batches.html", {"section": "review", "page": page})


@reviewers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request, id):
    """One of them; `then`: withdraw, restore, trust or distrust."""
    found = get_object_or_404(queries.batches(), pk=id)
    forms = {"withdraw": WithdrawForm(auto_id="withdraw-%s"), "trust": TrustForm(auto_id="trust-%s")}
    then = request.POST.get("then", "")
    if then in forms:
        forms[then] = type(forms[then])(request.POST, auto_id=f"{then}-%s")
        if done(forms[then], lambda: _say(request, found, then, forms[then].cleaned_data["reason"])):
            return redirect(found)
    elif then == "restore":
        actions.restore(batch=found, by=request.user)
        messages.success(request, "Restored. Lists follow in the background.")
        return redirect(found)
    elif then == "distrust":
        trust = trust_in(found.source)
        if trust is not None:
            rulings.withdraw(ruling=trust, by=request.user)
        messages.success(request, "Not trusted any more. Verdicts follow in the background.")
        return redirect(found)
    context = {
        "section": "review",
        "batch": found,
        "figures": queries.figures(found),
        "trust": trust_in(found.source),
        "history": queries.history(found),
        "forms": forms,
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, "labeling/import_batch.html", context, status=400 if wrong else 200)


def _say(request, found, then: str, reason: str) -> None:
    if then == "withdraw":
        actions.withdraw(batch=found, reason=reason, by=request.user)
        messages.success(request, "Withdrawn. Lists follow in the background.")
    else:
        rulings.trust(source=found.source, reason=reason, by=request.user)
        messages.success(request, "Trusted. Verdicts follow in the background.")
