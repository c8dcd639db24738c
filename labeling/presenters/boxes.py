"""The boxes of one organism as the labeling room asks for them."""

from collections.abc import Collection

from accounts.models import User
from labeling.forms.boxes import BoxForm, on_shown, per_cent, said
from labeling.models import Box
from labeling.presenters import surroundings
from labeling.queries import all_boxed
from labeling.queries import boxes as boxes_queries
from species.models import Occurrence, Photo


def forms(photos: Collection[Photo], own: Collection[Box] = (), data=None, typed=None) -> list[BoxForm]:
    """One for each photo. `own`: what is filled in; `data`: what was sent; `typed`: what is not sent yet."""
    by_id = {photo.pk: photo for photo in photos}
    filled = {
        box.photo_id: per_cent(seen) | {"was": "" if box.withdrawn_at else said(seen)}
        for box in own
        if box.photo_id in by_id and (seen := on_shown(box, by_id[box.photo_id]))
    }
    taken_back = {box.photo_id for box in own if box.withdrawn_at}
    found = []
    for photo in photos:
        initial = filled.get(photo.pk)
        form = BoxForm(data, photo=photo, initial=initial)
        words = BoxForm(typed, photo=photo)
        if words.sent and not form.sent:
            form = BoxForm(photo=photo, initial={name: words[name].value() for name in words.fields})
        elif not form.sent:
            form = BoxForm(photo=photo, initial=initial)
            form.as_it_stands = photo.pk not in taken_back
        found.append(form)
    return found


def stage(
    occurrence: Occurrence,
    person: User,
    photos: Collection[Photo],
    shown: Photo,
    *,
    again: Collection[Box] = (),
    data=None,
    typed=None,
) -> dict:
    """What the stage of the room needs besides the photo. `again`: boxes taken back just now, to go on from.

    Others' boxes stand on it only to tell which of several organisms is meant, and never while one draws.
    """
    numbers, has_boxes, has_votes = boxes_queries.on_the_stage(occurrence.observation_id, person)
    own = boxes_queries.drawn_by(person, occurrence.observation_id) if has_boxes else []
    mine = [box for box in own if box.occurrence_id == occurrence.pk]
    resumed = [box for box in again if box.occurrence_id == occurrence.pk and box.withdrawn_at]
    several = len(numbers) > 1
    here = [box for box in mine if box.photo_id == shown.pk]
    frames = boxes_queries.frames_on([occurrence.pk], [shown.pk]) if several and not here else []
    vote = all_boxed.said_of(shown.pk, person) if has_votes else None
    by_id = {photo.pk: photo for photo in photos}
    marks = (surroundings.on_shown(each.box, shown, whole=False) for each in frames)
    return {
        "marks": [{"box": each} for each in marks if each],
        "boxes": forms(photos, [*mine, *resumed], data, typed),
        "number": numbers[occurrence.pk],
        "several": several,
        # One's own, of the others in the same sighting.
        "beside": [
            {"photo": box.photo_id, "number": numbers[box.occurrence_id]} | per_cent(seen)
            for box in own
            if box.occurrence_id != occurrence.pk
            and box.photo_id in by_id
            and (seen := on_shown(box, by_id[box.photo_id]))
        ],
        "all_boxed": vote if vote is not None and vote.holds else None,
        # Said before something was added to the photo: to be said again by whoever still means it.
        "lapsed": vote is not None and not vote.holds,
    }
