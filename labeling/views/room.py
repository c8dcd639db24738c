"""The labeling room: one organism after another, the model's suggestion covered until one has answered."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from labeling.actions import flags, identifications, passes
from labeling.models import Flag, Identification, Pass
from labeling.presenters import room as room_presenters
from labeling.queries import room as room_queries
from labeling.views import shown
from labeling.views.form_posts import done, refused
from species.models import Occurrence, Photo

PASSES = {"cannot": Pass.Kind.CANNOT_TELL, "skip": Pass.Kind.SKIP}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def label(request):
    if request.method != "POST":
        return room(request, waiting(request, request.GET.get("occurrence")))
    then = request.POST.get("then", "save")
    if then == "again":
        passes.look_again(by=request.user)
        return redirect("label")
    if then == "undo":
        return undo(request)
    asked = room_queries.askable(request.user).filter(pk=_uuid(request.POST.get("occurrence")))
    occurrence = asked.select_related("observation__place", "agreed_taxon").first()
    if occurrence is None:
        messages.info(request, "That photo is not shown any more. Here is the next one.")
        return redirect("label")
    if "look" in request.POST:
        return room(request, occurrence, typed=request.POST)
    if then in PASSES or then == "not_subject":
        return without_a_name(request, occurrence, then)
    return save(request, occurrence)


def save(request, occurrence: Occurrence):
    person = request.user
    own, rivals = room_queries.words(occurrence, person)
    form = room_presenters.question(rivals, request.POST)
    if form.is_valid():
        if own is not None and form.says(own):
            return next_after(own)  # pressed twice, or sent twice by a bad line
        if request.POST.get("seen", "") != room_presenters.state(occurrence, own):
            return room(request, occurrence, form, meanwhile=room_presenters.meanwhile(occurrence, own))
    said: list[Identification] = []
    if done(form, lambda: said.append(identifications.add(occurrence=occurrence, by=person, **form.said()))):
        return next_after(said[0])
    return room(request, occurrence, form)


def without_a_name(request, occurrence: Occurrence, then: str):
    """Skipped, can't tell, or nothing of what this site is about is on it."""
    own, _ = room_queries.words(occurrence, request.user)
    if own is not None:
        messages.info(request, f"You had named that one {own.taxon.said}. That stands.")
        return next_after(own)
    if then in PASSES:
        return next_after(passes.add(occurrence=occurrence, kind=PASSES[then], by=request.user))
    photos = Photo.objects.visible_to(request.user).filter(occurrences=occurrence)
    in_sight = photos.filter(pk=_uuid(request.POST.get("photo"))).first()
    photo = in_sight or photos.order_by("position", "created", "id")[0]
    flag = flags.raise_flag(photo=photo, kind=Flag.Kind.NOT_SUBJECT, by=request.user)
    return next_after(flag, occurrence)


def next_after(act: Identification | Pass | Flag, occurrence: Occurrence | None = None):
    """The next photo, in an address that offers to undo this, also after a reload."""
    query = room_presenters.address_of(act)
    if occurrence is not None:
        query["of"] = str(occurrence.pk)
    return redirect(reverse("label", query=query))


def undo(request):
    """Take back what was done last, and ask the same again with what was said filled in."""
    act = room_queries.act(request.user, request.POST.get("kind", ""), _uuid(request.POST.get("id")))
    if isinstance(act, Identification):
        identifications.withdraw(identification=act, by=request.user)
    elif isinstance(act, Pass):
        passes.withdraw(passed=act, by=request.user)
    elif isinstance(act, Flag):
        flags.resolve(flag=act, by=request.user)
    else:
        return redirect("label")
    query = {"occurrence": request.POST.get("occurrence", "")} | room_presenters.address_of(act)
    return redirect(reverse("label", query=query))


def waiting(request, asked: str | None) -> Occurrence | None:
    """What was asked for if it still waits, else the next in the queue."""
    queue = room_queries.queue(request.user).select_related("observation__place")
    found = queue.filter(pk=_uuid(asked)).first() if asked else None
    return found or queue.first()


def room(request, occurrence: Occurrence | None, form=None, meanwhile: str = "", typed=None):
    """The page. `meanwhile`: what happened to it while one was filling in the form; `typed`: what one has of
    that, to go on with another photo in sight.
    """
    person = request.user
    act = room_queries.act(person, request.GET.get("kind", ""), _uuid(request.GET.get("id")))
    context = {
        "section": "label",
        "skipped": room_queries.skipped(person),
        "done": room_queries.named_today(person),
        "left": room_queries.waiting_for(person),
        "last": room_presenters.last(act, request.GET.get("of", "")) if act else None,
        "meanwhile": meanwhile,
    }
    if occurrence is not None:
        own, rivals = room_queries.words(occurrence, person)
        show = "show" in request.GET or bool(request.POST.get("suggestion"))
        photo = request.POST.get("look") or request.POST.get("photo") or request.GET.get("photo", "")
        context |= room_presenters.room(
            occurrence, person, rivals=rivals, form=form, show=show, photo=photo, undone=act, typed=typed
        )
        # A page that refuses what was sent stands at this address: reloaded, it is the same photo.
        context["here"] = reverse("label", query={"occurrence": str(occurrence.pk)} | last_of(request))
        # Who only looks at another photo has answered nothing: what changed meanwhile is told when they do.
        context["seen"] = typed.get("seen", "") if typed else room_presenters.state(occurrence, own)
        shown.note(request, context["on_screen"])
    bad = form is not None and bool(form.errors)
    status = 409 if meanwhile else refused(request) if bad else 200
    return render(request, "labeling/label.html", context, status=status)


def last_of(request) -> dict[str, str]:
    """What the address says of the act before, so that it can be undone from the next address as well."""
    return {name: request.GET[name] for name in ("kind", "id", "of") if name in request.GET}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
