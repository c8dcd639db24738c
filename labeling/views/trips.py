"""Trips, as a phone at the water asks of them: begin, stop, nothing caught, and what was seen in between."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from labeling.forms.trips import DeviceForm, TripForm
from labeling.presenters import trips as presenters
from labeling.queries import trips as queries
from labeling.views.drafts import sentence
from labeling.views.edits import seen
from labeling.views.form_posts import done, refused, sent, undoable
from species.access import NotYours
from species.actions import trips as actions
from species.actions.edits import Stale
from species.models import Trip, TripEdit

PER_PAGE = 24
STALE = "This trip was changed in another window. What stands there now is below; nothing was saved."


@login_required
@never_cache
@require_safe
def trips(request):
    """One's own."""
    page = Paginator(queries.own(request.user).select_related("person"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "my_uploads",
        "page": page,
        "trips": presenters.listed(list(page)),
        "new": uuid4(),
    }
    return render(request, "labeling/trips.html", context)


@require_safe
def trip(request, id):
    found = queries.trip_of(id, request.user)
    named = queries.asked_of(id, request.user) if request.user.is_authenticated else None
    if found is None and named is None:
        raise Http404("No such trip.")
    context = presenters.page(found, request.user) if found else {"whose": named.trip.person}
    answer = render(request, "labeling/trip.html", context | {"named": named, "id": id})
    if named or context.get("own"):
        patch_cache_control(answer, private=True, no_store=True)
    return answer


@sent
def start(request):
    """Begin one now, on the clock of the device that says so; pressed twice it is one."""
    said = DeviceForm(request.POST)
    said.full_clean()
    now = {"started_at": timezone.now(), "utc_offset": said.cleaned_data.get("utc_offset") or 0}
    try:
        found = actions.start(by=request.user, id=said.cleaned_data.get("id"), **now)
    except NotYours:
        # The one of this page was deleted, and the page is still open.
        found = actions.start(by=request.user, **now)
    undoable(request, "Your trip has begun.", "Undo", reverse("delete_trip", args=[found.pk]))
    return redirect("trip", id=found.pk)


@sent
def stop(request, id):
    return _said(request, id, "It is over.", actions.stop)


@sent
def nothing_caught(request, id):
    return _said(request, id, "Noted: nothing was caught.", actions.nothing_caught)


@sent
def gather(request, id):
    """Put sightings of its time on it."""
    found = own(request, id)
    chosen = [UUID(each) for each in request.POST.getlist("sighting") if _is_id(each)]
    if not chosen:
        messages.error(request, "Choose at least one.")
        return redirect("trip", id=id)
    try:
        count = actions.gather(trip=found, sightings=chosen, by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, f"{count} added." if count else "Nothing was added.")
    return redirect("trip", id=id)


@login_required
@never_cache
def edit(request, id):
    """The form, and what was wrong with it."""
    found = own(request, id)
    if request.method != "POST":
        return _form(request, TripForm(trip=found))
    form, told = TripForm(request.POST, trip=found), []
    arguments = {"trip": found, "by": request.user, "seen": seen(request)}
    try:
        taken = done(form, lambda: told.append(actions.describe(**arguments, **form.described())))
    except Stale:
        form.add_error(None, STALE)
        return _form(request, form, status=409)
    if not taken:
        return _form(request, form, status=refused(request))
    _undo(request, "Saved.", told[0])
    return redirect("trip", id=id)


@sent
def undo(request, id):
    row = get_object_or_404(TripEdit, pk=id, trip__person=request.user)
    try:
        actions.undo(edit=row, by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, "It is as before.")
    return redirect("trip", id=row.trip_id)


@sent
def delete(request, id):
    actions.discard(trip=own(request, id), by=request.user)
    undoable(request, "Deleted. Its sightings stay.", "Undo", reverse("restore_trip", args=[id]))
    return redirect("trips")


@sent
def restore(request, id):
    try:
        actions.restore(trip=Trip(pk=id), by=request.user)
    except NotYours:
        messages.error(request, "That was too late: it is gone for good.")
        return redirect("trips")
    messages.success(request, "It is back.")
    return redirect("trip", id=id)


@sent
def answer(request, id):
    """Somebody who was named says whether they were along."""
    agrees = request.POST.get("agrees") == "yes"
    actions.answer(trip=Trip(pk=id), by=request.user, agrees=agrees)
    messages.success(request, "You are named on it." if agrees else "You are not named on it.")
    return redirect("trip", id=id)


def own(request, id) -> Trip:
    found = Trip.objects.of(request.user).select_related("person", "place").filter(pk=id).first()
    if found is None:
        raise Http404("No such trip of yours.")
    return found


def _said(request, id, text: str, act: Callable[..., TripEdit | None]):
    try:
        row = act(trip=own(request, id), by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
    else:
        _undo(request, text, row)
    return redirect("trip", id=id)


def _undo(request, text: str, row: TripEdit | None) -> None:
    if row is None:
        messages.success(request, "Nothing was changed.")
    else:
        undoable(request, text, "Undo", reverse("undo_trip_edit", args=[row.pk]))


def _form(request, form: TripForm, status: int = 200):
    context = {
        "section": "my_uploads",
        "form": form,
        "trip": form.trip,
        "place_field": presenters.place_field(form.trip),
    }
    answer = render(request, "labeling/edit_trip.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
