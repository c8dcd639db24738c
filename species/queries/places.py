"""Which waters and places a text may mean: `find` is the one place that answers this."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from accounts.models import Viewer
from species.models import Observation, PlaceWords, Shown
from species.places.geoprivacy import distance_m
from species.places.waters import BESIDE
from species.queries import waters
from species.queries.words import first_holding
from species.taxonomy import names
from species.taxonomy.names import Spelling

LONGEST = 160
LOOKED_AT = 400  # rows that hold a word of what is typed
NEAR_M = 25_000.0  # a water is at a town that is no further from it
ON_M = 1_000.0  # a place is on a water that is no further from it
LITTLE = 3  # letters of a word that need not be in a name
SOMEWHERE = 9  # behind every rank of `names.rank`: some of the words, not all


@dataclass(frozen=True)
class Named:
    """A named water or place. Degrees; `uncertainty_m` is a radius that holds it."""

    name: str
    kind: str  # said beside the name
    latitude: float
    longitude: float
    uncertainty_m: float
    # Whether it fills its extent: a river does not, so that its name and a square say more than the square.
    fills: bool = False


@dataclass(frozen=True)
class _Water:
    id: int
    names: tuple[str, ...]
    kind: str
    shape: str
    latitude: float
    longitude: float
    uncertainty_m: float
    extent_m: float
    course: str


def find(text: str, *, person: Viewer = None, limit: int = 10) -> list[Named]:
    """Best first; by any of its words, in any spelling that `species.taxonomy.names` takes for the same.

    Of the operator's file; of places that sightings show to everybody; of one's own. "Traun at Gmunden" also where
    only the Traun and Gmunden are known: the river, where it is nearest to the town.
    """
    text = text.replace("\0", "")[:LONGEST]
    typed = names.spellings(text)
    if not typed:
        return []
    ranked = [(_rank(typed, each.names), each) for each in _waters(typed)]
    there = [(rank, -each.extent_m, each.names[0], _named(each)) for rank, each in ranked if rank is not None]
    there += [(rank, 0.0, each.name, each) for rank, each in _places(text, typed, person)]
    if any(rank < SOMEWHERE for rank, *_ in there):
        there = [row for row in there if row[0] < SOMEWHERE]
    else:
        there += [(SOMEWHERE - 1, away, each.name, each) for away, each in _beside(typed, ranked)]
    found: dict[tuple[str, float, float], Named] = {}
    for _, _, _, each in sorted(there, key=lambda row: row[:3]):
        found.setdefault((each.name, round(each.latitude, 2), round(each.longitude, 2)), each)
    return list(found.values())[:limit]


def known(name: str, latitude: float | None, longitude: float | None) -> Named | None:
    """The water or place of just this name and position, as `find` proposes it to anybody."""
    if latitude is None or longitude is None:
        return None
    for each in find(name):
        same = math.isclose(each.latitude, latitude, abs_tol=2e-6)
        if each.name == name and same and math.isclose(each.longitude, longitude, abs_tol=2e-6):
            return each
    return None


@dataclass(frozen=True)
class Near:
    """What a map would call a place: the water that it is on, the town that it is near, of the operator's file."""

    water: str = ""
    town: str = ""

    def __str__(self) -> str:
        """E.g. "Madison River near Ennis"; empty where nothing is near."""
        return " ".join(filter(None, (self.water, self.town and f"near {self.town}")))


def near(latitude: float, longitude: float) -> Near:
    """By an index of the store, and remembered: lists ask for the same few places again and again."""
    return _near(waters.version(), round(latitude, 3), round(longitude, 3))


@lru_cache(10_000)
def _near(version: str, latitude: float, longitude: float) -> Near:
    if not version:
        return Near()
    x, y = math.floor(longitude * BESIDE), math.floor(latitude * BESIDE)
    with waters.opened() as store:
        rows = store.execute(
            "SELECT names, shape, points FROM passed JOIN named ON named.id = passed.named"
            " WHERE x BETWEEN ? AND ? AND y BETWEEN ? AND ?",
            (x - 1, x + 1, y - 1, y + 1),
        ).fetchall()
    nearest: dict[bool, tuple[float, str]] = {True: (NEAR_M, ""), False: (ON_M, "")}
    for called, shape, points in rows:
        away = min(distance_m(latitude, longitude, lat, lon) for lon, lat in json.loads(points))
        kind = shape == "point"
        nearest[kind] = min(nearest[kind], (away, json.loads(called)[0]))
    return Near(water=nearest[False][1], town=nearest[True][1])


