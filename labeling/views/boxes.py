"""What the labeling room does with boxes: saved with the answer, taken back with it; all boxed; another organism."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from labeling.actions import all_boxed, boxes
from labeling.forms.boxes import BoxForm
from labeling.models import AllBoxed
from labeling.queries import boxes as boxes_queries
from labeling.views.form_posts import came_from, sent, undoable
from look.site import site
from species.actions import occurrences
from species.models import Occurrence, Photo


def forms_of(request, occurrence: Occurrence) -> list[BoxForm]:
    """What was sent of the photos of it that this person sees."""
    photos = Photo.objects.visible_to(request.user).filter(occurrences=occurrence)
    return [form for photo in photos if (form := BoxForm(request.POST, photo=photo)).sent]


def said_with(
    request, occurrence: Occurrence, forms: list[BoxForm], answer: Callable[[], object]
) -> boxes.Said:
    """The answer and the boxes that came with it, or neither. Raises ValidationError."""
    with transaction.atomic():
        said = boxes.say(
            occurrence=occurrence,
            boxes={form.photo: form.rectangle for form in forms if form.changed},
            by=request.user,
        )
        answer()
    return said


def address_of(said: boxes.Said | None) -> dict[str, list[str]]:
    """What an address says of an act's boxes, so that they are taken back with it."""
    if said is None:
        return {}
    found = {"drawn": [str(box.pk) for box in said.drawn], "was": [str(box.pk) for box in said.before]}
    return {name: ids for name, ids in found.items() if ids}


def in_address(request, given) -> boxes.Said:
    """The boxes that an address or a form speaks of, as far as they are this person's."""
    drawn, was = (set(uuids(given.getlist(name))) for name in ("drawn", "was"))
    found = boxes_queries.of_person(request.user, drawn | was)
    return boxes.Said([box for box in found if box.pk in drawn], [box for box in found if box.pk in was])


def uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def vote(request, occurrence: Occurrence, photo: Photo, forms: list[BoxForm], then: str) -> list[str]:
    """Every organism on the photo has a box, the ones that are drawn just now included; or not, after all.

    What is wrong with that, if something is.
    """
    person = request.user
    if then == "not_all_boxed":
        for each in AllBoxed.objects.filter(photo=photo, person=person, withdrawn_at=None):
            all_boxed.withdraw(vote=each, by=person)
        return []
    if not all(form.is_valid() for form in forms):
        return ["The box cannot be saved as it is."]
    try:
        said_with(request, occurrence, forms, lambda: all_boxed.add(photo=photo, by=person))
    except ValidationError as error:
        return error.messages
    messages.success(request, f"Noted: every {site()['noun']['one']} on this photo has a box.")
    return []


def another(request, occurrence: Occurrence, photo: Photo) -> list[str]:
    """There is another one on the photo. Pressed twice it is one. What is wrong with that, if something is."""
    ids = uuids([request.POST.get("another", "")])
    try:
        added = occurrences.add(
            observation=occurrence.observation, photos=[photo], by=request.user, id=ids[0] if ids else uuid4()
        )
    except ValidationError as error:
        return error.messages
    number = boxes_queries.organisms(added.observation_id)[added.pk]
    noun = site()["noun"]["one"].capitalize()
    address = reverse("take_back_organism", args=[added.pk])
    undoable(request, f"{noun} {number} is asked about, too.", "Undo", address)
    return []


@sent
def take_back_organism(request, id):
    """There is no other one, after all."""
    occurrence = get_object_or_404(Occurrence.objects.visible_to(request.user), pk=id)
    try:
        occurrences.take_back(occurrence=occurrence, by=request.user)
        messages.info(request, "Taken back.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(came_from(request, "label"))


def fresh_organism() -> str:
    """The id that another organism would get: the same form sent twice adds one."""
    return str(uuid4())


def saved_alone(request, occurrence: Occurrence, forms: list[BoxForm]) -> boxes.Said:
    """Boxes without an answer. Sent twice, the second time is told what the first one drew."""
    said = said_with(request, occurrence, forms, lambda: None)
    if said.drawn or said.before:
        return said
    photos = {form.photo.pk for form in forms if form.changed and form.rectangle}
    own = boxes_queries.drawn_by(request.user, occurrence.observation_id)
    twice = [box for box in own if box.occurrence_id == occurrence.pk and box.photo_id in photos]
    return boxes.Said(twice, [])
