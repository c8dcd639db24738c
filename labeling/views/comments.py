"""What is written about a sighting, in forms on its page."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect

from labeling import access
from labeling.actions import comments
from labeling.forms.comments import CommentForm, HideForm, ReportForm
from labeling.models import Comment
from labeling.views.form_posts import done, sent, sent_on
from labeling.views.observations import seen, sighting_page


def back(observation) -> object:
    return redirect(f"{observation.get_absolute_url()}#comments")


@sent_on(lambda request, id: back(seen(request, id)))
def comment(request, id):
    observation = seen(request, id)
    form = CommentForm(request.POST, auto_id="comment-%s")
    if done(form, lambda: comments.add(observation=observation, by=request.user, **form.cleaned_data)):
        return back(observation)
    return sighting_page(request, observation, {("comment", observation.pk): form})


@sent_on(lambda request, id: back(seen_comment(request, id).observation))
def edit(request, id):
    found = seen_comment(request, id)
    if found.person_id != request.user.pk:
        raise PermissionDenied("Only who wrote it changes it.")
    form = CommentForm(request.POST, auto_id=f"e{found.pk.hex[:8]}-%s")
    if done(form, lambda: comments.edit(comment=found, by=request.user, **form.cleaned_data)):
        return back(found.observation)
    return sighting_page(request, found.observation, {("edit", found.pk): form})


@sent
def withdraw(request, id):
    found = seen_comment(request, id)
    comments.withdraw(comment=found, by=request.user)
    return back(found.observation)


@sent_on(lambda request, id: back(seen_comment(request, id).observation))
def report(request, id):
    found = seen_comment(request, id)
    form = ReportForm(request.POST, auto_id=f"p{found.pk.hex[:8]}-%s")
    if done(form, lambda: comments.report(comment=found, by=request.user, **form.cleaned_data)):
        messages.success(request, "Noted. A reviewer will look at it.")
        return back(found.observation)
    return sighting_page(request, found.observation, {("report", found.pk): form})


@sent_on(lambda request, id: back(seen_comment(request, id).observation))
def hide(request, id):
    return moderate(request, id, comments.hide)


@sent_on(lambda request, id: back(seen_comment(request, id).observation))
def unhide(request, id):
    return moderate(request, id, comments.unhide)


def moderate(request, id, act):
    found = seen_comment(request, id)
    if not access.can_moderate(request.user, found):
        raise PermissionDenied("Only a reviewer does that, and of what others wrote, on sightings of others.")
    form = HideForm(request.POST, auto_id=f"h{found.pk.hex[:8]}-%s")
    if done(form, lambda: act(comment=found, by=request.user, **form.cleaned_data)):
        return back(found.observation)
    return sighting_page(request, found.observation, {("hide", found.pk): form})


def seen_comment(request, id) -> Comment:
    found = get_object_or_404(Comment.objects.select_related("person"), pk=id)
    found.observation = seen(request, found.observation_id)
    return found
