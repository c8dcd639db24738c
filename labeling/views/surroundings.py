"""What others will see of one's photos, looked at before they do; and the box that it is cropped to."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from labeling.actions import boxes
from labeling.forms.surroundings import FrameForm
from labeling.presenters import surroundings
from labeling.queries.boxes import own_boxes
from labeling.views.form_posts import done
from species.access import acts_for, can_edit
from species.models import Observation, OccurrencePhoto


@login_required
@never_cache
def as_others_see(request, id):
    """Each photo whole, cropped and softened. POST: the box around one organism on one photo, in numbers."""
    observation = Observation.objects.select_related("batch").filter(pk=id, discarded_at=None).first()
    if observation is None or not can_edit(request.user, observation):
        raise Http404("No such sighting of yours.")
    # An admin may edit, and the box that counts is its owner's.
    may_draw, bound = acts_for(request.user, observation), {}
    if request.method == "POST":
        photo, occurrence = _meant(request, observation) if may_draw else (None, None)
        if photo is None:
            raise PermissionDenied("Only its owner draws the box.")
        form = FrameForm(request.POST)
        if done(form, lambda: boxes.draw_own(photo, occurrence, by=request.user, **form.sides())):
            messages.success(request, "The box is saved.")
            return redirect("as_others_see", id=id)
        bound = {(photo.pk, occurrence): form}
    links = OccurrencePhoto.objects.filter(photo__observation=observation).order_by(
        "occurrence__created", "pk"
    )
    context = surroundings.page(
        observation,
        list(observation.photos.kept().order_by("position", "created", "id")),
        list(links.values_list("photo", "occurrence")),
        own_boxes(observation),
        bound=bound,
        may_draw=may_draw,
    )
    answer = render(request, "labeling/as_others_see.html", context, status=400 if bound else 200)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _meant(request, observation: Observation):
    """The photo and the id of the organism that were sent; no organism where the draft has none yet."""
    try:
        photo = observation.photos.kept().filter(pk=UUID(request.POST.get("photo", ""))).first()
        occurrence = UUID(request.POST["occurrence"]) if request.POST.get("occurrence") else None
    except ValueError:
        photo = occurrence = None
    if photo is None:
        raise Http404("No such photo.")
    if occurrence and not OccurrencePhoto.objects.filter(photo=photo, occurrence=occurrence).exists():
        raise Http404("This photo does not show it.")
    return photo, occurrence
