"""Taking away everything that is one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from home import takeouts
from home.actions import takeout as actions
from home.presenters import takeout as presenters
from home.queries import mine
from jobs import queries as jobs
from jobs.actions import NotPossible


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_out(request):
    """What the file will hold; whether one is being made, or is there."""
    if request.method == "POST":
        try:
            actions.ask(user=request.user, by=request.user)
        except NotPossible as refusal:
            messages.warning(request, refusal.message)
        return redirect("take_out")
    job = takeouts.last_of(request.user)
    context = {
        "job": job,
        "place": jobs.place_in_line(job) if job else None,
        "until": takeouts.until(job) if job else None,
        "days": takeouts.LASTS.days,
        "tables": mine.tables(),
    }
    return render(request, "home/take_out.html", context)


@login_required
@require_safe
def take_out_file(request):
    """The file itself, for its own person while it lasts; else the page that says so."""
    job = takeouts.last_of(request.user)
    try:
        answer = presenters.response(job) if job else None
    except FileNotFoundError:
        raise Http404("The file is missing. Gather it anew.") from None
    return answer or redirect("take_out")
