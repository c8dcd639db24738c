"""Home and about: show a photo and hear what the live model says of it."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.apps import apps
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from home import kept_uploads
from home.presenters import answers
from home.presenters.samples import sample_images
from home.presenters.stations import loop_at_work, progress_of_the_bootstrap
from home.views.about import about_html
from home.views.keep import come_back, waiting
from labeling.presenters import review
from labeling.views import shown
from species.actions.allowances import UsedUp

if apps.is_installed("ml"):
    from ml import photo_requests
    from ml.models import Model
    from ml.presenters import suggestions as suggestion_presenters
    from ml.queries import promotions
    from species.fetching import FetchRefused


@require_http_methods(["GET", "HEAD", "POST"])
def home(request):
    live = live_model()
    reviews = request.user.is_authenticated and request.user.is_reviewer
    return page(
        request,
        "home/home.html",
        live,
        waiting=waiting(request),
        review_queues=review.queues() if reviews else [],
        **loop_at_work(live),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def about(request):
    return page(request, "home/about.html", live_model(), about=about_html())


def live_model() -> "Model | None":
    return promotions.live_model() if apps.is_installed("ml") else None


def page(request, template: str, live: "Model | None", **more):
    """Either page, with the classify form and, once something was shown, the answer."""
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
            context |= ask(request)
        except photo_requests.Refused as error:
            context["refused"] = str(error)
            status, retry_after = error.status, error.retry_after
    elif context["samples"] and not request.htmx:
        context |= answers.sample(context["samples"][0], live)
    shown.note(request, context.get("on_screen", ()))
    if request.POST.get("then") == "keep" and context.get("held"):
        return redirect("keep", token=context["held"])
    if request.htmx:
        template = "home/answer.html"
    answer = render(request, template, context, status=status if not request.htmx else 200)
    if request.method == "POST":
        # What was said of somebody's photo, and the token that opens it.
        answer["Cache-Control"] = "private, no-store"
    return come_back(answer, retry_after) if retry_after else answer


def ask(request: HttpRequest) -> dict:
    """The answer's context. Raises photo_requests.Refused with a sentence for the person."""
    address, token = request.META["REMOTE_ADDR"], None
    sent = next((request.FILES[part] for part in photo_requests.PARTS if part in request.FILES), None)
    url = "" if sent else address_in(request)
    try:
        if request.method == "POST":
            kept_uploads.check(address, length_of(request))
        data = photo_requests.linked(request, url) if sent is None else photo_requests.sent(request)
        context = answers.answer(photo_requests.predict(request, data))
        # Whoever follows a link has nothing held for it.
        if request.method == "POST":
            name = sent.name if sent else urlsplit(url).path.rsplit("/", 1)[-1]
            token = kept_uploads.hold(data, address=address, file_name=name, said=context["said"])
    except UsedUp as error:
        raise photo_requests.Refused("too_much", str(error), 429, error.retry_after) from error
    asked_about = [sha256(data).hexdigest()]
    if sent is None and (photo := photo_requests.own_photo(request, url)):
        asked_about.append(photo.sha256)
    source = context["said"]["source"]
    return context | {"held": token, "on_screen": [(each, source) for each in asked_about]}


def address_in(request: HttpRequest) -> str:
    """The link that was pasted or followed. Raises photo_requests.Refused."""
    url = (request.POST.get("url") or request.GET.get("url", "")).strip()
    if not url:
        raise photo_requests.Refused("missing", "Choose a photo, or paste a link to one.")
    if url.startswith("/"):
        with photo_requests.refusing():
            try:
                url = request.build_absolute_uri(url)
            except ValueError as error:
                raise FetchRefused("address") from error
    return url


def length_of(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
