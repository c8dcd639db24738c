"""What rows name, as it is by itself: for `expand=`. Each takes a view and its rows as they are answered."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from species import access
from species.api.observations import ObservationSerializer, with_parts
from species.api.taxa import TaxonSerializer, TaxonViewSet
from species.api.trips import TripSerializer
from species.models import Observation, Photo, Trip
from species.queries import trips as trips_queries

Rows = Iterable[dict[str, Any]]
Found = dict[str, Any]
OF_TAXA = ("taxon", "exported_taxon", "disagrees_with")


def expanding(viewset: type, **expands: Callable[[Any, Rows], Found]) -> type:
    """The same, of whose rows these can come along (`config.expanded`)."""
    names = {"__doc__": viewset.__doc__, "__module__": viewset.__module__, "expands": expands}
    return type(viewset.__name__, (viewset,), names)


def taxa(view, rows: Rows) -> Found:
    """By label; of a sighting, those of its organisms."""
    labels = {each[name] for each in _with_organisms(rows) for name in OF_TAXA if each.get(name)}
    found = TaxonViewSet.queryset.filter(label__in=labels)
    return {each["label"]: each for each in TaxonSerializer(found, many=True, context=_context(view)).data}


def _with_organisms(rows: Rows) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield row
        yield from row.get("occurrences") or ()


def observations(view, rows: Rows) -> Found:
    person = view.request.user
    seen = Observation.objects.visible_to(person).filter(pk__in=ids_of(rows, "observation")).order_by()
    found = list(with_parts(seen, Photo.objects.visible_to(person)))
    exact = access.may_see_exact(person, found)
    _keep_private(view, bool(exact))
    data = ObservationSerializer(found, many=True, context=_context(view) | {"exact": exact}).data
    return {each["id"]: each for each in data}


def trips(view, rows: Rows) -> Found:
    person = view.request.user
    seen = Trip.objects.visible_to(person).filter(pk__in=ids_of(rows, "trip")).order_by()
    found = list(seen.select_related("person", "place").prefetch_related("targets", "people__person"))
    told = trips_queries.told(found, person)
    _keep_private(view, any(each.exact for each in told.values()))
    data = TripSerializer(found, many=True, context=_context(view) | {"told": told}).data
    return {each["id"]: each for each in data}


def ids_of(rows: Rows, name: str) -> set[str]:
    return {str(each[name]) for each in rows if each.get(name)}


def _context(view) -> dict[str, Any]:
    return {"request": view.request, "view": view}


def _keep_private(view, exact: bool) -> None:
    """No cache keeps an exact place."""
    if exact:
        view.private = True