def _rank(typed: tuple[Spelling, ...], called: Iterable[str]) -> int | None:
    """0 is best; SOMEWHERE where only some of the words fit; None where none does."""
    spelt = [names.spellings(each) for each in called]
    ranks = [found for each in spelt if (found := names.rank(typed, each)) is not None]
    if ranks:
        return min(ranks)
    theirs = {word for each in spelt for way in each for word in way.words}
    fit = any(word.startswith(ours) for ours in _words(typed) if len(ours) >= LITTLE for word in theirs)
    return SOMEWHERE if fit else None


def _words(typed: tuple[Spelling, ...]) -> set[str]:
    return {word for each in typed for word in (*each.words, each.letters)}


def _waters(typed: tuple[Spelling, ...]) -> list[_Water]:
    """Those with a word that begins like one of what is typed. By an index of the store."""
    if not waters.version():
        return []
    found: dict[int, _Water] = {}
    with waters.opened() as store:
        for word in sorted(_words(typed), key=len, reverse=True):
            rows = store.execute(
                # Strings that begin with a word lie between it and it with the last letter there is.
                "SELECT DISTINCT named.* FROM words JOIN named ON named.id = words.named"
                " WHERE word >= ? AND word < ? ORDER BY extent_m DESC LIMIT ?",
                (word, word + "\U0010ffff", LOOKED_AT),
            )
            for id, called, *rest in rows:
                found.setdefault(id, _Water(id, tuple(json.loads(called)), *rest))
    return list(found.values())


def _named(water: _Water) -> Named:
    far = f", {water.extent_m / 1000:.0f} km" if water.shape != "point" and water.extent_m >= 1000 else ""
    return Named(
        water.names[0],
        f"{water.kind}{far}",
        water.latitude,
        water.longitude,
        water.uncertainty_m,
        fills=water.shape == "area",
    )


def _beside(
    typed: tuple[Spelling, ...], ranked: list[tuple[int | None, _Water]]
) -> list[tuple[float, Named]]:
    """Waters of some of the words at towns of the others, and how far from each other those are."""
    some = [each for rank, each in ranked if rank is not None]
    towns = [each for each in some if each.shape == "point"]
    found = []
    for water in (each for each in some if each.shape != "point"):
        for town in towns:
            if not _all_fit(typed, water, town):
                continue
            course = json.loads(water.course)
            away, longitude, latitude = min(
                (distance_m(town.latitude, town.longitude, lat, lon), lon, lat) for lon, lat in course
            )
            if away <= NEAR_M:
                name = f"{water.names[0]} at {town.names[0]}"
                around = round(max(town.uncertainty_m, away))
                kind = f"{water.kind} and {town.kind}"
                found.append((away, Named(name, kind, round(latitude, 6), round(longitude, 6), around)))
    return found


def _all_fit(typed: tuple[Spelling, ...], *those: _Water) -> bool:
    """Whether every word that is typed, but for "at" and "bei", begins one of their names' words."""
    theirs = {
        word for each in those for name in each.names for way in names.spellings(name) for word in way.words
    }
    return any(
        all(any(word.startswith(ours) for word in theirs) for ours in each.words if len(ours) > LITTLE)
        for each in typed
    )


def _places(text: str, typed: tuple[Spelling, ...], person: Viewer) -> list[tuple[int, Named]]:
    """Names under which sightings are shown as they are, and those of one's own: a position is that of a sighting
    which may be seen, never one that its owner keeps. One query.
    """
    holds = Q(place__in=first_holding(PlaceWords, text, LOOKED_AT).values("of"))
    shown = Q(shown=True, place_shown=Shown.EXACT)
    own = (
        Q(observer=person, discarded_at=None, latitude__isnull=False)
        if person and person.is_authenticated
        else None
    )
    rows = (
        Observation.objects.filter(holds, shown | own if own else shown)
        .order_by("-created")
        .values_list("place__name", "latitude", "longitude", "uncertainty_m")[:LOOKED_AT]
    )
    found: dict[str, tuple[int, Named]] = {}
    for name, latitude, longitude, uncertainty in rows:
        rank = _rank(typed, [name])
        if rank is not None and latitude is not None and longitude is not None and name not in found:
            found[name] = (rank, Named(name, "place", latitude, longitude, uncertainty or 0.0))
    return list(found.values())
