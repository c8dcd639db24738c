"""What a reviewer should look at in somebody's photos: another's picture, a screen, a time and place that disagree.

Nothing of it is certain, so nothing of it stops anybody. It asks for few things that are nearly always right.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.models import User
from labeling.models import Flag
from labeling.queries import alike
from species.images.perceptual import near
from species.models import Observation, Photo
from species.places.geoprivacy import distance_m

FAR_M = 50_000.0
DAYS_APART = 1
MOST = 1000  # pictures of others that are compared
# Programs name the file themselves where the picture is of a screen, in the language of the device.
SCREEN = re.compile(
    r"^(screen[ _-]?shot|bildschirmfoto|capture d.écran|captura de pantalla|captura de ecrã|schermata"
    r"|schermafbeelding|zrzut ekranu|截屏|屏幕截图|スクリーンショット)",
    re.IGNORECASE,
)
# Width and height in pixels of phones' screens, upright.
SCREENS = frozenset(
    {
        *((640, 1136), (750, 1334), (828, 1792), (1125, 2436), (1170, 2532), (1179, 2556), (1206, 2622)),
        *((1242, 2208), (1242, 2688), (1284, 2778), (1290, 2796), (1320, 2868), (1080, 1920), (1080, 2220)),
        *((1080, 2280), (1080, 2340), (1080, 2400), (1440, 2560), (1440, 2960), (1440, 3088), (1440, 3120)),
        (1440, 3200),
    }
)


@dataclass(frozen=True)
class Doubt:
    """About one photo of a draft: what its owner reads, and what a reviewer does."""

    photo: Photo
    kind: str
    says: str
    reason: str


def about(drafts: Iterable[Observation], person: User) -> dict[UUID, list[Doubt]]:
    """Draft's id to what is doubtful of its photos, which must be fetched; one query for all of them."""
    drafts = list(drafts)
    photos = [each for draft in drafts for each in draft.photos.all()]
    others = _of_others(photos, person)
    return {draft.pk: _about(draft, others) for draft in drafts}


def _of_others(photos: list[Photo], person: User) -> dict[UUID, Photo]:
    """Photo's id to the first picture that other people show to anybody and that is nearly the same."""
    if not photos:
        return {}
    shown = Photo.objects.shown().filter(alike.like(photos)).exclude(owner=person)
    others = list(shown.order_by("created", "id")[:MOST])
    return {
        photo.pk: other for photo in photos for other in reversed(others) if near(photo.phash, other.phash)
    }


def _about(draft: Observation, others: dict[UUID, Photo]) -> list[Doubt]:
    found = []
    photos = list(draft.photos.all())
    for photo in photos:
        name = photo.file_name or "A photo"
        other = others.get(photo.pk)
        if other is not None:
            found.append(
                Doubt(
                    photo,
                    Flag.Kind.RIGHTS,
                    f"{name} looks like a picture that somebody else shows here already. If it is yours, all is "
                    "well: a reviewer will look at both.",
                    f"It looks like photo {other.pk} of somebody else.",
                )
            )
        elif is_screen(photo):
            found.append(
                Doubt(
                    photo,
                    Flag.Kind.RIGHTS,
                    f"{name} looks like a picture of a screen. The photo itself, with its time and place, says more; "
                    "a reviewer will look at it.",
                    "It looks like a screenshot.",
                )
            )
    contradiction = next((said for each in photos if (said := _contradicts(draft, each))), None)
    if contradiction is not None:
        found.append(contradiction)
    elif draft.zone_doubt and photos:
        found.append(
            Doubt(
                photos[0],
                Flag.Kind.WRONG_PLACE,
                "",  # asked beside the time, with its answers
                "The zone of the clock is not that of the place, and its observer left that open.",
            )
        )
    return found


def is_screen(photo: Photo) -> bool:
    """A file that no camera wrote, named as programs name pictures of screens, or a PNG of just such a size."""
    if photo.metadata.get("camera"):
        return False
    size = (min(photo.width, photo.height), max(photo.width, photo.height))
    named = SCREEN.match(photo.file_name or "") is not None
    return named or (photo.media_type == "image/png" and size in SCREENS)


def _contradicts(draft: Observation, photo: Photo) -> Doubt | None:
    """What is said of the sighting against what one of its photos says itself."""
    said, name = photo.metadata, photo.file_name or "A photo"
    if draft.latitude is not None and draft.longitude is not None and "latitude" in said:
        metres = distance_m(draft.latitude, draft.longitude, said["latitude"], said["longitude"])
        if metres > FAR_M:
            far = f"{metres / 1000:.0f} km"
            return Doubt(
                photo,
                Flag.Kind.WRONG_PLACE,
                f"By its own account {name} was taken {far} from here. Look at the place again; a reviewer will, too.",
                f"The photo says that it was taken {far} from the place given.",
            )
    if draft.local_date is not None and "local_date" in said:
        days = abs((draft.local_date - date.fromisoformat(said["local_date"])).days)
        if days > DAYS_APART:
            return Doubt(
                photo,
                Flag.Kind.WRONG_PLACE,
                f"By its own account {name} was taken on another day. Look at the day again; a reviewer will, too.",
                f"The photo says a day that is {days} days from the one given.",
            )
    return None
