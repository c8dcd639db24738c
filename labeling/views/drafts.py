"""Adding photos: files become private drafts at once, and are sent when their owner says so."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from labeling.actions import drafts
from labeling.forms.drafts import DraftForm, as_left, words
from labeling.forms.tray import ManyForm
from labeling.presenters import places, uploads
from labeling.queries import alike, doubts
from labeling.queries import uploads as uploads_queries
from labeling.queries.suggestions import latest
from labeling.views import shown
from labeling.views.form_posts import done, sent, undoable
from species import ingest
from species.access import NotYours
from species.actions import observations, photos
from species.actions.allowances import UsedUp
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed
from species.images.refusals import ImageRefused
from species.models import Observation, Photo
from species.queries import taxa

REFUSALS = (ImageRefused, ValidationError)
MOST = 1000  # photos that are joined at once
FEW = 3  # drafts


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
    if kept:
        messages.success(request, f"{kept} here, as drafts that only you see.")
    if refusals and status != 400:
        # To send the same files again is just what they are asked to do.
        return come_back(upload_page(request, refusals=refusals, together=together, status=status))
    for each in refusals:
        messages.error(request, f"{each['name']}: {each['why']}" if each["name"] else each["why"])
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
    draft = uploads_queries.drafts(request.user).filter(pk=received.photo.observation_id).first()
    context = {"photo": received.photo, "notice": received.notice}
    if draft is not None:
        context["draft"] = uploads.draft(as_left(draft))
    return render(request, "labeling/_received.html", context)


@never_cache
@require_POST
def join(request):
    """The photos of one choice are all here: those of one encounter become one draft. Answers the drafts, as HTML."""
    if not request.user.is_authenticated:
        return said("You were logged out. Log in again, then reload.", 401)
    ids = [each for each in map(_uuid, request.POST.getlist("photo")) if each]
    chosen = photos.join(photos=Photo.objects.filter(pk__in=ids[:MOST], owner=request.user), by=request.user)
    found = [each for each in uploads_queries.drafts(request.user) if each.pk in chosen]
    return render(
        request, "labeling/_drafts.html", {"drafts": [uploads.draft(as_left(each)) for each in found]}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request, id):
    """Save a draft, or send it; what can't be taken is kept as it was typed, and shown again."""
    if request.method != "POST":
        return redirect(f"{reverse('upload')}?draft={id}")
    return save(request, id)


@sent
def save(request, id):
    observation = uploads_queries.drafts(request.user).filter(pk=id).first()
    if observation is None:
        return too_late(request, id)
    form, then = DraftForm(request.POST, observation=observation), request.POST.get("then")
    if then == "other":
        left = as_left(observation)
        if left.elsewhere is not None:
            drafts.keep(observation=observation, by=request.user, typed=left.elsewhere, elsewhere=words(left))
        return redirect(address(id))
    sending = then == "send"
    saved = {"by": request.user, "send": sending, "seen": seen(request, form)}
    try:
        taken = done(form, lambda: drafts.save(**saved, **form.arguments()))
    except drafts.Stale:
        keep_both(request, form)
        return redirect(address(id))
    if not taken:
        left = as_left(observation)
        refused = {"" if name == NON_FIELD_ERRORS else name: list(why) for name, why in form.errors.items()}
        kept = {"typed": words(form), "refused": refused, "elsewhere": left.elsewhere}
        drafts.keep(observation=observation, by=request.user, **kept)
        return redirect(address(id))
    if sending:
        undo = ("Take back", reverse("take_back", args=[id]))
        undoable(request, "Sent. People can see it now.", *undo)
        return redirect("observation", id=id)
    messages.success(request, "Saved. Only you see it.")
    return redirect(f"{address(id)}#draft-{id}")


@never_cache
@require_POST
def keep(request, id):
    """What stands in a draft's form while it is being typed. Answers JSON: its version, and what to show."""
    if not request.user.is_authenticated:
        return JsonResponse(
            {"why": "You were logged out. Log in in another tab; your words stay here."}, status=401
        )
    form = DraftForm(request.POST, observation=own_draft(request, id))
    try:
        version = _keep(request, form)
    except drafts.Stale:
        return JsonResponse(keep_both(request, form))
    line = uploads.draft(as_left(own_draft(request, id)))
    return JsonResponse({"version": version, "lacks": line["lacks"], "state": line["state"]})


def _keep(request, form: DraftForm) -> int:
    observation, left = form.observation, as_left(form.observation)
    typed = words(form)
    if typed == words(left):
        return observation.version
    if typed == words(DraftForm(observation=observation)) and not left.elsewhere:
        typed = None
    kept = {"typed": typed, "elsewhere": left.elsewhere, "seen": seen(request, form)}
    return drafts.keep(observation=observation, by=request.user, **kept).version


def seen(request, form: DraftForm) -> int | None:
    """The version that the words are about; None where they say just what the draft does."""
    text = request.POST.get("seen", "")
    if not text.isdecimal() or words(form) == words(as_left(form.observation)):
        return None
    return min(int(text), 2**31 - 1)


def keep_both(request, form: DraftForm) -> dict:
    """Two windows wrote different things: the later words stand in the form, the others beside it."""
    observation = own_draft(request, form.observation.pk)
    there = words(as_left(observation))
    drafts.keep(observation=observation, by=request.user, typed=words(form), elsewhere=there)
    observation = own_draft(request, observation.pk)
    context = {"draft": uploads.draft(as_left(observation)), "open": True}
    html = render_to_string("labeling/_draft.html", context, request)
    return {"version": observation.version, "html": html}


