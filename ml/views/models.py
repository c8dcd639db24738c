"""Pages of models."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from labeling.views import shown
from ml.forms.promotions import PromoteForm
from ml.forms.runs import RunForm
from ml.models import Model
from ml.presenters import metrics as presented
from ml.presenters import suggestions
from ml.presenters.top_losses import top_losses
from ml.queries import models as models_queries
from ml.queries import promotions as promotions_queries
from ml.queries import runs as runs_queries


@require_safe
def models(request):
    """The live model's page, or what there is before one is live."""
    live = promotions_queries.live_model()
    if live:
        return model_page(request, live)
    return render(request, "ml/models.html", {"section": "models", **beside(request)})


@require_safe
def model(request, id):
    return model_page(request, get_object_or_404(models_queries.models(), pk=id))


def model_page(request, model: Model, form: PromoteForm | None = None, status: int = 200):
    promotion = promotions_queries.live_promotion()
    live = promotion is not None and promotion.model_id == model.pk
    figure = presented.figure(model)
    metrics = figure.run.metrics if figure.run else None
    unlearned = model.card.get("classes_left_out", [])
    names = models_queries.named(model, unlearned)
    context = {
        "section": "models",
        "model": model,
        "live": promotion if live else None,
        "previous": promotions_queries.previous_model() if live else None,
        "figure": figure,
        "metrics": metrics,
        "names": [names.get(label, label) for label in model.classes],
        "unlearned": [names.get(label, label) for label in unlearned],
        "unlearned_photos": presented.photos_of_unlearned(model.card),
        "drawings": suggestions.drawings(model),
        "checks": presented.checks(model.card, metrics, promotion.reason if live else ""),
        "promote_form": form or PromoteForm(),
        **beside(request),
    }
    if figure.run:
        labels = [names[label].name if label in names else label for label in metrics["classes"]]
        context |= {
            "measures": presented.gauge(metrics),
            "confusion": {"labels": labels, "counts": metrics["photo"]["confusion"]},
            "bins": presented.bins(metrics),
            "rows": [
                row | {"taxon": names.get(row["label"]), "mistaken_taxon": names.get(row["mistaken"])}
                for row in presented.by_class(metrics, metrics["classes"])
            ],
            "not_asked": [names.get(label, label) for label in presented.not_asked(metrics)],
            "top_losses": top_losses(figure.run, request.user, names),
        }
        shown.note(request, [(each["sha256"], model.name) for each in context["top_losses"]["photos"]])
    return render(request, "ml/model.html", context, status=status)


def beside(request) -> dict:
    """What every model page shows of the others: versions, and what is being trained."""
    versions = list(models_queries.models()[:10])
    figures = presented.figures(versions)
    return {
        "versions": [{"model": version, "figure": figures[version.pk]} for version in versions],
        "training": runs_queries.unfinished_runs()[:3],
        "run_form": RunForm() if request.user.is_authenticated and request.user.is_admin else None,
    }
