"""What models have said, and what they have not been asked yet."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from labeling.models import Suggestion
from species.models import Photo


def photos_without_suggestions_from(source: str) -> QuerySet[Photo]:
    """Published, shown photos that `source` has not said anything about as a whole, oldest first."""
    said = Suggestion.objects.filter(photo=OuterRef("pk"), source=source, region=None)
    return Photo.objects.shown().filter(~Exists(said))


def is_suggestion_for(suggestion_id, occurrence) -> bool:
    """Whether this suggestion is about a photo on which `occurrence` is seen."""
    about_it = Q(photo__occurrence_photos__occurrence=occurrence)
    return Suggestion.objects.filter(about_it, pk=suggestion_id).exists()
