"""Adding photos: files become private drafts at once, and are sent when their owner says so."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from labeling.actions import drafts
from labeling.forms.drafts import DraftForm
from labeling.presenters import uploads
from labeling.queries import uploads as uploads_queries
from labeling.queries.taxa import every_name
from labeling.views.form_posts import done, sent
from species import ingest
from species.actions.allowances import UsedUp
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed
from species.images.refusals import ImageRefused
from species.models import Observation, Photo

REFUSALS = (ImageRefused, ValidationError)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request):
    """The drafts, and the plain form that makes them."""
    if request.method != "POST":
        return upload_page(request)
    files = request.FILES.getlist("photos")
    together = "together" in request.POST
    kept, refusals, status = take_in(request, files, together)
    if not files:
        refusals.append({"name": "", "why": "Choose at least one photo."})
    if refusals:
        return come_back(upload_page(request, refusals=refusals, together=together, status=status))
    if kept:
        messages.success(request, f"{kept} here, as drafts that only you see.")
    return redirect("upload")


@never_cache
@require_POST
def photo(request, id):
    """One file under an id its sender chose; sent again it is the same photo. Answers a draft, as HTML."""
    if not request.user.is_authenticated:
        return said("You were logged out. Log in again, then retry.", 401)
    if "file" not in request.FILES:
        return said("No file arrived. Try again.", 400)
    file = request.FILES["file"]
    draft = uploads_queries.drafts(request.user).filter(pk=_uuid(request.POST.get("observation"))).first()
    try:
        received = receive(request, file, draft, id)
    except REFUSALS as error:
        return said(sentence(error), 400)
    except UsedUp as error:
        return come_back(said(str(error), 429), error.retry_after)
    except DecoderFailed:
        return come_back(said(TRY_AGAIN, 503))
    form = uploads_queries.drafts(request.user).filter(pk=received.photo.observation_id).first()
    context = {"photo": received.photo, "notice": received.notice}
    if form is not None:
        context["draft"] = uploads.draft(DraftForm(observation=form))
    return render(request, "labeling/_received.html", context)


@never_cache
@sent
def draft(request, id):
    """Save a draft, or send it."""
    observation = own_draft(request, id)
    form = DraftForm(request.POST, observation=observation)
    sending = request.POST.get("then") == "send"
    if not done(form, lambda: drafts.save(by=request.user, send=sending, **form.arguments())):
        return upload_page(request, {observation.pk: form}, status=400)
    messages.success(request, "Sent. People can see it now." if sending else "Saved. Only you see it.")
    return redirect("observation", id=id) if sending else redirect("upload")


@sent
def discard(request, id):
    drafts.discard(observation=own_draft(request, id), by=request.user)
    messages.success(request, "Discarded, photos and all.")
    return redirect("upload")


@sent
def drop(request, id):
    """Take one photo out of a draft."""
    photo = get_object_or_404(Photo.objects.select_related("observation"), pk=id, owner=request.user)
    try:
        drafts.drop(photo=photo, by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
    return redirect("upload")


def take_in(request, files: list, together: bool) -> tuple[str, list[dict], int]:
    """Every file by itself: how many are kept, in words, what is wrong with the others, and the status of
    that.
    """
    draft, kept, refusals, status = None, 0, [], 400
    for file in files:
        try:
            received = receive(request, file, draft)
        except REFUSALS as error:
            refusals.append({"name": file.name, "why": sentence(error)})
            continue
        except UsedUp as error:
            refusals.append({"name": file.name, "why": str(error)})
            status = 429
            continue
        except DecoderFailed:
            refusals.append({"name": file.name, "why": TRY_AGAIN})
            status = 503
            continue
        kept += received.created
        if received.notice:
            messages.info(request, f"{file.name}: {received.notice}")
        if together and received.created:
            draft = received.photo.observation
    return (f"{kept} photo{'' if kept == 1 else 's'}" if kept else ""), refusals, status


def receive(request, file, draft: Observation | None, id: UUID | None = None) -> ingest.Received:
    data = ingest.read(file)
    return ingest.receive(data=data, owner=request.user, observation=draft, id=id, file_name=file.name)


def upload_page(request, bound: dict | None = None, *, refusals=(), together=True, status=200):
    """`bound`: forms with errors, by the id of their draft."""
    bound = bound or {}
    forms = [
        bound.get(each.pk) or DraftForm(observation=each) for each in uploads_queries.drafts(request.user)
    ]
    context = {
        "drafts": [uploads.draft(form) for form in forms],
        "names": every_name(),
        "refusals": refusals,
        "together": together,
        "section": "upload",
    }
    return render(request, "labeling/upload.html", context, status=status)


def own_draft(request, id) -> Observation:
    """A draft of whoever asks; for others there is none."""
    found = uploads_queries.drafts(request.user).filter(pk=id).first()
    if found is None:
        raise Http404("No such draft.")
    return found


def sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error)


def said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def come_back(answer: HttpResponse, seconds: int = RETRY_AFTER) -> HttpResponse:
    """With a 503 or a 429 goes when to try again."""
    if answer.status_code in (429, 503):
        answer["Retry-After"] = str(seconds)
    return answer


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
