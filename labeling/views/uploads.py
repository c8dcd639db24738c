"""One's own sightings: what became of them, and what their photos may be used for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from labeling.actions import drafts
from labeling.forms.photos import ConsentForm
from labeling.presenters import uploads as uploads_presenters
from labeling.queries import uploads as uploads_queries
from labeling.views.form_posts import came_from, done, sent
from species.models import Photo

PER_PAGE = 12


@login_required
@never_cache
@require_safe
def uploads(request):
    everything = uploads_queries.uploads(request.user)
    # By their ids, or the last page would read all that hangs on those before it.
    ids = everything.values_list("pk", flat=True)
    page = Paginator(ids, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "drafts": [uploads_presenters.waiting(each) for each in uploads_queries.waiting(request.user)],
        "uploads": uploads_presenters.uploads(list(everything.filter(pk__in=list(page)))),
        "section": "my_uploads",
    }
    return render(request, "labeling/uploads.html", context)


@never_cache
@sent
def consents(request, id):
    """What a photo of one's own may be used for from now on; `then=withdraw`: nothing at all."""
    photo = Photo.objects.select_related("batch").filter(pk=id).first()
    if photo is None or not uploads_presenters.owns(request.user, photo):
        raise Http404("No such photo.")
    withdraw = request.POST.get("then") == "withdraw"
    form = ConsentForm({} if withdraw else request.POST)
    if not done(form, lambda: drafts.allow(photo=photo, by=request.user, **form.cleaned_data)):
        why = " ".join(text for each in form.errors.values() for text in each)
        messages.error(request, f"{photo.file_name or 'Your photo'}: {why}")
    elif withdraw:
        messages.success(
            request, "Withdrawn. Only you and reviewers see it, and the next dataset goes without."
        )
    else:
        messages.success(request, "Saved.")
    return redirect(came_from(request, "my_uploads"))
