"""Published occurrences by words: names of taxa, places and people, and notes of sightings.

These are conditions on rows that somebody may see anyway: words find nobody what is not listed for them.
"""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from labeling.queries import gallery, ways
from labeling.queries.ways import Way
from species.models import NoteWords, Observation, Occurrence, PersonWords, PlaceWords, Shown
from species.queries import taxa as taxon_queries
from species.queries.probe import Probe
from species.queries.words import first_holding, holding, searched

# Where a place's name says no more than its public place: see `Observation.name_says_no_more`.
NAME_IS_PUBLIC = Q(observation__place_shown=Shown.EXACT) | Q(
    observation__place_shown=Shown.GENERALIZED,
    observation__place__uncertainty_m__gte=F("observation__public_uncertainty_m"),
)


def named_place(text: str) -> Q:
    """In a place of this name, where that name is public."""
    if not searched(text):
        return ways.found([])
    # Of IN alone PostgreSQL gathers all that lie there, for a page of 24; among other words (`search`) it looks the few
    # places up once.
    each = Q(Probe(holding(PlaceWords, text).filter(of=OuterRef("observation__place")))) & NAME_IS_PUBLIC
    return ways.found([_place(text)._replace(each=each)])


def by_whom(text: str) -> Q:
    """By the id of a person, or by words of their name."""
    try:
        return Q(observation__observer=UUID(text))
    except ValueError:
        return ways.found([_person(text)] if searched(text) else [])


def search(text: str) -> Q:
    """What the search box means: a name, a place, a person, or words of a note."""
    asked = [_place(text), _person(text), _note(text)] if searched(text) else []
    taxa = taxon_queries.inside_what_is_meant(text)
    return ways.found([*asked, gallery.way_of_taxa(taxa)] if taxa else asked)


def _place(text: str) -> Way:
    by_index = first_holding(PlaceWords, text, ways.FEW).values("of")
    return Way(
        [Occurrence.objects.filter(NAME_IS_PUBLIC, observation__place__in=by_index).order_by().values("pk")],
        [by_index, Observation.objects.filter(place__in=by_index).order_by()],
        Q(observation__place__in=holding(PlaceWords, text).values("of")) & NAME_IS_PUBLIC,
    )


def _person(text: str) -> Way:
    by_index = first_holding(PersonWords, text, ways.FEW).values("of")
    return Way(
        [Occurrence.objects.filter(observation__observer__in=by_index).order_by().values("pk")],
        [by_index, Observation.objects.filter(observer__in=by_index).order_by()],
        Q(observation__observer__in=holding(PersonWords, text).values("of")),
    )


def _note(text: str) -> Way:
    by_index = first_holding(NoteWords, text, ways.FEW).values("of")
    # Said twice: of an equality alone PostgreSQL makes a table of all that hold it, for a page of 24.
    here = {"of": OuterRef("observation"), "of__gte": OuterRef("observation")}
    return Way(
        [Occurrence.objects.filter(observation__in=by_index).order_by().values("pk")],
        [by_index],
        Q(Exists(holding(NoteWords, text).filter(**here))),
    )
