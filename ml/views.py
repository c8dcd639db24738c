"""Pages about models and the runs that made them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ml import measures, panels, queries
from ml.actions import promotions, runs
from ml.forms import PromoteForm, RunForm
from ml.misses import misses
from ml.models import Model
from species.models import Taxon

PAGE = 20


@require_safe
def models(request):
    """The live model's page, or what there is before one is live."""
    live = queries.live_model()
    if live:
        return model_page(request, live)
    return render(request, "ml/models.html", {"section": "models", **beside(request)})


@require_safe
def model(request, id):
    return model_page(request, get_object_or_404(queries.models(), pk=id))


def model_page(request, model: Model, form: PromoteForm | None = None, status: int = 200):
    promotion = queries.live_promotion()
    live = promotion is not None and promotion.model_id == model.pk
    metrics = model.run.metrics
    kfold = None
    if not measures.measured(metrics):
        kfold = queries.kfold_run(model)
        metrics = kfold.metrics if kfold else metrics
    measured = measures.measured(metrics)
    names = {taxon.label: taxon for taxon in Taxon.objects.filter(label__in=model.classes)}
    context = {
        "section": "models",
        "model": model,
        "live": promotion if live else None,
        "previous": queries.previous_model() if live else None,
        "measured": measured,
        "metrics": metrics,
        "kfold": kfold,
        "names": [names.get(label, label) for label in model.classes],
        "drawings": panels.drawings(model),
        "checks": measures.checks(model.card, metrics, promotion.reason if live else ""),
        "promote_form": form or PromoteForm(),
        **beside(request),
    }
    if measured:
        labels = [names[label].name if label in names else label for label in metrics["classes"]]
        context |= {
            "measures": measures.gauge(metrics),
            "confusion": {"labels": labels, "counts": metrics["photo"]["confusion"]},
            "bins": measures.bins(metrics),
            "rows": [
                row | {"taxon": names.get(row["label"]), "mistaken_taxon": names.get(row["mistaken"])}
                for row in measures.by_class(metrics, metrics["classes"])
            ],
            "misses": misses(kfold or model.run, request.user),
        }
    return render(request, "ml/model.html", context, status=status)


def beside(request) -> dict:
    """What every model page shows of the others: versions, and what is being trained."""
    return {
        "versions": queries.models()[:10],
        "training": queries.unfinished_runs()[:3],
        "run_form": RunForm() if request.user.is_authenticated and request.user.is_admin else None,
    }


@require_safe
def run_list(request):
    page = Paginator(queries.runs(), PAGE).get_page(request.GET.get("page"))
    return render(request, "ml/runs.html", {"section": "models", "page": page, **beside(request)})


@require_safe
def run(request, id):
    found = get_object_or_404(queries.runs(), pk=id)
    measured = measures.measured(found.metrics)
    context = {
        "section": "models",
        "run": found,
        "made": Model.objects.filter(run=found).first(),
        "measured": measured,
        "measures": measures.gauge(found.metrics) if measured else [],
    }
    return render(request, "ml/run.html", context)


@login_required
@require_POST
def start_run(request):
    if not request.user.is_admin:
        raise PermissionDenied
    form = RunForm(request.POST)
    if form.is_valid():
        try:
            started = runs.start(by=request.user, **form.arguments())
            return redirect("run", id=started.pk)
        except ValidationError as error:
            form.add_error(None, error)
    page = Paginator(queries.runs(), PAGE).get_page(1)
    return render(request, "ml/runs.html", {"page": page, **beside(request), "run_form": form}, status=400)


@login_required
@require_POST
def promote(request, id):
    if not request.user.is_admin:
        raise PermissionDenied
    chosen = get_object_or_404(queries.models(), pk=id)
    form = PromoteForm(request.POST)
    if form.is_valid():
        try:
            promotions.promote(model=chosen, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"{chosen} is live. Every web process answers from it within seconds.")
            return redirect("model", id=chosen.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return model_page(request, chosen, form, status=400)


@login_required
@require_POST
def roll_back(request):
    if not request.user.is_admin:
        raise PermissionDenied
    try:
        promotion = promotions.roll_back(by=request.user)
        messages.success(request, f"{promotion.model} is live again.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("models")
