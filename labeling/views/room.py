"""The labeling room: one organism after another, the model's opinion covered until one has answered."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from labeling.actions import flags, identifications
from labeling.models import Flag, Identification
from labeling.presenters import room as room_presenters
from labeling.queries import room as room_queries
from labeling.views import shown
from labeling.views.form_posts import done, refused
from species.models import Occurrence, Photo

PASSED = "passed"  # session key: ids of what one skipped or cannot tell
PASSED_AT_MOST = 500


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def label(request):
    if request.method != "POST":
        return room(request, asked=request.GET.get("occurrence"))
    then = request.POST.get("then", "save")
    if then == "again":
        request.session[PASSED] = []
        return redirect("label")
    occurrence = room_queries.queue(request.user).filter(pk=_uuid(request.POST.get("occurrence"))).first()
    if occurrence is None:
        # Somebody settled it meanwhile, or it was answered in another tab: there is another one to look at.
        return redirect("label")
    if then == "save":
        return save(request, occurrence)
    if then == "not_subject":
        not_subject(request, occurrence)
    request.session[PASSED] = [*request.session.get(PASSED, []), str(occurrence.pk)][-PASSED_AT_MOST:]
    return redirect("label")


def save(request, occurrence: Occurrence):
    rivals = room_queries.rivals(occurrence, request.user)
    form = room_presenters.question(rivals, request.POST)
    said: list[Identification] = []
    if done(
        form,
        lambda: said.append(identifications.add(occurrence=occurrence, by=request.user, **form.opinion())),
    ):
        return redirect(f"{request.path}?saved={said[0].pk}")
    return room(request, asked=str(occurrence.pk), form=form)


def not_subject(request, occurrence: Occurrence) -> None:
    photos = Photo.objects.visible_to(request.user).filter(occurrences=occurrence)
    flags.raise_flag(
        photo=photos.order_by("position", "created", "id")[0], kind=Flag.Kind.NOT_SUBJECT, by=request.user
    )


def room(request, asked: str | None, form=None):
    """The page: what was asked for if it still waits, else the next in the queue."""
    person = request.user
    passed = [id for id in map(_uuid, request.session.get(PASSED, [])) if id]
    waiting = room_queries.queue(person)
    rest = waiting.exclude(pk__in=passed)
    occurrence = waiting.filter(pk=_uuid(asked)).first() if asked else None
    occurrence = occurrence or rest.first()
    context = {
        "section": "label",
        "passed": len(passed),
        "done": room_queries.named_today(person),
        "left": rest.count(),
        "saved": saved(request),
    }
    if occurrence is not None:
        show = "show" in request.GET or bool(form and form["suggestion"].value())
        context |= room_presenters.room(
            occurrence, person, form=form, show=show, photo=request.GET.get("photo", "")
        )
        shown.note(request, context["on_screen"])
    bad = form is not None and bool(form.errors)
    return render(request, "labeling/label.html", context, status=refused(request) if bad else 200)


def saved(request) -> Identification | None:
    """What one has just said, to be taken back at once if it slipped."""
    id = _uuid(request.GET.get("saved"))
    mine = Identification.objects.filter(person=request.user, withdrawn_at=None).select_related("taxon")
    return mine.filter(pk=id).first() if id else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
