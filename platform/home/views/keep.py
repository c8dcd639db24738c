"""The photo that somebody asked about: seen again, and kept by whoever signs in for it."""

import io
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from PIL import Image

from home import kept_uploads
from home.actions import keep as actions
from home.forms.keep import KeepForm
from home.kept_uploads import Held
from home.presenters import answers
from species import ingest
from species.actions.allowances import UsedUp
from species.images.decoder import RETRY_AFTER, TRY_AGAIN, DecoderFailed, get_decoder
from species.images.refusals import ImageRefused
from species.queries.names import Names, Unknown

PREVIEW = 1008
WAITING = "keep"  # session key: the address where somebody who had to make an account first goes on
WHY = "Photos here belong to somebody. Make an account, and this one is yours; nobody else sees it until you send it."


def held_photo(request, token):
    """The photo somebody just asked about, for their own eyes: the token is in no other page than theirs."""
    held = kept_uploads.held(str(token))
    if held is None:
        raise Http404
    try:
        pixels = get_decoder().upright(held.data, PREVIEW)
    except DecoderFailed:
        return come_back(HttpResponse(TRY_AGAIN, content_type="text/plain; charset=utf-8", status=503))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=85)
    response = HttpResponse(file.getvalue(), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request, token):
    """Make the photo a draft sighting, with the asker's own name for it if they gave one.

    GET asks again, after a log-in or to have a name typed: following a link keeps nothing.
    """
    held = kept_uploads.held(str(token))
    if held is None:
        messages.error(request, "The hour is over and the photo is forgotten. Choose it again.")
        return redirect("home")
    if not request.user.is_authenticated:
        return sign_up_first(request, token)
    if request.method != "POST":
        return keep_page(
            request, token, held, KeepForm(initial={"label": name_of(request.GET.get("label", ""))})
        )
    form = KeepForm(request.POST)
    if not form.is_valid():
        return keep_page(request, token, held, form, status=400)
    try:
        received = receive(held, form.cleaned_data["label"], request.user)
    except (ImageRefused, ValidationError) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
        return redirect("home")
    except DecoderFailed:
        form.add_error(None, TRY_AGAIN)
        return come_back(keep_page(request, token, held, form, status=503))
    except UsedUp as error:
        form.add_error(None, str(error))
        return come_back(keep_page(request, token, held, form, status=429), error.retry_after)
    kept_uploads.let_go(str(token))
    messages.success(request, received.notice or "Kept as a draft. Say where and when, then send it.")
    if received.photo.observation.state == "draft":
        return redirect(reverse("upload"))
    return redirect("observation", id=received.photo.observation_id)


def receive(held: Held, taxon, by) -> ingest.Received:
    words = {"taxon": taxon, "said": held.said}
    record = partial(actions.record, **words)
    received = ingest.receive(data=held.data, owner=by, file_name=held.file_name, record=record)
    if not received.created:
        actions.describe(photo=received.photo, by=by, **words)
    return received


def sign_up_first(request: HttpRequest, token) -> HttpResponse:
    """Photo and file name are held here; the name they chose travels in the address, and the session knows it,
    in case a mail has to be answered on the way.
    """
    label = request.POST.get("label") or request.GET.get("label", "")
    address = reverse("keep", args=[token])
    if label:
        address += "?" + urlencode({"label": label})
    if request.method == "POST":
        request.session[WAITING] = address
    messages.info(request, WHY)
    return redirect(reverse("account_signup") + "?" + urlencode({"next": address}))


def name_of(label: str) -> str:
    """What people call it: a label is nothing to show, and nothing to type."""
    try:
        taxon = Names().find(label)
        return taxon.name if Names().find(taxon.name) == taxon else taxon.scientific_name
    except Unknown:
        return label


def waiting(request: HttpRequest) -> str:
    """Where somebody who has signed in meanwhile can still keep their photo; empty if there is nothing."""
    address = request.session.get(WAITING, "") if request.user.is_authenticated else ""
    token = address.partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return address if address and kept_uploads.is_held(token) else ""


def keep_page(request, token, held: Held, form: KeepForm, status: int = 200) -> HttpResponse:
    opinion = answers.again(held.said)
    context = {
        "held": token,
        "file_name": held.file_name,
        "form": form,
        "opinion": opinion,
    }
    answer = render(request, "home/keep.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def come_back(answer: HttpResponse, seconds: int = RETRY_AFTER) -> HttpResponse:
    answer["Retry-After"] = str(seconds)
    return answer
