from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from webhooks import actions, queries
from webhooks.forms import EndpointForm
from webhooks.models import Endpoint, Outcome

PAGE_SIZE = 30


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks_page(request):
    """A person's endpoints, and the form for another one."""
    if request.method != "POST":
        return _list(request, EndpointForm())
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            endpoint = actions.add(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _list(request, EndpointForm(), shown=endpoint)
    return _list(request, form, status=400)


def _list(request, form, *, shown: Endpoint | None = None, status: int = 200):
    """`shown`: the one whose secret is told."""
    endpoints = list(queries.of(request.user))
    full = len(endpoints) >= Endpoint.MOST
    context = {"endpoints": endpoints, "form": form, "shown": shown, "full": full, "most": Endpoint.MOST}
    return render(request, "webhooks/webhooks.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_page(request, id):
    """One of them: what it is told, how that went, the form to say it otherwise, and buttons (`then`)."""
    endpoint = _own(request, id)
    if request.method != "POST":
        return _one(request, endpoint, EndpointForm.of(endpoint))
    if "then" in request.POST:
        return _act(request, endpoint, request.POST["then"])
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            actions.change(endpoint=endpoint, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Saved. It holds for what happens from now on.")
            return redirect("webhook", id=endpoint.pk)
    return _one(request, endpoint, form, status=400)


def _one(request, endpoint, form, *, shown: Endpoint | None = None, status: int = 200):
    rows = queries.deliveries(request.user, endpoint.pk).order_by("-created", "-id")
    outcome = request.GET.get("outcome", "")
    if outcome in Outcome.values:
        rows = rows.that(outcome)
    else:
        outcome = ""
    context = {
        "endpoint": endpoint,
        "form": form,
        "shown": shown,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "outcomes": Outcome.choices,
        "outcome": outcome,
    }
    return render(request, "webhooks/webhook.html", context, status=status)


def _act(request, endpoint, then: str):
    by = request.user
    try:
        if then == "rotate":
            endpoint = actions.rotate(endpoint=endpoint, by=by)
            return _one(request, endpoint, EndpointForm.of(endpoint), shown=endpoint)
        if then == "delete":
            actions.delete(endpoint=endpoint, by=by)
            messages.success(request, f"{endpoint} is told nothing any more.")
            return redirect("webhooks")
        if then == "test":
            actions.ping(endpoint=endpoint, by=by)
            messages.success(request, "A message is on its way. Look again in some seconds.")
        elif then in ("on", "off"):
            actions.change(endpoint=endpoint, by=by, active=then == "on")
            messages.success(request, f"It is {then}.")
        else:
            return HttpResponseBadRequest("There is no such button.")
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
    return redirect("webhook", id=endpoint.pk)


@login_required
@require_POST
def replay(request, id, delivery):
    found = get_object_or_404(queries.deliveries(request.user, id), pk=delivery)
    try:
        actions.replay(delivery=found, by=request.user)
    except ValidationError as refusal:
        messages.warning(request, " ".join(refusal.messages))
    else:
        messages.success(request, "It is on its way again. Look again in some seconds.")
    return redirect("webhook", id=id)


def _own(request, id) -> Endpoint:
    """Somebody else's answers 404 like one that does not exist."""
    return get_object_or_404(queries.of(request.user), pk=id)
