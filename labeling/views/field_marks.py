"""Pointing on a sighting's photo, in forms on its page."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from labeling.actions import field_marks
from labeling.forms.field_marks import PointForm
from labeling.models import FieldMark
from labeling.presenters import field_marks as presenters
from labeling.views import shown
from labeling.views.boxes import uuids
from labeling.views.confusions import named
from labeling.views.form_posts import came_from, done, sent, sent_on
from labeling.views.observations import seen, seen_photo, sighting_page
from species.access import can_see_original
from species.models import Occurrence, Photo
from species.queries import field_marks as taxon_marks
from species.queries import taxa as taxon_queries


def back(photo: Photo):
    return redirect(f"{photo.observation.get_absolute_url()}?photo={photo.pk}#marks")


@sent_on(lambda request, id: back(photo_of(request, id)))
def point(request, id):
    photo = photo_of(request, id)
    form = PointForm(request.POST, photo=photo, whole=can_see_original(request.user, photo))
    occurrence = organism(request, photo)
    if done(
        form, lambda: field_marks.point(occurrence=occurrence, photo=photo, by=request.user, **form.said())
    ):
        return back(photo)
    return sighting_page(request, photo.observation, {("point", photo.pk): form}, photo.pk)


@sent
def withdraw(request, id):
    found = get_object_or_404(FieldMark.objects.select_related("photo"), pk=id)
    photo = photo_of(request, found.photo_id)
    field_marks.withdraw(field_mark=found, by=request.user)
    if request.POST.get("next"):
        return redirect(came_from(request))
    return back(photo)


def photo_of(request, id: UUID) -> Photo:
    """A photo that this person may see, with its sighting as pages show it."""
    photo = seen_photo(request, id)
    photo.observation = seen(request, photo.observation_id)
    return photo


def organism(request, photo: Photo) -> Occurrence:
    """The one that is meant, else the first one on the photo."""
    on_it = Occurrence.objects.filter(photos=photo).order_by("created", "id")
    text = request.POST.get("occurrence", "")
    found = next((each for each in on_it if str(each.pk) == text), None) or on_it.first()
    if found is None:
        raise Http404("Nothing is seen on this photo.")
    return found


@require_safe
def of_taxon(request, key):
    """The marks of a name with an example of each: a part of its page, which has the words already."""
    taxon = named(key)
    tree = taxon_queries.tree()
    marks = taxon_marks.of([taxon.pk], tree)[taxon.pk]
    found = presenters.examples(marks, taxon_queries.descendants(taxon, tree))
    return render(request, "labeling/_taxon_marks.html", {"examples": found, "taxon": taxon})


# What the labeling room's form asks of this module, besides `unpoint`.
DEEDS = ("point_open", "point_close", "point", "point_others")


def in_the_room(request, occurrence: Occurrence, photo: Photo, then: str) -> dict | None:
    """What the labeling room shows of field marks, after what was pressed is done; None where they are put away.

    Others' are shown when they are asked for, and then they were seen.
    """
    person, form = request.user, None
    if then == "point_close":
        return None
    if "unpoint" in request.POST:
        own = FieldMark.objects.filter(person=person, pk__in=uuids([request.POST["unpoint"]])).first()
        if own is not None:
            field_marks.withdraw(field_mark=own, by=person)
    elif then == "point":
        form = PointForm(request.POST, prefix="point", photo=photo, whole=False)
        if done(
            form, lambda: field_marks.point(occurrence=occurrence, photo=photo, by=person, **form.said())
        ):
            form = None
    others = bool(request.POST.get("marks_of_others")) != (then == "point_others")
    if others:
        shown.note_threads(request, [occurrence.pk])
    text = request.POST.get("name", "").strip() or request.POST.get("likely", "").strip()
    return presenters.in_the_room(occurrence, photo, person, name=text, form=form, others=others)
