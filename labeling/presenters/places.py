"""Where a sighting was: what the place is called, and how much of it is told to whom."""

from species.models import Observation, PlaceRule, Shown
from species.places import geoprivacy


def place_name(observation: Observation, exact: bool = False) -> str:
    """What the place is called, unless the name would say more than the public place does."""
    place = observation.place
    if place is None:
        return ""
    if exact or names_nothing_hidden(observation):
        return place.name
    return ""


def names_nothing_hidden(observation: Observation) -> bool:
    """Shown as it is, or in a place so wide that the square says as much."""
    if observation.place_shown != Shown.GENERALIZED:
        return observation.place_shown == Shown.EXACT
    wide = observation.place.uncertainty_m if observation.place else None
    return wide is not None and wide >= (observation.public_uncertainty_m or 0)


def where(observation: Observation, exact: bool) -> dict:
    """The place in words: to everybody what is public of it, and more to whoever may see more."""
    known = observation.latitude is not None
    as_it_is = observation.place_shown == Shown.EXACT
    if as_it_is:
        public = degrees(observation.latitude, observation.longitude)
    elif observation.has_public_place:
        centre = f"{observation.public_latitude:.2f}, {observation.public_longitude:.2f}"
        public = f"a square of about 11 km around {centre}"
    else:
        public = "hidden" if known else ""
    own = degrees(observation.latitude, observation.longitude) if exact and known else ""
    if own and observation.uncertainty_m is not None:
        own += f" ± {observation.uncertainty_m:.0f} m"
    told = own or observation.has_public_place
    why = geoprivacy.REASONS[observation.place_rule] if known and not as_it_is else ""
    others = "nothing" if public == "hidden" else public
    return {
        "name": place_name(observation, exact),
        "public": public,
        "exact": own,
        "kept": known and not as_it_is,
        "others": f"{others}, {why}" if why else others,
        "why": why,
        "named": observation.place_rule == PlaceRule.NAMED and not as_it_is,
        "source": observation.get_place_source_display() if told else "",
    }


def degrees(latitude: float, longitude: float) -> str:
    return f"{latitude:.4f}, {longitude:.4f}"
