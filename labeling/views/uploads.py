"""One's own sightings: what became of them, and what their photos may be used for."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.models import Job
from labeling.actions import consents as many
from labeling.actions import drafts
from labeling.forms.photos import ConsentForm, ManyForm
from labeling.presenters import uploads as uploads_presenters
from labeling.queries import uploads as uploads_queries
from labeling.views.form_posts import came_from, done, sent, undoable
from species.models import Photo

PER_PAGE = 12
UNDONE_FOR = timedelta(days=1)
SALT = "labeling.consents"


@login_required
@never_cache
@require_safe
def uploads(request):
    return _page(request, ManyForm(photos=many.own(request.user)))


def _page(request, form: ManyForm, status: int = 200):
    everything = uploads_queries.uploads(request.user)
    # By their ids, or the last page would read all that hangs on those before it.
    ids = everything.values_list("pk", flat=True)
    page = Paginator(ids, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "drafts": [uploads_presenters.waiting(each) for each in uploads_queries.waiting(request.user)],
        "uploads": uploads_presenters.uploads(list(everything.filter(pk__in=list(page)))),
        "section": "my_uploads",
        "many": form,
        "chosen": set(form.data.getlist("photo")) if form.is_bound else set(),
        **_last_job(request.user),
    }
    return render(request, "labeling/uploads.html", context, status=status)


def _last_job(person) -> dict:
    """What was last said of many photos by a job, for a day, and the address that takes it back."""
    jobs = Job.objects.filter(owner=person, kind=many.KIND, created__gt=timezone.now() - UNDONE_FOR)
    job = jobs.order_by("-created", "-id").first()
    if job is None or job.state != "done" or job.arguments["undoes"]:
        return {"job": job, "undo_url": ""}
    return {"job": job, "undo_url": _undo_url(job.arguments["said"], job.created, job.finished_at)}


def _undo_url(said: dict, since, until) -> str:
    token = signing.dumps([said, since.isoformat(), until.isoformat()], salt=SALT, compress=True)
    return reverse("undo_many_consents", args=[token])


@never_cache
@sent
def many_consents(request):
    """One word on the uses of many photos: at once, or by a job where they are many."""
    own = many.own(request.user)
    form = ManyForm(request.POST, photos=own)
    if not form.is_valid():
        return _page(request, form, status=400)
    chosen = own if form.cleaned_data["which"] == "all" else form.cleaned_data["photo"]
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: many.AT_ONCE + 1])
    said, since = form.said(), timezone.now()
    if len(ids) > many.AT_ONCE:
        everything = form.cleaned_data["which"] == "all"
        many.ask(said=said, by=request.user, ids=None if everything else [each.pk for each in chosen])
        messages.info(request, "These are many. It is being done, and a notice tells you how it went.")
    else:
        result = many.say(ids=ids, said=said, by=request.user)
        undo_url = _undo_url(said, since, timezone.now())
        if result.changed:
            undoable(request, result.sentence(), "Undo", undo_url)
        else:
            messages.info(request, result.sentence())
    return redirect("my_uploads")


@never_cache
@sent
def undo_many_consents(request, token):
    """Take back what was said of many photos, where nothing was said since."""
    try:
        said, *moments = signing.loads(token, salt=SALT, max_age=UNDONE_FOR)
    except signing.BadSignature:
        raise Http404("This can’t be undone any more.") from None
    since, until = map(datetime.fromisoformat, moments)
    if many.said_then(request.user, said, since, until).count() > many.AT_ONCE:
        many.ask(said=said, by=request.user, undoes=(since, until))
        messages.info(request, "These are many. It is being taken back, and a notice tells you how it went.")
    else:
        result = many.undo(said=said, since=since, until=until, by=request.user)
        messages.success(request, f"Taken back. {result.sentence()}")
    return redirect("my_uploads")


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
