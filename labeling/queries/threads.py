"""What is said of an organism in the order in which it was said, and whether somebody was shown that."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from labeling.models import Comment, FieldMark, Identification, Ruling, ShownThread
from labeling.queries.taxon_changes import said_anew
from species.models import Occurrence


def said(occurrences: Iterable[UUID]) -> QuerySet[Identification]:
    """All identifications of these, taken back or not, with what `labeling.presenters.threads` tells of each."""
    rows = Identification.objects.filter(occurrence__in=list(occurrences))
    rows = rows.select_related("person", "taxon", "disagrees_with", "reapplied__identification__taxon")
    return rows.annotate(said_anew=said_anew("identification")).order_by("created", "id")


def ruled(about: Q) -> QuerySet[Ruling]:
    """Rulings, likewise."""
    rows = Ruling.objects.filter(about).select_related("reviewer", "taxon", "reapplied__ruling__taxon")
    return rows.annotate(said_anew=said_anew("ruling")).order_by("created", "id")


def were_shown(person: User, occurrence: Occurrence) -> bool:
    """Whether others' words on it were in sight of this person, taken back or not. Two queries
    in most cases, one where not.

    Who was no one yet when they read a page may have read nothing but their own words.
    """
    if not ShownThread.objects.filter(person=person, occurrence=occurrence).exists():
        return False
    others = Identification.objects.filter(occurrence=occurrence).exclude(person=person)
    rulings = Ruling.objects.filter(occurrence=occurrence).exclude(reviewer=person)
    comments = Comment.objects.filter(observation__occurrences=occurrence).exclude(person=person)
    pointed = FieldMark.objects.filter(occurrence=occurrence).exclude(person=person)
    return others.exists() or rulings.exists() or comments.exists() or pointed.exists()
