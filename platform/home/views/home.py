"""Home and about: show a photo, hear the model's opinion, keep the photo or don't."""

import io

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from PIL import Image

from home import kept_uploads
from home.presenters.samples import sample_images
from home.presenters.stations import loop_at_work, progress_of_the_bootstrap
from home.views.about import about_html
from labeling.actions import identifications
from labeling.actions.suggestions import suggest
from labeling.models import Suggestion
from labeling.presenters import suggestions as suggestions_presenters
from species import ingest
from species.actions import occurrences
from species.actions.allowances import UsedUp
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed, get_decoder
from species.images.refusals import ImageRefused
from species.models import Taxon
from species.presenters.plates import plate

if apps.is_installed("ml"):
    from ml import photo_requests
    from ml.actions import suggestions
    from ml.models import Model
    from ml.presenters import suggestions as suggestion_presenters
    from ml.queries import promotions
    from species.fetching import FetchRefused

PREVIEW = 1008
SCREEN = "home.views.home.screen"


@require_http_methods(["GET", "HEAD", "POST"])
def home(request):
    return page(request, "home/home.html", **loop_at_work(request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def about(request):
    return page(request, "home/about.html", about=about_html())


def page(request, template: str, **more):
    """Either page, with the classify form and, once something was shown, the answer."""
    live = promotions.live_model() if apps.is_installed("ml") else None
    context = {
        "samples": sample_images(),
        "progress": progress_of_the_bootstrap(request.user),
        "can_classify": apps.is_installed("ml"),
        "url": request.GET.get("url", ""),
        "knows_only": suggestion_presenters.drawings(live) if live else "",
        **more,
    }
    status, retry_after = 200, None
    if apps.is_installed("ml") and (request.method == "POST" or context["url"]):
        try:
            context |= ask_the_model(request)
        except photo_requests.Refused as error:
            context["refused"] = str(error)
            status, retry_after = error.status, error.retry_after
    elif context["samples"] and not request.htmx:
        context |= sample_shown(context["samples"][0], live)
    if request.htmx:
        template = "home/answer.html"
    answer = render(request, template, context, status=status if not request.htmx else 200)
    if request.method == "POST":
        # What was said of somebody's photo, and the token that opens it.
        answer["Cache-Control"] = "private, no-store"
    return come_back(answer, retry_after) if retry_after else answer


def sample_shown(sample: dict, live) -> dict:
    """What the page opens with: the first sample and what the live model has already said of it."""
    if live is None or sample["photo"] is None:
        return {}
    said = Suggestion.objects.filter(photo=sample["photo"], source=live.name, region=None).first()
    if said is None:
        return {}
    shown = plate(sample["photo"], size=1008, alt=sample["name"])
    return {"sample_plate": shown, "sample_opinion": suggestions_presenters.opinion(said)}


def ask_the_model(request) -> dict:
    """The answer's context. Raises photo_requests.Refused with a sentence for the person."""
    address, token = request.META["REMOTE_ADDR"], None
    try:
        if request.method == "POST":
            kept_uploads.check(address, length_of(request))
        data = photo_requests.sent(request) if request.method == "POST" and request.FILES else linked(request)
        prediction = photo_requests.predict(request, data)
        # Whoever follows a link has nothing held for it.
        if request.method == "POST":
            token = kept_uploads.hold(data, address=address)
    except UsedUp as error:
        raise photo_requests.Refused("too_much", str(error), 429, error.retry_after) from error
    model = Model.objects.select_related("run__dataset").get(pk=prediction.live.model_id)
    answer = suggestions.read(prediction.ranked, live=prediction.live)
    opinion = suggestion_presenters.opinion(answer, model=model)
    return {
        "opinion": opinion,
        "first": Taxon.objects.filter(pk=answer.named[0]).first() if answer.named[0] else None,
        "held": token,
        # Signed with the photo's token, so that what was on screen can be written down if this photo is kept.
        "screen": signing.dumps(
            {
                "held": token,
                "source": model.name,
                "dataset_hash": prediction.live.dataset_hash,
                "answers": answer.classes,
                "taxon": answer.taxon,
            },
            salt=SCREEN,
        ),
        "choices": Taxon.objects.nameable().order_by("scientific_name"),
    }


def length_of(request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def linked(request) -> bytes:
    url = (request.POST.get("url") or request.GET.get("url", "")).strip()
    if not url:
        raise photo_requests.Refused("missing", "Choose a photo, or paste a link to one.")
    if url.startswith("/"):
        with photo_requests.refusing():
            try:
                url = request.build_absolute_uri(url)
            except ValueError as error:
                raise FetchRefused("address") from error
    return photo_requests.linked(request, url)


def held_photo(request, token):
    """The photo somebody just asked about, for their own eyes: the token is in no other page."""
    data = kept_uploads.held(str(token))
    if data is None:
        raise Http404
    try:
        pixels = get_decoder().upright(data, PREVIEW)
    except DecoderFailed:
        return come_back(HttpResponse(TRY_AGAIN, content_type="text/plain; charset=utf-8", status=503))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=85)
    response = HttpResponse(file.getvalue(), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def keep(request, token):
    """Make the photo a draft sighting, with the asker's own opinion if they gave one.

    GET shows the question again after a log-in, so that nothing is kept by following a link.
    """
    data = kept_uploads.held(str(token))
    if data is None:
        messages.error(request, "The hour is over and the photo is forgotten. Choose it again.")
        return redirect("home")
    label = request.POST.get("label", "")
    if request.method == "GET":
        return keep_page(request, token, request.GET.get("label", ""))
    # PostgreSQL refuses to look for a text with NUL in it.
    taxon = Taxon.objects.filter(label=label).first() if label and "\0" not in label else None
    if label and taxon is None:
        messages.error(request, "We don't know that name. Choose one from the list.")
        return redirect("keep", token=token)
    try:
        received = ingest.receive(data=data, owner=request.user, by=request.user)
    except (ImageRefused, ValidationError) as error:
        messages.error(request, str(error))
        return redirect("home")
    except UsedUp as error:
        messages.error(request, str(error))
        again = keep_page(request, token, label, request.POST.get("screen", ""), status=429)
        return come_back(again, error.retry_after)
    except DecoderFailed:
        messages.error(request, TRY_AGAIN)
        return come_back(keep_page(request, token, label, request.POST.get("screen", ""), status=503))
    observation = received.photo.observation
    if taxon:
        occurrence = observation.occurrences.first() or occurrences.add(
            observation=observation, photos=[received.photo], by=request.user
        )
        identifications.add(
            occurrence=occurrence,
            taxon=taxon,
            by=request.user,
            suggestion_on_screen=what_was_on_screen(
                request.POST.get("screen", ""), str(token), received.photo
            ),
        )
    kept_uploads.let_go(str(token))
    messages.success(request, received.notice or "Kept as a draft. Say where and when, then send it.")
    if observation.state == "draft":
        return redirect(reverse("upload"))
    return redirect("observation", id=observation.pk)


def keep_page(request, token, label: str, screen: str = "", status: int = 200) -> HttpResponse:
    context = {
        "held": token,
        "label": label,
        "screen": screen,
        "choices": Taxon.objects.nameable().order_by("scientific_name"),
    }
    return render(request, "home/keep.html", context, status=status)


def come_back(answer: HttpResponse, seconds: int = RETRY_AFTER) -> HttpResponse:
    answer["Retry-After"] = str(seconds)
    return answer


def what_was_on_screen(screen: str, token: str, photo):
    """The guess the person saw, written down as a suggestion for the photo they kept; None if there was none."""
    try:
        said = signing.loads(screen, salt=SCREEN, max_age=settings.HOLD_SECONDS)
    except signing.BadSignature:
        return None
    # What the model said of one photo must not be written down as its opinion of another.
    if said.get("held") != token:
        return None
    return suggest(
        photo=photo,
        source=said["source"],
        dataset_hash=said["dataset_hash"],
        answers=said["answers"],
        taxon=Taxon.objects.filter(pk=said["taxon"]).first() if said["taxon"] else None,
        uncertainty=1 - said["answers"][0]["probability"],
    )
