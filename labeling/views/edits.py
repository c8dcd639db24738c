"""What its owner changes of a published sighting: its words, its photos, and whether it is there at all."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from labeling.forms.edits import EditForm
from labeling.presenters import edits as edits_presenters
from labeling.queries import edits as edits_queries
from labeling.views.drafts import REFUSALS, receive, sentence
from labeling.views.form_posts import done, refused, sent, undoable
from species.access import NotYours
from species.actions import partings, published
from species.actions.allowances import UsedUp
from species.actions.edits import Stale
from species.images.decoder import TRY_AGAIN, DecoderFailed
from species.models import Edit, Observation, Photo, Purpose
from species.queries import elsewhere

STALE = "This sighting was changed in another window."


@login_required
@never_cache
def edit(request, id):
    """The form, and what was wrong with it."""
    observation = own(request, id)
    if request.method != "POST":
        return page(request, form_of(request, observation))
    form, told = form_of(request, observation, request.POST), []
    arguments = {"by": request.user, "seen": seen(request)}
    try:
        taken = done(form, lambda: told.append(published.edit(**arguments, **form.arguments())))
    except Stale:
        return page(request, form, now=form_of(request, observation), status=409)
    if not taken:
        return page(request, form, status=refused(request))
    (row,) = told
    if row is None:
        messages.success(request, "Nothing was changed.")
    else:
        undoable(request, "Saved. The history says what stood before.", "Undo", undo_url(row))
    return redirect("observation", id=id)


def form_of(request, observation: Observation, data=None) -> EditForm:
    licensed = observation.observer_id == request.user.pk and observation.batch_id is None
    return EditForm(data, observation=observation, may_license=licensed)


def page(request, form: EditForm, *, now: EditForm | None = None, status: int = 200):
    keepers = elsewhere.keepers([each.pk for each in form.observation.photos.all()])
    context = edits_presenters.page(form, request.user, keepers, now)
    answer = render(request, "labeling/edit.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


@sent
def add_photos(request, id):
    """More photos of the same; under the licence, and for the uses, of the first."""
    observation = own(request, id)
    first = observation.photos.all()[0]
    given = [each.purpose for each in first.standing if each.granted] or [Purpose.SHOW]
    options = {"licence": first.licence, "consents": given}
    files, kept, wrong = request.FILES.getlist("photos"), [], []
    for file in files:
        try:
            received = receive(request, file, observation, **options)
        except REFUSALS as error:
            wrong.append(f"{file.name}: {sentence(error)}")
        except UsedUp as error:
            wrong.append(f"{file.name}: {error}")
        except DecoderFailed:
            wrong.append(f"{file.name}: {TRY_AGAIN}")
        else:
            kept += [received.photo] if received.created else []
            wrong += [f"{file.name}: {received.notice}"] if received.notice else []
    for each in wrong if files else ["Choose at least one photo."]:
        messages.error(request, each)
    if kept:
        text = "The photo is added." if len(kept) == 1 else f"{len(kept)} photos are added."
        last = observation.edits.order_by("created", "id").last()
        undoable(request, text, "Undo" if len(kept) == 1 else "Undo the last", undo_url(last))
    return back(id)


@sent
def first(request, id, photo):
    return reorder(request, id, photo, lambda ids, at: 0)


@sent
def earlier(request, id, photo):
    return reorder(request, id, photo, lambda ids, at: max(0, at - 1))


def reorder(request, id, photo, to):
    ids = [each.pk for each in own(request, id).photos.all()]
    if photo not in ids:
        raise Http404("No such photo.")
    ids.insert(to(ids, ids.index(photo)), ids.pop(ids.index(photo)))
    return act(request, id, "The order is changed.", lambda by: published.order(
        observation=Observation(pk=id), ids=ids, by=by))  # fmt: skip


@sent
def remove(request, id, photo):
    own(request, id)
    row = get_object_or_404(Photo, pk=photo, observation=id)
    return act(request, id, "The photo is out.", lambda by: partings.remove(photo=row, by=by))


@sent
def split(request, id, photo):
    own(request, id)
    row = get_object_or_404(Photo, pk=photo, observation=id)
    return act(request, id, "It is a sighting of its own.", lambda by: _split(row, by))


def _split(photo: Photo, by) -> Edit:
    new = partings.split(photo=photo, by=by)
    return Edit.objects.get(after__split_off=str(new.pk))


def act(request, id, text: str, do):
    """Do something to its photos, and say so with Undo, or why not."""
    try:
        row = do(request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
    else:
        if row is not None:
            undoable(request, text, "Undo", undo_url(row))
    return back(id)


@sent
def undo(request, id):
    """One edit of the history."""
    row = get_object_or_404(Edit, pk=id)
    own(request, row.observation_id)
    try:
        published.undo(edit=row, by=request.user)
    except ValidationError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, "It is as before.")
    return redirect("observation", id=row.observation_id)


@sent
def delete(request, id):
    published.withdraw(observation=own(request, id), by=request.user)
    undoable(request, "Deleted.", "Undo", reverse("restore_sighting", args=[id]))
    return redirect("my_uploads")


@sent
def restore(request, id):
    try:
        published.restore(observation=Observation(pk=id), by=request.user)
    except NotYours:
        messages.error(request, "That was too late: it is gone for good.")
        return redirect("my_uploads")
    messages.success(request, "It is back.")
    return redirect("observation", id=id)


def own(request, id) -> Observation:
    """A published sighting that this person may change; for others there is none."""
    found = edits_queries.editable(id, request.user)
    if found is None:
        raise Http404("No such sighting of yours.")
    return found


def seen(request) -> int | None:
    text = request.POST.get("seen", "")
    return min(int(text), 2**31 - 1) if text.isdecimal() else None


def undo_url(row: Edit) -> str:
    return reverse("undo_edit", args=[row.pk])


def back(id):
    return redirect(f"{reverse('edit_sighting', args=[id])}#photos")
