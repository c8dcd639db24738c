from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jobs import actions, queries

PAGE_SIZE = 20


@login_required
@never_cache
@require_GET
def jobs_page(request):
    page = Paginator(queries.visible_to(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "jobs/jobs.html", {"page": page, "listed": True, "section": "jobs"})


@login_required
@never_cache
@require_GET
def job_page(request, id):
    return render(request, "jobs/job.html", _job_context(request, id))


@login_required
@never_cache
@require_GET
def job_part(request, id):
    """The panel alone, for a page that keeps itself up to date; `?listed` for one among others."""
    context = _job_context(request, id) | {"listed": "listed" in request.GET}
    return render(request, "jobs/_job.html", context)


@login_required
@require_POST
def cancel_job(request, id):
    return _act(request, id, actions.cancel)


@login_required
@require_POST
def retry_job(request, id):
    return _act(request, id, actions.retry)


def _job_context(request, id):
    # Somebody else's job answers 404 like one that does not exist.
    job = get_object_or_404(queries.visible_to(request.user), pk=id)
    return {"job": job, "place": queries.place_in_line(job), "section": "jobs"}


def _act(request, id, action):
    job = get_object_or_404(queries.visible_to(request.user), pk=id)
    try:
        action(job=job, by=request.user)
    except actions.NotPossible as refusal:
        messages.warning(request, refusal.message)
    return redirect("job", id=job.pk)
