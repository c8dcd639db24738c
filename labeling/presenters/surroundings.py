"""What others see of a photo where the place is not shown as it is, in words and as previews for its owner."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.urls import reverse

from labeling.forms.surroundings import FrameForm, said_of
from labeling.queries.boxes import SIDES, Sides
from look.site import site
from species.images import surroundings
from species.models import Observation, Photo, Surroundings
from species.presenters.plates import plate


def note(photo: Photo | None, exact: bool) -> str:
    """A sentence under a photo of which others see less; `exact`: for whoever sees all of it."""
    if photo is None or not photo.shows_less:
        return ""
    if not exact:
        return "Its owner shows no more of this photo: what stands around could give the place away."
    others = {
        Surroundings.CROPPED: "Others see it cropped to its box.",
        Surroundings.SOFTENED: "Others see it softened around its box.",
    }
    if photo.frame is None:
        return f"Others see all of it softened: there is no box around the {site()['noun']['one']} yet."
    return others[Surroundings(photo.public_rendition)]


def page(
    observation: Observation,
    photos: Sequence[Photo],
    seen_on: Collection[tuple[UUID, UUID]],
    boxes: Mapping[tuple[UUID, UUID], Sides],
    *,
    bound: Mapping[tuple[UUID, UUID | None], FrameForm],
    may_draw: bool,
) -> dict:
    """Context of `labeling/as_others_see.html`. `bound`: forms with errors; `boxes`: see `queries.boxes.own_boxes`."""
    return {
        "section": "my_uploads",
        "observation": observation,
        "says": _says(observation),
        "photos": [
            _preview(observation, photo, photo.file_name or f"Photo {number}")
            | {"boxes": _forms(photo, seen_on, boxes, bound) if may_draw else []}
            for number, photo in enumerate(photos, start=1)
        ],
    }


def _says(observation: Observation) -> str:
    chosen = str(Surroundings(observation.surroundings).label).lower()
    if observation.surroundings == Surroundings.WHOLE:
        return f"You chose {chosen}: others see what you see. This is what they would see otherwise."
    if observation.surroundings_shown == Surroundings.WHOLE:
        return f"You chose {chosen}. Everybody sees the place as it is now, and so the whole photo."
    return f"The place is not told as it is, and you chose: {chosen}."


def _preview(observation: Observation, photo: Photo, name: str) -> dict:
    whole = plate(photo, whole=True, alt=name)
    marks = [{"box": dict(zip(SIDES, photo.frame, strict=True))}] if photo.frame else []
    found = {"id": photo.pk, "name": name, "whole": whole, "marks": marks}
    chosen = observation.surroundings_shown
    if photo.frame is not None:
        pictures = [_picture(photo, form) | {"chosen": form == chosen} for form in surroundings.FORMS]
        return found | {"lacks": "", "pictures": pictures}
    soft = _picture(photo, surroundings.SOFTENED)
    soft |= {"alt": "All of it softened", "chosen": chosen != Surroundings.WHOLE}
    lacks = (
        f"There is no box around the {site()['noun']['one']} yet: until then, others see all of it softened."
    )
    return found | {"lacks": lacks, "pictures": [soft]}


def _picture(photo: Photo, form: str) -> dict:
    """What `templates/parts/plate.html` takes; made when it is looked at."""
    part = surroundings.part(form, photo.frame, photo.width, photo.height) or (0, 0, 1, 1)
    # As large as the answer: 1008 px.
    width, height = photo.width * part[2], photo.height * part[3]
    scale = min(1.0, 1008 / max(width, height))
    return {
        "src": reverse("photo_preview", args=[photo.pk, form]),
        "alt": str(Surroundings(form).label),
        "width": max(1, round(width * scale)),
        "height": max(1, round(height * scale)),
        "water": photo.water,
    }


def _forms(
    photo: Photo,
    seen_on: Collection[tuple[UUID, UUID]],
    boxes: Mapping[tuple[UUID, UUID], Sides],
    bound: Mapping[tuple[UUID, UUID | None], FrameForm],
) -> list[dict]:
    organisms: list[UUID | None] = [occurrence for on, occurrence in seen_on if on == photo.pk] or [None]
    title = f"The box around the {site()['noun']['one']}"
    found = []
    for number, occurrence in enumerate(organisms, start=1):
        box = boxes.get((photo.pk, occurrence)) if occurrence else None
        said = said_of(box and dict(zip(SIDES, box, strict=True)))
        prefix = f"b{photo.pk.hex[:8]}-{number}-%s"
        found.append(
            {
                "occurrence": occurrence,
                "title": f"{title}, number {number}" if len(organisms) > 1 else title,
                "form": bound.get((photo.pk, occurrence)) or FrameForm(initial=said, auto_id=prefix),
            }
        )
    return found


def on_shown(box: Mapping[str, float], photo: Photo, whole: bool) -> dict[str, float] | None:
    """A box of the whole photo where it lies on what is shown of it; None where that has nothing of it."""
    sides = box["x"], box["y"], box["width"], box["height"]
    found = surroundings.within(sides, None if whole else photo.shown_part)
    return found and dict(zip(SIDES, found, strict=True))