def too_late(request, id):
    """A window of a draft that is one no longer: sent from another, or discarded. Its words are said back."""
    own = Observation.objects.filter(observer=request.user, discarded_at=None)
    observation = get_object_or_404(uploads_queries.with_words(own, request.user), pk=id)
    form = DraftForm(request.POST, observation=observation)
    before = words(DraftForm(observation=observation))
    lost = [f"{each['label']}: {each['text']}" for each in uploads.differences(form, words(form), before)]
    if lost:
        said = f"This was sent from another window before. Not taken: {'; '.join(lost)}."
        messages.error(request, f"{said} Take the sighting back to change it.")
    return redirect("observation", id=id)


@sent
def discard(request, id):
    observation = observations.set_aside(observation=own_draft(request, id), by=request.user)
    undoable(request, "Discarded, photos and all.", "Undo", reverse("restore_draft", args=[observation.pk]))
    return redirect("upload")


@sent
def drop(request, id):
    """Take one photo out of a draft. What was typed into its form comes along, and is kept."""
    photo = get_object_or_404(Photo.objects.kept().select_related("observation"), pk=id, owner=request.user)
    form = uploads_queries.drafts(request.user).filter(pk=photo.observation_id).first()
    if form is not None and "licence" in request.POST:
        form = DraftForm(request.POST, observation=form)
        try:
            _keep(request, form)
        except drafts.Stale:
            keep_both(request, form)
    try:
        gone = drafts.drop(photo=photo, by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
        return redirect("upload")
    whole = isinstance(gone, Observation)
    name = photo.file_name or "The photo"
    undo = reverse("restore_draft" if whole else "restore_photo", args=[gone.pk])
    undoable(request, f"{name} is out." if not whole else "Discarded, with its last photo.", "Undo", undo)
    return redirect("upload" if whole else f"{address(photo.observation_id)}#draft-{photo.observation_id}")


@sent
def restore_draft(request, id):
    return restored(request, lambda: observations.restore(observation=Observation(pk=id), by=request.user).pk)


@sent
def restore_photo(request, id):
    return restored(request, lambda: photos.restore(photo=Photo(pk=id), by=request.user).observation_id)


def restored(request, restore):
    try:
        id = restore()
    except NotYours:
        messages.error(request, "That was too late: it is gone for good.")
        return redirect("upload")
    messages.success(request, "It is back.")
    return redirect(f"{address(id)}#draft-{id}")


@sent
def take_back(request, id):
    observation = get_object_or_404(Observation, pk=id, observer=request.user, discarded_at=None)
    try:
        drafts.take_back(observation=observation, by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
        return redirect("observation", id=id)
    messages.success(request, "Taken back. It is a draft again, that only you see.")
    return redirect(f"{address(id)}#draft-{id}")


def take_in(request, files: list, together: bool) -> tuple[str, list[dict], int]:
    """Every file by itself: how many are kept, in words, what is wrong with the others, and the status of
    that.
    """
    draft, kept, refusals, status = None, [], [], 400
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
        if received.notice:
            messages.info(request, f"{file.name}: {received.notice}")
        if received.created:
            kept.append(received.photo)
            draft = received.photo.observation if together else None
    if not together:
        photos.join(photos=kept, by=request.user)
    count = len(kept)
    return (f"{count} photo{'' if count == 1 else 's'}" if count else ""), refusals, status


def receive(request, file, draft: Observation | None, id: UUID | None = None, **options) -> ingest.Received:
    said = {"owner": request.user, "observation": draft, "id": id, "file_name": file.name}
    return ingest.receive(data=ingest.read(file), **said, **options)


def upload_page(request, *, refusals=(), together=False, status=200):
    """With `?draft=`, that one is open and has the focus where something is wrong with it."""
    chosen = _uuid(request.GET.get("draft"))
    rows = list(uploads_queries.drafts(request.user))
    near = alike.among(request.user, rows, settled=request.session.get("kept_both", []))
    forms = [as_left(each) for each in rows]
    found = uploads.tray(forms, near, doubts.about(rows, request.user))
    said = latest(photo for each in rows for photo in each.photos.all())
    pencils, on_screen = uploads.pencils(forms, said, _uuid(request.GET.get("show")), taxa.tree())
    shown.note(request, on_screen)
    for each in found:
        each["pencil"] = pencils.get(each["id"])
        # A few that lack something are open at once; of many the page would be too long to see them all.
        each["open"] = each["open"] or each["id"] == chosen or bool(each["lacks"] and len(found) <= FEW)
        if each["id"] == chosen:
            uploads.take_focus(each)
    last = uploads_queries.last_place(request.user)
    context = {
        "drafts": found,
        "summary": uploads.summary(found),
        "ready": [each for each in found if not each["lacks"]],
        "many": ManyForm(),
        "android": "Android" in request.headers.get("User-Agent", ""),
        "last_place": last and places.numbers(last.latitude, last.longitude, last.uncertainty_m),
        "refusals": refusals,
        "together": together,
        "section": "upload",
    }
    return render(request, "labeling/upload.html", context, status=status)


def address(id) -> str:
    """Of the page where this draft is open."""
    return f"{reverse('upload')}?draft={id}"


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
