"""A person's page: what they found or named, and what became of it."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.models import User
from labeling.models import Identification
from labeling.presenters import cards, wording
from labeling.queries import people
from species.models import Observation, Occurrence


def head(person: User, reader) -> dict:
    """What stands above both lists. Two queries, three of a source."""
    return {
        "person": person,
        "is_you": reader.pk == person.pk,
        "ended": not (person.is_active or person.is_source),
        "terms": [
            {"credit": credit, "licence": wording.LICENCES.get(licence, licence)}
            for credit, licence in (people.terms(person) if person.is_source else [])
        ],
        "found": people.found(person),
        "named": people.named(person),
        "found_url": reverse("person", args=[person.pk]),
        "named_url": reverse("person_names", args=[person.pk]),
    }


def sightings(rows: Iterable[Observation]) -> list[dict]:
    """A card for each, of its first organism that is shown, with photos that everybody may see."""
    order = [row.organism for row in rows if row.organism]  # type: ignore[attr-defined]  # queries.people.sightings
    known = Occurrence.objects.select_related(*cards.NEEDED).in_bulk(order)
    return cards.cards([known[id] for id in order if id in known])


def names(rows: Iterable[Identification]) -> list[dict]:
    """A card for each organism, with what this person calls it."""
    rows = list(rows)
    told = cards.cards([row.occurrence for row in rows])
    return [card | {"foot": f"Named {wording.said(row.taxon)}"} for row, card in zip(rows, told, strict=True)]
