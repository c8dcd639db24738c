"""Pages of training runs."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from ml.actions import runs
from ml.forms.runs import RunForm
from ml.models import Model
from ml.presenters import metrics as presented
from ml.queries import runs as runs_queries
from ml.views.models import beside
from ml.vision.recipes import TABLE
from species.models import Taxon

PAGE = 20


@require_safe
def run_list(request):
    page = Paginator(runs_queries.runs(), PAGE).get_page(request.GET.get("page"))
    return render(request, "ml/runs.html", {"section": "models", "page": page, **beside(request)})


@require_safe
def run(request, id):
    found = get_object_or_404(runs_queries.runs(), pk=id)
    measured = runs_queries.is_measured(found)
    made = Model.objects.filter(run=found).select_related("run").first()
    unlearned = found.metrics.get("classes_left_out", [])
    names = {taxon.label: taxon for taxon in Taxon.objects.filter(label__in=unlearned)} if unlearned else {}
    context = {
        "section": "models",
        "run": found,
        "unlearned": [names.get(label, label) for label in unlearned],
        "made": made,
        "figure": presented.figure(made) if made else presented.Figure(found if measured else None),
        "measured": measured,
        "recipes": TABLE,
        "against": presented.against(found.metrics),
        "measures": presented.gauge(found.metrics) if measured else [],
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
    page = Paginator(runs_queries.runs(), PAGE).get_page(1)
    return render(request, "ml/runs.html", {"page": page, **beside(request), "run_form": form}, status=400)
