"""Where a sighting was: what the place is called, and how much of it is told to whom."""

from datetime import UTC, datetime, timedelta

from django.urls import reverse

from species import clocks
from species.models import Observation, Photo, PlaceRule, Privacy, Shown, State
from species.places import geoprivacy
from species.queries.places import near


def where(observation: Observation, exact: bool) -> dict:
    """The place in words: to everybody what is public of it, and more to whoever may see more."""
    known = observation.latitude is not None
    as_it_is = observation.place_shown == Shown.EXACT
    if as_it_is:
        public = degrees(observation.latitude, observation.longitude)
    elif observation.has_public_place:
        centre = f"{observation.public_latitude:.2f}, {observation.public_longitude:.2f}"
        town = near(observation.public_latitude, observation.public_longitude).town
        public = f"a square of about 11 km {f'near {town}, ' if town else ''}around {centre}"
    else:
        public = "hidden" if known else ""
    own = degrees(observation.latitude, observation.longitude) if exact and known else ""
    if own and observation.uncertainty_m is not None:
        own += f" {give_or_take(observation.uncertainty_m)}"
    told = own or observation.has_public_place
    why = geoprivacy.REASONS[observation.place_rule] if known and not as_it_is else ""
    others = "nothing" if public == "hidden" else public
    return {
        "name": observation.told_locality(exact),
        # A citation is for others to read, also where its owner copies it.
        "public_name": observation.told_locality(exact=False),
        "public": public,
        "exact": own,
        "kept": known and not as_it_is,
        "others": f"{others}, {why}" if why else others,
        "why": why,
        "named": observation.place_rule == PlaceRule.NAMED and not as_it_is,
        "source": observation.get_place_source_display() if told else "",
    }


def give_or_take(metres: float) -> str:
    """As exact as it is meant: "± 40 m", "± 33 km"."""
    return f"± {metres:.0f} m" if metres < 1000 else f"± {metres / 1000:.1f} km".replace(".0 km", " km")


def degrees(latitude: float, longitude: float) -> str:
    return f"{latitude:.4f}, {longitude:.4f}"


def field(observation: Observation) -> dict:
    """What templates/labeling/_place.html asks; the photos and organisms of the sighting must be fetched."""
    shown = where(observation, exact=True)
    # The owner's own words about a draft may still change, and are asked about as they stand in its form.
    organisms = observation.occurrences.all() if observation.state == State.PUBLISHED else []
    floor = geoprivacy.strictest(Privacy.OPEN, *(each.place_floor for each in organisms))
    return {
        "there": observation.latitude is not None,
        "others": f"Others see {shown['others']}."
        if shown["others"]
        else "No place yet, so others see none.",
        "photo": _of_a_photo(observation),
        "as_others_see": reverse("as_others_see", args=[observation.pk]),
        "taken": observation.observed_text or "",
        "shots": ";".join(filter(None, map(_shot, observation.photos.all()))),
        "floor": floor if floor != Privacy.OPEN else "",
        "why": shown["why"] if observation.place_rule != PlaceRule.OBSERVER else "",
    }


def _of_a_photo(observation: Observation) -> dict | None:
    """The place that its first photo with one tells."""
    for photo in observation.photos.all():
        said = photo.metadata
        if "latitude" in said and "longitude" in said:
            source = said.get("place_source", "exif")
            return {
                "text": numbers(said["latitude"], said["longitude"], said.get("accuracy_m")),
                "source": source,
            }
    return None


def _shot(photo: Photo) -> str:
    """When a photo was taken, as labeling/tracks.js reads it, and where, if it tells."""
    said = photo.metadata
    if "observed_at" not in said:
        return ""
    offset = said.get("utc_offset")
    wall = datetime.fromisoformat(said["observed_at"]).replace(tzinfo=UTC)
    when = clocks.text(wall - timedelta(minutes=offset or 0), offset)
    place = numbers(said["latitude"], said["longitude"], None) if "latitude" in said else ""
    return f"{when} {place}".strip()


def numbers(latitude: float, longitude: float, uncertainty_m: float | None) -> str:
    """Degrees and metres for labeling/place.js."""
    metres = "" if uncertainty_m is None else f" {uncertainty_m:g}"
    return f"{latitude:.6f} {longitude:.6f}{metres}"
