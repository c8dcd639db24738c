"""What models have said, and what they have not been asked yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Left

from accounts.models import User
from labeling.models import DIGEST, ShownSuggestion, Suggestion
from species.models import Occurrence, Photo, State, Taxon
from species.queries import taxa as taxon_queries

AFTER_DIGITS = "g"  # comes after every hexadecimal digit


@dataclass(frozen=True)
class Guess:
    """One name among those a model gave; `taxon` is None for a class that stands for nothing here."""

    taxon: Taxon | None
    label: str
    probability: float


def taxa_of(suggestions: Iterable[Suggestion], also: Iterable[UUID] = ()) -> dict[str, Taxon]:
    """What these suggestions speak of, and these ids, by the accepted taxon's present name; two queries at most.

    By id, and by label where that is all that was written down.
    """
    answers = [answer for each in suggestions for answer in each.answers]
    ids = {UUID(answer["taxon"]) for answer in answers if answer.get("taxon")}.union(also)
    labels = {answer["label"] for answer in answers if not answer.get("taxon")}
    rows = Taxon.objects.select_related("synonym_of").filter(Q(pk__in=ids) | Q(label__in=labels))
    found = {}
    for row in rows if ids or labels else ():
        for key in {str(row.pk)} | ({row.label} & labels):
            found[key] = taxon_queries.accepted(row)
    return found


def guesses(suggestion: Suggestion, taxa: dict[str, Taxon]) -> list[Guess]:
    """What it names, most probable first; classes that are one taxon by now are one guess."""
    found: dict[object, Guess] = {}
    for answer in suggestion.answers:
        taxon = taxa.get(answer.get("taxon") or answer["label"])
        key = taxon.pk if taxon else answer["label"]
        label = taxon.label if taxon else answer["label"]
        before = found[key].probability if key in found else 0.0
        found[key] = Guess(taxon, label, min(1.0, before + answer["probability"]))
    return sorted(found.values(), key=lambda guess: -guess.probability)


def photos_without_suggestions_from(source: str) -> QuerySet[Photo]:
    """Published, shown photos that `source` has not said anything about as a whole, oldest first."""
    said = Suggestion.objects.filter(photo=OuterRef("pk"), source=source, region=None)
    return Photo.objects.shown().filter(~Exists(said))


def drafts_without_suggestions_from(source: str) -> QuerySet[Photo]:
    """Photos of drafts, likewise: only their owner sees what is said of them."""
    said = Suggestion.objects.filter(photo=OuterRef("pk"), source=source, region=None)
    drafts = Photo.objects.kept().filter(observation__state=State.DRAFT)
    return drafts.filter(~Exists(said)).order_by("created", "id")


def latest(photos: Iterable[Photo]) -> dict[UUID, Suggestion]:
    """Photo's id to what was last said of it as a whole; one query."""
    said = Suggestion.objects.filter(photo__in=[each.pk for each in photos], region=None)
    return {
        each.photo_id: each for each in said.select_related("taxon__synonym_of").order_by("created", "id")
    }


def is_suggestion_for(suggestion_id: UUID, occurrence: Occurrence) -> bool:
    """Whether this suggestion is about a photo on which `occurrence` is seen."""
    about_it = Q(photo__occurrence_photos__occurrence=occurrence)
    return Suggestion.objects.filter(about_it, pk=suggestion_id).exists()


def last_shown(person: User, occurrence: Occurrence) -> tuple[str, Suggestion | None]:
    """Which model's word on a photo of `occurrence` this person was shown last, and the row where it stands.

    An empty name: none. One query, two where there is one.
    """
    digests = _digests(Photo.objects.filter(occurrences=occurrence))
    seen = ShownSuggestion.objects.filter(person=person, photo_digest__in=digests).order_by("id").last()
    if seen is None:
        return "", None
    about_it = Suggestion.objects.filter(photo__occurrence_photos__occurrence=occurrence, source=seen.source)
    return seen.source, about_it.order_by(F("region").asc(nulls_first=True), "created", "id").first()


def shown_of_no_photo(before: datetime) -> QuerySet[ShownSuggestion, int]:
    """Ids of what was shown earlier than `before` of photos that nobody added."""
    # A range and no cut of it: an index of the whole sha256 finds that on both databases.
    after = Concat("photo_digest", Value(AFTER_DIGITS))
    rows = ShownSuggestion.objects.filter(created__lt=before).annotate(after=after)
    added = Photo.objects.filter(sha256__gte=OuterRef("photo_digest"), sha256__lt=OuterRef("after"))
    return rows.exclude(Exists(added)).values_list("pk", flat=True)


def _digests(photos: QuerySet[Photo]) -> QuerySet[Photo, Mapping[str, Any]]:
    """As `labeling.models.digest` makes them."""
    return photos.order_by().values(digest=Left("sha256", DIGEST))
