"""Taking away everything that is one's own."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.http import http_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from home import takeouts
from home.actions import takeout as actions
from home.queries import mine
from jobs import queries as jobs
from jobs.actions import NotPossible
from look.site import site

log = logging.getLogger(__name__)

PIECE = 256 * 1024


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
    ends = takeouts.until(job) if job else None
    if job is None or ends is None:
        return redirect("take_out")
    try:
        file = default_storage.open(takeouts.name(job))
    except FileNotFoundError:
        log.error("Job %s is done and its file is missing", job.pk)
        raise Http404("The file is missing. Gather it anew.") from None
    called = "".join(each if each.isalnum() else "-" for each in site()["title"].lower())
    response = FileResponse(
        file, as_attachment=True, filename=f"{called}-everything.zip", content_type="application/zip"
    )
    response.block_size = PIECE
    response["Cache-Control"] = "private, no-store"
    # When nothing will be at this address any more (RFC 8594).
    response["Sunset"] = http_date(ends.timestamp())
    return response
